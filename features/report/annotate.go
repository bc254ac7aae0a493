package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ringback/sim/text"
)

// WriteAnnotations writes a workflow command of GitHub Actions for each scenario that
// is at fault and for each cause of failures and warnings, and one if nothing was judged. GitHub shows ten of a
// kind at most, those at lines of the user's own scenarios beside the code.
func (r *Report) WriteAnnotations(w io.Writer) error {
	for i, s := range r.with(Errored) {
		if i == terminalShort {
			break
		}
		const title = "the scenario is at fault"
		if _, err := fmt.Fprintf(w, "::error %s::%s\n", placeOf(title, s), annotationData.Replace(text.Clean(s.faultWords()))); err != nil {
			return err
		}
	}
	if r.Verdict() == "none" && r.Count(Errored) == 0 {
		_, err := fmt.Fprintf(w, "::error title=ringback verify::%s\n", annotationData.Replace(text.Clean(r.outcomeWords())))
		return err
	}
	for _, c := range r.Causes() {
		command := "error"
		if c.Status == Warned {
			command = "warning"
		}
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", command, c.annotationPlace(), annotationData.Replace(c.annotation())); err != nil {
			return err
		}
	}
	return nil
}

// Only these are escaped: https://github.com/actions/toolkit reads the same
// five back.
var (
	annotationData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// annotationPlace is the first scenario that is not the suite's own, if there is one:
// the suite's files are not in the repository.
func (c *Cause) annotationPlace() string { return placeOf(c.Words, c.Scenarios...) }

func placeOf(title string, scenarios ...*Result) string {
	title = "title=" + annotationProperty.Replace(text.Clean(title))
	for _, s := range scenarios {
		if s.File != "" && !s.Ours {
			return "file=" + annotationProperty.Replace(text.Clean(s.File)) + ",line=" + strconv.Itoa(max(1, s.Line)) + "," + title
		}
	}
	return title
}

func (c *Cause) annotation() string {
	found, _ := text.Fold(c.Example.Text, len(c.Example.Text))
	parts := []string{text.Clean(found)}
	if x := c.Exchange; x != nil {
		answer, _ := text.Fold(x.Answer, len(x.Answer))
		answer = text.Short(text.Clean(answer), terminalEvidence)
		parts = append(parts, "request: POST "+text.Clean(x.URL), "answer: HTTP "+x.statusWords()+" "+answer)
	}
	if len(c.Clauses) > 0 {
		parts = append(parts, "clauses: "+strings.Join(c.Clauses, ", "))
	}
	parts = append(parts, "in "+c.extent()+":")
	for i, s := range c.Scenarios {
		if i == terminalScenarios {
			parts = append(parts, fmt.Sprintf("- and %d more", len(c.Scenarios)-i))
			break
		}
		parts = append(parts, "- "+text.Line(s.Name))
	}
	if again := c.Scenarios[0].Rerun; again != "" {
		parts = append(parts, "again: "+text.Clean(again))
	}
	all, isCut := text.Cut(strings.Join(parts, "\n"), 60_000) // GitHub takes 64 KB
	if isCut {
		all += "\n..."
	}
	return all
}
