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

// runner executes histories one after the other. Each has its own token, in ids and
// rooms, and its own time, so that it has nothing in common with what the receiver
// stored before.
type runner struct {
	cfg     *Config
	pool    *pool
	now     call.Instant // when the next execution begins
	dialect *wire.Dialect
	// readable is set if the receiver takes no CallId of 36 characters, so that the
	// dialect has shorter ones.
	readable bool
	played   uint64
	calls    uint64        // placed in all executions
	slowest  time.Duration // time the receiver took to store something
	coverage *Coverage
}

// execution is one run of a history against the receiver.
type execution struct {
	*runner
	history *History
	token   string // in the ids of its calls
	alike   int    // calls whose ids are those of [sim.AlikeID]
	epoch   call.Instant
	binding scenario.Binding
	placing script.Deed // the operation that places the next call
	session *session.Session

	state      *journal.State        // read by checks, while nothing runs
	phases     map[string]call.Phase // of its calls, before the next event is applied
	lines      []byte                // of the journal, with [Config.Journals]
	timeline   []TimelineEntry
	sent       []sent // in the order in which they began
	inFlight   map[uint64]bool
	unrecorded bool         // events are not added to the timeline
	concurrent bool         // several callbacks were under way at the same time
	last       call.Instant // time of the last event
}

// execute runs a history to its end, then calls judge while the receiver still has it
// as its latest. Calls that are still running are ended afterward, so that the receiver
// never has a user in two calls.
func (p *runner) execute(ctx context.Context, h *History, judge func(*execution) (*Violation, error)) (b *Violation, x *execution, err error) {
	x = p.prepare(h)
	if x.session, err = session.Start(x.simulator()); err != nil {
		return nil, x, err
	}
	defer context.AfterFunc(ctx, func() { _ = x.session.Close() })()
	defer func() {
		_ = x.session.Close() // an error was returned by the step after it
		p.advancePast(x)
	}()
	if err := x.register(); err != nil {
		return nil, x, err
	}
	for _, o := range h.Operations {
		if err := x.do(ctx, o); err != nil {
			return nil, x, err
		}
	}
	if err := x.again(ctx); err != nil {
		return nil, x, err
	}
	if err := x.session.Settle(ctx); err != nil && !errors.Is(err, run.ErrUnsettled) {
		return nil, x, err // an attempt under way for too long is not acknowledged
	}
	b, err = judge(x)
	x.unrecorded = true
	if err != nil {
		return nil, x, err
	}
	return b, x, x.endOpenCalls(ctx)
}

// advancePast has the next execution begin after the end of one.
func (p *runner) advancePast(x *execution) {
	if x.history.Begin == 0 {
		p.now = max(p.now, call.At(x.last.Time().Truncate(time.Second).Add(2*time.Second)))
	}
}

// prepare returns the execution of a history, ready to start.
func (p *runner) prepare(h *History) *execution {
	p.played++
	x := &execution{
		runner: p, history: h, token: preflight.RunToken(p.cfg.Run.Token, fmt.Sprint(p.played), p.readable), epoch: p.now, last: p.now,
		state: journal.NewReader(journal.Keep), phases: map[string]call.Phase{}, inFlight: map[uint64]bool{},
	}
	x.binding = scenario.Binding{
		App: p.cfg.App, AnyIDs: p.cfg.AnyIDs, User: p.cfg.User, Generation: h.Generation,
		Device: device,
	}
	if h.Begin != 0 {
		x.epoch = h.beginning(p.played)
		x.last = x.epoch
	}
	return x
}

// simulator returns the configuration of the session that plays the history.
func (x *execution) simulator() session.Config {
	c, d := x.cfg, *x.dialect
	if x.history.Retry {
		d.V4Retry = "v1"
	}
	if x.history.NumberIDs {
		d.UserAccount = "number"
	}
	header := c.Run
	header.Epoch, header.Token = x.epoch, x.token
	cfg := session.Config{
		Engine: sim.Config{
			Run: header, Dialect: &d, Rooms: sim.Rooms{Token: c.Run.Token, First: x.calls + 1}, Order: c.Order, HeartbeatExpiry: c.Heartbeat, Exclusive: true,
			Timings: c.Timings, Sign: c.Sign,
		},
		Pace: run.Instant, Paused: true, InOrder: true, Timeout: c.Timeout, NewSender: x.pool.sender, State: x.state, Watch: x.watch,
	}
	if c.Journals {
		cfg.Journal = func(lines []byte) error { x.lines = append(x.lines, lines...); return nil }
	}
	return cfg
}

// register registers the endpoint for callbacks of both generations.
func (x *execution) register() error {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		err := x.session.Do(sim.Register{App: x.cfg.App, Generation: g, Endpoint: x.cfg.Endpoint, Typed: true, Words: wordsOf(g, x.history.takes)}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// do advances to an operation's time and applies it.
func (x *execution) do(ctx context.Context, o script.Operation) error {
	if by := time.Duration(o.At) - x.session.Now().Sub(x.epoch); by > 0 {
		if err := x.session.Advance(ctx, by); err != nil {
			return err
		}
	}
	x.placing = o.Do
	if err := x.session.Do(x.input(o.Do), nil); err != nil {
		return fmt.Errorf("%s: %w", o, err)
	}
	return nil
}

// input returns the engine's input for an operation. Rooms get the execution's token.
func (x *execution) input(do script.Deed) sim.Input {
	in := x.binding.Input(do)
	place, ok := in.(sim.Place)
	if !ok {
		return in
	}
	if s := &place.Setup; s.RoomTag == call.StringRoom {
		s.Room += " " + x.token
	}
	if x.history.LongIDs {
		x.alike++
		place.Setup.ID = sim.AlikeID(&journal.Run{Seed: x.cfg.Run.Seed, Token: x.token}, x.alike)
	}
	return place
}

// again repeats a callback at the end, after those of a crowd, which would be too many
// for the timeline.
func (x *execution) again(ctx context.Context) error {
	a := x.history.Repeat
	if a == nil {
		return nil
	}
	if a.Crowd > 0 {
		x.unrecorded = true
		err := x.crowd(ctx, a.Crowd)
		if x.unrecorded = false; err != nil {
			return err
		}
	}
	if err := x.session.Advance(ctx, 0); err != nil {
		return err
	}
	return x.session.Do(x.binding.Input(a.Callback), nil)
}

// crowd plays n cancelled calls at once, without faults.
func (x *execution) crowd(ctx context.Context, n int) error {
	if err := x.session.Do(sim.SetFaults{}, nil); err != nil {
		return err
	}
	outcome := sim.Outcome{Result: call.Cancel, Ring: 3 * time.Second}
	for i := range n {
		pair := crowdPair(i)
		in := x.input(script.Place{Call: fmt.Sprint(i), Caller: pair[0], Callees: pair[1:]}).(sim.Place)
		var err error
		if in.Plan, err = outcome.Plan(&in.Setup); err != nil {
			return err
		}
		if err := x.session.Do(in, nil); err != nil {
			return err
		}
	}
	return x.session.Advance(ctx, outcome.Length())
}

// watch records an event of the session.
func (x *execution) watch(_ *journal.State, e *journal.Event) error {
	x.last = max(x.last, e.At)
	switch d := e.Data.(type) {
	case *journal.Fact:
		if d.Setup != nil {
			x.calls++
			x.binding.Note(x.placing, e.Call)
		}
		c := x.state.Call(e.Call)
		x.coverage.fact(c, x.phases[e.Call], &d.Fact)
		x.phases[e.Call] = c.Phase
	case *journal.Callback:
		x.coverage.callback(d)
	}
	if !x.unrecorded {
		x.record(e)
	}
	return nil
}

// endOpenCalls ends the calls that are still running, without faults.
func (x *execution) endOpenCalls(ctx context.Context) error {
	var open []string
	for _, c := range x.state.CallsAfter(0) {
		if c.Phase != call.Over {
			open = append(open, c.ID)
		}
	}
	if len(open) == 0 {
		return nil
	}
	if err := x.session.Do(sim.SetFaults{}, nil); err != nil {
		return err
	}
	for _, id := range open {
		if err := x.session.Do(sim.Act{Call: id, Action: call.Action{Do: call.DoEndByServer}}, nil); err != nil {
			return err
		}
	}
	if err := x.session.Settle(ctx); err != nil && !errors.Is(err, run.ErrUnsettled) {
		return err
	}
	return x.awaitEnds(ctx, open...)
}

// awaitEnds waits until the ends of calls are stored, without checking them, so that the
// receiver is idle when the next execution starts.
func (x *execution) awaitEnds(ctx context.Context, ids ...string) error {
	if x.cfg.Probe == nil {
		return nil
	}
	for _, id := range ids {
		if !expect(x.state.Call(id), "", x.state.Dialect).ended {
			continue // v1 sends no end of a group call that no one answered
		}
		_, _, _ = x.cfg.Probe.Until(ctx, id, x.shortWait(), func(s probe.Stored) bool { return s.Count > 0 }, nil, ids...)
	}
	return ctx.Err()
}

// shortWait is how long to wait for what must appear while many histories are tried: 20
// times the slowest answer so far, from 100 ms to [Config.Poll].
func (p *runner) shortWait() time.Duration {
	const minWait = 100 * time.Millisecond
	return min(p.cfg.Poll, max(minWait, 20*p.slowest))
}

// playFollowUp plays one more call without faults and returns its id.
func (x *execution) playFollowUp(ctx context.Context) (id string, err error) {
	if err := x.session.Do(sim.SetFaults{}, nil); err != nil {
		return "", err
	}
	outcome := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}
	if heard := sim.Heard(x.cfg.Words); len(heard) > 0 && x.cfg.CallTypes != "group" { // v1 reports no other end of a group call
		outcome.Result = heard[0]
	}
	x.placing = script.Place{Call: "goes on", Caller: "erin", Callees: []string{"frank"}, Group: x.cfg.CallTypes == "group"}
	in := x.input(x.placing).(sim.Place)
	if in.Plan, err = outcome.Plan(&in.Setup); err != nil {
		return "", err
	}
	if err := x.session.Do(in, nil); err != nil {
		return "", err
	}
	if err := x.session.Advance(ctx, outcome.Length()); err != nil {
		return "", err
	}
	if err := x.session.Settle(ctx); err != nil && !errors.Is(err, run.ErrUnsettled) {
		return "", err
	}
	return x.binding.Last(), nil
}
