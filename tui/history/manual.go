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

// hands turns manual operations into operations of a scenario. There an attempt takes no
// time unless it times out, and a first attempt waits for the one before; on the screen
// attempts take simulated time, by the pace. So an operation between two attempts of a
// callback is put between the same two.
type hands struct {
	st      *journal.State
	call    *journal.Call
	partial partial
	begins  map[uint64]call.Instant         // of first attempts in the scenario
	retried map[uint64]map[int]call.Instant // times of manual retries, by the attempts before them
}

// timed reports whether the times of operations depend on the timeout of attempts: there
// are manual operations in a call in which an attempt timed out, or may have.
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
		case d.Detached: // neither waits for others nor they for it
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

// races reports whether a delivery is a copy that is sent together with another one.
func races(d, original *delivery.Delivery) bool {
	return d.CopyOf == original.ID && original.Faults != nil && original.Faults.Race > 0 && d.Tries[0].Began == original.Tries[0].Began
}

// operation returns a manual operation as one of a script; ok is false if a compacted
// journal does not say on which callback, or if another run may not have that copy.
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

// takes returns how long an attempt takes in a scenario, with verify's default timeout.
func takes(t *delivery.Try) time.Duration {
	if t.Verdict != nil && t.Verdict.Failure == delivery.TimedOut {
		return delivery.DefaultTimeout
	}
	return 0
}

// between returns a time at which a scenario has made n attempts of a callback and the
// next one is not due, as near as possible to such a time on the screen. If an attempt
// was given up in flight, it may have timed out or not: the time is before the retry in
// both cases. If a retry follows an answer at once, there is no such time, and it is the
// time of the retry.
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
