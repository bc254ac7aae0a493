package sim

import (
	"cmp"
	"fmt"
	"slices"
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
	for when, c := range e.timers.queue.All() {
		at, what := ends(when)
		if len(list) == limit || at > call.Latest {
			break
		}
		if !e.timers.stale(at, what, c) {
			list = append(list, Upcoming{At: at, Call: c.ID, What: e.timers.text(at, what, c)})
		}
	}
	n := 0
	for at, d := range e.outbox.Upcoming {
		if n++; n > limit || at > call.Latest {
			break
		}
		what := fmt.Sprintf("attempt %d of callback %d, %s", d.Attempts+1, d.ID, d.Word)
		list = append(list, Upcoming{At: at, Call: d.CallID, Delivery: d.ID, What: what})
	}
	slices.SortStableFunc(list, func(a, b Upcoming) int { return cmp.Compare(a.At, b.At) })
	return list[:min(limit, len(list))]
}

// text says what a timer of a call is about.
func (t *callTimers) text(at call.Instant, what timer, c *journal.Call) string {
	switch what {
	case ringTimer:
		return "no one answered: the call stops ringing for " + strings.Join(members(c, at, t.unanswered), ", ")
	case heartbeatTimer:
		return "the heartbeat expires of " + strings.Join(members(c, at, t.expired), ", ")
	}
	a := &c.Plan[c.Steps].Action
	if a.By == "" {
		return a.Do.String()
	}
	return a.Do.String() + " by " + a.By
}
