package features_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"ringback/features"
	"ringback/fixtures"
	"ringback/fixtures/golden"
	"ringback/fixtures/receiver/broken"
)

// The README shows which broken receivers are caught, and by what.
func TestReadmeShowsKills(t *testing.T) {
	wantInReadme(t, "../fixtures/receiver/broken/README.md", "kills")
}

// And which of them random histories find, each of those that they should.
func TestReadmeShowsExplored(t *testing.T) {
	wantInReadme(t, "../sim/explore/README.md", "explored")
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

// The README and the CHANGELOG count what there is.
func TestReadmeCounts(t *testing.T) {
	clauses := slices.DeleteFunc(slices.Clone(fixtures.Clauses()), func(c fixtures.Clause) bool { return c.Extension != "" })
	list, err := features.List(features.Suite{})
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range []struct {
		file, words string
		want        int
	}{
		{"../README.md", `to (\d+) clauses`, len(clauses)},
		{"../README.md", `(\d+) receivers with one realistic defect`, len(broken.List())},
		{"../README.md", `(\d+) scenarios: \d+ passed, \d+ skipped`, len(list)},
		{"README.md", `(\d+) sentences of the documents`, len(clauses)},
		{"../fixtures/receiver/broken/README.md", `(\d+) receivers that are wrong in one way each`, len(broken.List())},
		{"../sim/explore/README.md", `Of the (\d+) broken receivers`, len(broken.List())},
		{"../sim/explore/README.md", `broken receivers, (\d+) are wrong about order`, len(explorable())},
		{"../sim/load/README.md", `The contract suite, (\d+) scenarios`, len(list)},
		{"../CHANGELOG.md", `the contract suite, (\d+) scenarios`, len(list)},
		{"../CHANGELOG.md", `(\d+) receivers that are wrong in one way each`, len(broken.List())},
	} {
		text, err := os.ReadFile(count.file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(count.words).FindSubmatch(text)
		if found == nil || string(found[1]) != strconv.Itoa(count.want) {
			t.Errorf("%s: %q counts %q, want %d", count.file, count.words, found, count.want)
		}
	}
}

// wantInReadme wants a table of testdata between its marks in a README.
func wantInReadme(t *testing.T, readme, name string) {
	t.Helper()
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

// The scenario that the README shows can be played.
func TestReadmeScenario(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "```gherkin\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	list, err := features.List(features.Suite{Only: true, Folders: []features.Folder{{Path: "readme", Files: fstest.MapFS{"shown.feature": {Data: []byte(shown)}}}}})
	if err != nil || len(list) != 1 {
		t.Errorf("there are %d scenarios, %v", len(list), err)
	}
}
