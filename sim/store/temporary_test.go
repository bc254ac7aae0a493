package store_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ringback/sim/store"
)

// A temporary journal is written and read as any other, and nothing of it is left.
func TestTemporary(t *testing.T) {
	dir := tempDir(t)
	f, err := store.Temporary()
	if err != nil {
		t.Fatal(err)
	}
	add(t, f, header)
	add(t, f, faults(1, false))
	got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil || string(got) != header+faults(1, false) {
		t.Errorf("it holds %q, %v", got, err)
	}
	if err := f.Compact(writes(short)); err == nil {
		t.Error("a temporary journal was compacted")
	}
	add(t, f, faults(2, false))
	if runtime.GOOS != "windows" { // a kill would leave nothing either
		empty(t, dir)
	}
	closed(t, f)
	empty(t, dir)
}

// What a killed process left is removed, and nothing else.
func TestTempLeftovers(t *testing.T) {
	dir := tempDir(t)
	for _, name := range []string{"ringback-temporary-123.ndjson", "ringback-temporary-.ndjson"} {
		rewrite(t, filepath.Join(dir, name), header)
	}
	kept := []string{"ringback-123.ndjson", "ringback-temporary-1a.ndjson", "ringback-temporary-1.ndjson.gz", "my-ringback-temporary-1.ndjson"}
	for _, name := range kept {
		rewrite(t, filepath.Join(dir, name), header)
	}
	if err := os.Mkdir(filepath.Join(dir, "ringback-temporary-9.ndjson"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, closer, err := store.TempFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := closer(); err != nil {
		t.Error(err)
	}
	for _, name := range append(kept, "ringback-temporary-9.ndjson") {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Errorf("it is gone: %v", err)
		}
	}
	empty(t, dir)
}

// tempDir is where temporary files of this test go.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // of Windows
	return dir
}

func empty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left", e.Name())
	}
}
