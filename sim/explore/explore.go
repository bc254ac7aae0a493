package explore

import (
	"context"
	"errors"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Probe asks what the receiver stored of a call, like [probe.Probe].
type Probe interface {
	// Until asks until the answer is as wanted, or for as long as within says.
	Until(ctx context.Context, callID string, within time.Duration, wanted func(probe.Stored) bool) (probe.Stored, bool, error)
	// Hide is a text without secrets.
	Hide(text string) string
}

// Config says whom to explore, and for how long. Endpoint and NewSender are a
// must.
type Config struct {
	Run        journal.Run // seed, epoch and token
	Dialect    *wire.Dialect
	App        uint32
	Generation wire.Generation // both: in turn, history by history
	Endpoint   *delivery.Endpoint
	NewSender  func() run.Sender // makes the attempts, like post.New
	Timeout    time.Duration     // of an attempt; 0 means 2 s
	Order      sim.Order
	Heartbeat  time.Duration
	AnyIDs     bool
	User       func(name string) string // the id to send for a name; nil: the name

	// Probe asks what the receiver stored; nil: answers alone are judged.
	Probe Probe
	// Poll is how long a receiver may take to store what it acknowledged; 0
	// means 1 s.
	Poll time.Duration

	Budget   int // executions that look for something
	Shrink   int // executions more for each finding, to shrink it
	Findings int // after so many different ones the search ends

	// Progress, if set, is told how many executions looked for something so far.
	Progress func(done int)
}

func (c *Config) complete() {
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	if c.Generation == 0 {
		c.Generation = wire.Both
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.User == nil {
		c.User = func(name string) string { return name }
	}
	if c.Progress == nil {
		c.Progress = func(int) {}
	}
}

// generations are those of the histories, in turn.
func (c *Config) generations() (list []wire.Generation) {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		if c.Generation&g != 0 {
			list = append(list, g)
		}
	}
	return list
}

// What keeps an exploration from judging at all.
var (
	ErrUnreachable = errors.New("the receiver cannot be reached: no connection was ever made")
	ErrBlindProbe  = errors.New("the probe never saw a call that was acknowledged")
)

// explorer is an exploration under way.
type explorer struct {
	*player
	cfg    *Config
	report *Report
	clean  map[wire.Generation]bool // whether a call without faults was all right at the beginning
}

// Run explores. With an error there is no verdict; the report then has what
// was found before, if the context ended.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	cfg.complete()
	p := &player{cfg: &cfg, pool: &pool{make: cfg.NewSender}, now: cfg.Run.Epoch, seen: newCoverage(cfg.Generation)}
	defer p.pool.close()
	e := &explorer{player: p, cfg: &cfg, report: newReport(&cfg), clean: map[wire.Generation]bool{}}
	err := e.search(ctx)
	e.report.Reach = p.seen.Reaches()
	if ctx.Err() != nil {
		return e.report, ctx.Err()
	}
	return e.report, err
}

// plain is the history that everything begins with: a call without a fault.
func plain(g wire.Generation) *History {
	bob := func(at time.Duration, who string, do call.Verb) script.Operation {
		return script.Operation{At: call.Span(at), Do: script.Act{Action: call.Action{Do: do, By: who}}}
	}
	return &History{Generation: g, Operations: []script.Operation{
		{Do: script.Place{Caller: "alice", Callees: []string{"bob"}}},
		bob(3*time.Second, "bob", call.DoAccept),
		bob(12*time.Second, "alice", call.DoHangUp),
	}}
}

// search plays history after history: first a call without faults in each
// generation, which any receiver should bear.
func (e *explorer) search(ctx context.Context) error {
	turns := e.cfg.generations()
	for n := 0; n < e.cfg.Budget && e.report.solid() < e.cfg.Findings && !e.report.Down; n++ {
		g := turns[n%len(turns)]
		h, first := plain(g), n < len(turns)
		if !first {
			h = Draw(e.cfg.Run.Seed, uint64(n), g)
		}
		b, pl, err := e.play(ctx, h, e.judge(ctx, e.cfg.Poll))
		if err != nil {
			return err
		}
		if n == 0 {
			if err := e.preflight(ctx, pl); err != nil {
				return err
			}
		}
		e.report.Executions++
		e.clean[g] = e.clean[g] || first && b == nil
		if b != nil {
			if err := e.found(ctx, h, b, pl); err != nil {
				return err
			}
		}
		e.cfg.Progress(e.report.Executions)
	}
	return nil
}

// preflight says once what every execution would: that nobody is there, or that
// the probe sees nothing.
func (e *explorer) preflight(ctx context.Context, pl *play) error {
	switch {
	case neverConnected(&pl.state.Totals):
		return ErrUnreachable
	case e.cfg.Probe == nil || pl.state.Totals.Acked == 0:
		return nil
	}
	_, ok, err := e.cfg.Probe.Until(ctx, pl.cast.Last(), e.cfg.Poll, visible)
	if ok {
		return nil
	}
	return errors.Join(ErrBlindProbe, err)
}

// reruns is how often a history that broke something is played again.
const reruns = 3

// found takes care of a history that broke something.
func (e *explorer) found(ctx context.Context, h *History, b *Breach, pl *play) error {
	traits := traitsOf(h, b, pl)
	if f := e.report.explain(b, traits); f != nil {
		f.Again++
		return nil
	}
	f := &Finding{Execution: e.report.Executions, Steps: steps(h), Breach: b, History: h, moments: pl.moments, traits: traits}
	s := &shrinker{explorer: e, finding: f, left: e.cfg.Shrink, tried: map[string]bool{}}
	if err := s.run(ctx); err != nil {
		return err
	}
	if err := e.alone(ctx, f); err != nil {
		return err
	}
	e.report.add(f)
	return e.sound(ctx, f)
}

// alone finds out of an end that is missing though nothing is special about its
// call whether it would be stored if no callback came before it.
func (e *explorer) alone(ctx context.Context, f *Finding) error {
	if f.Breach.Kind != EndMissing || f.traits != 0 {
		return nil
	}
	var lost script.Faults
	for _, w := range wordsOf(f.History.Generation) {
		if !tellsEnd(w) {
			lost = append(lost, "drop@"+w.String())
		}
	}
	h := f.History.with(append([]script.Operation{{Do: lost}}, f.History.Operations...))
	b, _, err := e.play(ctx, h, e.judge(ctx, e.cfg.Poll))
	if err == nil && b == nil {
		f.traits |= storedAlone
	}
	return err
}

// sound finds out whether the receiver still takes a call without faults, if it
// did at the beginning. If not, everything that follows says nothing.
func (e *explorer) sound(ctx context.Context, f *Finding) error {
	g := f.History.Generation
	if !e.clean[g] {
		return nil
	}
	b, _, err := e.play(ctx, plain(g), e.judge(ctx, e.cfg.Poll))
	if err != nil {
		return err
	}
	e.report.Down = b != nil
	return nil
}
