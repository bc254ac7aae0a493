package explore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// explorer is an exploration under way.
type explorer struct {
	*runner
	cfg            *Config
	report         *Report
	baselineOK     map[wire.Generation]bool // a call without faults passed at the beginning
	rechecks       []recheck                // ends to look at again
	awaitSecondEnd bool                     // wait for a second end in each execution
	losesCalls     bool                     // the receiver acknowledged the end of a later call and never stored it
}

// recheck is a call with one end stored: a receiver that stores late may add another.
type recheck struct {
	history *History
	play    *execution
	name    string
}

// maxRechecks is how many calls are looked at again, the latest ones.
const maxRechecks = 200

// Run explores a receiver. An error means no verdict: [preflight.ErrUnreachable] or
// [preflight.ErrBlindProbe] if no receiver could be judged. If ctx ends, the report has
// what was found until then. A receiver that hangs ends the search without an error
// (see [run.Watchdog]); the report says so.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.complete()
	if p, ok := cfg.Probe.(interface{ Learning(on bool) }); ok {
		p.Learning(true) // questions come one after the other
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watchdog := &run.Watchdog{Timeout: cfg.Timeout, Warn: cfg.Hangs, Stop: stop}
	throttle := &run.Throttle{Timeout: cfg.Timeout}
	p := &runner{cfg: &cfg, pool: &pool{make: throttle.Watch(watchdog.Watch(cfg.NewSender))}, now: cfg.Run.Epoch, dialect: cfg.Dialect, coverage: newCoverage(cfg.Generation, cfg.Words, cfg.CallTypes)}
	defer p.pool.close()
	e := &explorer{runner: p, cfg: &cfg, report: newReport(&cfg), baselineOK: map[wire.Generation]bool{}}
	err := e.preflight(ctx)
	if err == nil {
		err = e.search(ctx)
	}
	e.report.Reach = p.coverage.Reaches()
	if hang := hangOf(ctx, err); hang != nil {
		e.report.Hangs = hang.Error()
		return e.report, nil
	}
	if ctx.Err() != nil {
		return e.report, ctx.Err()
	}
	return e.report, err
}

// hangOf returns how the receiver hangs, or that it answers nothing, if that ended the
// search; otherwise nil.
func hangOf(ctx context.Context, err error) error {
	var hang *run.HangError
	var silent *preflight.SilentError
	switch {
	case errors.As(context.Cause(ctx), &hang):
		return hang
	case errors.As(err, &silent):
		return silent
	}
	return nil
}

// baseline returns a call without faults, which every search begins with. For a receiver
// that does not take all callbacks it is one whose end is sent, or else one of which any
// callback is sent.
func (e *explorer) baseline(g wire.Generation) *History {
	act := func(at time.Duration, who string, do call.Verb) script.Operation {
		return script.Operation{At: call.Span(at), Do: script.Act{Action: call.Action{Do: do, By: who}}}
	}
	place := script.Place{Caller: "alice", Callees: []string{"bob"}, Group: e.cfg.CallTypes == "group"}
	busy := place
	busy.Busy = busy.Callees
	accept := act(3*time.Second, "bob", call.DoAccept)
	var first, told *History
	for _, ops := range [][]script.Operation{
		{{Do: place}, accept, act(12*time.Second, "alice", call.DoHangUp)},
		{{Do: place}, act(3*time.Second, "alice", call.DoCancel)},
		{{Do: place}, act(3*time.Second, "bob", call.DoReject)},
		{{Do: place}, {At: call.Span(31 * time.Second), Do: script.Wait{}}},
		{{Do: busy}},
		{{Do: place}, accept, act(12*time.Second, "alice", call.DoLoseLine)},
	} {
		h := &History{Generation: g, takes: e.cfg.Words, Operations: ops}
		first = cmp.Or(first, h)
		switch tells, end := h.tells(); {
		case end:
			return h
		case tells:
			told = cmp.Or(told, h)
		}
	}
	return cmp.Or(told, first)
}

// maxDraws is how many histories are drawn at most for each that can be played.
const maxDraws = 20

// search plays history after history. It starts with a call without faults in each
// generation; before those, if the pre-flight failed with CallIds of 36 characters, it
// plays calls that have them.
func (e *explorer) search(ctx context.Context) error {
	inTurn := e.cfg.generations()
	var first []*History
	for _, g := range inTurn {
		if e.readable {
			first = append(first, e.baseline(g).withLongIDs())
		}
	}
	for _, g := range inTurn {
		first = append(first, e.baseline(g))
	}
	crowds := e.cfg.allowsCrowds()
	for n, until := 0, e.cfg.Budget; n < until && e.report.stableCount() < e.cfg.Findings && !e.report.Down; n++ {
		var h *History
		if n < len(first) {
			h = first[n]
		} else {
			h = generate(e.cfg.Run.Seed, uint64(n), inTurn[n%len(inTurn)], e.cfg.Words, e.cfg.Heartbeat, e.cfg.CallTypes).
				withRareValues(e.cfg.Run.Seed, uint64(n), !e.cfg.userMap, crowds)
			if h = e.cfg.withKnownUsers(h); h == nil { // another one then
				until = min(until+1, maxDraws*e.cfg.Budget)
				continue
			}
			h.LongIDs = h.LongIDs && !e.cfg.KeepCallIDs && !e.readable
		}
		b, x, err := e.execute(ctx, h, e.judge(ctx, e.cfg.Poll))
		if err != nil && hangOf(ctx, err) != nil {
			e.handleHang(h, x)
		}
		if err != nil {
			return err
		}
		e.report.Executions++
		e.baselineOK[h.Generation] = e.baselineOK[h.Generation] || n < len(first) && b == nil
		if b != nil {
			if err := e.handle(ctx, h, b, x); err != nil {
				return err
			}
		}
		e.cfg.Progress(e.report.Executions)
	}
	if e.report.stableCount() < e.cfg.Findings && !e.report.Down {
		return e.recheckEnds(ctx)
	}
	return nil
}

// withKnownUsers replaces people without an id by people with one; nil if there are too
// few.
func (c *Config) withKnownUsers(h *History) *History {
	users := h.users()
	if !c.userMap || !c.lacksID(users...) {
		return h
	}
	spare := slices.Clone(people)
	for i := range maxMembers {
		spare = append(spare, member(i+1))
	}
	spare = slices.DeleteFunc(spare, func(name string) bool { return c.lacksID(name) || slices.Contains(users, name) })
	as := map[string]string{}
	for _, u := range users {
		switch {
		case !c.lacksID(u):
		case len(spare) == 0:
			return nil
		default:
			as[u], spare = spare[0], spare[1:]
		}
	}
	return h.named(as, nil)
}

// allowsCrowds reports whether all users of [Repeat.Crowd] calls can be named.
func (c *Config) allowsCrowds() bool {
	if c.CallTypes == "group" {
		return false
	}
	for i := range maxCrowd {
		if c.lacksID(crowdPair(i)...) {
			return false
		}
	}
	return true
}

// handleHang records the history during which the receiver hung. It cannot be played
// again.
func (e *explorer) handleHang(h *History, x *execution) {
	if x.state.Totals.Attempts > 0 {
		e.report.Executions++
	}
	if b := unanswered(x); b != nil {
		h = h.of(b.delivery.Generation)
		f := &Finding{Execution: e.report.Executions, Steps: steps(h), Fatal: true}
		f.update(h, b, x)
		e.report.add(f)
	}
}

// recheckEnds looks for second ends that were stored since the calls were checked.
func (e *explorer) recheckEnds(ctx context.Context) error {
	for _, l := range e.rechecks {
		id, _ := l.play.binding.Call(l.name)
		want := expect(l.play.state.Call(id), l.name, l.play.state.Dialect)
		got, _, err := e.cfg.Probe.Until(ctx, id, 0, func(probe.Stored) bool { return true }, nil)
		if delivery.AsOwnFault(err) != nil {
			return err
		}
		if b := want.compare(got); err == nil && b != nil && b.Kind == EndTwice {
			e.awaitSecondEnd = true
			return e.handle(ctx, l.history, l.play.withNames(b, want), l.play)
		}
	}
	return ctx.Err()
}

// preflight plays one call, so that a problem that every history would show is reported
// once.
func (e *explorer) preflight(ctx context.Context) error {
	var all wire.Generation // one call, of which each is told
	for _, g := range e.cfg.generations() {
		all |= g
	}
	h := e.baseline(all)
	var last *execution
	found, err := preflight.Run(ctx, preflight.Config{
		Dialect: e.cfg.Dialect, KeepCallIDs: e.cfg.KeepCallIDs, Probe: e.cfg.Probe, Poll: e.cfg.Poll, Before: e.cfg.Before, Forbidden: e.cfg.Forbidden,
		Play: func(ctx context.Context, t preflight.Trial, look func(*preflight.Call) error) (err error) {
			e.dialect, e.readable = t.Dialect, t.Readable
			_, last, err = e.execute(ctx, h, func(x *execution) (*Violation, error) {
				return nil, look(&preflight.Call{ID: x.binding.Last(), Read: func(look func(*journal.State)) { look(x.state) }})
			})
			return err
		},
	})
	if err != nil && hangOf(ctx, err) != nil {
		e.handleHang(h, last)
	}
	e.dialect, e.readable, e.report.ReadableIDs = found.Dialect, found.Readable, found.Readable
	return err
}

// maxShrinkTime, in timeouts of an attempt, bounds the shrinking of a history that makes
// the receiver hang. All others use up their budget sooner.
const maxShrinkTime = 30

// reruns is how often a history that broke something is played again.
const reruns = 3

// handle adds a violation to the report, shrunk, unless a finding explains it.
func (e *explorer) handle(ctx context.Context, h *History, b *Violation, x *execution) (err error) {
	traits := traitsOf(h, b, x)
	if f := e.report.duplicateOf(h.Generation, b, traits); f != nil {
		f.FoundAgain++
		return nil
	}
	f := &Finding{Execution: e.report.Executions, Steps: steps(h)}
	f.update(h, b, x)
	defer func() {
		f.Interrupted = err != nil
		e.report.add(f)
	}()
	if down, err := e.down(ctx, f); down || err != nil {
		f.Fatal, e.report.Down = down, down
		return err
	}
	s := &shrinker{explorer: e, finding: f, left: e.cfg.Shrink, until: time.Now().Add(maxShrinkTime * e.cfg.Timeout), tried: map[string]bool{}}
	if err := s.run(ctx); err != nil {
		return err
	}
	if err := e.checkAlone(ctx, f); err != nil {
		return err
	}
	down, err := e.down(ctx, f)
	e.report.Down = down
	return err
}

// checkAlone plays a history whose end is missing without any other callback, to see
// whether the end is stored then. It does so only for histories without traits.
func (e *explorer) checkAlone(ctx context.Context, f *Finding) error {
	if f.Violation.Kind != EndMissing || f.traits != 0 {
		return nil
	}
	var lost script.Faults
	for _, w := range f.History.words() {
		if !w.Ends() {
			lost = append(lost, "drop@"+w.String())
		}
	}
	h := f.History.with(append([]script.Operation{{Do: lost}}, f.History.Operations...))
	f.Replayed++
	b, _, err := e.execute(ctx, h, e.judge(ctx, e.cfg.Poll))
	if err == nil && b == nil {
		f.traits |= storedAlone
	}
	return err
}

// down reports whether the receiver no longer passes a call without faults, though it
// did at the beginning. Further results mean nothing then.
func (e *explorer) down(ctx context.Context, f *Finding) (bool, error) {
	g := f.History.Generation
	if !e.baselineOK[g] {
		return false, nil
	}
	f.Replayed++
	b, _, err := e.execute(ctx, e.baseline(g), e.judge(ctx, e.cfg.Poll))
	return b != nil, err
}
