package tui

import (
	"net/http"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
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

// sparkline shows the latest latencies on a scale of powers: from a quarter of
// a millisecond, each step is four times as long. An attempt that failed is
// red, or marked where there is no colour.
func (h *health) sparkline(v *view, w int) string {
	var b strings.Builder
	for _, s := range h.answers[max(0, len(h.answers)-w):] {
		step := 0
		for d := 250 * time.Microsecond; d < s.took && step < len(v.bars)-1; d *= 4 {
			step++
		}
		if s.acked {
			b.WriteString(v.good.of(v.bars[step]))
		} else {
			b.WriteString(v.bad.of(v.failed))
		}
	}
	return b.String()
}

// status is the last answer in a word, with its ink.
func (h *health) status(v *view) (string, ink) {
	switch {
	case h.at == 0 && h.asked > 0:
		return "no answer yet", v.wait
	case h.at == 0:
		return "not asked yet", v.dim
	case h.last.Acked():
		return v.statusOf(&h.last), v.good
	case h.last.Class == delivery.NoAnswer:
		return spelled(h.last.Word()), v.bad
	}
	return v.statusOf(&h.last), v.wait
}

// dot is the receiver's light: red when it stopped answering.
func (h *health) dot(v *view) string {
	if h.silent > 0 {
		return v.bad.of(v.glyphs.dot)
	}
	_, ink := h.status(v)
	return ink.of(v.glyphs.dot)
}

// objection is what is wrong with an answer of HTTP 200.
func (h *health) objection() string {
	if h.last.Status != http.StatusOK || h.last.Acked() || h.last.Class == delivery.NoAnswer {
		return ""
	}
	return spelled(h.last.Word())
}

// statusOf is an answer's HTTP status, with a sign if it looks good and is not.
func (g *glyphs) statusOf(v *delivery.Verdict) string {
	if v.Status == http.StatusOK && !v.Acked() {
		return "200 " + g.failed
	}
	return statusOf(v)
}

// statusOf is an answer's HTTP status, or why there is none.
func statusOf(v *delivery.Verdict) string {
	if v.Status == 0 {
		return spelled(v.Word())
	}
	return itoa(v.Status)
}
