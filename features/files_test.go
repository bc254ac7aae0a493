package features_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
	"ringback/sim/script"
)

// only is a suite of these files alone.
func only(files map[string]string) features.Suite {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return features.Suite{Only: true, Folders: []features.Folder{{Path: "x", Files: tree}}}
}

const fine = "Feature: f\n  Scenario: s\n    When alice calls bob\n    Then every callback is acknowledged\n"

// Feature files are read as scripts are: what is too long, or no text, is refused
// with file and line. A line of 64 KiB was a panic, a doc string of 40,000 lines
// took a minute.
func TestUnreadableFeatures(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"long line":  {fine + "    # " + strings.Repeat("x", 64<<10), "x/f.feature:5: the line has 65542 bytes, at most 65534"},
		"doc string": {fine + "      \"\"\"\n" + strings.Repeat("      x\n", 15_000) + "      \"\"\"\n", "x/f.feature:1006: the text below a step has too many lines, at most 1000"},
		"lines":      {strings.Repeat("\n", 40_000), "x/f.feature:20001: the file has too many lines, at most 20000"},
		"size":       {strings.Repeat("x", 2*script.MaxBytes), "x/f.feature: the file has 1048577 bytes, at most 1048576"},
		"NUL":        {fine + "# \x00", "x/f.feature:5: has a NUL byte; if the file is UTF-16, save it as UTF-8"},
		"UTF-16":     {"\xff\xfeF\x00", "x/f.feature:1: is UTF-16; save the file as UTF-8"},
		"not UTF-8":  {fine + "# \xe7", "x/f.feature:5: is not UTF-8"},
		"empty":      {"", "x/f.feature:1: there is no feature in the file; try: Feature: what this shows"},
		"Gherkin":    {"Feature: f\n  Scenario: s\n    When alice calls bob\n  Scenari: t\n", `x/f.feature:4: did not expect "Scenari: t" here; try: When alice calls bob`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := features.List(only(map[string]string{"f.feature": c.text}))
			if err == nil {
				t.Fatal("it is read")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A byte order mark is no part of the text, for the parser of godog neither.
func TestByteOrderMark(t *testing.T) {
	s := against(t, reference(t))
	extra := only(map[string]string{"f.feature": "\ufeff" + fine})
	s.Only, s.Folders = true, extra.Folders
	rep := wantPassed(t, s, func(*report.Result) bool { return true })
	if len(rep.Scenarios) != 1 {
		t.Errorf("%d scenarios, want 1", len(rep.Scenarios))
	}
}

// Only what is selected is held against the vocabulary: a folder may have
// scenarios for other suites.
func TestForeignScenarios(t *testing.T) {
	s := only(map[string]string{"f.feature": fine + "\n  @foreign\n  Scenario: t\n    When I press\n      \"\"\"\n      the button\n      \"\"\"\n"})
	if _, err := features.List(s); err == nil || !strings.Contains(err.Error(), `x/f.feature:8: no step reads "I press"`) {
		t.Errorf("%v", err)
	}
	s.Tags = "not @foreign"
	if list, err := features.List(s); err != nil || len(list) != 1 {
		t.Errorf("%d, %v", len(list), err)
	}
}

// The suite's own files bear what is asked of others.
func TestOwnFeaturesAreSound(t *testing.T) {
	own := features.Suite{Options: features.Options{Sign: "token"}, Only: true, Folders: []features.Folder{{Path: "own", Files: features.Files()}}}
	list, err := features.List(own)
	if err != nil {
		t.Fatal(err)
	}
	if want := listed(t); len(list) != len(want) {
		t.Errorf("%d scenarios, want %d", len(list), len(want))
	}
}

// Each file is read once, under the best of its names, whatever links lead to it.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links")
	}
	type tree map[string]string // a text, or where a link leads
	write := func(t *testing.T, files tree) string {
		dir := t.TempDir()
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			to, isLink := strings.CutPrefix(text, "-> ")
			var err error
			if isLink {
				err = os.Symlink(to, path)
			} else {
				err = os.WriteFile(path, []byte(text), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for name, c := range map[string]struct {
		files tree
		want  []string
		err   string
	}{
		"ConfigMap":         {tree{"..2026_11_29/a.feature": fine, "..data": "-> ..2026_11_29", "a.feature": "-> ..data/a.feature"}, []string{"x/a.feature"}, ""},
		"folder":            {tree{"real/a.feature": fine, "a-link": "-> real"}, []string{"x/real/a.feature"}, ""},
		"folder outside":    {tree{"here/readme": "", "there/b.feature": fine, "here/link": "-> ../there"}, []string{"x/here/link/b.feature"}, ""},
		"circle":            {tree{"a.feature": fine, "sub/up": "-> .."}, []string{"x/a.feature"}, ""},
		"file twice":        {tree{"z.feature": fine, "a.feature": "-> z.feature"}, []string{"x/z.feature"}, ""},
		"capitals":          {tree{"A.FEATURE": fine, "b.Feature": fine}, []string{"x/A.FEATURE", "x/b.Feature"}, ""},
		"hidden":            {tree{".wip/a.feature": fine}, []string{"x/.wip/a.feature"}, ""},
		"an editor's lock":  {tree{"a.feature": fine, ".#a.feature": "-> me@host.1234:5"}, []string{"x/a.feature"}, ""},
		"a link to nothing": {tree{"a.feature": fine, "b.feature": "-> c.feature"}, nil, "x: stat b.feature: no such file or directory"},
		"a device":          {tree{"a.feature": "-> /dev/null"}, nil, "x: a.feature is not a regular file"},
		"no feature":        {tree{"a.txt": fine, "b": "-> nowhere"}, nil, "x: there is no .feature file"},
	} {
		t.Run(name, func(t *testing.T) {
			root := write(t, c.files)
			s := features.Suite{Only: true, Folders: []features.Folder{{Path: "x", Files: os.DirFS(root)}}}
			if name == "folder outside" { // of the folder that is walked
				s.Folders = []features.Folder{{Path: "x/here", Files: os.DirFS(filepath.Join(root, "here"))}}
			}
			list, err := features.List(s)
			var got []string
			for _, r := range list {
				got = append(got, r.File)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if text := ""; err != nil || c.err != "" {
				if err != nil {
					text = err.Error()
				}
				if text != c.err {
					t.Errorf("%q, want %q", text, c.err)
				}
			}
		})
	}
}

// FuzzFeatures checks that whatever a file holds, each of its scenarios is listed
// or an error says what is wrong with it, in the words of [features.FileErrors].
func FuzzFeatures(f *testing.F) {
	f.Add([]byte(fine))
	f.Add([]byte("\ufeffFeature: f\n  @v1\n  Rule: r\n    Scenario Outline: <a>\n      When alice calls <a>\n      Then every callback is <b>\n      Examples:\n        | a | b |\n        | bob | refused |\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := features.List(only(map[string]string{"f.feature": string(text)}))
		switch {
		case err == nil && len(list) == 0:
			t.Errorf("nothing is read of %q", text)
		case err != nil && !strings.HasPrefix(err.Error(), "x/f.feature:"):
			t.Errorf("%v: names no file", err)
		case err == nil && bytes.ContainsAny(text, "\x00"):
			t.Errorf("a NUL is read")
		}
	})
}
