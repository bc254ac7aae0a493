package features

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
)

// leastSight is how long the call of the pre-flight may take to become visible, at
// least.
var leastSight = 2 * time.Second

// preflight plays one call, so that a receiver that is not there, and a probe
// that sees nothing, are said once rather than by every scenario. One that takes
// connections and answers nothing has broken the contract: silent says so. One that
// takes no CallId of 36 characters, but shorter ones, is asked for the long ones by the
// scenarios about them alone; all others would only find the same. That a receiver was
// still starting when it got the long one is no such case: it gets another.
func (s *Suite) preflight(ctx context.Context) (silent *Result, err error) {
	sight := max(s.Poll, leastSight)
	if s.Dialect.CallID != "uuid" || s.KeepCallIDs {
		r := s.rehearse(ctx, "preflight", s.Options, sight)
		s.tellForbidden(r)
		return r.silent, r.err
	}
	long := s.rehearse(ctx, "preflight", s.Options, s.Poll)
	if long.seen && long.left == 0 || long.silent != nil || long.err != nil && !errors.Is(long.err, ErrBlindProbe) {
		return long.silent, long.err
	}
	var short rehearsal
	dialect := *s.Dialect
	dialect.CallID = "readable"
	if !long.slow {
		readable := s.Options
		readable.Dialect, readable.readable = &dialect, true
		short, sight = s.rehearse(ctx, "preflight, readable", readable, sight), 0
	}
	if long.err != nil {
		if _, ok, _ := s.Probe.Until(ctx, long.call, sight, visible); ok { // it took its time
			s.late = s.late || short.err != nil || long.slow
			return nil, nil
		}
	}
	last := short
	if short.better(long) {
		last = s.rehearse(ctx, "preflight, once more", s.Options, s.Poll)
	}
	switch {
	case ctx.Err() != nil && last.silent != nil:
		return last.silent, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !short.better(long):
		s.tellForbidden(long)
		return nil, long.err
	case !short.better(last):
		return nil, last.err
	}
	s.Dialect, s.readable = &dialect, true
	return nil, nil
}

// pace finds out how many scenarios at once a receiver bears that takes its time for
// an answer, by a few calls at once: alone with it, one that answers several at once
// looks like one that does not.
func (s *Suite) pace(ctx context.Context) error {
	n, _ := s.throttle.AtOnce()
	if n == 0 || n >= 2*s.Concurrency {
		return nil
	}
	if n > 1 {
		before := s.Options
		before.Journal = nil
		before.Epoch = before.Epoch.Add(-time.Minute)
		st := newStage(&before, &godog.Scenario{Uri: "preflight", Name: "several at once"})
		defer st.end()
		if own := delivery.AsOwnFault(st.several(ctx, keptConnections)); own != nil { // what else there is shows in the scenarios
			return own
		}
		n, _ = s.throttle.AtOnce()
	}
	s.Concurrency = min(s.Concurrency, max(1, n/2)) // the other half is for the probe
	return nil
}

// checkFirstCall wants ids for those who take part in the call of the pre-flight.
func (s *Suite) checkFirstCall() error {
	s.callees = calleesOf(s.preflightCall())
	if name := s.stranger(append([]string{"alice"}, s.callees...)...); name != "" {
		return fmt.Errorf("features.Options.User: has no id for %s; alice calls %s before anything is judged", name, strings.Join(s.callees, " and "))
	}
	return nil
}

func (s *Suite) tellForbidden(r rehearsal) {
	if r.forbidden != 0 && s.Forbidden != nil {
		s.Forbidden(r.forbidden)
	}
}

// rehearsal is what came of the call of a pre-flight.
type rehearsal struct {
	call   string  // its id
	seen   bool    // a callback was acknowledged, and the call is visible to the probe, if there is one
	left   int     // how many callbacks were never acknowledged
	slow   bool    // an attempt was not answered in time, which is not for its id
	silent *Result // that the receiver answers nothing
	err    error

	forbidden int // 401 or 403 if it answered nothing else
}

// better reports whether the receiver took more of one call than of another.
func (r *rehearsal) better(than rehearsal) bool {
	return r.seen && (!than.seen || r.left < than.left)
}

// rehearse plays the call of the pre-flight, with ids of its own by the name, and waits
// so long until the probe sees it.
func (s *Suite) rehearse(ctx context.Context, name string, before Options, sight time.Duration) (r rehearsal) {
	before.Journal = nil
	before.Epoch = before.Epoch.Add(-time.Minute) // no scenario has a moment in common with it
	st := newStage(&before, &godog.Scenario{Uri: "preflight", Name: name})
	defer st.end()
	if s.Probe != nil {
		s.Probe.Learning(true)
		defer s.Probe.Learning(false)
	}
	err := st.play(ctx, "alice", s.callees, "audio", "normal_end")
	if err == nil {
		err = st.settle(ctx)
	}
	hang := hangIn(context.Cause(ctx))
	if hang != nil {
		st.end()
	} else if err != nil {
		return rehearsal{err: err}
	}
	settled := time.Now()
	r.call, r.left, r.slow = st.cast.Last(), st.left(), len(st.timedOut()) > 0
	var totals journal.Totals
	st.read(func(j *journal.State) { totals = j.Totals })
	switch {
	case totals.Attempts > 0 && totals.Connected == 0:
		r.err = ErrUnreachable
	case st.allTimedOut():
		r.silent = notPlayed(st, fmt.Sprintf("the receiver takes connections and answers nothing: %d attempts, none answered in time", totals.Attempts))
	case hang != nil:
		r.silent = notPlayed(st, hang.Error())
	case totals.Acked == 0:
		r.forbidden = st.forbidden()
	default:
		if s.Before != nil {
			s.Before(st.lastAcknowledged())
			s.Before = nil // once
		}
		r.seen, r.err = s.sees(ctx, st, settled, sight)
	}
	return r
}

// notPlayed is the failure of a receiver that leaves even the callbacks of the
// pre-flight without an answer.
func notPlayed(st *stage, why string) *Result {
	res := unansweredIn(st)
	res.Message = why + ". The suite was not played"
	return res
}

// sees reports whether the call of a pre-flight becomes visible to the probe, if there
// is one, which learns from it. The call was settled some time ago.
func (s *Suite) sees(ctx context.Context, st *stage, settled time.Time, sight time.Duration) (ok bool, err error) {
	if s.Probe == nil {
		return true, nil
	}
	id := st.cast.Last()
	_, ok, err = s.Probe.Until(ctx, id, sight, visible)
	switch {
	case ok:
		s.late, err = st.lags(ctx, settled)
	case delivery.AsOwnFault(err) != nil:
	case err != nil:
		err = fmt.Errorf("%w: call %s: %w", ErrBlindProbe, id, err)
	default:
		err = fmt.Errorf("%w: call %s", ErrBlindProbe, id)
	}
	return ok, err
}

// left is how many callbacks were not acknowledged.
func (s *stage) left() (n int) {
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, "") {
			if d.State != delivery.Done {
				n++
			}
		}
	})
	return n
}

// glance takes a look at another call that is ringing, so that the probe learns what
// it shows then and leaves out of a call that has ended. How many connections the
// receiver serves must be known: until then no one asks between its callbacks.
func (s *stage) glance(ctx context.Context) error {
	end, err := s.launch("", "alice", s.opts.callees, "audio", "normal_end")
	if err != nil {
		return err
	}
	if err := s.until(ctx, s.now()+time.Second); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	_, _, err = s.opts.Probe.Until(ctx, s.cast.Last(), briefSight, func(p probe.Stored) bool { return len(p.Members) > 0 })
	if own := cmp.Or(ctx.Err(), delivery.AsOwnFault(err)); own != nil {
		return own
	}
	if err := s.until(ctx, end); err != nil {
		return err
	}
	return s.settle(ctx)
}

// lags reports whether a receiver that stores after it acknowledged is the further
// behind the more it acknowledged, as one is that stores one callback after the other.
// That shows by many calls at once: with one alone its worker may keep up. The last call
// was settled some time ago, and its end may have come again since, so that another one
// shows how long one takes. The probe learns what it shows of calls that have ended, and
// of one that is ringing.
func (s *stage) lags(ctx context.Context, settled time.Time) (bool, error) {
	const calls, long = 10, 50 * time.Millisecond
	if _, _, err := s.lag(ctx, s.opts.Poll); err != nil {
		return false, err
	}
	first := time.Since(settled)
	if err := s.glance(ctx); err != nil {
		return false, err
	}
	one, ok, err := s.lag(ctx, max(s.opts.Poll, 2*first))
	if err != nil || !ok {
		return false, err
	}
	if err := s.several(ctx, calls); err != nil {
		return false, err
	}
	// Who has stored all of them is asked once for each, and not held to the time.
	if _, ok := s.appeared(ctx, s.opts.Probe.Wait(s.opts.Poll).Within(max(long, 3*one))); ok || ctx.Err() != nil {
		return false, ctx.Err()
	}
	return s.catchUp(ctx), ctx.Err()
}

// several plays so many calls like that of the pre-flight, at once. Where the receiver
// does not know as many people they are those of the pre-flight, one call after the other.
func (s *stage) several(ctx context.Context, calls int) error {
	if err := s.start(); err != nil {
		return err
	}
	var end time.Duration
	for i := range calls {
		people := append(pairOf(i), pairOf(calls+i)...)[:1+len(s.opts.callees)]
		if s.opts.stranger(people...) != "" {
			if err := s.until(ctx, end); err != nil {
				return err
			}
			people = append([]string{"alice"}, s.opts.callees...)
		}
		var err error
		if end, err = s.launch("", people[0], people[1:], "audio", call.NormalEnd.String()); err != nil {
			return err
		}
	}
	if err := s.until(ctx, end); err != nil {
		return err
	}
	return s.settle(ctx)
}

// lag is how long after now the end of the last call appears. It is not ok if the end
// does not, or was not acknowledged, or is none that the receiver subscribes to.
func (s *stage) lag(ctx context.Context, still time.Duration) (took time.Duration, ok bool, err error) {
	ended := false
	s.read(func(st *journal.State) { ended = endAcknowledged(st, s.cast.Last()) })
	if !ended {
		return 0, false, nil
	}
	began := time.Now()
	_, ok, err = s.opts.Probe.Until(ctx, s.cast.Last(), still, hasEnded)
	return time.Since(began), ok, cmp.Or(ctx.Err(), delivery.AsOwnFault(err))
}

// briefSight is how long a call that is ringing may take to become visible to be
// learned from.
const briefSight = 100 * time.Millisecond

// lastAcknowledged is the request that was acknowledged last, which there must be:
// the end of a call is what may come again.
func (s *stage) lastAcknowledged() (r *delivery.Request) {
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, "") {
			if d.State == delivery.Done {
				r = d.Request
			}
		}
	})
	return r
}

// allTimedOut reports whether no attempt was answered in time.
func (s *stage) allTimedOut() bool {
	n := 0
	for _, m := range s.history {
		if m.Exchange == nil {
			continue
		}
		if n++; m.Verdict != delivery.TimedOut.String() {
			return false
		}
	}
	return n > 0
}

// forbidden is 401 or 403 if all attempts were answered with that, or else 0.
func (s *stage) forbidden() (status int) {
	for _, m := range s.history {
		switch {
		case m.Exchange == nil:
		case m.Status != http.StatusUnauthorized && m.Status != http.StatusForbidden || status != 0 && m.Status != status:
			return 0
		default:
			status = m.Status
		}
	}
	return status
}

// visible reports whether a receiver says anything of a call. Not that it has
// ended: whether that is stored is for the scenarios to judge.
func visible(p probe.Stored) bool {
	return p.Count > 0 || p.Caller != nil && *p.Caller != "" || len(p.Members) > 0
}
