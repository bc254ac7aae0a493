package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"ringback/sim/text"
)

// maxMarkdown is how many bytes a summary has at most: GitHub refuses one of a step
// beyond 1 MiB, and shows none of it.
const maxMarkdown = 256 << 10

// WriteMarkdown writes a summary for people, as GitHub and GitLab show it: the
// verdict, and each cause with the exchange that shows it and a command to see it again.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	mark := map[string]string{"pass": "✅", "fail": "❌", "none": "⚠️"}[r.Verdict()]
	fmt.Fprintf(&b, "## %s ringback verify: %s\n\n", mark, strings.ToUpper(r.Verdict()))
	words := r.outcomeWords()
	if judged := r.judgedWords(); judged != "" {
		words += "; " + judged
	}
	covered, total := r.covered("must")
	fmt.Fprintf(&b, "%s.\n\n| | |\n|---|---|\n| %s | %s |\n| must clauses covered | %d of %d |\n| receiver | %s, %s |\n| to play it again | seed %d, epoch %s, run %s |\n| took | %s |\n\n",
		markdown(words), text.Count(len(r.Scenarios), "scenario"), markdown(strings.TrimPrefix(r.countWords(), text.Count(len(r.Scenarios), "scenario")+": ")),
		covered, total, markdown(r.Target), r.Generation, r.Seed, r.Epoch.Format("2006-01-02T15:04:05Z07:00"), markdown(r.Run), text.Took(r.Took))
	for _, note := range r.notes() {
		fmt.Fprintf(&b, "- %s\n", markdown(note))
	}
	for _, g := range r.skipped() {
		fmt.Fprintf(&b, "- %s skipped: %s\n", text.Count(len(g.Scenarios), "scenario"), markdown(g.Words))
	}
	for _, s := range r.with(Errored) {
		fmt.Fprintf(&b, "\n### ⚠️ The scenario is at fault: %s\n\n%s\n", markdown(s.Name), fenced(s.faultWords()))
	}
	clauses := newPrinter(r, TerminalOptions{}).clauses
	causes := r.Causes()
	for i := range causes {
		part := causes[i].markdown(clauses)
		if b.Len()+len(part) > maxMarkdown {
			fmt.Fprintf(&b, "\nand %s: `%s` has them.\n", text.Count(len(causes)-i, "more cause"), r.named("--report html=FILE"))
			break
		}
		b.WriteString(part)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Cause) markdown(clauses map[string]*Coverage) string {
	var b strings.Builder
	mark := "❌"
	if c.Status == Warned {
		mark = "⚠️"
	}
	fmt.Fprintf(&b, "\n### %s %s\n\n%s\n\n", mark, markdown(c.Words), markdown(c.extent()))
	for _, found := range c.Found {
		fmt.Fprintf(&b, "- %s\n", markdown(found))
	}
	for _, id := range c.Clauses {
		fmt.Fprintf(&b, "- `%s`", id)
		if of := clauses[id]; of != nil {
			fmt.Fprintf(&b, ": %s", markdown(of.Words))
			if url := documentURL(of.Document); url != "" {
				fmt.Fprintf(&b, " ([%s](%s), %s)", of.Document, url, markdown(of.Section))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n" + fenced(briefly(c.Example.Text)))
	if x := c.Exchange; x != nil {
		fmt.Fprintf(&b, "\n%s\n%s\n\n", fenced("POST "+x.URL+"\n\n"+briefly(x.Body)), markdown(x.verdictWords()))
		if x.Status != 0 {
			b.WriteString(fenced("HTTP " + x.statusWords() + "\n\n" + briefly(x.Answer)))
		}
	}
	fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n", text.Count(len(c.Scenarios), "scenario"))
	for i, s := range c.Scenarios {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(c.Scenarios)-i)
			break
		}
		fmt.Fprintf(&b, "- %s (%s)\n", markdown(s.Name), markdown(s.at()))
	}
	b.WriteString("\n</details>\n")
	if again := c.Scenarios[0].Rerun; again != "" {
		fmt.Fprintf(&b, "\nAgain:\n\n%s", fenced(again))
	}
	return b.String()
}

// maxListed is how many scenarios of a cause a summary names.
const maxListed = 50

// briefly is the beginning of a text that shows a cause.
func briefly(s string) string {
	short, n := text.Fold(s, terminalEvidence)
	if n < len(s) {
		short += "\n..."
	}
	return short
}

// special are the characters that mean something within a line of Markdown, or in HTML.
var special = regexp.MustCompile("[\\\\`*_{}\\[\\]#<>|&~$]")

// markdown is a text on one line that shows as it is.
func markdown(s string) string { return special.ReplaceAllString(text.Line(s), `\$0`) }

var backquotes = regexp.MustCompile("`+")

// fenced is a text as a block of code, whatever is in it.
func fenced(s string) string {
	fence := "```"
	for _, run := range backquotes.FindAllString(s, -1) {
		if len(run) >= len(fence) {
			fence = run + "`"
		}
	}
	return fence + "\n" + strings.TrimRight(text.Clean(s), "\n") + "\n" + fence + "\n"
}
