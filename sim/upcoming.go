package sim

import (
	"fmt"
	"iter"
	"strings"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// Upcoming is something that happens by itself once its time comes.
type Upcoming struct {
	At       call.Instant
	Call     string // CallId
	Delivery uint64 // whose next attempt it is; 0: it is of the call itself
	What     string // in words
}

// Upcoming is what is due next, the first one first, up to limit of it. It is for
// people who ask: it looks at all that is due.
func (e *Engine) Upcoming(limit int) (list []Upcoming) {
	next, stop := iter.Pull(e.ofCalls)
	defer stop()
	timer, more := next()
	add := func(u Upcoming) bool {
		if len(list) < limit && u.At <= call.Latest {
			list = append(list, u)
			return true
		}
		return false
	}
	for at, d := range e.outbox.Upcoming {
		for ; more && timer.At <= at; timer, more = next() {
			if !add(timer) {
				return list
			}
		}
		if !add(Upcoming{
			At: at, Call: d.CallID, Delivery: d.ID, What: fmt.Sprintf("attempt %d of callback %d, %s", d.Attempts+1, d.ID, d.Word),
		}) {
			return list
		}
	}
	for ; more && add(timer); timer, more = next() {
	}
	return list
}

// ofCalls are the timers of calls.
func (e *Engine) ofCalls(yield func(Upcoming) bool) {
	for when, c := range e.timers.queue.All() {
		at, what := ends(when)
		if e.timers.stale(at, what, c) {
			continue
		}
		if !yield(Upcoming{At: at, Call: c.ID, What: e.timers.text(at, what, c)}) {
			return
		}
	}
}

// text says what a timer of a call is about.
func (t *callTimers) text(at call.Instant, what timer, c *journal.Call) string {
	switch what {
	case ringTimer:
		return "no one answered: the call stops ringing for " + strings.Join(everybody(c, at, t.unanswered), ", ")
	case heartbeatTimer:
		return "the heartbeat expires of " + strings.Join(everybody(c, at, t.expired), ", ")
	}
	a := &c.Plan[c.Steps].Action
	if a.By == "" {
		return a.Do.String()
	}
	return a.Do.String() + " by " + a.By
}
