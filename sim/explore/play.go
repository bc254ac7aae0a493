package explore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/scenario"
	"ringback/sim/script"
	"ringback/sim/session"
	"ringback/sim/wire"
)

// player plays histories one after the other. Each has a token of its own in
// its ids and rooms and a time of its own, so that it never meets what a
// receiver stored of another.
type player struct {
	cfg     *Config
	pool    *pool
	now     call.Instant // when the next one begins
	dialect *wire.Dialect
	// readable says that the receiver takes no CallId of 36 characters, so that the
	// dialect has shorter ones.
	readable bool
	played   uint64
	calls    uint64        // that were placed, over all of them
	slowest  time.Duration // that the receiver took to show what it stored
	seen     *Coverage
}

// play is one execution: a history on its way to the receiver.
type play struct {
	*player
	history *History
	token   string // in the ids of its calls
	alike   int    // calls whose ids are those of [sim.AlikeID]
	epoch   call.Instant
	binding scenario.Binding
	placing script.Deed // what the next call is placed by
	session *session.Session

	state   *journal.State        // for those who judge, while nothing goes on
	phases  map[string]call.Phase // of its calls, before the next event
	lines   []byte                // of the journal, if it is kept
	moments []Moment
	sent    []sent // in the order in which they began
	flying  map[uint64]bool
	judged  bool         // what follows is no part of the story
	crowded bool         // several callbacks were under way at once
	last    call.Instant // of what happened
}

// play plays a history to its end and asks judge about it while the receiver
// still has it before it. The calls that go on are then ended, so that nobody
// is in two calls in the eyes of the receiver.
func (p *player) play(ctx context.Context, h *History, judge func(*play) (*Breach, error)) (b *Breach, pl *play, err error) {
	pl = p.prepare(h)
	if pl.session, err = session.Start(pl.simulator()); err != nil {
		return nil, pl, err
	}
	defer context.AfterFunc(ctx, func() { _ = pl.session.Close() })()
	defer func() {
		_ = pl.session.Close() // what stopped it showed in the next step
		p.passed(pl)
	}()
	if err := pl.register(); err != nil {
		return nil, pl, err
	}
	for _, o := range h.Operations {
		if err := pl.do(ctx, o); err != nil {
			return nil, pl, err
		}
	}
	if err := pl.again(ctx); err != nil {
		return nil, pl, err
	}
	if err := pl.session.Settle(ctx); err != nil && !errors.Is(err, run.ErrUnsettled) {
		return nil, pl, err // what is under way for too long is not acknowledged
	}
	b, err = judge(pl)
	pl.judged = true
	if err != nil {
		return nil, pl, err
	}
	return b, pl, pl.sweep(ctx)
}

// passed has what is played next begin after what was played so far.
func (p *player) passed(pl *play) {
	if pl.history.Begin == 0 {
		p.now = max(p.now, call.At(pl.last.Time().Truncate(time.Second).Add(2*time.Second)))
	}
}

// prepare makes everything ready to begin.
func (p *player) prepare(h *History) *play {
	p.played++
	pl := &play{
		player: p, history: h, token: preflight.RunToken(p.cfg.Run.Token, fmt.Sprint(p.played), p.readable), epoch: p.now, last: p.now,
		state: journal.NewReader(journal.Keep), phases: map[string]call.Phase{}, flying: map[uint64]bool{},
	}
	pl.binding = scenario.Binding{
		App: p.cfg.App, AnyIDs: p.cfg.AnyIDs, User: p.cfg.User, Generation: h.Generation,
		Device: phone,
	}
	if h.Begin != 0 {
		pl.epoch = h.beginning(p.played)
		pl.last = pl.epoch
	}
	return pl
}

// simulator is the one that plays the history.
func (pl *play) simulator() session.Config {
	c, d := pl.cfg, *pl.dialect
	if pl.history.Retry {
		d.V4Retry = "v1"
	}
	if pl.history.Number {
		d.UserAccount = "number"
	}
	header := c.Run
	header.Epoch, header.Token = pl.epoch, pl.token
	cfg := session.Config{
		Engine: sim.Config{
			Run: header, Dialect: &d, Rooms: sim.Rooms{Token: c.Run.Token, First: pl.calls + 1}, Order: c.Order, HeartbeatExpiry: c.Heartbeat, Exclusive: true,
			Timings: c.Timings, Sign: c.Sign,
		},
		Pace: run.Instant, Paused: true, InOrder: true, Timeout: c.Timeout, NewSender: pl.pool.sender, State: pl.state, Watch: pl.watch,
	}
	if c.Journals {
		cfg.Journal = func(lines []byte) error { pl.lines = append(pl.lines, lines...); return nil }
	}
	return cfg
}

// register says where callbacks go.
func (pl *play) register() error {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		err := pl.session.Do(sim.Register{App: pl.cfg.App, Generation: g, Endpoint: pl.cfg.Endpoint, Typed: true, Words: wordsOf(g, pl.history.takes)}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// do lets time pass until an operation's, and does it.
func (pl *play) do(ctx context.Context, o script.Operation) error {
	if by := time.Duration(o.At) - pl.session.Now().Sub(pl.epoch); by > 0 {
		if err := pl.session.Advance(ctx, by); err != nil {
			return err
		}
	}
	pl.placing = o.Do
	if err := pl.session.Do(pl.input(o.Do), nil); err != nil {
		return fmt.Errorf("%s: %w", o, err)
	}
	return nil
}

// input is what an operation asks of the engine. No play's room is another one's.
func (pl *play) input(do script.Deed) sim.Input {
	in := pl.binding.Input(do)
	place, ok := in.(sim.Place)
	if !ok {
		return in
	}
	if s := &place.Setup; s.RoomTag == call.StringRoom {
		s.Room += " " + pl.token
	}
	if pl.history.LongIDs {
		pl.alike++
		place.Setup.ID = sim.AlikeID(&journal.Run{Seed: pl.cfg.Run.Seed, Token: pl.token}, pl.alike)
	}
	return place
}

// again has a callback come once more, after those of a crowd, which are not told:
// they would be too many.
func (pl *play) again(ctx context.Context) error {
	a := pl.history.Again
	if a == nil {
		return nil
	}
	if a.Crowd > 0 {
		pl.judged = true
		err := pl.crowd(ctx, a.Crowd)
		if pl.judged = false; err != nil {
			return err
		}
	}
	if err := pl.session.Advance(ctx, 0); err != nil {
		return err
	}
	return pl.session.Do(pl.binding.Input(a.Callback), nil)
}

// crowd plays calls that are cancelled, all at once and without faults.
func (pl *play) crowd(ctx context.Context, n int) error {
	if err := pl.session.Do(sim.SetFaults{}, nil); err != nil {
		return err
	}
	outcome := sim.Outcome{Result: call.Cancel, Ring: 3 * time.Second}
	for i := range n {
		pair := pairOf(i)
		in := pl.input(script.Place{Call: fmt.Sprint(i), Caller: pair[0], Callees: pair[1:]}).(sim.Place)
		var err error
		if in.Plan, err = outcome.Plan(&in.Setup); err != nil {
			return err
		}
		if err := pl.session.Do(in, nil); err != nil {
			return err
		}
	}
	return pl.session.Advance(ctx, outcome.Length())
}

// watch keeps what happens.
func (pl *play) watch(_ *journal.State, e *journal.Event) error {
	pl.last = max(pl.last, e.At)
	switch d := e.Data.(type) {
	case *journal.Fact:
		if d.Setup != nil {
			pl.calls++
			pl.binding.Note(pl.placing, e.Call)
		}
		c := pl.state.Call(e.Call)
		pl.seen.fact(c, pl.phases[e.Call], &d.Fact)
		pl.phases[e.Call] = c.Phase
	case *journal.Callback:
		pl.seen.callback(d)
	}
	if !pl.judged {
		pl.tell(e)
	}
	return nil
}

// sweep ends the calls that go on.
func (pl *play) sweep(ctx context.Context) error {
	var open []string
	for _, c := range pl.state.CallsAfter(0) {
		if c.Phase != call.Over {
			open = append(open, c.ID)
		}
	}
	if len(open) == 0 {
		return nil
	}
	if err := pl.session.Do(sim.SetFaults{}, nil); err != nil {
		return err
	}
	for _, id := range open {
		if err := pl.session.Do(sim.Act{Call: id, Action: call.Action{Do: call.DoEndByServer}}, nil); err != nil {
			return err
		}
	}
	if err := pl.session.Settle(ctx); err != nil && !errors.Is(err, run.ErrUnsettled) {
		return err
	}
	return pl.rest(ctx, open...)
}

// rest waits until the ends of calls that nobody judges are stored: what comes
// next is to meet a receiver that has nothing left to do.
func (pl *play) rest(ctx context.Context, ids ...string) error {
	if pl.cfg.Probe == nil {
		return nil
	}
	for _, id := range ids {
		if !expect(pl.state.Call(id), "", pl.state.Dialect).ended {
			continue // no end is told of a v1 group call that nobody answered
		}
		_, _, _ = pl.cfg.Probe.Until(ctx, id, pl.impatience(), func(s probe.Stored) bool { return s.Count > 0 }, nil, ids...)
	}
	return ctx.Err()
}

// impatience is how long what must appear is waited for while much is tried: a
// receiver that shows everything within milliseconds is not asked for a second
// each time.
func (p *player) impatience() time.Duration {
	const least = 100 * time.Millisecond
	return min(p.cfg.Poll, max(least, 20*p.slowest))
}

// goOn plays one more call, without faults, and returns its callbacks.
func (pl *play) goOn(ctx context.Context) (id string, err error) {
	if err := pl.session.Do(sim.SetFaults{}, nil); err != nil {
		return "", err
	}
	outcome := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}
	if heard := sim.Heard(pl.cfg.Words); len(heard) > 0 && pl.cfg.CallTypes != "group" { // a group call of v1 tells of no other end
		outcome.Result = heard[0]
	}
	pl.placing = script.Place{Call: "goes on", Caller: "erin", Callees: []string{"frank"}, Group: pl.cfg.CallTypes == "group"}
	in := pl.input(pl.placing).(sim.Place)
	if in.Plan, err = outcome.Plan(&in.Setup); err != nil {
		return "", err
	}
	if err := pl.session.Do(in, nil); err != nil {
		return "", err
	}
	if err := pl.session.Advance(ctx, outcome.Length()); err != nil {
		return "", err
	}
	if err := pl.session.Settle(ctx); err != nil && !errors.Is(err, run.ErrUnsettled) {
		return "", err
	}
	return pl.binding.Last(), nil
}
