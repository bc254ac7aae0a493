package history

import (
	"cmp"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
)

// hands turns what was done by hand into operations of a scenario. There an attempt
// takes no time unless it times out, and a first attempt waits for the one before;
// at the screen attempts take as much simulated time as the pace makes of theirs.
// So what was done between two attempts of a callback is done between the same two.
type hands struct {
	st      *journal.State
	call    *journal.Call
	partial partial
	begins  map[uint64]call.Instant         // of first attempts in the scenario
	retried map[uint64]map[int]call.Instant // when retries are made by hand, by the attempts before them
}

// timed reports whether the times of operations depend on how long an attempt takes
// that times out: something was done by hand in a call in which one did, or may have.
func (en *Call) timed() bool {
	byHand := func(mo moment) bool { return mo.hand != nil }
	return slices.ContainsFunc(en.Moments, byHand) && slices.ContainsFunc(en.Deliveries, func(d *delivery.Delivery) bool {
		return slices.ContainsFunc(d.Tries, func(t delivery.Try) bool { return t.Verdict == nil || takes(&t) > 0 })
	})
}

func newHands(st *journal.State, en *Call) *hands {
	c := en.Call
	h := &hands{st: st, call: c, partial: drawnFaults(en), begins: map[uint64]call.Instant{}, retried: map[uint64]map[int]call.Instant{}}
	var queue []*delivery.Delivery // for their first attempts
	for _, d := range c.Deliveries {
		switch {
		case len(d.Tries) == 0:
		case d.Detached: // waits for no one, and no one for it
			h.begins[d.ID] = d.Tries[0].Began
		default:
			queue = append(queue, d)
		}
	}
	for free := call.Instant(0); len(queue) > 0; {
		i := slices.IndexFunc(queue, func(d *delivery.Delivery) bool { return d.Tries[0].Began <= free })
		if i < 0 {
			free = slices.MinFunc(queue, func(a, b *delivery.Delivery) int { return cmp.Compare(a.Tries[0].Began, b.Tries[0].Began) }).Tries[0].Began
			continue
		}
		first := queue[i]
		queue = slices.DeleteFunc(queue, func(d *delivery.Delivery) bool {
			if d != first && !races(d, first) {
				return false
			}
			h.begins[d.ID] = max(first.Tries[0].Began, free)
			return true
		})
		free = h.begins[first.ID].Add(takes(&first.Tries[0]))
	}
	return h
}

// races reports whether a delivery is a copy that goes out together with another
// one.
func races(d, original *delivery.Delivery) bool {
	return d.CopyOf == original.ID && original.Faults != nil && original.Faults.Race > 0 && d.Tries[0].Began == original.Tries[0].Began
}

// operation is what was done at a time as an operation; ok is false if the journal
// was cut down and does not say to what, or if there may be no such copy in another
// run.
func (h *hands) operation(at call.Instant, did *handled) (_ call.Instant, op script.Handling, ok bool) {
	op.Do = did.do
	if did.do == script.Replay {
		return at, op, true
	}
	d := h.st.Deliveries[did.delivery]
	if d == nil || did.do != script.Duplicate && h.partial.moves(d) {
		return at, op, false
	}
	op = refOf(h.call, d)
	op.Do = did.do
	switch did.do {
	case script.Duplicate:
		op.Copy = 0 // a copy has no copies
	case script.RetryNow:
		at = h.between(d, did.tries, at)
		if h.retried[d.ID] == nil {
			h.retried[d.ID] = map[int]call.Instant{}
		}
		h.retried[d.ID][did.tries] = at
	case script.GiveUp:
		at = h.between(d, did.tries, at)
	}
	return at, op, true
}

// takes is how much time an attempt takes in a scenario, if verify has its usual
// timeout.
func takes(t *delivery.Try) time.Duration {
	if t.Verdict != nil && t.Verdict.Failure == delivery.TimedOut {
		return delivery.DefaultTimeout
	}
	return 0
}

// between is a time at which a scenario has made n attempts of a callback and the
// next one is not due, as near as possible to one at which that was so at the
// screen. One that was given up under way may have hung, or not: that time comes
// before the retry whichever it was. Where a retry follows an answer at once there
// is none, and it is then made.
func (h *hands) between(d *delivery.Delivery, n int, at call.Instant) call.Instant {
	if n == 0 || n > len(d.Tries) {
		return at
	}
	policy, begins := delivery.PolicyOf(d.Generation, h.st.Dialect), h.begins[d.ID]
	for i := 1; ; i++ {
		ended := begins.Add(takes(&d.Tries[i-1]))
		due := ended
		if i <= len(policy.Waits) {
			due = ended.Add(policy.Waits[i-1])
		}
		if i == n && d.Tries[i-1].Verdict == nil {
			if due == begins {
				due = begins.Add(delivery.DefaultTimeout)
			}
			due = min(due, begins.Add(delivery.DefaultTimeout))
		}
		if i == n {
			margin := (due - ended) / 4 // attempts of fast receivers take some time, too
			return max(ended+margin, min(at, due-margin))
		}
		if begins = due; h.retried[d.ID][i] != 0 {
			begins = h.retried[d.ID][i]
		}
	}
}
