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
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// Backend is the fake CallKit backend. It is safe for concurrent use.
//
// It runs a simulator, the first sandbox, and those that clients of the simulation API
// make beside it. What is said of a Backend without a sandbox is said of the first.
type Backend struct {
	boxes  sandboxes
	routes http.Handler

	closeOnce sync.Once
	closed    error         // what Close returns
	over      chan struct{} // closed when a run is over that should go on, or all are
	overOnce  sync.Once
	err       error // why, once over is closed
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
	b := &Backend{over: make(chan struct{})}
	b.boxes.host = host{cfg: cfg, guard: allowed.guard, wall: time.Now, over: b.end}
	if err := b.boxes.open(); err != nil {
		return nil, errors.Join(err, b.boxes.close(context.Background()))
	}
	b.routes = newMux(&b.boxes, b.health)
	return b, nil
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
	b.closeOnce.Do(func() { b.closed = b.boxes.close(ctx) })
	return b.closed
}

// Done is closed when a run is over: after Close, or when a journal could
// not be written; Err says which.
func (b *Backend) Done() <-chan struct{} { return b.over }

// Err is why a run ended by itself, once it is Done.
func (b *Backend) Err() error {
	select {
	case <-b.over:
		return b.err
	default:
		return nil
	}
}

// end ends the backend: a run is over that should go on.
func (b *Backend) end(err error) {
	b.overOnce.Do(func() {
		b.err = err
		close(b.over)
	})
}

// Run is the journal's header: seed, epoch and token in force, which are those
// of the journal where that goes on.
func (b *Backend) Run() journal.Run { return b.boxes.first.cfg.Run }

// Resumed reports whether the journal held a run, which this backend continues.
func (b *Backend) Resumed() bool { return b.boxes.first.recorder.resumed }

// Dialect is the dialect in force.
func (b *Backend) Dialect() *wire.Dialect { return b.boxes.first.cfg.Dialect }

// Tail says what was cut off the journal, and what of it was not understood.
func (b *Backend) Tail() store.Tail { return b.boxes.first.recorder.tail() }

// Do gives the simulator an input. If seen is not nil it gets what follows
// from it, valid only during the call.
func (b *Backend) Do(in sim.Input, seen func([]sim.Effect)) error {
	return b.boxes.first.session.Do(in, seen)
}

// Read looks at the state. What look gets must not be changed or kept.
func (b *Backend) Read(look func(*journal.State)) { b.boxes.first.session.State(look) }

// Sandboxes are the ids of those that clients made.
func (b *Backend) Sandboxes() (ids []uint32) {
	for _, s := range b.boxes.all() {
		ids = append(ids, s.id())
	}
	return ids
}

// Unfinished counts, over all sandboxes, the calls that are not over, and the callbacks that
// are neither acknowledged nor given up.
func (b *Backend) Unfinished() (live int, open uint64) {
	for _, s := range append(b.boxes.all(), b.boxes.first) {
		s.Read(func(st *journal.State) {
			live += st.Live
			open += st.Totals.Open()
		})
	}
	return live, open
}

// Await waits until the state is as wanted, or the context ends. See
// [session.Session.Await].
func (b *Backend) Await(ctx context.Context, wanted func(*journal.State) bool) error {
	return b.boxes.first.session.Await(ctx, wanted)
}

// PlanErrors replaces the errors that the REST API will answer though nothing is
// wrong. Of several for a path the first comes first.
func (b *Backend) PlanErrors(list []PlannedError) error { return b.boxes.first.rest.PlanErrors(list) }

// PlannedErrors are the errors that are still to come.
func (b *Backend) PlannedErrors() []PlannedError { return b.boxes.first.rest.PlannedErrors() }

// Time is the simulated time, how it passes, and whether it stands still.
func (b *Backend) Time() (now call.Instant, pace run.Pace, paused bool) {
	return b.boxes.first.session.Loop().Time()
}
