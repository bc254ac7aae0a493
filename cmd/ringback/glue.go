package main

import (
	"fmt"
	"io"
	"strings"

	"ringback/features"
)

// glue is how a language defines steps, as far as editors read it.
type glue struct {
	begin, end string
	step       string              // of a keyword, an expression; with a line about it and a number
	literal    func(string) string // a regular expression as the language writes it
}

// Editors read quotes in an expression each in their own way: none are in it.
var noQuotes = strings.NewReplacer(`"`, `\x22`, `'`, `\x27`)

var glues = map[string]glue{
	"js": {
		begin:   "// The steps of ringback, for editors alone: ringback verify --features runs them.\nimport { Given } from '@cucumber/cucumber'\n",
		step:    "\n// %[2]s\nGiven(%[1]s, () => {})\n",
		literal: func(re string) string { return "/" + strings.ReplaceAll(noQuotes.Replace(re), "/", `\/`) + "/" },
	},
	"java": {
		begin:   "// The steps of ringback, for editors alone: ringback verify --features runs them.\nimport io.cucumber.java.en.Given;\n\nclass RingbackSteps {\n",
		step:    "\n    // %[2]s\n    @Given(%[1]s)\n    public void step%[3]d() {}\n",
		literal: func(re string) string { return `"` + strings.ReplaceAll(noQuotes.Replace(re), `\`, `\\`) + `"` },
		end:     "}\n",
	},
	"python": {
		begin: "# The steps of ringback, for editors alone: ringback verify --features runs them.\nfrom behave import step, use_step_matcher\n\nuse_step_matcher(\"re\")\n",
		step:  "\n\n# %[2]s\n@step(%[1]s)\ndef step_%[3]d(context):\n    pass\n",
		// Cucumber's language server knows no r before a string, and takes for a regular
		// expression what has a group.
		literal: func(re string) string {
			return `"^(?:` + noQuotes.Replace(strings.TrimSuffix(strings.TrimPrefix(re, "^"), "$")) + `)$"`
		},
	},
}

// writeGlue writes definitions of all steps, from which editors mark those that are
// undefined and complete others.
func writeGlue(w io.Writer, language string) error {
	g := glues[language]
	var b strings.Builder
	b.WriteString(g.begin)
	for i, s := range features.Steps() {
		fmt.Fprintf(&b, g.step, g.literal(s.Pattern), s.About+", e.g. "+s.Example, i+1)
	}
	b.WriteString(g.end)
	_, err := io.WriteString(w, b.String())
	return err
}
