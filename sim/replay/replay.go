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
	"ringback/sim/session"
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
	Workers  int           // max number of attempts at once; 0 means 64
	Timings  bool          // see [sim.Config]

	NewSender func() run.Sender // makes the attempts; nil means post.New with Timeout

	Version string            // for the header of this run's journal
	Flags   map[string]string // as well
	// Journal gets the lines of each step of this run; nil keeps none. See
	// [session.Config].
	Journal func(lines []byte) error
	// Differs is called for each callback whose answers differ, in the order in which
	// that is found. The argument is valid only during the call.
	Differs func(*Difference) error
	// All means that Differs is called for those that are answered the same, or cannot be
	// compared, too.
	All bool
}

// Play sends a recording. If the context ends, it returns the counts so far with the
// context's error.
func Play(ctx context.Context, r *Recording, cfg Config) (*Summary, error) {
	switch {
	case r == nil:
		return nil, errors.New("replay.Play: the recording is missing; replay.Open reads one")
	case cfg.Endpoint == nil:
		return nil, errors.New("replay.Config.Endpoint: is missing; delivery.ParseEndpoint makes one")
	case cfg.Sign != "" && cfg.Fresh == nil:
		return nil, errors.New("replay.Config.Sign: want Fresh with it; the same bytes have the signatures that they have")
	}
	if cfg.Differs == nil {
		cfg.Differs = func(*Difference) error { return nil }
	}
	dialect, err := speaking(r.Run.Dialect, cfg.Dialect)
	if err != nil {
		return nil, err
	}
	renewal := newRenewal(r, cfg.Fresh, cfg.Dialect["call_id"])
	header := renewal.header(r.Run)
	header.Version, header.Flags = cfg.Version, cfg.Flags
	next, stop := r.events(ctx)
	defer stop()
	ledger := newLedger(cfg.Endpoint, cfg.Differs)
	ledger.all = cfg.All
	source := &source{
		tape: newTape(r.pick), next: next, ledger: ledger, renewal: renewal, to: cfg.Endpoint, dialect: cfg.Dialect,
	}
	_, err = session.Run(ctx, session.Config{
		Engine: sim.Config{Run: header, Dialect: dialect, Order: cfg.Order, Timings: cfg.Timings, Sign: cfg.Sign},
		Pace:   cfg.Pace, Timeout: cfg.Timeout, Workers: cfg.Workers, NewSender: cfg.NewSender,
		Before: lead{source}, Source: source, Journal: cfg.Journal,
		State: journal.NewState(journal.Keep), // the ledger has the tries
		Watch: func(now *journal.State, e *journal.Event) error {
			if ledger.see(e.Data); !e.More {
				ledger.forget(source.tape.state, now)
			}
			return ledger.err
		},
	})
	if err = cmp.Or(err, source.err, ledger.err); !source.led {
		return nil, err
	}
	ledger.finish()
	return ledger.summary(r.Callbacks), err
}

// speaking returns a journal's dialect with other choices.
func speaking(was, choices map[string]string) (*wire.Dialect, error) {
	d, err := wire.FromMap(was)
	for key, value := range choices {
		if err == nil {
			err = d.Set(key + "=" + value)
		}
	}
	return d, err
}
