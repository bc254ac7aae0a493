package tui_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ringback/fixtures/golden"
	"ringback/sim"
	"ringback/sim/journal"
	"ringback/tui"
	"ringback/tui/draw"
)

// Each key has a help, and no pane has two meanings for one.
func TestKeys(t *testing.T) {
	for p := draw.Calls; p <= draw.Faults; p++ {
		meaning := map[string]string{}
		for _, b := range tui.Bindings() {
			if b.Panes != nil && !contains(b.Panes, p) {
				continue
			}
			for _, k := range b.Keys() {
				if b.Taped { // elsewhere it is another's
					continue
				}
				if other, taken := meaning[k]; taken {
					t.Errorf("in %s %q means both %q and %q", p, k, other, b.Help().Desc)
				}
				meaning[k] = b.Help().Desc
			}
		}
	}
	names := map[string]bool{}
	for _, b := range tui.Bindings() {
		if names[b.Name] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(b.Name) {
			t.Errorf("the name of %q is %q: want a word that no other has", b.Help().Desc, b.Name)
		}
		names[b.Name] = true
		if b.Help().Key == "" || b.Help().Desc == "" || b.Group == "" || len(b.Keys()) == 0 && b.Letter == "" {
			t.Errorf("%v has no help: %+v", b.Keys(), b.Help())
		}
	}
}

func contains(list []draw.Pane, p draw.Pane) bool {
	return slices.Contains(list, p)
}

// All keys do something that is seen in each pane where they are, or say why
// not: no key that the help names is dead, and none panics without a call.
func TestEachKeyAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	situations := []func(*stage){func(*stage) {}, failing}
	before := [][]string{nil, {"end"}, {"home", "["}}
	for _, b := range tui.Bindings() {
		for p := draw.Calls; p <= draw.Faults; p++ {
			if b.Panes != nil && !contains(b.Panes, p) {
				continue
			}
			for _, k := range b.Keys() {
				if k == string('0'+byte(p)) || k == "esc" && p == draw.Calls { // we are there
					continue
				}
				answered := false
				for i := 0; i < len(situations)*len(before) && !answered; i++ {
					s := newStage(t)
					s.size(120, 32)
					situations[i%2](s)
					s.press(string('0' + byte(p)))
					s.press(before[i/2]...)
					answered = responds(s, k)
					s.size(110, 30)
					_ = s.screen()
				}
				if !answered {
					t.Errorf("in %s %q does nothing that is seen: %s", p, k, b.Help().Desc)
				}
			}
		}
	}
}

// No character that is typed or pasted outside a form changes what the receiver gets by
// faults, nor gives up a callback.
func TestTypingSwitchesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	for _, p := range []draw.Pane{draw.Deliveries, draw.Faults} {
		s := newStage(t)
		failing(s)
		s.do(sim.SetFaults{On: []string{"delay=5s"}})
		s.look()
		for c := '!'; c <= '~'; c++ {
			if c == 'q' {
				continue
			}
			s.press(string('0'+byte(p)), string(c))
			for _, more := range []string{"space", "x", "y"} { // what follows in a text
				if c != 'n' && c != 'E' {
					tui.Press(s.model, more)
				}
			}
			s.press("esc", "esc", "esc")
			s.model.Update(tea.PasteMsg{Content: "O" + string(c) + "\r\n d X"})
		}
		if on := s.engine.State().Faults; len(on) != 1 || on[0] != "delay=5s" {
			t.Errorf("in %s typing switched faults: %v", p, on)
		}
		for _, e := range s.history {
			if _, is := e.Data.(*journal.GivenUp); is {
				t.Errorf("in %s typing gave up a callback", p)
			}
		}
	}
}

// responds reports whether a key changes the screen or has something done.
func responds(s *stage, key string) bool {
	s.look()
	before := s.screen()
	cmd := tui.Press(s.model, key)
	return cmd != nil || s.screen() != before
}

// What is seen does not depend on how often it was drawn.
func TestViewIsPure(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	for name, play := range scenes {
		if name == "help" { // opens where the focus is
			continue
		}
		often, once := newStage(t), newStage(t)
		for _, s := range []*stage{often, once} {
			s.size(120, 30)
			play(s)
		}
		for range 3 {
			_ = often.screen()
		}
		for _, s := range []*stage{often, once} {
			s.press("click 60,12", "down", "click 5,20")
		}
		if a, b := often.screen(), once.screen(); a != b {
			t.Errorf("%s: drawn often\n%s\nand once\n%s", name, a, b)
		}
	}
}

// A bar of a recording has no keys that do nothing in one, and the help opens
// at the keys of the focused pane.
func TestHelpFitsIn(t *testing.T) {
	s := newStage(t, func(c *tui.Config) { c.Recording = "monday.ndjson" })
	failing(s)
	s.press("3")
	s.shows("= compare", "c take")
	for _, key := range []string{"retry now", "give up  ", "n new call"} {
		if strings.Contains(s.screen(), key) {
			t.Errorf("the bar has %s:\n%s", key, s.screen())
		}
	}
	s.size(80, 24)
	s.press("3", "?")
	if lines := strings.Split(s.screen(), "\n"); !strings.Contains(lines[2], "┃ Deliveries ") {
		t.Errorf("the help does not open at the deliveries:\n%s", s.screen())
	}
}

// The help is searched, and has columns where there is room.
func TestHelpSearch(t *testing.T) {
	s := newStage(t)
	s.size(200, 50)
	s.press("?")
	for _, about := range []string{"the next pane", "answer", "save the journal so far", "real time"} { // all of it at once
		s.shows(about)
	}
	s.press("/", "type BATTERY")
	s.shows("pull the battery")
	if strings.Contains(s.screen(), "save the journal so far") {
		t.Errorf("the search has all keys:\n%s", s.screen())
	}
	s.press("ctrl+u", "type nothing like it")
	s.shows("no key or command has that")
	s.press("esc")
	s.shows("the next pane")
	s.press("esc")
	s.shows("┏━ 1 Calls")
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
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	got, tail, whole := strings.Cut(rest, end)
	switch {
	case !ok || !whole:
		t.Fatalf("the README has no place for the %s between %q and %q", name, begin, end)
	case golden.Rewriting():
		if err := os.WriteFile("README.md", []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("the README's %s is not that of today; make golden writes it:\n%s", name, want)
	}
}
