package store_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/damage"
	"ringback/sim/store"
)

// short is what the journal is compacted to.
var short = header + faults(1, true) + faults(2, false)

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		for line := range strings.Lines(text) { // in more than one write
			if _, err := io.WriteString(w, line); err != nil {
				return err
			}
		}
		return nil
	}
}

// begun is a file with a journal in it.
func begun(t *testing.T, path string) (f *store.File, content string) {
	t.Helper()
	f, _ = open(t, path)
	for _, step := range steps(t) {
		add(t, f, step)
		content += step
	}
	return f, content
}

func TestCompact(t *testing.T) {
	path := put(t, "")
	f, content := begun(t, path)
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := f.Compact(writes(short)); err != nil {
		t.Fatal(err)
	}
	if f.Size() != int64(len(short)) {
		t.Errorf("it has %d bytes, want %d", f.Size(), len(short))
	}
	holds(t, path, short)
	alone(t, path)
	add(t, f, faults(52, false))
	holds(t, path, short+faults(52, false))

	var r record // whoever was reading goes on with the old one
	if tail, err := store.Read(reader, r.fold); err != nil || tail != (store.Tail{}) || !cmp.Equal(recordOf(t, content), r) {
		t.Errorf("%v, %v, %+v", r, err, tail)
	}
	if err := f.Compact(writes(header)); err != nil { // again
		t.Fatal(err)
	}
	add(t, f, faults(53, false))
	closed(t, f)
	holds(t, path, header+faults(53, false))
}

// A snapshot may have any size, and be written in any pieces.
func TestCompactMuch(t *testing.T) {
	path := put(t, "")
	f, _ := begun(t, path)
	want := header + strings.Repeat(faults(1, true), 5000) + faults(1, false)
	err := f.Compact(func(w io.Writer) error {
		for i := 0; i < len(want); i += 1000 {
			if n, err := io.WriteString(w, want[i:min(i+1000, len(want))]); err != nil || n != min(1000, len(want)-i) {
				t.Errorf("wrote %d bytes, %v", n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	closed(t, f)
	holds(t, path, want)
}

// A compaction that fails changes nothing.
func TestCompactErrors(t *testing.T) {
	errSnapshot := errors.New("no snapshot today")
	for name, test := range map[string]struct {
		write func(io.Writer) error
		want  string
	}{
		"at once":     {func(io.Writer) error { return errSnapshot }, errSnapshot.Error()},
		"half-way":    {func(w io.Writer) error { return errors.Join(writes(short)(w), errSnapshot) }, errSnapshot.Error()},
		"empty":       {func(io.Writer) error { return nil }, "what is written does not end with a line feed"},
		"half a line": {writes(short[:len(short)-1]), "what is written does not end with a line feed"},
		"too long": {func(w io.Writer) error {
			for range 65 {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<20)); err != nil {
					return err
				}
			}
			return nil
		}, "a line is longer than 64 MiB, the most that is read"},
	} {
		path := put(t, "")
		f, content := begun(t, path)
		err := f.Compact(test.write)
		if err == nil || err.Error() != "journal "+path+" is not compacted: "+test.want {
			t.Errorf("%s: %v", name, err)
		}
		if f.Size() != int64(len(content)) {
			t.Errorf("%s: it has %d bytes, want %d", name, f.Size(), len(content))
		}
		alone(t, path)
		add(t, f, faults(99, false))
		holds(t, path, content+faults(99, false))
		if err := f.Compact(writes(short)); err != nil { // it may work the next time
			t.Errorf("%s: %v", name, err)
		}
		holds(t, path, short)
		closed(t, f)
	}
}

func TestCompactClosed(t *testing.T) {
	path := put(t, "")
	f, content := begun(t, path)
	closed(t, f)
	if err := f.Compact(writes(short)); err == nil {
		t.Error("a closed journal was compacted")
	}
	holds(t, path, content)
	alone(t, path)
}

// A compaction puts nothing in the place of a file that is not the one it had.
func TestCompactAfterRemoval(t *testing.T) {
	path := put(t, "")
	f, _ := begun(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	const want = "the file was removed or replaced meanwhile"
	if err := f.Compact(writes(short)); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	rewrite(t, path, header)
	if err := f.Compact(writes(short)); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	untouched(t, path, header)
	alone(t, path)
}

// What a crash in the middle of a compaction left behind is removed; what
// cannot be from there stays.
func TestLeftovers(t *testing.T) {
	for name, start := range map[string]func(string) (*store.File, error){
		"Open":    func(path string) (*store.File, error) { return store.Open(path, new(record).fold) },
		"Replace": store.Replace,
	} {
		path := put(t, header)
		left := path + ".ringback-compacting"
		rewrite(t, left, short[:50])
		f, err := start(path)
		if err != nil {
			t.Fatal(err)
		}
		alone(t, path)
		if err := os.Mkdir(left, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := f.Compact(writes(short)); err == nil || !strings.Contains(err.Error(), left) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(left); err != nil {
			t.Errorf("%s: the directory is gone: %v", name, err)
		}
		rewrite(t, left, "left while it was running")
		if err := f.Compact(writes(short)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		alone(t, path)
		holds(t, path, short)
		closed(t, f)
	}
	path := put(t, header+"garbage\n")
	rewrite(t, path+".ringback-compacting", short)
	if _, err := store.Open(path, new(record).fold); err == nil {
		t.Error("a damaged journal was opened")
	}
	untouched(t, path+".ringback-compacting", short)
}

// A link stays a link, also one that leads through others.
func TestLinks(t *testing.T) {
	path := put(t, header)
	dir := t.TempDir()
	for link, target := range map[string]string{"second": path, "first": "second"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	f, r := open(t, filepath.Join(dir, "first"))
	if len(r) != 1 {
		t.Errorf("it holds %v", r)
	}
	if err := f.Compact(writes(short)); err != nil {
		t.Fatal(err)
	}
	add(t, f, faults(52, false))
	holds(t, path, short+faults(52, false))
	alone(t, path)
	alone(t, filepath.Join(dir, "first"))
	for _, link := range []string{"first", "second"} {
		if st, err := os.Lstat(filepath.Join(dir, link)); err != nil || st.Mode().Type() != os.ModeSymlink {
			t.Errorf("%s is no link any more: %v, %v", link, st.Mode(), err)
		}
	}
}

// A link to nothing makes the file that it leads to.
func TestLinkToNothing(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "run.ndjson"), filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	f, err := store.Create(link)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Compact(writes(short)); err != nil {
		t.Fatal(err)
	}
	holds(t, path, short)
}

// Where the process goes meanwhile does not matter.
func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	f, _ := open(t, "run.ndjson")
	path, err := filepath.Abs("run.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := f.Compact(writes(short)); err != nil {
		t.Fatal(err)
	}
	closed(t, f)
	holds(t, path, short)
}

// All lines of a snapshot have one number, so its last line counts those before
// it: none is missing, doubled, or both.
func TestIncompleteSnapshot(t *testing.T) {
	journals := damage.Journals()
	for name, test := range map[string]struct {
		journal []byte
		counted bool
	}{
		"counted":               {journals[len(journals)-1], true},
		"by an earlier version": {journals[0], false},
	} {
		whole := string(test.journal)
		var r record
		if _, err := store.Read(strings.NewReader(whole), r.fold); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines := strings.SplitAfter(whole, "\n")
		last := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"kind":"snapshot"`) })
		if last < 8 || strings.Contains(lines[last], `"saved":{`) != test.counted {
			t.Fatalf("%s: %d lines, the last one %.99s", name, last, lines[last])
		}
		refused := func(what string, lines ...string) {
			t.Helper()
			content := strings.Join(lines, "")
			path := put(t, content)
			f, err := store.Open(path, new(record).fold)
			if f != nil || err == nil || !strings.Contains(err.Error(), ": line ") {
				t.Errorf("%s, %s: got %v", name, what, err)
			}
			untouched(t, path, content)
		}
		for i := 1; i <= last; i++ {
			missing := slices.Delete(slices.Clone(lines), i, i+1)
			doubled := slices.Insert(slices.Clone(lines), i+1, lines[i])
			call := strings.Contains(lines[i], `"call":"`)
			if test.counted || i == last {
				refused(fmt.Sprint("without line ", i), missing...)
			}
			if test.counted || i == last || call {
				refused(fmt.Sprint("twice line ", i), doubled...)
			}
			for j := 1; j < last; j++ { // as many lines as there were
				instead := slices.Clone(lines)
				if instead[j] = lines[i]; i != j && call && i < last && (test.counted || kindOf(lines[i]) == kindOf(lines[j])) {
					refused(fmt.Sprint("line ", i, " instead of ", j), instead...)
				}
			}
			if i > 1 {
				refused(fmt.Sprint("up to line ", i), lines[:i]...)
			}
		}
	}
}

func kindOf(line string) string {
	_, rest, _ := strings.Cut(line, `"kind":"`)
	kind, _, _ := strings.Cut(rest, `"`)
	return kind
}
