package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/secret"
	"ringback/sim/session"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// App is an application of the console: its SDKAppID and secret key.
type App = rest.App

// PlannedError is an error that the REST API answers with though nothing is
// wrong: see [Backend.PlanErrors].
type PlannedError = rest.PlannedError

// Problem is an error of the simulation API.
type Problem = simapi.Problem

// Config is what a backend needs. Only an app is a must.
type Config struct {
	Apps      []App
	NewSender func() run.Sender // makes the attempts; nil means post.New with Timeout

	Run             journal.Run // seed, epoch and token; a journal that goes on keeps its own
	Dialect         *wire.Dialect
	Pace            run.Pace // 0 means real, or that of a journal that goes on
	Paused          bool     // time stands still until somebody moves it
	Order           sim.Order
	Timeout         time.Duration // of an attempt; see [session.Config]
	HeartbeatExpiry time.Duration // 0 means [sim.HeartbeatExpiry]
	Admins          []string      // who may call the REST API; nil means administrator and admin
	AnyIDs          bool          // allow user ids that CallKit would refuse
	NoRateLimit     bool
	// AllowHosts are names that the Host of a request may have, besides localhost.
	// On loopback, Host must be localhost, a loopback address or one of these names.
	// Elsewhere, it may be anything if there are no names here, or else any address,
	// localhost, or one of the names.
	AllowHosts []string
	Timings    bool   // journal how long answers took
	Sign       string // token that signs callbacks; empty: they are not signed

	// Traffic makes the source of the calls that come by themselves, from a time
	// on; nil means none. Under [run.Instant] they would never end.
	Traffic func(r journal.Run, from call.Instant) run.Source

	// Journal is a file to go on from and to write to; "" keeps nothing.
	Journal string
	// CompactAt is the size in bytes from which a journal is cut down to what
	// still matters; 0 means 64 MiB.
	CompactAt int64
	// Watch sees each event with the state right after it; both are valid only
	// during the call, and it must not call the backend, which waits for it.
	Watch func(*journal.State, *journal.Event)
	// Warn gets what an operator should know and nobody asked for.
	Warn func(format string, args ...any)
	// StuckAfter is how long a reader of a stream may take nothing; 0 means 10 s.
	StuckAfter time.Duration
}

// Backend is the fake CallKit backend.
type Backend struct {
	cfg     Config
	allowed []string // hosts, as they are compared
	session *session.Session
	routes  http.Handler
	rest    *rest.API
	sim     *simapi.API
	wall    func() time.Time // time.Now, but in tests

	file    *store.File // nil: no journal
	resumed bool        // the file held a run, which goes on
	compact int64       // size at which the file is cut down next
	lines   []byte      // of the step's events that are not in the log yet

	// Guarded by the session's state: see Read.
	state *journal.State
	log   *journal.Log

	metrics   *metrics
	closing   chan struct{} // closed when streams should end
	closeOnce sync.Once
	closed    error // what Close returns
}

// Defaults.
const (
	defaultCompactAt  = 64 << 20
	defaultStuckAfter = 10 * time.Second
)

var errNoApp = errors.New("control.Config.Apps: want at least one")

// ErrEndless is what a backend with traffic says to the pace instant.
var ErrEndless = simapi.ErrEndless

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
	b := &Backend{
		cfg: cfg, allowed: allowed, state: journal.NewReader(journal.Keep), log: journal.NewLog(journal.Keep), compact: cfg.CompactAt,
		closing: make(chan struct{}), wall: time.Now,
	}
	b.state.Secrets = new(secret.Set)
	var apps []uint32
	for _, a := range cfg.Apps {
		apps = append(apps, a.ID)
		b.state.Secrets.AddApp(fmt.Sprintf("%d:%s", a.ID, a.Key))
	}
	b.state.Secrets.AddValue(cfg.Sign)
	b.metrics = newMetrics(b)
	if err := b.start(); err != nil {
		return nil, errors.Join(err, b.closeFile())
	}
	b.rest = rest.New(rest.Config{
		Session: b.session, Dialect: b.cfg.Dialect, Apps: b.cfg.Apps, Admins: b.cfg.Admins, AnyIDs: b.cfg.AnyIDs, Signed: b.cfg.Sign != "",
		NoRateLimit: b.cfg.NoRateLimit, Clock: func() time.Time { return b.wall() }, Answered: b.metrics.answered,
	})
	b.sim = simapi.New(simapi.Config{
		Session: b.session, Log: b.log, REST: b.rest, Apps: apps, Version: b.cfg.Run.Version,
		AnyIDs: b.cfg.AnyIDs, Signed: b.cfg.Sign != "", Endless: b.cfg.Traffic != nil, Pace: b.cfg.Pace, Paused: b.cfg.Paused,
		StuckAfter: b.cfg.StuckAfter, Closing: b.closing, Readers: b.metrics.readers.Add, Dropped: b.metrics.dropped.Inc,
	})
	b.routes = b.handler()
	go b.keepTime()
	return b, nil
}

// start runs the simulator: a new one, or the one whose journal goes on.
func (b *Backend) start() error {
	past, err := b.recall()
	if err != nil {
		return err
	}
	b.timeOf(b.state.Clock)
	c := &b.cfg
	cfg := session.Config{
		Engine: sim.Config{
			Run: c.Run, Dialect: c.Dialect, Order: c.Order, HeartbeatExpiry: c.HeartbeatExpiry, Exclusive: true, Timings: c.Timings, Hosts: true, Sign: c.Sign,
		},
		Resume: past, Pace: c.Pace, Paused: c.Paused, Timeout: c.Timeout, NewSender: c.NewSender, OwnFault: b.ownFault(), Slipped: warnOnce(b.warn),
		Journal: b.append, State: b.state, Watch: b.watch,
	}
	if c.Traffic != nil {
		if c.Pace == run.Instant {
			return ErrEndless
		}
		cfg.Source = c.Traffic(c.Run, max(c.Run.Epoch, b.state.Now))
	}
	b.session, err = session.Start(cfg)
	return err
}

// warnOnce makes a hook that warns the first time the simulated time slips.
func warnOnce(warn func(format string, args ...any)) func(time.Duration) {
	var once sync.Once
	return func(time.Duration) {
		once.Do(func() {
			warn("what is due takes longer than the pace leaves for it, so the simulated time waits; want a slower pace")
		})
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
		b.closed = errors.Join(b.session.Finish(ctx), b.closeFile())
	})
	return b.closed
}

func (b *Backend) closeFile() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
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
func (b *Backend) Resumed() bool { return b.resumed }

// Dialect is the dialect in force.
func (b *Backend) Dialect() *wire.Dialect { return b.cfg.Dialect }

// Tail says what was cut off the journal, and what of it was not understood.
func (b *Backend) Tail() store.Tail {
	if b.file == nil {
		return store.Tail{}
	}
	return b.file.Tail()
}

func (c *Config) complete() error {
	if len(c.Apps) == 0 {
		return errNoApp
	}
	for i, a := range c.Apps {
		switch {
		case a.Key == "":
			return fmt.Errorf("app %d: has no secret key", a.ID)
		case slices.ContainsFunc(c.Apps[:i], func(o App) bool { return o.ID == a.ID }):
			return fmt.Errorf("app %d: is there twice", a.ID)
		}
	}
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	if c.Admins == nil {
		c.Admins = []string{"administrator", "admin"}
	}
	if c.Run.Epoch == 0 {
		c.Run.Epoch = call.At(time.Now().Truncate(time.Second))
	}
	c.StuckAfter = cmp.Or(c.StuckAfter, defaultStuckAfter)
	c.CompactAt = cmp.Or(c.CompactAt, defaultCompactAt)
	return nil
}

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

// betweenWarnings is how often at most an operator is told of what lasts.
const betweenWarnings = 10 * time.Second

// ownFault warns of attempts that this machine could not make.
func (b *Backend) ownFault() func(*delivery.OwnFaultError) {
	var warned time.Time
	return func(own *delivery.OwnFaultError) {
		if now := time.Now(); warned.IsZero() || now.Sub(warned) >= betweenWarnings {
			warned = now
			b.warn("an attempt waits until this machine can make it, and does not count against the receiver: %s", own.Detail)
		}
	}
}
