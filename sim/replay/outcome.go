package replay

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/delivery"
)

// End is the final state of a callback.
type End uint8

// The ends. For those before Acked it is unknown what further attempts would have led to.
const (
	NoEnd     End = iota // the journal, or this run, ends before its last answer
	Withdrawn            // its address was deleted
	GivenUp              // by a person
	Acked
	Abandoned
)

var endWords = [...]string{"open", "withdrawn", "given_up", "acked", "abandoned"}

func (e End) String() string { return endWords[e] }

// MarshalText writes the word.
func (e End) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// settled reports whether the answers decided.
func (e End) settled() bool { return e >= Acked }

// Outcome is how a callback was answered: a verdict for each attempt, and the end.
type Outcome struct {
	End     End                `json:"end"`
	Answers []delivery.Verdict `json:"answers"`
}

// read adds the answer to an attempt. It is read as strictly as the documents
// can be: CallKit takes any HTTP 200 for v4, but another ErrorCode is another
// answer.
func (o *Outcome) read(v delivery.Verdict, body []byte, hide func(string) string) {
	v = v.Documented(body)
	v.Detail = hide(v.Detail)
	o.Answers = append(o.Answers, v)
}

// same reports whether two answers have the same meaning. The text of a receiver or a
// system may differ.
func same(a, b delivery.Verdict) bool {
	return a.Class == b.Class && a.Failure == b.Failure && a.Status == b.Status && code(a) == code(b)
}

// code is the ErrorCode that the verdict is about, or else "".
func code(v delivery.Verdict) string {
	switch v.Class {
	case delivery.ErrorCode, delivery.StringCode, delivery.CodeType:
		n, _, _ := strings.Cut(v.Detail, " (")
		return n
	}
	return ""
}

// Change is how the answers to a callback differ from those in the journal.
type Change uint8

// The changes.
const (
	Same        Change = iota
	AckedNow           // acknowledged now, and not then
	RejectedNow        // acknowledged then, and abandoned now
	Otherwise          // with other answers, or more of them, but the same end
	NotCompared        // no answer then, or none now
)

var changeWords = [...]string{"same", "acked_now", "rejected_now", "otherwise", "not_compared"}

func (c Change) String() string { return changeWords[c] }

// MarshalText writes the word.
func (c Change) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// compare compares the answers in the journal and now. If one list was cut short, it
// compares as many as both have.
func compare(then, now *Outcome) Change {
	if len(then.Answers) == 0 || len(now.Answers) == 0 {
		return NotCompared
	}
	n := max(len(then.Answers), len(now.Answers))
	if !then.End.settled() || !now.End.settled() {
		n = min(len(then.Answers), len(now.Answers))
	}
	if len(then.Answers) >= n && len(now.Answers) >= n && slices.EqualFunc(then.Answers[:n], now.Answers[:n], same) {
		return Same
	}
	switch {
	case then.End != Acked && now.End == Acked:
		return AckedNow
	case then.End == Acked && now.End == Abandoned:
		return RejectedNow
	}
	return Otherwise
}

// String is the outcome in words.
func (o *Outcome) String() string {
	n := len(o.Answers)
	if n == 0 {
		return "no answer"
	}
	last, before := o.Answers[n-1], o.Answers
	var end string
	switch o.End {
	case Acked:
		if before = o.Answers[:n-1]; last.Acked() {
			end = "acked"
		} else {
			end = "acked, not as documented: " + last.Reason()
		}
		if n > 1 {
			return fmt.Sprintf("%s at attempt %d, after %s", end, n, reasons(before))
		}
		return end
	case Abandoned:
		end = "abandoned"
	case Withdrawn:
		end = "withdrawn"
	case GivenUp:
		end = "given up"
	case NoEnd:
		end = "nothing more is known"
	}
	if n > 1 {
		end += fmt.Sprintf(" after %d attempts", n)
	}
	return reasons(before) + "; " + end
}

// reasons returns the reasons of answers, in order, each once.
func reasons(list []delivery.Verdict) string {
	var told []delivery.Verdict
	var all []string
	for _, v := range list {
		if !slices.ContainsFunc(told, func(o delivery.Verdict) bool { return same(o, v) }) {
			told, all = append(told, v), append(all, v.Reason())
		}
	}
	return strings.Join(all, ", then ")
}
