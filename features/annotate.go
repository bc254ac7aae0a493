package features

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteAnnotations writes a workflow command of GitHub Actions for each
// scenario that failed or warned, which it shows beside the code, and one if
// nothing was judged.
func (r *Report) WriteAnnotations(w io.Writer) error {
	if r.Verdict() == "none" {
		_, err := fmt.Fprintf(w, "::error title=ringback verify::%s\n", annotationData.Replace(printable(r.outcomeWords())))
		return err
	}
	if err := r.annotate(w, "error", Failed); err != nil {
		return err
	}
	return r.annotate(w, "warning", Warned)
}

func (r *Report) annotate(w io.Writer, command string, status Status) error {
	for _, s := range r.with(status) {
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", command, s.annotationPlace(), annotationData.Replace(s.annotation())); err != nil {
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

func (s *Result) annotationPlace() string {
	title := "title=" + annotationProperty.Replace(printable(s.Name))
	if s.File == "" || s.Ours {
		return title
	}
	return "file=" + annotationProperty.Replace(printable(s.File)) + ",line=" + strconv.Itoa(max(1, s.Line)) + "," + title
}

func (s *Result) annotation() string {
	parts := []string{printable(s.message())}
	if s.Step != "" {
		parts = append(parts, "step: "+printable(s.Step))
	}
	if len(s.Clauses) > 0 {
		parts = append(parts, "clauses: "+strings.Join(s.Clauses, ", "))
	}
	if s.Rerun != "" {
		parts = append(parts, "again: "+printable(s.Rerun))
	}
	text, isCut := cutText(strings.Join(parts, "\n"), 60_000) // GitHub takes 64 KB
	if isCut {
		text += "\n..."
	}
	return text
}
