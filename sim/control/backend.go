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
	"ringback/sim/control/jsonhttp"
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
	cfg    Config // as it was given, complete
	first  *sandbox
	made   sandboxes // all others
	guard  jsonhttp.Guard
	routes http.Handler
	wall   func() time.Time // time.Now, but in tests

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
	b := &Backend{cfg: cfg, wall: time.Now, over: make(chan struct{}), guard: allowed.guard}
	b.made.init(b)
	if b.first, err = b.open(cfg, nil); err != nil {
		return nil, err
	}
	if err := b.made.recall(); err != nil {
		return nil, errors.Join(err, b.Close(context.Background()))
	}
	b.routes = newMux(b)
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
	b.closeOnce.Do(func() {
		var ended sync.WaitGroup
		all := b.made.close()
		errs := make([]error, len(all))
		for i, s := range all {
			ended.Go(func() { errs[i] = s.close(ctx) })
		}
		b.closed = b.first.close(ctx)
		ended.Wait()
		b.closed = errors.Join(b.closed, errors.Join(errs...))
	})
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

// watch ends the backend when a run is over that should go on.
func (b *Backend) watch(s *sandbox) {
	<-s.session.Done()
	select {
	case <-s.ended: // by a client
		return
	default:
	}
	b.overOnce.Do(func() {
		b.err = s.named(s.session.Err())
		close(b.over)
	})
}

// Run is the journal's header: seed, epoch and token in force, which are those
// of the journal where that goes on.
func (b *Backend) Run() journal.Run { return b.first.cfg.Run }

// Resumed reports whether the journal held a run, which this backend continues.
func (b *Backend) Resumed() bool { return b.first.recorder.resumed }

// Dialect is the dialect in force.
func (b *Backend) Dialect() *wire.Dialect { return b.first.cfg.Dialect }

// Tail says what was cut off the journal, and what of it was not understood.
func (b *Backend) Tail() store.Tail { return b.first.recorder.tail() }

// Do gives the simulator an input. If seen is not nil it gets what follows
// from it, valid only during the call.
func (b *Backend) Do(in sim.Input, seen func([]sim.Effect)) error {
	return b.first.session.Do(in, seen)
}

// Read looks at the state. What look gets must not be changed or kept.
func (b *Backend) Read(look func(*journal.State)) { b.first.session.State(look) }

// Sandboxes are the ids of those that clients made.
func (b *Backend) Sandboxes() (ids []uint32) {
	for _, s := range b.made.all() {
		ids = append(ids, s.id())
	}
	return ids
}

// Unfinished counts, over all sandboxes, the calls that are not over, and the callbacks that
// are neither acknowledged nor given up.
func (b *Backend) Unfinished() (live int, open uint64) {
	for _, s := range append(b.made.all(), b.first) {
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
	return b.first.session.Await(ctx, wanted)
}

// PlanErrors replaces the errors that the REST API will answer though nothing is
// wrong. Of several for a path the first comes first.
func (b *Backend) PlanErrors(list []PlannedError) error { return b.first.rest.PlanErrors(list) }

// PlannedErrors are the errors that are still to come.
func (b *Backend) PlannedErrors() []PlannedError { return b.first.rest.PlannedErrors() }

// Time is the simulated time, how it passes, and whether it stands still.
func (b *Backend) Time() (now call.Instant, pace run.Pace, paused bool) {
	return b.first.session.Loop().Time()
}
