package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	gherkin "github.com/cucumber/gherkin/go/v42"
)

// WriteGherkin writes a feature with a scenario for each script, so that
// [ReadGherkin] reads the same scripts. A feature without a title has the name
// of its first script. The error says what is wrong with a script, or that the
// file is longer than [MaxBytes].
func WriteGherkin(title string, scripts ...*Script) ([]byte, error) {
	if len(scripts) == 0 {
		return nil, Errors{{Why: "there is no script to write"}}
	}
	if title == "" {
		title = scripts[0].Name
	}
	if len(title) > MaxName {
		return nil, Errors{{Why: fmt.Sprintf("the title has %d bytes, at most %d", len(title), MaxName)}}
	}
	var b strings.Builder
	writeTitle(&b, "Feature:", title)
	total := 0
	for _, s := range scripts {
		if err := s.Validate(); err != nil {
			return nil, err
		}
		total += len(s.Operations)
		b.WriteString("\n")
		writeTitle(&b, "  Scenario:", s.Name)
		writeAbout(&b, s.About)
		for i, o := range s.Operations {
			b.WriteString("    " + keyword(s.Operations, i) + " " + o.String() + "\n")
		}
	}
	if total > MaxOperations {
		return nil, Errors{{Why: fmt.Sprintf("the scripts have %d operations, at most %d in a file", total, MaxOperations)}}
	}
	return checkWritten(b.String())
}

// keyword begins a step: faults at the start are given, all else is done.
func keyword(ops []Operation, i int) string {
	given := func(o Operation) bool {
		_, ok := o.Do.(Faults)
		return ok
	}
	switch {
	case i == 0 && given(ops[0]):
		return "Given"
	case i == 0 || i == 1 && given(ops[0]) && !given(ops[1]):
		return "When"
	}
	return "And"
}

func writeTitle(b *strings.Builder, keyword, title string) {
	b.WriteString(keyword)
	if title != "" {
		if !isLine(title) || strings.HasPrefix(title, `"`) {
			title = quote(title)
		}
		b.WriteString(" " + title)
	}
	b.WriteString("\n")
}

func writeAbout(b *strings.Builder, about string) {
	if about == "" {
		return
	}
	lines := strings.Split(about, "\n")
	if slices.ContainsFunc(lines, func(s string) bool { return !isProse(s) }) {
		lines = []string{quote(about)}
	}
	for _, s := range lines {
		b.WriteString("    " + s + "\n")
	}
	b.WriteString("\n")
}

var english = gherkin.DialectsBuiltin().GetDialect("en")

// isProse reports whether Gherkin takes a line for a description and nothing
// else.
func isProse(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	if !isLine(s) || !unicode.IsLetter(first) {
		return false
	}
	prose := featureChecker{isStep: isStep, dialect: english}
	if prose.meant(s, true) != "" {
		return false
	}
	for _, words := range english.Keywords {
		for _, w := range words {
			if strings.HasPrefix(s, w) {
				return false
			}
		}
	}
	return true
}
