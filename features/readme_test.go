package features_test

import (
	"os"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

// The README shows which broken receivers are caught, and by what.
func TestReadmeShowsKills(t *testing.T) {
	const readme, begin, end = "../README.md", "<!-- kills: make golden writes this -->\n", "<!-- end of kills -->\n"
	kills, err := os.ReadFile("testdata/kills.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	shown, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the README has no place for the table")
	}
	want := "\n" + string(kills) + "\n"
	switch {
	case shown == want:
	case golden.Rewriting():
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the README shows another table than the tests found; make golden accepts it")
	}
}
