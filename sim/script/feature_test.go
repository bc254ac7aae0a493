package script_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"
	"github.com/google/go-cmp/cmp"

	"ringback/sim/script"
)

func readFeature(text string) (*messages.GherkinDocument, []byte, error) {
	return script.ReadFeature([]byte(text), (&messages.Incrementing{}).NewId, func(s string) bool {
		_, err := script.ParseStep(s, 0)
		return err == nil || s == "every callback is acknowledged"
	})
}

// What is written and would not be played is refused, with its line.
func TestWrittenIsPlayed(t *testing.T) {
	const scenario = "  Scenario: s\n    When alice calls bob\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":                  {"", "line 1: there is no feature in the file; try: Feature: what this shows"},
		"all commented out":      {"# Feature: f\n#  Scenario: s\n", "line 1: there is no feature in the file; try: Feature: what this shows"},
		"no scenario":            {"\n\nFeature: f\n  About it.\n", "line 3: there is no scenario; try: Scenario: bob answers"},
		"background alone":       {"Feature: f\n  Background:\n    Given alice calls bob\n", "line 2: no scenario follows the background; try: Scenario: bob answers"},
		"rule alone":             {"Feature: f\n" + scenario + "  Rule: r\n", "line 4: the rule has no scenario; try: Scenario: bob answers"},
		"rule with a background": {"Feature: f\n" + scenario + "  Rule: r\n    Background:\n      Given alice calls bob\n", "line 5: no scenario follows the background; try: Scenario: bob answers"},
		"no steps":               {"Feature: f\n" + scenario + "  Scenario: t\n    About it.\n", "line 4: the scenario has no steps; try: When alice calls bob"},
		"outline of nothing":     {"Feature: f\n  Scenario Outline: o\n    When <who> calls bob\n", "line 2: the scenario outline has no examples; try: Scenario: o"},
		"examples of nothing":    {"Feature: f\n  Scenario: o\n    When <who> calls bob\n    Examples:\n", "line 4: the examples have no row below the names of the columns, so nothing is played; try: | bob |"},
		"examples with a header": {"Feature: f\n  Scenario: o\n    When <who> calls bob\n    Examples:\n      | who |\n      | alice |\n    Examples:\n      | who |\n", "line 7: the examples have no row below the names of the columns, so nothing is played; try: | bob |"},
		"a column twice":         {"Feature: f\n  Scenario: o\n    When <who> calls bob\n    Examples:\n      | who | who |\n      | a | b |\n", `line 5: two columns of the examples are named "who"`},
		"misspelt Scenario":      {"Feature: f\n  Scenaro: s\n    When alice calls bob\n" + scenario, `line 2: "Scenaro: s" is read as a description and would not be played; try: Scenario: s`},
		"small scenario":         {"Feature: f\n\n  About it.\n  scenario: s\n" + scenario, `line 4: "scenario: s" is read as a description and would not be played; try: Scenario: s`},
		"no colon":               {"Feature: f\n  Scenario s\n    When alice calls bob\n" + scenario, `line 3: "When alice calls bob" is read as a description and would not be played; try: When alice calls bob`},
		"a second feature":       {"Feature: f\n  Scenario: s\n  Feature: g\n" + scenario, `line 3: "Feature: g" is read as a description and would not be played; try: Feature: g`},
		"background too late":    {"Feature: f\n  Scenario: s\n  Background:\n    Given alice calls bob\n", `line 3: "Background:" is read as a description and would not be played; try: Background:`},
		"step of a feature":      {"Feature: f\n  Then every callback is acknowledged\n" + scenario, `line 2: "Then every callback is acknowledged" is read as a description and would not be played; try: Then every callback is acknowledged`},
		"step of a rule":         {"Feature: f\n  Rule: r\n    * alice calls bob\n" + strings.ReplaceAll(scenario, "  ", "    "), `line 3: "* alice calls bob" is read as a description and would not be played; try: When alice calls bob`},
		"misspelt Given":         {"Feature: f\n  Scenario: s\n    Givn a callback\n    When alice calls bob\n", `line 3: "Givn a callback" is read as a description and would not be played; try: Given a callback`},
		"small then":             {"Feature: f\n  Scenario: s\n    then every callback is acknowledged\n    When alice calls bob\n", `line 3: "then every callback is acknowledged" is read as a description and would not be played; try: Then every callback is acknowledged`},
		"colon after a keyword":  {"Feature: f\n  Scenario: s\n    When: bob is late\n    When alice calls bob\n", `line 3: "When: bob is late" is read as a description and would not be played; try: When bob is late`},
		"letters in disorder":    {"Feature: f\n  Scenario: s\n    Adn alice calls bob\n    When alice calls bob\n", `line 3: "Adn alice calls bob" is read as a description and would not be played; try: And alice calls bob`},
		"no keyword":             {"Feature: f\n  Background:\n    alice calls bob\n" + scenario, `line 3: "alice calls bob" is read as a description and would not be played; try: When alice calls bob`},
		"a table of nothing":     {"Feature: f\n  | a |\n" + scenario, `line 2: "| a |" is read as a description and would not be played; try: Examples:`},
		"English under French":   {"# language: fr\nFonctionnalité: f\n  Scénario: s\n    When alice calls bob\n    Quand alice calls bob\n", `line 4: "When alice calls bob" is read as a description and would not be played; try: When alice calls bob`},
		"old line ends":          {"Feature: f\r  Scenario: s\r    When alice calls bob\r", "line 1: has a carriage return within; lines end in LF or CRLF"},
		"UTF-16":                 {"\xff\xfeF\x00", "line 1: is UTF-16; save the file as UTF-8"},
		"UTF-16, big end":        {"\xfe\xff\x00F", "line 1: is UTF-16; save the file as UTF-8"},
		"UTF-16 without a mark":  {"F\x00e\x00", "line 1: has a NUL byte; if the file is UTF-16, save it as UTF-8"},
		"NUL":                    {"Feature: f\n" + scenario + "# \x00", "line 4: has a NUL byte; if the file is UTF-16, save it as UTF-8"},
		"not UTF-8":              {"Feature: f\n  # \xe7\n" + scenario, "line 2: is not UTF-8"},
		"line":                   {"Feature: f\n" + strings.Repeat("x", script.MaxLine) + "\n", fmt.Sprintf("line 2: the line has %d bytes, at most %d", script.MaxLine+1, script.MaxLine)},
		"lines":                  {strings.Repeat("\n", script.MaxLines+1), fmt.Sprintf("line %d: the file has too many lines, at most %d", script.MaxLines+1, script.MaxLines)},
		"bytes":                  {strings.Repeat("x", script.MaxBytes+1), fmt.Sprintf("the file has %d bytes, at most %d", script.MaxBytes+1, script.MaxBytes)},
		"doc string":             {"Feature: f\n" + scenario + "      \"\"\"\n" + strings.Repeat("      a\n", 1001) + "      \"\"\"\n", "line 1005: the text below a step has too many lines, at most 1000"},
		"steps":                  {"Feature: f\n  Background:\n" + strings.Repeat("    * alice calls bob\n", 1000) + strings.Repeat(scenario, 100), "line 1201: the file has too many steps, at most 100000 with those of backgrounds and examples"},
		"sentence":               {"Feature: f\n  Scenario: o\n    When " + strings.Repeat("<x>", 1000) + " calls bob\n    Examples:\n      | x |\n      | " + strings.Repeat("a", 100) + " |\n", "line 6: the step at line 3 is too long with these values: at most 60000 bytes"},
		"sentences":              {"Feature: f\n  Scenario: o\n    When " + strings.Repeat("<x>", 500) + " calls bob\n    Examples:\n      | x |\n" + strings.Repeat("      | "+strings.Repeat("a", 100)+" |\n", 400), "line 341: the steps are too long: at most 16777216 bytes with those of backgrounds and examples"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readFeature(c.text)
			if diff := cmp.Diff(c.want, errorText(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err != nil && !errors.As(err, new(script.Errors)) {
				t.Errorf("%T, want Errors", err)
			}
		})
	}
}

// Prose stays prose, in descriptions of all parts, and a byte order mark is none
// of the text.
func TestProseIsNoStep(t *testing.T) {
	const text = "\ufeffFeature: f\n  When a call ends, somebody should know: at once.\n  Note: examples, rules.\n  Role: tester\n\n" +
		"  Rule: r\n    Then there is more\n    than that.\n    Scenario: s\n      The caller hangs up\n      when bob is late.\n      They give up.\n      When alice calls bob\n"
	doc, clean, err := readFeature(text)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Feature.Name != "f" || string(clean) != strings.TrimPrefix(text, "\ufeff") {
		t.Errorf("%q, %q", doc.Feature.Name, clean)
	}
}

// FuzzReadFeature checks that whatever is read is read to the end: the text that
// it returns reads as the same document, and as many scenarios as it has.
func FuzzReadFeature(f *testing.F) {
	f.Add("Feature: f\n  Scenario: s\n    When alice calls bob\n    Then every callback is acknowledged\n")
	f.Add("\ufeffFeature: f\n  Background:\n    * a\n  Rule: r\n    Scenario Outline: o <a>\n      * b <a>\n      Examples:\n        | a |\n        | b |\n")
	f.Add("# language: fr\nFonctionnalité: f\n  Scénario: s\n    Quand alice calls bob\n      \"\"\"\n      x\n      \"\"\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		doc, clean, err := readFeature(text)
		if err != nil {
			if !errors.As(err, new(script.Errors)) || err.Error() == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		again, same, err := readFeature(string(clean))
		if err != nil || string(same) != string(clean) {
			t.Fatalf("read again: %v, %q, want %q", err, same, clean)
		}
		if diff := cmp.Diff(doc, again); diff != "" {
			t.Errorf("read again (-first +second):\n%s", diff)
		}
		pickles := gherkin.Pickles(*doc, "f", (&messages.Incrementing{}).NewId)
		if len(pickles) == 0 {
			t.Errorf("no scenario in %q", text)
		}
		for _, p := range pickles {
			if len(p.Steps) == 0 {
				t.Errorf("the scenario %q of %q has no steps", p.Name, text)
			}
		}
	})
}
