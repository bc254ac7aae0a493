package history

import (
	"net/http"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
)

// Health is how the receiver has answered lately.
type Health struct {
	Last    delivery.Verdict
	Took    time.Duration
	At      call.Instant // 0: it was never asked
	Answers []sample     // the latest ones
	Silent  int          // attempts in a row without an answer
	Asked   int          // attempts so far
}

// sample is one attempt.
type sample struct {
	Took  time.Duration
	Acked bool
}

// maxSamples is how many attempts the sparkline can show.
const maxSamples = 64

func (h *Health) note(at call.Instant, a *journal.Answer) {
	h.Last, h.At, h.Took = a.Verdict, at, timeOf(a)
	if len(h.Answers) == maxSamples {
		copy(h.Answers, h.Answers[1:])
		h.Answers = h.Answers[:maxSamples-1]
	}
	h.Answers = append(h.Answers, sample{h.Took, a.Verdict.Acked()})
	if a.Verdict.Class == delivery.NoAnswer {
		h.Silent++
	} else {
		h.Silent = 0
	}
}

// timeOf returns how long an answer took, if the journal has it.
func timeOf(a *journal.Answer) time.Duration {
	if a.Took == 0 {
		return time.Duration(a.TookUS) * time.Microsecond
	}
	return a.Took
}

// Objection says what is wrong with an answer of HTTP 200.
func (h *Health) Objection() string {
	if h.Last.Status != http.StatusOK || h.Last.Acked() || h.Last.Class == delivery.NoAnswer {
		return ""
	}
	return draw.Spelled(h.Last.Word())
}
