package tui_test

import (
	"os"
	"strings"
	"testing"

	"ringback/fixtures/golden"
	"ringback/tui"
)

// Each key has a help, and no pane has two meanings for one.
func TestKeys(t *testing.T) {
	for p := tui.Calls; p <= tui.Faults; p++ {
		meaning := map[string]string{}
		for _, b := range tui.Bindings() {
			if b.Panes != nil && !contains(b.Panes, p) {
				continue
			}
			for _, k := range b.Keys() {
				if other, taken := meaning[k]; taken {
					t.Errorf("in %s %q means both %q and %q", p, k, other, b.Help().Desc)
				}
				meaning[k] = b.Help().Desc
			}
		}
	}
	for _, b := range tui.Bindings() {
		if b.Help().Key == "" || b.Help().Desc == "" || b.Group == "" || len(b.Keys()) == 0 {
			t.Errorf("%v has no help: %+v", b.Keys(), b.Help())
		}
	}
}

func contains(list []tui.Pane, p tui.Pane) bool {
	for _, l := range list {
		if l == p {
			return true
		}
	}
	return false
}

// All keys in all panes do something, or say why not: no key that the help
// names is dead, and none panics without a call.
func TestEachKeyAnswers(t *testing.T) {
	for _, play := range []func(*stage){func(*stage) {}, failing} {
		for _, b := range tui.Bindings() {
			panes := b.Panes
			if panes == nil {
				panes = []tui.Pane{tui.Calls}
			}
			for _, p := range panes {
				for _, k := range b.Keys() {
					if k == " " {
						k = "space"
					}
					s := newStage(t)
					play(s)
					s.press(string('0' + byte(p)))
					s.press(k)
					s.size(100, 30)
					_ = s.screen()
				}
			}
		}
	}
}

// The help lists every key; a change shows in review.
func TestHelpListsAll(t *testing.T) {
	s := newStage(t)
	s.size(120, 140)
	s.press("?")
	golden.Compare(t, "help.txt", s.screen())
	for _, b := range tui.Bindings() {
		s.shows(b.Help().Desc[:min(30, len(b.Help().Desc))])
	}
}

// What the README shows of the screen is what is seen, and its table of keys is
// the one that the keys make.
func TestReadme(t *testing.T) {
	s := newStage(t)
	s.size(120, 36)
	failing(s)
	s.press("3")
	inReadme(t, "screen", "```\n"+s.screen()+"```\n")
	inReadme(t, "keys", tui.Markdown())
}

// inReadme holds a generated part of the README against what it should be, or
// writes it.
func inReadme(t *testing.T, name, want string) {
	t.Helper()
	begin, end := "<!-- "+name+": make golden writes this -->\n\n", "\n<!-- end of "+name+" -->"
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	got, tail, whole := strings.Cut(rest, end)
	switch {
	case !ok || !whole:
		t.Fatalf("the README has no place for the %s between %q and %q", name, begin, end)
	case golden.Rewriting():
		if err := os.WriteFile("../README.md", []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("the README's %s is not that of today; make golden writes it:\n%s", name, want)
	}
}
