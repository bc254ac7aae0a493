package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// Backend is the fake CallKit backend. It is safe for concurrent use.
type Backend struct {
	cfg      Config
	recorder *recorder
	session  *session.Session
	rest     *rest.API
	routes   http.Handler
	version  string           // of this Ringback: a journal that goes on keeps its own
	resumed  uint64           // the latest event of the journal that goes on
	wall     func() time.Time // time.Now, but in tests

	closing   chan struct{} // closed when streams should end
	closeOnce sync.Once
	closed    error // what Close returns
}

// New makes a backend and starts it. With a journal it goes on where that
// ended.
func New(cfg Config) (*Backend, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	allowed, err := allowHosts(cfg.AllowHosts)
	if err != nil {
		return nil, fmt.Errorf("control.Config.AllowHosts: %w", err)
	}
	b := &Backend{cfg: cfg, version: cfg.Run.Version, wall: time.Now, closing: make(chan struct{})}
	b.recorder = newRecorder(&b.cfg, newMetrics(b.Read))
	if err := b.start(); err != nil {
		return nil, errors.Join(err, b.recorder.close())
	}
	b.serve(allowed)
	if cfg.Journal != "" {
		go keepTime(b.session, b.closing)
	}
	return b, nil
}

// start runs the simulator: a new one, or the one whose journal goes on.
func (b *Backend) start() error {
	c, r := &b.cfg, b.recorder
	past, err := r.recall()
	if err != nil {
		return err
	}
	b.resumed = r.state.Seq
	c.passTime(r.state.Clock)
	cfg := session.Config{
		Engine: sim.Config{
			Run: c.Run, Dialect: c.Dialect, Order: c.Order, HeartbeatExpiry: c.HeartbeatExpiry, Exclusive: true, Timings: c.Timings, Hosts: true, Sign: c.Sign,
		},
		Resume: past, Pace: c.Pace, Paused: c.Paused, Timeout: c.Timeout, NewSender: c.NewSender, OwnFault: c.ownFault(), Slipped: warnOnce(c.warn),
		Journal: r.append, State: r.state, Watch: r.watch,
	}
	if c.Traffic != nil {
		if c.Pace == run.Instant {
			return ErrEndless
		}
		cfg.Source = c.Traffic(c.Run, max(c.Run.Epoch, r.state.Now))
	}
	b.session, err = session.Start(cfg)
	return err
}

// serve puts the APIs before the simulator.
func (b *Backend) serve(allowed hosts) {
	c, m, signed := &b.cfg, b.recorder.metrics, b.cfg.Sign != ""
	b.rest = rest.New(rest.Config{
		Session: b.session, Dialect: c.Dialect, Apps: c.Apps, Admins: c.Admins, AnyIDs: c.AnyIDs, Signed: signed, NoRateLimit: c.NoRateLimit,
		Clock: func() time.Time { return b.wall() }, Answered: m.answered,
	})
	var apps []uint32
	for _, a := range c.Apps {
		apps = append(apps, a.ID)
	}
	api := simapi.New(simapi.Config{
		Session: b.session, Log: b.recorder.log, REST: b.rest, Apps: apps, Version: b.version, Resumed: b.resumed, Guarded: c.Token != "",
		AnyIDs: c.AnyIDs, Signed: signed, Endless: c.Traffic != nil, Pace: c.Pace, Paused: c.Paused,
		StuckAfter: c.StuckAfter, Closing: b.closing, Readers: m.readers.Add, Dropped: m.dropped.Inc,
	})
	b.routes = newMux(api, b.rest, m.handler(), b.health, allowed.guard, c.Token)
}

// health is why the backend is of no use any more, or nil.
func (b *Backend) health() error {
	select {
	case <-b.Done():
		return errors.Join(b.Err(), errors.New("the run is over"))
	default:
		return nil
	}
}

// ServeHTTP answers the REST API, the simulation API, /metrics and /healthz.
func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.routes.ServeHTTP(w, r) }

// Close ends the backend in good order: streams end, nothing new is sent, and
// what is in flight has until the context ends to be answered. With a journal,
// another backend can go on from there. Closing again does nothing.
func (b *Backend) Close(ctx context.Context) error {
	b.closeOnce.Do(func() {
		close(b.closing)
		_ = b.session.NoteTime() // if the run is over, its error says why
		b.closed = errors.Join(b.session.Finish(ctx), b.recorder.close())
	})
	return b.closed
}

// Done is closed when the run is over: after Close, or when the journal could
// not be written; Err says which.
func (b *Backend) Done() <-chan struct{} { return b.session.Done() }

// Err is why the run ended by itself, once it is Done.
func (b *Backend) Err() error { return b.session.Err() }

// Run is the journal's header: seed, epoch and token in force, which are those
// of the journal where that goes on.
func (b *Backend) Run() journal.Run { return b.cfg.Run }

// Resumed reports whether the journal held a run, which this backend continues.
func (b *Backend) Resumed() bool { return b.recorder.resumed }

// Dialect is the dialect in force.
func (b *Backend) Dialect() *wire.Dialect { return b.cfg.Dialect }

// Tail says what was cut off the journal, and what of it was not understood.
func (b *Backend) Tail() store.Tail { return b.recorder.tail() }

// Do gives the simulator an input. If seen is not nil it gets what follows
// from it, valid only during the call.
func (b *Backend) Do(in sim.Input, seen func([]sim.Effect)) error { return b.session.Do(in, seen) }

// Read looks at the state. What look gets must not be changed or kept.
func (b *Backend) Read(look func(*journal.State)) { b.session.State(look) }

// Await waits until the state is as wanted, or the context ends. See
// [session.Session.Await].
func (b *Backend) Await(ctx context.Context, wanted func(*journal.State) bool) error {
	return b.session.Await(ctx, wanted)
}

// PlanErrors replaces the errors that the REST API will answer though nothing is
// wrong. Of several for a path the first comes first.
func (b *Backend) PlanErrors(list []PlannedError) error { return b.rest.PlanErrors(list) }

// PlannedErrors are the errors that are still to come.
func (b *Backend) PlannedErrors() []PlannedError { return b.rest.PlannedErrors() }

// Time is the simulated time, how it passes, and whether it stands still.
func (b *Backend) Time() (now call.Instant, pace run.Pace, paused bool) {
	return b.session.Loop().Time()
}
