package recording

import (
	"ringback/sim/text"
)

// Summary is what [Events] made of a recording, and what it left out.
type Summary struct {
	Target string // where the requests went
	Flaws  Flaws
	Others int // requests that are no callbacks, or have no CallId
	Words  int // callbacks whose words no document has
	Cut    int // callbacks whose bodies are not whole
	Late   int // callbacks of calls that were over long before
}

// Notes say what was left out or is missing, besides a torn end and unknown lines.
func (s *Summary) Notes() (notes []string) {
	note := func(n int64, what string, more string) {
		if n > 0 {
			notes = append(notes, text.Count(int(n), what)+more)
		}
	}
	note(int64(s.Others), "request", " left out, no callbacks of calls")
	note(int64(s.Words), "callback", " left out, whose words no document has")
	note(int64(s.Cut), "callback", " left out, whose bodies are not whole")
	note(int64(s.Late), "callback", " left out, whose calls were over long before")
	note(s.Flaws.Missing, "exchange", " missing")
	note(int64(s.Flaws.Repeated+s.Flaws.Orphans), "line", " left out, doubled or without a request")
	note(s.Flaws.Lost, "request", " without an answer")
	return notes
}
