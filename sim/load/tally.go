package load

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// tally is what one partition counts: over the whole run in its series, and of
// the callbacks that became due in the measured window in all the rest.
type tally struct {
	begin, from call.Instant // of the run, and of the window
	first       uint64       // the window's first delivery; 0: there is none yet

	calls, callbacks, acked, abandoned uint64
	lost                               uint64            // by a fault: never sent
	dropped                            uint64            // beyond the backlog: never sent
	drops                              uint64            // the same over the whole run
	prompt, settled                    uint64            // acknowledged, and acknowledged, abandoned or dropped, before the window was over
	over                               bool              // it is
	attempts, retries                  uint64            // that came to an end
	taken, rejected, broken            uint64            // attempts that were acknowledged, answered otherwise, or had no usable answer
	connected                          uint64            // attempts that reached the receiver at all
	reasons                            map[string]uint64 // of attempts that were not acknowledged, by verdict

	latency  *histogram // from when the attempt was to begin
	lateness *histogram
	// A callback that is acknowledged at once takes as long as its attempt. Of the
	// others:
	astray  *histogram              // latency of their attempts
	delay   *histogram              // from when they became due until they were acknowledged
	failing map[uint64]call.Instant // deliveries that failed so far, and when they became due
	words   []*wordTally            // by word; nil of those that there were none of
	series  series
	sample  *sample // nil keeps none

	job  sim.Send // of the attempt that just came back, with
	late time.Duration
	took time.Duration
}

// wordTally is what is counted of one word or command.
type wordTally struct {
	callbacks, acked, abandoned, dropped uint64
	latency                              *histogram
}

func newTally(begin, from call.Instant) *tally {
	return &tally{
		begin: begin, from: from, reasons: map[string]uint64{}, words: make([]*wordTally, len(wire.AllWords())),
		latency: newHistogram(3), lateness: newHistogram(3), astray: newHistogram(3), delay: newHistogram(3), failing: map[uint64]call.Instant{},
	}
}

func (t *tally) word(w wire.Word) *wordTally {
	wt := t.words[w]
	if wt == nil {
		wt = &wordTally{latency: newHistogram(2)}
		t.words[w] = wt
	}
	return wt
}

// counts reports whether a delivery became due in the window.
func (t *tally) counts(id uint64) bool { return t.first != 0 && id >= t.first }

func (t *tally) interval(at call.Instant) *interval { return t.series.at(int64(at - t.begin)) }

// landed notes what came back, just before its answer is an event.
func (t *tally) landed(job *sim.Send, late time.Duration, a *delivery.Answer) {
	t.job, t.late, t.took = *job, late, a.Took
}

// see counts an event.
func (t *tally) see(e *journal.Event) {
	switch d := e.Data.(type) {
	case *journal.Fact:
		if d.Setup != nil && e.At >= t.from {
			t.calls++
		}
	case *journal.Callback:
		t.callback(e, d)
	case *journal.Dropped:
		t.drop(e, d)
	case *journal.Answer:
		t.answer(e, d)
	case *journal.Drained:
		t.over = true
	}
}

func (t *tally) callback(e *journal.Event, d *journal.Callback) {
	t.interval(e.At).due++
	if e.At < t.from {
		return
	}
	if t.first == 0 {
		t.first = d.Delivery
	}
	t.callbacks++
	t.word(d.Word).callbacks++
	if d.State == delivery.Dropped {
		t.lost++
	}
}

func (t *tally) drop(e *journal.Event, d *journal.Dropped) {
	t.interval(e.At).dropped++
	t.drops++
	if !t.counts(d.Delivery) {
		return
	}
	t.dropped++
	t.word(d.Word).dropped++
	t.onTime()
}

func (t *tally) answer(e *journal.Event, d *journal.Answer) {
	us := (t.late + t.took).Microseconds()
	retry := uint64(0)
	if d.Attempt > 1 {
		retry = 1
	}
	i := t.interval(t.job.Due.Add(t.late)) // when it began
	i.attempts++
	i.retries += retry
	i = t.interval(e.At)
	i.latency.record(us)
	if d.Verdict.Acked() {
		i.acked++
	} else {
		i.failed++
	}
	if !t.counts(d.Delivery) {
		return
	}
	t.attempts++
	t.retries += retry
	w := t.word(t.job.Word)
	t.latency.record(us)
	t.lateness.record(t.late.Microseconds())
	w.latency.record(us)
	broken := d.Verdict.Class == delivery.NoAnswer
	if !broken || !d.Verdict.Failure.NeverConnected() {
		t.connected++
	}
	switch {
	case d.Verdict.Acked():
		t.taken++
	case broken:
		t.broken++
	default:
		t.rejected++
	}
	if !d.Verdict.Acked() {
		t.reasons[d.Verdict.Word()]++
	}
	t.ended(d, us, w)
}

// ended notes what an answer made of its callback.
func (t *tally) ended(d *journal.Answer, us int64, w *wordTally) {
	if d.Attempt > 1 || d.Then != delivery.ThenAcked {
		t.stray(d, us)
	}
	switch d.Then {
	case delivery.ThenAcked:
		t.acked++
		w.acked++
		t.sample.acked(t.job.Word)
	case delivery.ThenAbandoned:
		t.abandoned++
		w.abandoned++
	}
	t.onTime()
}

// onTime notes what has come to an end so far, while the window lasts.
func (t *tally) onTime() {
	if !t.over {
		t.prompt, t.settled = t.acked, t.acked+t.abandoned+t.dropped
	}
}

// stray notes an attempt of a callback that is not acknowledged at once.
func (t *tally) stray(d *journal.Answer, us int64) {
	t.astray.record(us)
	due, again := t.failing[d.Delivery]
	if !again {
		due = t.job.Due
	}
	switch d.Then {
	case delivery.ThenRetry:
		t.failing[d.Delivery] = due
		return
	case delivery.ThenAcked:
		t.delay.record(t.job.Due.Sub(due).Microseconds() + us)
	}
	delete(t.failing, d.Delivery)
}

// delivery is how long acknowledged callbacks took from when they became due.
func (t *tally) delivery() *histogram {
	h := newHistogram(3)
	h.add(t.latency)
	h.sub(t.astray)
	h.add(t.delay)
	return h
}
