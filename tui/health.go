package tui

import (
	"net/http"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
)

// health is how the receiver has answered lately.
type health struct {
	last    delivery.Verdict
	took    time.Duration
	at      call.Instant // 0: it was never asked
	answers []sample     // the latest ones
	silent  int          // attempts in a row that brought no answer at all
	asked   int          // attempts so far
}

// sample is one attempt.
type sample struct {
	took  time.Duration
	acked bool
}

// maxSamples is how many attempts the sparkline can show.
const maxSamples = 64

func (h *health) note(at call.Instant, a *journal.Answer) {
	h.last, h.at, h.took = a.Verdict, at, timeOf(a)
	if len(h.answers) == maxSamples {
		copy(h.answers, h.answers[1:])
		h.answers = h.answers[:maxSamples-1]
	}
	h.answers = append(h.answers, sample{h.took, a.Verdict.Acked()})
	if a.Verdict.Class == delivery.NoAnswer {
		h.silent++
	} else {
		h.silent = 0
	}
}

// timeOf is how long an answer took, as far as the journal knows.
func timeOf(a *journal.Answer) time.Duration {
	if a.Took == 0 {
		return time.Duration(a.TookUS) * time.Microsecond
	}
	return a.Took
}

// objection is what is wrong with an answer of HTTP 200.
func (h *health) objection() string {
	if h.last.Status != http.StatusOK || h.last.Acked() || h.last.Class == delivery.NoAnswer {
		return ""
	}
	return draw.Spelled(h.last.Word())
}
