package store

import (
	"os"
	"path/filepath"
	"testing"
)

// When half a step was written and could not even be taken back, nothing
// follows it until it could.
func TestMend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.ndjson")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const header, step = `{"v":1,"kind":"run","run":"test"}` + "\n", `{"kind":"a"}` + "\n"
	if err := f.Append([]byte(header)); err != nil {
		t.Fatal(err)
	}

	good := f.file
	bad, err := os.Open(path) // nothing can be written to it, nor cut off
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	f.file = bad
	if err := f.Append([]byte(step)); err == nil || !f.torn {
		t.Fatalf("got %v, torn %t", err, f.torn)
	}
	if _, err := good.WriteAt([]byte(step+step+step[:5]), f.size); err != nil { // as a write that failed half-way
		t.Fatal(err)
	}
	if err := f.Append([]byte(step)); err == nil || !f.torn {
		t.Fatalf("got %v, torn %t", err, f.torn)
	}

	f.file = good
	if err := f.Append([]byte(step)); err != nil || f.torn {
		t.Fatalf("got %v, torn %t", err, f.torn)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != header+step || f.Size() != int64(len(got)) {
		t.Errorf("the file holds %q, %v, size %d", got, err, f.Size())
	}
}
