package replay

import (
	"cmp"
	"context"
	"errors"
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Config says where a recording goes, and how.
type Config struct {
	Endpoint *delivery.Endpoint
	Fresh    *Fresh            // nil: the same bytes, at the same simulated time
	Sign     string            // token that signs what is fresh; empty: nothing is signed
	Dialect  map[string]string // choices other than the journal's
	Order    sim.Order
	Pace     run.Pace
	Timeout  time.Duration // of an attempt
	Workers  int           // and so connections at most; 0 means 64
	Timings  bool          // see [sim.Config]

	NewSender func() run.Sender // makes the attempts, like post.New

	Version string            // for the header of this run's journal
	Flags   map[string]string // as well
	// Journal gets the effects of each step of this run; nil keeps none.
	Journal func(step []sim.Effect) error
	// Differs is told of each callback whose answers differ, in the order in
	// which that turns out. What it gets is valid only during the call.
	Differs func(*Difference) error
}

// Play sends a recording. When the context ends, it returns what was compared
// until then with the context's error.
func Play(ctx context.Context, r *Recording, cfg Config) (*Summary, error) {
	switch {
	case r == nil:
		return nil, errors.New("replay.Play: the recording is missing; replay.Open reads one")
	case cfg.Endpoint == nil:
		return nil, errors.New("replay.Config.Endpoint: is missing; delivery.ParseEndpoint makes one")
	case cfg.Sign != "" && cfg.Fresh == nil:
		return nil, errors.New("replay.Config.Sign: want Fresh with it; the same bytes have the signatures that they have")
	case cfg.NewSender == nil:
		return nil, errors.New("replay.Config.NewSender: is missing; post.New makes a sender")
	}
	p, stop, err := newPlayer(ctx, r, cfg)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := p.begin(); err != nil {
		return nil, err
	}
	err = p.loop.Run(ctx)
	p.ledger.finish()
	return p.ledger.summary(r.Callbacks), cmp.Or(err, p.source.err, p.ledger.err)
}

// player is a recording on its way.
type player struct {
	cfg    Config
	engine *sim.Engine
	loop   *run.Loop
	source *source
	ledger *ledger
}

func newPlayer(ctx context.Context, r *Recording, cfg Config) (p *player, stop func(), err error) {
	if cfg.Differs == nil {
		cfg.Differs = func(*Difference) error { return nil }
	}
	p = &player{cfg: cfg, ledger: newLedger(cfg.Endpoint, cfg.Differs)}
	dialect, err := speaking(r.Run.Dialect, cfg.Dialect)
	if err != nil {
		return nil, nil, err
	}
	renewal := newRenewal(r, cfg.Fresh, cfg.Dialect["call_id"])
	header := renewal.header(r.Run)
	header.Version, header.Flags = cfg.Version, cfg.Flags
	p.engine = sim.New(sim.Config{Run: header, Dialect: dialect, Order: cfg.Order, Timings: cfg.Timings, Keep: journal.Keep, Sign: cfg.Sign})
	next, stop := r.events(ctx)
	p.source = &source{
		tape: newTape(r.pick), next: next, ledger: p.ledger, renewal: renewal, to: cfg.Endpoint, dialect: cfg.Dialect,
	}
	p.loop = run.New(run.Config{
		Engine: p.engine, Pace: cfg.Pace, Timeout: cfg.Timeout, Workers: cfg.Workers, NewSender: cfg.NewSender,
		Source: p.source, Journal: p.record,
	})
	return p, stop, nil
}

// speaking is a journal's dialect with other choices.
func speaking(was, choices map[string]string) (*wire.Dialect, error) {
	d, err := wire.FromMap(was)
	for key, value := range choices {
		if err == nil {
			err = d.Set(key + "=" + value)
		}
	}
	return d, err
}

// begin brings the engine to where the first callback comes, so that no pace
// waits for it: calls may have been under way for hours then.
func (p *player) begin() error {
	if err := p.record(p.engine.Begin()); err != nil {
		return err
	}
	for {
		at, more := p.source.Next()
		if !more || p.source.callback() {
			return p.source.err
		}
		fx, err := p.engine.Step(at, p.source.Take())
		if err != nil {
			_ = p.source.Refused(err)
		}
		if err := p.record(fx); err != nil {
			return err
		}
	}
}

func (p *player) record(step []sim.Effect) error {
	for i := range step {
		p.ledger.see(step[i].Event.Data)
	}
	p.ledger.forget(p.source.tape.state, p.engine.State())
	if p.ledger.err != nil {
		return p.ledger.err
	}
	if p.cfg.Journal != nil {
		return p.cfg.Journal(step)
	}
	return nil
}
