package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/store"
)

// A new run's journal takes the place of what was there only if that is wanted.
func TestCreate(t *testing.T) {
	for name, content := range map[string]string{
		"empty":            "",
		"no journal":       "do not lose me\n",
		"a journal":        strings.Join(steps(t), ""),
		"a torn one":       header + faults(1, true),
		"a damaged one":    header + "garbage\n",
		"another format's": `{"v":9,"kind":"run","run":"test","more":"fields"}` + "\n",
		"a torn header":    header[:20],
		"a whole header":   strings.TrimSuffix(header, "\n"),
		"its beginning":    header[:1],
		"only NUL bytes":   strings.Repeat("\x00", 4096),
	} {
		path := put(t, content)
		f, err := store.Create(path)
		if content != "" {
			want := &store.NotEmptyError{Path: path, Journal: name != "no journal"}
			if got, ok := errors.AsType[*store.NotEmptyError](err); f != nil || !ok || *got != *want {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
			untouched(t, path, content)
			f, err = store.Replace(path)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Size() != 0 || f.Tail() != (store.Tail{}) {
			t.Errorf("%s: size %d, tail %+v", name, f.Size(), f.Tail())
		}
		holds(t, path, "")
		for _, step := range steps(t) {
			add(t, f, step)
		}
		closed(t, f)
		holds(t, path, strings.Join(steps(t), ""))
	}
}

func TestNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.ndjson")
	f, err := store.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	add(t, f, header)
	closed(t, f)
	holds(t, path, header)

	path = filepath.Join(t.TempDir(), "run.ndjson")
	f, r := open(t, path)
	if len(r) != 0 || f.Size() != 0 || f.Tail() != (store.Tail{}) {
		t.Errorf("a new one has events %v, size %d, tail %+v", r, f.Size(), f.Tail())
	}
	add(t, f, header)
	closed(t, f)
	holds(t, path, header)
}

func TestGoOn(t *testing.T) {
	path := put(t, "")
	all := ""
	for _, step := range steps(t) {
		f, r := open(t, path)
		if want := recordOf(t, all); !cmp.Equal(want, r) {
			t.Fatalf("(-want +got):\n%s", cmp.Diff(want, r))
		}
		add(t, f, step)
		closed(t, f)
		all += step
	}
	holds(t, path, all)
}

// What could not be read again is not written.
func TestAppendErrors(t *testing.T) {
	path := put(t, "")
	f, _ := open(t, path)
	add(t, f, header)
	add(t, f, "") // a step in which nothing happened
	for lines, want := range map[string]string{
		"{}":                               "what is written does not end with a line feed",
		header + "{}":                      "what is written does not end with a line feed",
		strings.Repeat(" ", 64<<20) + "\n": "a line is longer than 64 MiB, the most that is read",
	} {
		if err := f.Append([]byte(lines)); err == nil || err.Error() != "journal "+path+": "+want {
			t.Errorf("%.40s: %v", lines, err)
		}
	}
	add(t, f, faults(1, false))
	closed(t, f)
	if err := f.Append([]byte(faults(2, false))); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	holds(t, path, header+faults(1, false))
}

// Files that can't be opened are named, with the reason.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]error{
		filepath.Join(dir, "missing", "run.ndjson"): fs.ErrNotExist,
		dir: nil, // a directory
		"":  fs.ErrNotExist,
	} {
		_, err := store.Create(path)
		_, err2 := store.Open(path, new(record).fold)
		if err == nil || err2 == nil || err.Error() != err2.Error() || want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, and %v", path, err, err2)
		}
	}
}
