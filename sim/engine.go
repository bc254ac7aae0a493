package sim

import (
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/outbox"
	"ringback/sim/wire"
)

// Engine is the simulator's pure core. It is not safe for concurrent use.
type Engine struct {
	cfg    Config
	state  *journal.State
	outbox *outbox.Outbox
	timers callTimers
	users  presence
	names  names

	effects outbox.Effects // of this step

	// What a step uses, and the next one uses again.
	setups    journal.Arena[call.Setup]
	facts     journal.Arena[journal.Fact]
	decided   []call.Fact
	callbacks []wire.Callback
}

// New makes an engine. Its first effect, the header, comes from [Engine.Begin].
func New(cfg Config) *Engine {
	return newEngine(cfg, journal.NewState(cfg.Keep))
}

func newEngine(cfg Config, st *journal.State) *Engine {
	if cfg.Dialect == nil {
		cfg.Dialect = wire.Default()
	}
	if cfg.RingTimeout == 0 {
		cfg.RingTimeout = RingTimeout
	}
	if cfg.HeartbeatExpiry == 0 {
		cfg.HeartbeatExpiry = HeartbeatExpiry
	}
	cfg.Run.V, cfg.Run.Dialect = journal.Version, cfg.Dialect.Map()
	e := &Engine{cfg: cfg, state: st, timers: newCallTimers(&cfg), effects: outbox.Effects{State: st}}
	e.names = newNames(&e.cfg.Run, cfg.Rooms)
	e.outbox = outbox.New(outbox.Config{
		Order: cfg.Order, Limit: cfg.Limit, Shared: cfg.Shared, Sign: cfg.Sign, Timings: cfg.Timings, Recycle: cfg.Recycle,
	}, &e.cfg.Run, &e.effects)
	e.speak(cfg.Dialect)
	if cfg.Recycle {
		st.Recycle()
	}
	if cfg.Exclusive {
		e.users = presence{}
	}
	return e
}

// speak makes a dialect that of all callbacks and answers from now on.
func (e *Engine) speak(d *wire.Dialect) {
	e.cfg.Dialect = d
	e.outbox.Speak(d)
}

// Begin returns the journal's header. Call it before the first step; a restored
// engine, whose journal has one, returns nothing.
func (e *Engine) Begin() []Effect {
	e.effects.List = e.effects.List[:0]
	if e.state.Run.V != 0 {
		return nil
	}
	e.effects.Emit(e.cfg.Run.Epoch, "", &e.cfg.Run, nil)
	return e.effects.List
}

// State is the engine's state. Readers must not change it, nor look at it
// while a step is under way.
func (e *Engine) State() *journal.State { return e.state }

// Signs reports whether requests are signed: then [Engine.Wall] must be kept up.
func (e *Engine) Signs() bool { return e.cfg.Sign != "" }

// Wall says what time it is, in seconds since 1970 of wall time: receivers compare
// that of a signature with their own clock, which knows nothing of simulated time. It
// is to be called before a step.
func (e *Engine) Wall(second int64) { e.outbox.Wall(second) }
