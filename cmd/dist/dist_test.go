package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each module that is in the program has a license that is known.
func TestLicensesAreKnown(t *testing.T) {
	list, err := output("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "../ringback")
	if err != nil {
		t.Fatal(err)
	}
	main, err := output("go", "list", "-m")
	if err != nil {
		t.Fatal(err)
	}
	kinds, seen := map[string]int{}, map[string]bool{"": true, main: true}
	for path := range strings.SplitSeq(list, "\n") {
		if seen[path] {
			continue
		}
		seen[path] = true
		files, id, err := licenses(&debug.Module{Path: path})
		if err != nil {
			t.Error(err)
		}
		if len(files) == 0 {
			t.Errorf("%s: no file says what may be done with it", path)
		}
		kinds[id]++
	}
	if len(kinds) < 3 { // MIT, BSD, Apache-2.0 at least
		t.Errorf("found %v", kinds)
	}
	t.Log(kinds)
}

// Without a new path no file is touched.
func TestRehomeNowhere(t *testing.T) {
	if err := rehome(""); err == nil || !strings.Contains(err.Error(), "MODULE=") {
		t.Error(err)
	}
}

func TestUnknownLicense(t *testing.T) {
	for text, want := range map[string]string{
		"Permission is hereby granted,\n   free of charge":     "MIT",
		"        Apache License\n   Version 2.0, January 2004": "Apache-2.0",
		"GNU AFFERO GENERAL PUBLIC LICENSE":                    "",
	} {
		if got := licenseOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// An archive has the program and what goes with it, and is the same each time.
func TestArchive(t *testing.T) {
	t.Chdir("../..")
	work := t.TempDir()
	extras := filepath.Join(work, "extras")
	for _, name := range []string{"ringback", "ringback.exe", "extras/man/ringback.1", "extras/licenses/go/LICENSE"} {
		if err := writeFile(filepath.Join(work, name), []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"CHANGELOG.md", "LICENSE", "README.md", "licenses/go/LICENSE", "man/ringback.1", "PROGRAM"}
	for program, read := range map[string]func(*testing.T, []byte) []string{"ringback": tarNames, "ringback.exe": zipNames} {
		var made [2][]byte
		for i := range made {
			if err := os.MkdirAll(filepath.Join(work, "out"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := writeArchive(filepath.Join(work, "out", "ringback-1.2.3-x"), filepath.Join(work, program), extras, time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(work, "out", "*"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			if made[i], err = os.ReadFile(files[0]); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(work, "out")); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(made[0], made[1]) {
			t.Errorf("%s: two archives differ", program)
		}
		var names []string
		for _, n := range want {
			names = append(names, "ringback-1.2.3-x/"+strings.Replace(n, "PROGRAM", program, 1))
		}
		if diff := cmp.Diff(names, read(t, made[0])); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", program, diff)
		}
	}
}

func tarNames(t *testing.T, data []byte) (names []string) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
}

func zipNames(t *testing.T, data []byte) (names []string) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	return names
}
