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
	*player
	cfg    *Config
	report *Report
	clean  map[wire.Generation]bool // whether a call without faults was all right at the beginning
	later  []laterEnd               // to be looked at again
	linger bool                     // wait whether a second end appears
	loses  bool                     // the receiver acknowledged the end of a call behind others, and never showed it
}

// laterEnd is a call whose one end was there: a receiver that stores later may
// store another.
type laterEnd struct {
	history *History
	play    *play
	name    string
}

// maxLater is how many of them are looked at again, the latest.
const maxLater = 200

// Run explores. With an error there is no verdict: [preflight.ErrUnreachable] or
// [preflight.ErrBlindProbe] if no receiver could be judged; the report then has what
// was found before, if the context ended. A receiver that hangs ends the search
// (see [run.Watchdog]), which the report says.
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
	p := &player{cfg: &cfg, pool: &pool{make: throttle.Watch(watchdog.Watch(cfg.NewSender))}, now: cfg.Run.Epoch, dialect: cfg.Dialect, seen: newCoverage(cfg.Generation, cfg.Words, cfg.CallTypes)}
	defer p.pool.close()
	e := &explorer{player: p, cfg: &cfg, report: newReport(&cfg), clean: map[wire.Generation]bool{}}
	err := e.preflight(ctx)
	if err == nil {
		err = e.search(ctx)
	}
	e.report.Reach = p.seen.Reaches()
	if hang := hangOf(ctx, err); hang != nil {
		e.report.Hangs = hang.Error()
		return e.report, nil
	}
	if ctx.Err() != nil {
		return e.report, ctx.Err()
	}
	return e.report, err
}

// hangOf is how the receiver hangs, or that it answers nothing, if that ended the
// search; or else nil.
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

// plain is the history that everything begins with: a call without a fault. Of a
// receiver that does not take all callbacks it is one whose end it is told, or else one
// that it is told anything of.
func (e *explorer) plain(g wire.Generation) *History {
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

// maxDraws is how many histories are drawn at most for each that may be played.
const maxDraws = 20

// search plays history after history: first a call without faults in each
// generation, which any receiver should bear, and before that, where the pre-flight has
// shown that it does not, one with CallIds of 36 characters.
func (e *explorer) search(ctx context.Context) error {
	inTurn := e.cfg.generations()
	var first []*History
	for _, g := range inTurn {
		if e.readable {
			first = append(first, e.plain(g).withLongIDs())
		}
	}
	for _, g := range inTurn {
		first = append(first, e.plain(g))
	}
	crowds := e.cfg.crowds()
	for n, until := 0, e.cfg.Budget; n < until && e.report.solid() < e.cfg.Findings && !e.report.Down; n++ {
		var h *History
		if n < len(first) {
			h = first[n]
		} else {
			h = happenings(e.cfg.Run.Seed, uint64(n), inTurn[n%len(inTurn)], e.cfg.Words, e.cfg.Heartbeat, e.cfg.CallTypes).
				dress(e.cfg.Run.Seed, uint64(n), !e.cfg.mapped, crowds)
			if h = e.cfg.known(h); h == nil { // another one then
				until = min(until+1, maxDraws*e.cfg.Budget)
				continue
			}
			h.LongIDs = h.LongIDs && !e.cfg.KeepCallIDs && !e.readable
		}
		b, pl, err := e.play(ctx, h, e.judge(ctx, e.cfg.Poll))
		if err != nil && hangOf(ctx, err) != nil {
			e.hung(h, pl)
		}
		if err != nil {
			return err
		}
		e.report.Executions++
		e.clean[h.Generation] = e.clean[h.Generation] || n < len(first) && b == nil
		if b != nil {
			if err := e.found(ctx, h, b, pl); err != nil {
				return err
			}
		}
		e.cfg.Progress(e.report.Executions)
	}
	if e.report.solid() < e.cfg.Findings && !e.report.Down {
		return e.lookAgain(ctx)
	}
	return nil
}

// known is a history with people whom the receiver knows in the place of those whom it
// does not; nil if there are too few of them.
func (c *Config) known(h *History) *History {
	users := h.users()
	if !c.mapped || !c.stranger(users...) {
		return h
	}
	spare := slices.Clone(people)
	for i := range maxMembers {
		spare = append(spare, member(i+1))
	}
	spare = slices.DeleteFunc(spare, func(name string) bool { return c.stranger(name) || slices.Contains(users, name) })
	as := map[string]string{}
	for _, u := range users {
		switch {
		case !c.stranger(u):
		case len(spare) == 0:
			return nil
		default:
			as[u], spare = spare[0], spare[1:]
		}
	}
	return h.named(as, nil)
}

// crowds reports whether a history may have so many calls at once that nobody else calls.
func (c *Config) crowds() bool {
	if c.CallTypes == "group" {
		return false
	}
	for i := range maxCrowd {
		if c.stranger(pairOf(i)...) {
			return false
		}
	}
	return true
}

// hung takes care of the history in which the search was ended because the receiver
// hangs: it can't be played again.
func (e *explorer) hung(h *History, pl *play) {
	if pl.state.Totals.Attempts > 0 {
		e.report.Executions++
	}
	if b := unanswered(pl); b != nil {
		h = h.of(b.delivery.Generation)
		f := &Finding{Execution: e.report.Executions, Steps: steps(h), Fatal: true}
		f.tell(h, b, pl)
		e.report.add(f)
	}
}

// lookAgain asks once more for what must not have come to be meanwhile.
func (e *explorer) lookAgain(ctx context.Context) error {
	for _, l := range e.later {
		id, _ := l.play.binding.Call(l.name)
		want := expect(l.play.state.Call(id), l.name, l.play.state.Dialect)
		got, _, err := e.cfg.Probe.Until(ctx, id, 0, func(probe.Stored) bool { return true }, nil)
		if delivery.AsOwnFault(err) != nil {
			return err
		}
		if b := want.breach(got); err == nil && b != nil && b.Kind == EndTwice {
			e.linger = true
			return e.found(ctx, l.history, l.play.inNames(b, want), l.play)
		}
	}
	return ctx.Err()
}

// preflight plays one call, so that what each history would find is said once.
func (e *explorer) preflight(ctx context.Context) error {
	var all wire.Generation // one call, of which each is told
	for _, g := range e.cfg.generations() {
		all |= g
	}
	h := e.plain(all)
	var last *play
	found, err := preflight.Run(ctx, preflight.Config{
		Dialect: e.cfg.Dialect, KeepCallIDs: e.cfg.KeepCallIDs, Probe: e.cfg.Probe, Poll: e.cfg.Poll, Before: e.cfg.Before, Forbidden: e.cfg.Forbidden,
		Play: func(ctx context.Context, t preflight.Trial, look func(*preflight.Call) error) (err error) {
			e.dialect, e.readable = t.Dialect, t.Readable
			_, last, err = e.play(ctx, h, func(pl *play) (*Breach, error) {
				return nil, look(&preflight.Call{ID: pl.binding.Last(), Read: func(look func(*journal.State)) { look(pl.state) }})
			})
			return err
		},
	})
	if err != nil && hangOf(ctx, err) != nil {
		e.hung(h, last)
	}
	e.dialect, e.readable, e.report.ReadableIDs = found.Dialect, found.Readable, found.Readable
	return err
}

// longestShrink, in timeouts of an attempt, bounds the shrinking of what makes a
// receiver hang: its plays take as long as all attempts' timeouts. All others
// have spent their budget before.
const longestShrink = 30

// reruns is how often a history that broke something is played again.
const reruns = 3

// found takes care of a history that broke something.
func (e *explorer) found(ctx context.Context, h *History, b *Breach, pl *play) (err error) {
	traits := traitsOf(h, b, pl)
	if f := e.report.explain(h.Generation, b, traits); f != nil {
		f.Again++
		return nil
	}
	f := &Finding{Execution: e.report.Executions, Steps: steps(h)}
	f.tell(h, b, pl)
	defer func() {
		f.Cut = err != nil
		e.report.add(f)
	}()
	if down, err := e.down(ctx, f); down || err != nil {
		f.Fatal, e.report.Down = down, down
		return err
	}
	s := &shrinker{explorer: e, finding: f, left: e.cfg.Shrink, until: time.Now().Add(longestShrink * e.cfg.Timeout), tried: map[string]bool{}}
	if err := s.run(ctx); err != nil {
		return err
	}
	if err := e.alone(ctx, f); err != nil {
		return err
	}
	down, err := e.down(ctx, f)
	e.report.Down = down
	return err
}

// alone finds out of an end that is missing though nothing is special about its
// call whether it would be stored if no callback came before it.
func (e *explorer) alone(ctx context.Context, f *Finding) error {
	if f.Breach.Kind != EndMissing || f.traits != 0 {
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
	b, _, err := e.play(ctx, h, e.judge(ctx, e.cfg.Poll))
	if err == nil && b == nil {
		f.traits |= storedAlone
	}
	return err
}

// down reports whether the receiver no longer takes a call without faults, though
// it did at the beginning. Then everything that follows says nothing.
func (e *explorer) down(ctx context.Context, f *Finding) (bool, error) {
	g := f.History.Generation
	if !e.clean[g] {
		return false, nil
	}
	f.Replayed++
	b, _, err := e.play(ctx, e.plain(g), e.judge(ctx, e.cfg.Poll))
	return b != nil, err
}
