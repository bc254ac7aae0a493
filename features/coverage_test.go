package features_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
)

func listed(t testing.TB) []report.Result {
	t.Helper()
	list, err := features.List(features.Suite{Options: features.Options{Sign: "token"}}) // those of the extension, too
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Each clause has a scenario that holds a receiver to it, in each generation
// that it binds.
func TestEachClauseHasAScenario(t *testing.T) {
	held := map[string]bool{}
	for _, s := range listed(t) {
		for _, id := range s.Clauses {
			held[id+" "+generationOf(s)] = true
		}
	}
	for _, c := range fixtures.Clauses() {
		for _, g := range []string{"v1", "v4"} {
			if c.Binds(g) && !held[c.ID+" "+g] {
				t.Errorf("no %s scenario has the tag @clause-%s (%s)", g, c.ID, c.Level)
			}
		}
	}
}

// generationOf is the generation whose tag a scenario has, or how many it has.
func generationOf(s report.Result) string {
	var list []string
	for _, tag := range s.Tags {
		if tag == "@v1" || tag == "@v4" {
			list = append(list, tag[1:])
		}
	}
	if len(list) != 1 {
		return fmt.Sprintf("%d generations", len(list))
	}
	return list[0]
}

// Each scenario can be told from all others, and says what it is about.
func TestEachScenarioIsTagged(t *testing.T) {
	names := map[string]bool{}
	tags := map[string]string{}
	for _, s := range listed(t) {
		at := fmt.Sprintf("%s:%d %s", s.File, s.Line, s.Name)
		if names[s.Name] {
			t.Errorf("%s: the name is there twice", at)
		}
		names[s.Name] = true
		if tag := features.Slug(s.Name); tags[tag] != "" {
			t.Errorf("%s: has the same tag @%s as %q", at, tag, tags[tag])
		} else {
			tags[tag] = s.Name
		}
		if g := generationOf(s); g != "v1" && g != "v4" {
			t.Errorf("%s: has the tags of %s, want one", at, g)
		}
		if s.Level != "must" && s.Level != "should" {
			t.Errorf("%s: level %q", at, s.Level)
		}
		if s.Rule == "" {
			t.Errorf("%s: stands outside any rule", at)
		}
		checkClauses(t, at, s)
	}
}

// Each step reads as its example does, and no other step reads like that.
func TestEachStepHasAnExample(t *testing.T) {
	steps := features.Steps()
	for _, s := range steps {
		for _, other := range steps {
			if got, want := regexp.MustCompile(other.Pattern).MatchString(s.Example), other.Pattern == s.Pattern; got != want {
				t.Errorf("%q: matches %s: %t, want %t", s.Example, other.Pattern, got, want)
			}
		}
	}
}

// checkClauses holds a scenario's clauses against the list. A scenario that
// looks at what is stored can be judged with a probe alone, so it must not be
// the one to judge what needs none; nor may a clause that should hold fail what
// must.
func checkClauses(t *testing.T, at string, s report.Result) {
	t.Helper()
	if len(s.Clauses) == 0 {
		t.Errorf("%s: has no clause", at)
	}
	var first fixtures.Clause
	for i, id := range s.Clauses {
		j := slices.IndexFunc(fixtures.Clauses(), func(c fixtures.Clause) bool { return c.ID == id })
		if j < 0 {
			t.Errorf("%s: there is no clause %s", at, id)
			continue
		}
		c := fixtures.Clauses()[j]
		if i == 0 {
			first = c
		}
		if !c.Binds(generationOf(s)) {
			t.Errorf("%s: the clause %s does not bind %s", at, id, generationOf(s))
		}
		if c.Probe != first.Probe {
			t.Errorf("%s: takes a probe for one of %s and %s, and none for the other", at, first.ID, id)
		}
		if level := c.Levels.In(generationOf(s), false); s.Level != level {
			t.Errorf("%s: is of level %s, its clauses %s and %s of %s and %s", at, s.Level, first.ID, id, first.Level, level)
		}
	}
	for _, tag := range s.Tags {
		if tag != "@v1" && tag != "@v4" && !strings.HasPrefix(tag, "@clause-") && tag != "@any-end" && tag != "@extension-"+first.Extension {
			t.Errorf("%s: has the tag %s, want @v1, @v4, @clause-... and @any-end", at, tag)
		}
	}
	if first.Extension != "" && !slices.Contains(s.Tags, "@extension-"+first.Extension) {
		t.Errorf("%s: is of the extension %s and lacks its tag", at, first.Extension)
	}
}
