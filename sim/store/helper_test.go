package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/journal"
	"ringback/sim/store"
)

// header is the shortest that a journal can begin with.
const header = `{"v":1,"kind":"run","run":"test"}` + "\n"

// faults is a line that any journal may have.
func faults(seq int, more bool) string {
	m := ""
	if more {
		m = `,"more":true`
	}
	return fmt.Sprintf(`{"seq":%d,"t":"2026-01-01T00:00:00.000Z","kind":"faults"%s,"on":["drop"]}`+"\n", seq, m)
}

// snapshot is a line of what a compaction leaves.
func snapshot(seq int, more bool) string {
	return strings.Replace(faults(seq, more), `"kind":"faults"`, `"kind":"snapshot"`, 1)
}

// steps is a journal of a rejected call, step by step.
func steps(t testing.TB) (list []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/reject_v4.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	step := ""
	for line := range strings.Lines(string(b)) {
		step += line
		if !strings.Contains(line, `"more":true`) {
			list = append(list, step)
			step = ""
		}
	}
	if len(list) != 7 || step != "" {
		t.Fatalf("the journal has %d steps and a rest of %d bytes", len(list), len(step))
	}
	return list
}

// record is a fold that notes which events came.
type record []string

func (r *record) fold(e *journal.Event) error {
	*r = append(*r, fmt.Sprint(e.Seq, " ", e.Kind(), " ", e.Call))
	return nil
}

// recordOf is what a record of these lines is.
func recordOf(t testing.TB, lines string) (r record) {
	t.Helper()
	for l := range strings.Lines(lines) {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if e != nil {
			_ = r.fold(e)
		}
	}
	return r
}

func put(t testing.TB, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run.ndjson")
	rewrite(t, path, content)
	return path
}

func rewrite(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// holds checks what a file holds, and its mode.
func holds(t testing.TB, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Fatalf("%s (-want +got):\n%s", path, cmp.Diff(want, string(got)))
	}
	if st, err := os.Stat(path); err != nil || st.Mode() != 0o600 {
		t.Fatalf("%s has mode %v, %v", path, st.Mode(), err)
	}
}

// untouched checks that a file is as put left it.
func untouched(t testing.TB, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("the file changed (-want +got), %v:\n%s", err, cmp.Diff(want, string(got)))
	}
	if st, err := os.Stat(path); err != nil || st.Mode() != 0o644 {
		t.Errorf("it has mode %v, %v", st.Mode(), err)
	}
}

// alone checks that nothing is beside a file.
func alone(t testing.TB, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) && e.Type()&fs.ModeSymlink == 0 {
			t.Errorf("%s is left over", e.Name())
		}
	}
}

func open(t testing.TB, path string) (*store.File, record) {
	t.Helper()
	var r record
	f, err := store.Open(path, r.fold)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, r
}

func add(t testing.TB, f *store.File, lines string) {
	t.Helper()
	before := f.Size()
	if err := f.Append([]byte(lines)); err != nil {
		t.Fatal(err)
	}
	if f.Size() != before+int64(len(lines)) {
		t.Fatalf("after %d bytes and another %d it has %d", before, len(lines), f.Size())
	}
}

func closed(t testing.TB, f *store.File) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
