package features

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/text"
)

// minSight is the min time that the call of the pre-flight has to become visible.
var minSight = preflight.MinSight

// preflight plays one call, so that what each scenario would find is reported once. A
// receiver that answers nothing breaks the contract; silent is that result. It also
// limits how many scenarios play at once to what suits the receiver.
func (s *Suite) preflight(ctx context.Context) (silent *report.Result, err error) {
	var last *world
	var crowd *world // in which several calls were played at once
	cfg := preflight.Config{
		Dialect: s.Dialect, KeepCallIDs: s.KeepCallIDs || s.keepIDs, Poll: s.Poll, MinSight: minSight, Before: s.before, Forbidden: s.Forbidden,
		Play: func(ctx context.Context, t preflight.Trial, look func(*preflight.Call) error) (err error) {
			last, err = s.rehearse(ctx, t, look)
			if last.crowded {
				crowd = last
			}
			return err
		},
	}
	if s.Probe != nil {
		cfg.Probe = s.Probe
	}
	found, err := preflight.Run(ctx, cfg)
	answersNothing := errors.As(err, new(*preflight.SilentError))
	if answersNothing || hangIn(err) != nil {
		return notPlayed(last, err.Error()), nil
	}
	if err != nil {
		return nil, err
	}
	s.Dialect, s.readable, s.late = found.Dialect, found.Readable, s.late || found.Late
	return nil, s.limitConcurrency(ctx, crowd)
}

// before measures how many connections a receiver serves, if the senders are those of
// [ForURL], and limits the suite to as many.
func (s *Suite) before(acknowledged *delivery.Request) {
	if s.Acknowledged != nil {
		s.Acknowledged(acknowledged)
	}
	if s.connections == nil {
		return
	}
	if n := s.connections.MeasureLimit(acknowledged, max(2, min(s.Concurrency, 8))); n > 0 {
		s.note("the receiver serves only %s at once, and one more is not answered while others idle: the suite uses no more", text.Count(n, "connection"))
	}
}

// rehearse plays the call of the pre-flight, with ids made from the name of the trial.
func (s *Suite) rehearse(ctx context.Context, t preflight.Trial, look func(*preflight.Call) error) (*world, error) {
	o := s.Options
	o.Dialect, o.readable = t.Dialect, t.Readable
	st := o.beforehand(t.Name)
	defer st.end()
	if s.Probe != nil {
		s.Probe.Learning(true)
		defer s.Probe.Learning(false)
	}
	err := st.play(ctx, "", "alice", s.callees, "audio", s.endOf(s.callees))
	if err == nil {
		err = st.settle(ctx)
	}
	if hang := hangIn(context.Cause(ctx)); hang != nil {
		return st, hang
	} else if err != nil {
		return st, err
	}
	s.foretell(st)
	settled := time.Now()
	return st, look(&preflight.Call{ID: st.binding.Last(), Read: st.read, Seen: func(ctx context.Context) (err error) {
		s.late, err = st.lags(ctx, settled)
		return err
	}})
}

// beforehand is the world of calls before the scenarios; their times are earlier.
func (o *Options) beforehand(name string) *world {
	own := *o
	own.Journal, own.Epoch = nil, o.Epoch.Add(-time.Minute)
	return newWorld(&own, &godog.Scenario{Uri: "preflight", Name: name})
}

// notPlayed is the result for a receiver that does not even answer the callbacks of the
// pre-flight.
func notPlayed(st *world, why string) *report.Result {
	res := unansweredIn(st)
	res.Message = why + ". The suite was not played"
	return res
}

// limitConcurrency plays no more scenarios at once than suit a receiver that takes its
// time for an answer, or has room for a few requests. Only several calls at once show what
// it takes for each of them, and whether it takes them: they are played, unless they were
// before.
func (s *Suite) limitConcurrency(ctx context.Context, crowd *world) error {
	if s.Concurrency == 1 {
		return nil
	}
	if n, _ := s.throttle.AtOnce(); n != 1 && crowd == nil {
		crowd = s.beforehand("several at once")
		defer crowd.end()
		if own := delivery.AsOwnFault(crowd.several(ctx)); own != nil { // what else there is shows in the scenarios
			return own
		}
	}
	if crowd != nil && crowd.busy != 0 {
		s.note("of ten calls at once the receiver answers some with HTTP %d, and of one alone none: scenarios play one at a time, or they would be blamed for each other", crowd.busy)
		s.Concurrency = 1
		return nil
	}
	n, each := s.throttle.AtOnce()
	n = max(1, n/2) // the other half is for the probe
	if each == 0 || n >= s.Concurrency {
		return nil
	}
	why := fmt.Sprintf("the receiver takes %v for each of several requests at once: scenarios play %d at a time, not %d", each.Round(time.Millisecond), n, s.Concurrency)
	if all := s.estimate(each); all >= time.Minute {
		why += fmt.Sprintf("; all %d may take %v (%s selects fewer)", s.selected, all, s.named("--tags"))
	}
	s.note("%s", why)
	s.Concurrency = n
	return nil
}

// foretell says before the calls of the pre-flight that they will take long, if they will.
func (s *Suite) foretell(first *world) {
	const long = 5 * time.Second
	calls := 12 // at most
	if s.Probe != nil {
		calls = 23 // with those that show how late it stores
	}
	var attempts uint64
	first.read(func(st *journal.State) { attempts = st.Totals.Attempts })
	_, each := s.throttle.AtOnce()
	if all := each * time.Duration(attempts) * time.Duration(calls); all >= long && !s.foretold {
		s.foretold = true
		s.note("the receiver takes %v for an answer: up to %d calls come before the first scenario, and take up to %v", each.Round(time.Millisecond), calls, all.Round(time.Second))
	}
}

// estimate is how long the selected scenarios take a receiver that takes so long for each
// of their requests.
func (s *Suite) estimate(each time.Duration) time.Duration {
	const requests = 10 // of a scenario, on average
	return (time.Duration(s.selected*requests) * each).Round(time.Second)
}

func (s *Suite) note(format string, args ...any) {
	if s.Note != nil {
		s.Note(fmt.Sprintf(format, args...))
	}
}

// checkFirstCall checks that the users of the pre-flight's call have ids.
func (s *Suite) checkFirstCall() error {
	s.callees = calleesOf(s.preflightCall())
	if missing := s.strangers(append([]string{"alice"}, s.callees...)...); missing != nil {
		return fmt.Errorf("features.Options.User: has no id for %s; alice calls %s before anything is judged", strings.Join(missing, ", "), strings.Join(s.callees, " and "))
	}
	return nil
}

// glance probes another call while it is ringing, so that the probe learns which fields
// it shows then and leaves out after the end. The number of connections that the receiver
// serves must be known by then: probing earlier would disturb its callbacks.
func (s *world) glance(ctx context.Context) error {
	end, err := s.launch("", "alice", s.opts.callees, "audio", s.opts.endOf(s.opts.callees))
	if err != nil {
		return err
	}
	if err := s.until(ctx, s.now()+time.Second); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	_, _, err = s.opts.Probe.Until(ctx, s.binding.Last(), briefSight, func(p probe.Stored) bool { return len(p.Members) > 0 }, nil)
	if own := cmp.Or(ctx.Err(), delivery.AsOwnFault(err)); own != nil {
		return own
	}
	if err := s.until(ctx, end); err != nil {
		return err
	}
	return s.settle(ctx)
}

// lags reports whether a receiver that stores after it acknowledges falls behind the more
// it acknowledges, like one with a single worker. That shows only with many concurrent
// calls. Another call measures how long one takes, since the last one was settled some
// time ago, and its end may have been repeated. The probe learns what it shows of calls
// that have ended, and of one that is ringing.
//
// If this machine, the network or the receiver stalls just then, one call seems to take
// long, or several to be stored in time. A receiver that did not show the end of one at
// once is therefore measured twice before it counts as one that does not fall behind, and
// what one call takes is the lesser of two times.
func (s *world) lags(ctx context.Context, settled time.Time) (bool, error) {
	const long = 50 * time.Millisecond
	if _, err := s.lag(ctx, s.opts.Poll); err != nil {
		return false, err
	}
	still := max(s.opts.Poll, 2*time.Since(settled))
	if err := s.glance(ctx); err != nil {
		return false, err
	}
	one, err := s.lag(ctx, still)
	if err != nil || !one.appeared {
		return false, err
	}
	for measured := 1; ; measured++ {
		if err := s.several(ctx); err != nil {
			return false, err
		}
		// If all are stored, each is asked for once, whatever the time.
		if _, ok := s.appeared(ctx, s.opts.Probe.Wait(s.opts.Poll).Within(max(long, 3*one.took))); ctx.Err() != nil {
			return false, ctx.Err()
		} else if !ok {
			return s.catchUp(ctx), ctx.Err()
		}
		if one.asked == 1 || measured == 2 {
			return false, nil
		}
		if err := s.play(ctx, "", "alice", s.opts.callees, "audio", s.opts.endOf(s.opts.callees)); err != nil {
			return false, err
		}
		if err := s.settle(ctx); err != nil {
			return false, err
		}
		again, err := s.lag(ctx, still)
		if err != nil {
			return false, err
		}
		if again.appeared {
			one.took = min(one.took, again.took)
		}
	}
}

// several plays calls like that of the pre-flight, concurrently. If the receiver does not
// know enough people, the people are those of the pre-flight, and the calls play one by
// one.
func (s *world) several(ctx context.Context) error {
	const calls = 10
	s.crowded = true
	if err := s.start(); err != nil {
		return err
	}
	alone := s.answeredBusy()
	var end time.Duration
	for i := range calls {
		people := append(pairOf(i), pairOf(calls+i)...)[:1+len(s.opts.callees)]
		if s.opts.strangers(people...) != nil {
			if err := s.until(ctx, end); err != nil {
				return err
			}
			people = append([]string{"alice"}, s.opts.callees...)
		}
		var err error
		if end, err = s.launch("", people[0], people[1:], "audio", s.opts.endOf(s.opts.callees)); err != nil {
			return err
		}
	}
	if err := s.until(ctx, end); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if alone == 0 {
		s.busy = s.answeredBusy()
	}
	return nil
}

// answeredBusy is the HTTP status, 429 or 503, with which the receiver has answered one of
// the world's attempts; 0: none.
func (s *world) answeredBusy() (status int) {
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, "") {
			for i := range d.Tries {
				if v := d.Tries[i].Verdict; v != nil && v.Busy() {
					status = v.Status
				}
			}
		}
	})
	return status
}

// lag is how long a receiver took to show the end of a call.
type lag struct {
	appeared bool // or it did not, was not acknowledged, or is not subscribed to
	took     time.Duration
	asked    int // so often
}

// lag measures how long after now the end of the last call appears.
func (s *world) lag(ctx context.Context, still time.Duration) (l lag, err error) {
	ended := false
	s.read(func(st *journal.State) { ended = endAcknowledged(st, s.binding.Last()) })
	if !ended {
		return lag{}, nil
	}
	began := time.Now()
	_, l.appeared, err = s.opts.Probe.Until(ctx, s.binding.Last(), still, func(p probe.Stored) bool { l.asked++; return hasEnded(p) }, nil)
	l.took = time.Since(began)
	return l, cmp.Or(ctx.Err(), delivery.AsOwnFault(err))
}

// briefSight is how long glance waits for a ringing call to become visible.
const briefSight = 100 * time.Millisecond
