package sim

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// class orders what is due at the same instant: the server's timers win over
// what a phone does in the same millisecond, and callbacks come last.
type class uint8

const (
	ringTimer class = iota
	heartbeatTimer
	planStep
	deliveryDue
)

// entry is something to do at a time. It may be stale when its time comes:
// what it is about is looked up then. There are one or two for each call that
// is alive, so it is small.
type entry struct {
	when int64 // the time, and in its last bits the class
	call *journal.Call
	due  *delivery.Delivery // of class deliveryDue, else nil
}

// classBits is how many bits a class takes.
const classBits = 2

func newEntry(at call.Instant, class class, c *journal.Call, due *delivery.Delivery) entry {
	return entry{when: int64(at)<<classBits | int64(class), call: c, due: due}
}

func (e *entry) at() call.Instant { return call.Instant(e.when >> classBits) }

func (e *entry) class() class { return class(e.when & (1<<classBits - 1)) }

func (e *entry) before(o *entry) bool {
	if e.when != o.when {
		return e.when < o.when
	}
	if e.call != o.call {
		return e.call.Number < o.call.Number
	}
	return e.due != nil && e.due.ID < o.due.ID
}

// agenda is a heap of values: no pointer to chase and nothing to allocate for
// an entry. Each entry has four others below it, side by side in memory, which
// makes the way through a million half as long as with two. Two entries that
// are equal in all that before compares are about the same thing, so the order
// is total where it matters.
type agenda []entry

const fanout = 4

// pin says that the agenda holds what an entry is about.
func (e *entry) pin() {
	e.call.Pins.Add()
	if e.due != nil {
		e.due.Pins.Add()
	}
}

func (e *entry) unpin() {
	e.call.Pins.Drop()
	if e.due != nil {
		e.due.Pins.Drop()
	}
}

func (a *agenda) push(e entry) {
	e.pin()
	h := append(*a, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / fanout
		if !e.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
	*a = h
}

func (a *agenda) pop() entry {
	h := *a
	top, last := h[0], h[len(h)-1]
	h[len(h)-1] = entry{}
	h = h[:len(h)-1]
	*a = h
	i := 0
	for fanout*i+1 < len(h) {
		first := fanout*i + 1
		down := first
		for j := first + 1; j < min(first+fanout, len(h)); j++ {
			if h[j].before(&h[down]) {
				down = j
			}
		}
		if !h[down].before(&last) {
			break
		}
		h[i] = h[down]
		i = down
	}
	if len(h) > 0 {
		h[i] = last
	}
	top.unpin()
	return top
}

// drop takes out what is no longer to be done. It is for what is rare: it looks
// at every entry.
func (a *agenda) drop(done func(*entry) bool) {
	old := *a
	*a = make(agenda, 0, len(old))
	for i := range old {
		old[i].unpin()
		if !done(&old[i]) {
			a.push(old[i])
		}
	}
}

// Upcoming is something that happens by itself once its time comes.
type Upcoming struct {
	At       call.Instant
	Call     string // CallId
	Delivery uint64 // whose next attempt it is; 0: it is of the call itself
	What     string // in words
}

// Upcoming is what is due next, the first one first, up to limit of it. It is for
// people who ask: it looks at the whole agenda.
func (e *Engine) Upcoming(limit int) (list []Upcoming) {
	all := slices.Clone(e.agenda)
	slices.SortFunc(all, func(a, b entry) int {
		switch {
		case a.before(&b):
			return -1
		case b.before(&a):
			return 1
		}
		return 0
	})
	for i := range all {
		if len(list) == limit || all[i].at() > call.Latest {
			break
		}
		if !e.stale(&all[i]) {
			list = append(list, e.upcoming(&all[i]))
		}
	}
	return list
}

func (e *Engine) upcoming(due *entry) Upcoming {
	c, at := due.call, due.at()
	u := Upcoming{At: at, Call: c.ID}
	switch due.class() {
	case ringTimer:
		u.What = "no one answered: the call stops ringing for " + strings.Join(everybody(c, at, e.unanswered), ", ")
	case heartbeatTimer:
		u.What = "the heartbeat expires of " + strings.Join(everybody(c, at, e.expired), ", ")
	case planStep:
		a := &c.Plan[c.Steps].Action
		if u.What = a.Do.String(); a.By != "" {
			u.What += " by " + a.By
		}
	case deliveryDue:
		u.Delivery = due.due.ID
		u.What = fmt.Sprintf("attempt %d of callback %d, %s", due.due.Attempts+1, due.due.ID, due.due.Word)
	}
	return u
}
