package features_test

import (
	"os"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

// The README shows which broken receivers are caught, and by what.
func TestReadmeShowsKills(t *testing.T) { wantInReadme(t, "kills") }

// And which of them random histories find, each of those that they should.
func TestReadmeShowsExplored(t *testing.T) {
	wantInReadme(t, "explored")
	table, err := os.ReadFile("testdata/explored.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range explorable() {
		if !strings.Contains(string(table), "| `"+v.Name+"` | "+cell(v.About)+" |") {
			t.Errorf("%s is missing from the table; make explored makes it anew", v.Name)
		}
	}
}

// wantInReadme wants a table of testdata between its marks in the README.
func wantInReadme(t *testing.T, name string) {
	t.Helper()
	const readme = "../README.md"
	table, err := os.ReadFile("testdata/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), "<!-- "+name+": ")
	how, rest, begun := strings.Cut(rest, " -->\n")
	shown, after, closed := strings.Cut(rest, "<!-- end of "+name+" -->\n")
	if !ok || !begun || !closed {
		t.Fatalf("the README has no place for the table %s", name)
	}
	want := "\n" + string(table) + "\n"
	switch {
	case shown == want:
	case golden.Rewriting():
		all := before + "<!-- " + name + ": " + how + " -->\n" + want + "<!-- end of " + name + " -->\n" + after
		if err := os.WriteFile(readme, []byte(all), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the README shows another table than the tests found; %s", how)
	}
}
