package features

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cucumber/godog"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
)

// stored asks until the answer is as wanted, or the wait is over. If the probe cannot be
// understood, the scenario is skipped.
func (s *world) stored(ctx context.Context, id string, wanted func(probe.Stored) bool) (probe.Stored, bool, error) {
	if err := s.settle(ctx); err != nil {
		return probe.Stored{}, false, err
	}
	return s.storedWithin(ctx, id, s.wait(), wanted)
}

// wait starts a wait for what must be stored of the scenario's calls; nil without a
// probe.
func (s *world) wait() *probe.Wait {
	if s.opts.Probe == nil {
		return nil
	}
	w := s.growing()
	if s.opts.late {
		w.Behind(func(ctx context.Context) { s.opts.late = s.catchUp(ctx) })
	}
	return w
}

// growing starts a wait that lasts while what is stored of the scenario's calls grows.
func (s *world) growing() *probe.Wait {
	var ids []string
	s.read(func(st *journal.State) {
		for _, c := range st.CallsAfter(0) {
			ids = append(ids, c.ID)
		}
	})
	return s.opts.Probe.Wait(s.opts.Poll, ids...)
}

// rest waits until what a late receiver acknowledged is stored, so that it is idle when
// the next scenario begins. It judges nothing.
func (s *world) rest(ctx context.Context) {
	if s.opts.Probe == nil || !s.opts.late || s.session == nil {
		return
	}
	if acknowledged, appeared := s.appeared(ctx, s.growing()); !acknowledged || !appeared || s.repeats() {
		s.opts.late = s.catchUp(ctx)
	}
}

// catchUp waits until a late receiver has stored what it acknowledged. Copies and
// callbacks without a row keep its worker busy, too, unseen. So it plays another call
// behind them, outside of the scenario: once that call's end appears, everything before
// it is stored, or never will be. It reports whether to wait like this again: a receiver
// that acknowledges that end and never shows it is not late, but loses what it
// acknowledges.
func (s *world) catchUp(ctx context.Context) (late bool) {
	var attempts uint64
	s.read(func(st *journal.State) { attempts = st.Totals.Attempts })
	if ctx.Err() != nil || s.marks > 0 && s.marked == attempts {
		return true
	}
	s.marks++
	s.marked = attempts
	o := *s.opts
	o.Journal = nil
	m := newWorld(&o, &godog.Scenario{Uri: s.file, Name: fmt.Sprint("marker ", s.marks)})
	defer m.end()
	people := []string{"erin", "frank", "grace"}[:1+len(o.callees)] // whom few scenarios use
	if o.strangers(people...) != nil {
		people = append([]string{"alice"}, o.callees...)
	}
	if m.play(ctx, "", people[0], people[1:], "audio", o.endOf(people[1:])) != nil || m.settle(ctx) != nil {
		return true
	}
	acknowledged := false
	m.read(func(st *journal.State) { acknowledged = endAcknowledged(st, m.binding.Last()) })
	return !acknowledged || o.Probe.CatchUp(ctx, m.binding.Last()) || ctx.Err() != nil
}

// repeats reports whether a callback was sent more than once.
func (s *world) repeats() (yes bool) {
	s.read(func(st *journal.State) {
		yes = slices.ContainsFunc(st.DeliveriesAfter(0, ""), func(d *delivery.Delivery) bool { return len(d.Tries) > 1 })
	})
	return yes
}

// appeared waits for the ends of all calls that were acknowledged, and reports whether
// each was, and whether those appeared.
func (s *world) appeared(ctx context.Context, wait *probe.Wait) (acknowledged, appeared bool) {
	var ids []string
	acknowledged, appeared = true, true
	s.read(func(st *journal.State) {
		for c := range st.Calls() {
			if endAcknowledged(st, c.ID) {
				ids = append(ids, c.ID)
			} else {
				acknowledged = false
			}
		}
	})
	for _, id := range ids {
		_, ok, _ := wait.Until(ctx, id, hasEnded)
		appeared = appeared && ok
	}
	return acknowledged, appeared
}

func hasEnded(p probe.Stored) bool { return p.Count > 0 }

func (s *world) storedWithin(ctx context.Context, id string, wait *probe.Wait, wanted func(probe.Stored) bool) (probe.Stored, bool, error) {
	if wait == nil {
		return probe.Stored{}, false, s.blind()
	}
	got, ok, err := wait.Until(ctx, id, wanted)
	var broken *probe.Error
	if errors.As(err, &broken) {
		return got, false, s.cannotTell(err.Error())
	}
	if err == nil {
		s.looked = true
		s.saw++
	}
	return got, ok, err
}

// expect waits for something to be stored. The scenario is skipped if the probe does not
// show it of a call whose end is stored; wrong says what is stored instead.
func (s *world) expect(
	ctx context.Context, id string, is func(probe.Stored) bool, what string, tells func(probe.Stored) bool, wrong func(probe.Stored) error,
) error {
	got, ok, err := s.stored(ctx, id, is)
	if err != nil || ok {
		return err
	}
	if got.Count == 0 {
		if err := s.unstored(id, what); err != nil {
			return err
		}
	}
	if !tells(got) {
		return s.cannotTell("the probe shows no " + what)
	}
	return wrong(got)
}

// unstored is a finding on a call without a stored end: what is wrong with the answers to
// its end, or that the end was acknowledged; nil if neither applies.
func (s *world) unstored(id, what string) error {
	if err := s.refusedEnd(id); err != nil {
		return err
	}
	done := false
	s.read(func(st *journal.State) { done = endAcknowledged(st, id) })
	if !done {
		return nil
	}
	f := s.holds(id, theEnd, lostEnd, "no end of call %s is stored, and so not its %s", id, what)
	f.Clauses = []string{ackMeansStored}
	return f
}

// refusedEnd says what is wrong with the answers to the end of a call, if it was sent and
// not acknowledged. Ends whose answers a fault lost do not count.
func (s *world) refusedEnd(id string) error {
	var end *delivery.Delivery
	s.read(func(st *journal.State) {
		if endAcknowledged(st, id) {
			return
		}
		for _, d := range st.DeliveriesAfter(0, id) {
			if theEnd(d) && len(d.Tries) > 0 && (d.Faults == nil || d.Faults.Transport == delivery.Transport{}) {
				end = d
			}
		}
	})
	if end == nil {
		return nil
	}
	return acknowledged(end)
}

func endAcknowledged(st *journal.State, id string) bool {
	return slices.ContainsFunc(st.DeliveriesAfter(0, id), func(d *delivery.Delivery) bool { return theEnd(d) && d.State == delivery.Acked })
}
