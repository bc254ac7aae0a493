package load

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// counters are the counts of one shard: of the whole run in series and
// droppedTotal, of the callbacks that became due in the measured window in the rest.
type counters struct {
	begin, from call.Instant // start of the run, and of the window
	first       uint64       // number of the window's first delivery; 0: none yet

	calls, callbacks, acked, abandoned             uint64
	lost                                           uint64 // never sent, because of a fault
	dropped                                        uint64 // never sent, because of the backlog
	droppedTotal                                   uint64 // the same over the whole run
	ackedInWindow, settledInWindow                 uint64 // acknowledged, or settled in any way, before the window was over
	windowOver                                     bool
	attempts, retries                              uint64            // completed
	attemptsAcked, attemptsRejected, attemptsError uint64            // acknowledged, answered otherwise, or without a usable answer
	connected                                      uint64            // attempts that made a connection
	reasons                                        map[string]uint64 // of attempts that were not acknowledged, by verdict

	latency  *histogram // from the intended send time
	lateness *histogram
	// A callback that is acknowledged at its first attempt takes as long as that
	// attempt. Of the others:
	slowAttempts *histogram              // latency of their attempts
	delays       *histogram              // from when they became due until they were acknowledged
	failing      map[uint64]call.Instant // deliveries that wait for a retry, and when they became due
	words        []*wordCounters         // by word; nil if there were none of it
	series       series
	reservoir    *reservoir // nil: no sample

	job  sim.Send // the attempt that has just completed
	late time.Duration
	took time.Duration
}

// wordCounters are the counts of one word or command.
type wordCounters struct {
	callbacks, acked, abandoned, dropped uint64
	latency                              *histogram
	failures                             map[string]uint64 // attempts that were not acknowledged, by verdict; nil: none
}

func (w *wordCounters) fail(reason string, n uint64) {
	if w.failures == nil {
		w.failures = map[string]uint64{}
	}
	w.failures[reason] += n
}

func newCounters(begin, from call.Instant) *counters {
	return &counters{
		begin: begin, from: from, reasons: map[string]uint64{}, words: make([]*wordCounters, len(wire.AllWords())),
		latency: newHistogram(3), lateness: newHistogram(3), slowAttempts: newHistogram(3), delays: newHistogram(3), failing: map[uint64]call.Instant{},
	}
}

func (t *counters) word(w wire.Word) *wordCounters {
	wt := t.words[w]
	if wt == nil {
		wt = &wordCounters{latency: newHistogram(2)}
		t.words[w] = wt
	}
	return wt
}

// counts reports whether a delivery became due in the window.
func (t *counters) counts(id uint64) bool { return t.first != 0 && id >= t.first }

func (t *counters) interval(at call.Instant) *interval { return t.series.at(int64(at - t.begin)) }

// completed notes an attempt just before observe gets the event of its answer.
func (t *counters) completed(job *sim.Send, late time.Duration, a *delivery.Answer) {
	t.job, t.late, t.took = *job, late, a.Took
}

// observe counts an event.
func (t *counters) observe(e *journal.Event) {
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
		t.windowOver = true
	}
}

func (t *counters) callback(e *journal.Event, d *journal.Callback) {
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

func (t *counters) drop(e *journal.Event, d *journal.Dropped) {
	t.interval(e.At).dropped++
	t.droppedTotal++
	if !t.counts(d.Delivery) {
		return
	}
	t.dropped++
	t.word(d.Word).dropped++
	t.updateInWindow()
}

func (t *counters) answer(e *journal.Event, d *journal.Answer) {
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
		t.attemptsAcked++
	case broken:
		t.attemptsError++
	default:
		t.attemptsRejected++
	}
	if !d.Verdict.Acked() {
		t.reasons[d.Verdict.Word()]++
		w.fail(d.Verdict.Word(), 1)
	}
	t.settle(d, us, w)
}

// settle counts what an answer means for its callback.
func (t *counters) settle(d *journal.Answer, us int64, w *wordCounters) {
	if d.Attempt > 1 || d.Then != delivery.ThenAcked {
		t.recordSlow(d, us)
	}
	switch d.Then {
	case delivery.ThenAcked:
		t.acked++
		w.acked++
		t.reservoir.acked(t.job.Word)
	case delivery.ThenAbandoned:
		t.abandoned++
		w.abandoned++
	}
	t.updateInWindow()
}

// updateInWindow updates what is settled so far, while the window lasts.
func (t *counters) updateInWindow() {
	if !t.windowOver {
		t.ackedInWindow, t.settledInWindow = t.acked, t.acked+t.abandoned+t.dropped
	}
}

// recordSlow records an attempt of a callback that is not acknowledged at its first
// attempt.
func (t *counters) recordSlow(d *journal.Answer, us int64) {
	t.slowAttempts.record(us)
	due, again := t.failing[d.Delivery]
	if !again {
		due = t.job.Due
	}
	switch d.Then {
	case delivery.ThenRetry:
		t.failing[d.Delivery] = due
		return
	case delivery.ThenAcked:
		t.delays.record(t.job.Due.Sub(due).Microseconds() + us)
	}
	delete(t.failing, d.Delivery)
}

// delivery returns how long acknowledged callbacks took from when they became due.
func (t *counters) delivery() *histogram {
	h := newHistogram(3)
	h.add(t.latency)
	h.sub(t.slowAttempts)
	h.add(t.delays)
	return h
}

// add adds other counters.
func (t *counters) add(o *counters) {
	for _, c := range []struct{ to, from *uint64 }{
		{&t.calls, &o.calls},
		{&t.callbacks, &o.callbacks},
		{&t.acked, &o.acked},
		{&t.abandoned, &o.abandoned},
		{&t.lost, &o.lost},
		{&t.dropped, &o.dropped},
		{&t.droppedTotal, &o.droppedTotal},
		{&t.ackedInWindow, &o.ackedInWindow},
		{&t.settledInWindow, &o.settledInWindow},
		{&t.attempts, &o.attempts},
		{&t.retries, &o.retries},
		{&t.attemptsAcked, &o.attemptsAcked},
		{&t.attemptsRejected, &o.attemptsRejected},
		{&t.attemptsError, &o.attemptsError},
		{&t.connected, &o.connected},
	} {
		*c.to += *c.from
	}
	for reason, n := range o.reasons {
		t.reasons[reason] += n
	}
	t.latency.add(o.latency)
	t.lateness.add(o.lateness)
	t.slowAttempts.add(o.slowAttempts)
	t.delays.add(o.delays)
	for w, from := range o.words {
		if from == nil {
			continue
		}
		to := t.word(wire.Word(w))
		to.callbacks += from.callbacks
		to.acked += from.acked
		to.abandoned += from.abandoned
		to.dropped += from.dropped
		to.latency.add(from.latency)
		for reason, n := range from.failures {
			to.fail(reason, n)
		}
	}
	t.series.merge(o.series)
}
