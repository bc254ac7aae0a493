// Package session runs a simulator: an engine, the loop that drives it, a sender,
// a journal, and the state that readers see.
//
//	s, err := session.Start(session.Config{
//		Engine: sim.Config{Run: journal.Run{Seed: 7, Epoch: epoch, Token: "monday"}},
//		Paused: true, // time moves by Advance and Settle alone
//	})
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	...
//	err = s.Do(sim.Place{Setup: setup, Generation: wire.V1}, nil) // phones ring
//	...
//	err = s.Advance(ctx, 30*time.Second)                          // no one answers
//	...
//	err = s.Settle(ctx)                                           // callbacks are acknowledged or given up
//	...
//	s.State(func(st *journal.State) { ... })                      // what became of it
//
// [Start] is for inputs that come as people, programs and tests give them. [Run]
// plays inputs that are known, to their end.
//
// The one invariant: what readers see is what the events in the journal add up to.
// The engine's own state is not that: it has a whole step in it before anyone gets
// the first event of the step. So a session folds each event a second time, into a
// state for readers, once the journal has the step. [Config.Watch] gets the state as
// it is right after an event; others get it as it is between two steps, and wait for
// neither the engine nor the journal.
package session

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
)

// Config says what a session runs. The zero values do, but for Engine.Run.
type Config struct {
	// Engine is what the simulator does. A Keep of 0 means [journal.Keep], unless the
	// engine recycles.
	Engine sim.Config
	// Resume is the state of a run that goes on, as its journal adds up to it;
	// nil begins a new run. See [sim.Restore].
	Resume *journal.State
	// Before has inputs that come at once when the run begins, each at its own
	// time, which is past then. May be nil.
	Before run.Source
	// Source has inputs that come by themselves, each at its time. Run plays them
	// to their end. May be nil.
	Source run.Source
	// Background makes a source of calls that come by themselves, from a time on, at a
	// rate as of [Traffic]; [Session.SetTraffic] starts and stops it. Nil means that
	// there are none.
	Background func(from call.Instant, rate float64) (run.Source, error)

	Pace    run.Pace // 0 means Real
	Paused  bool     // time stands still at the beginning
	InOrder bool     // see [run.Config]
	Workers int      // and so connections at most; 0 means 64
	// Timeout bounds an attempt: one that timed out takes so long in simulated
	// time. 0 means [delivery.DefaultTimeout].
	Timeout time.Duration
	// NewSender makes what sends the attempts of a worker. Nil means [post.New] with
	// Timeout.
	NewSender func() run.Sender
	// OwnFault and Slipped are for servers: see [run.Config].
	OwnFault func(*delivery.OwnFaultError)
	Slipped  func(by time.Duration)

	// Journal gets the lines of each step, whole and in order, before anything of
	// it is sent or seen, like [ringback/sim/store.File.Append]. They are valid
	// until the next step. An error ends the run. Nil keeps no journal.
	Journal func(lines []byte) error
	// State is what events are folded into, for readers. Nil means a new
	// [journal.NewReader], or none for an engine that recycles. Whoever gives one looks
	// at it through the session, or while nothing happens: before the run and after
	// it, and in one whose time moves by Advance and Settle alone between these.
	State *journal.State
	// Watch sees each event, and the state right after it. Both are valid only
	// during the call, which must not call the session. An error ends the run.
	Watch func(*journal.State, *journal.Event) error
}

// Session is a simulator that runs. It is safe for concurrent use.
type Session struct {
	cfg    Config
	loop   *run.Loop
	lines  []byte // of the step
	cancel context.CancelFunc
	ending chan struct{} // closed when the run is to end
	end    sync.Once
	done   chan struct{} // closed when it is over
	err    error         // why, once it is

	pacing  sync.Mutex // serializes changes of pace and traffic, some of which exclude each other
	traffic Traffic    // guarded by pacing

	mu      sync.RWMutex // guards what follows
	state   *journal.State
	changed chan struct{} // closed at the next step, if anyone waits for it
	awaited bool
}

// Run plays all inputs of the source, and what follows from them, to the end,
// or until the context ends, which gives up the attempts in flight. It returns the
// state that readers see: nil if there is none, and if the run did not begin. The
// errors are those of [run.Loop.Run].
func Run(ctx context.Context, cfg Config) (*journal.State, error) {
	s, err := prepare(cfg, false)
	if err != nil {
		return nil, err
	}
	err = s.loop.Run(ctx)
	return s.state, err
}

// Start runs a simulator until it is closed. An error means that it did not begin.
func Start(cfg Config) (*Session, error) {
	s, err := prepare(cfg, true)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go func() {
		defer close(s.done)
		if s.err = s.loop.Run(ctx); errors.Is(s.err, context.Canceled) { // by Close
			s.err = nil
		}
	}()
	return s, nil
}

func prepare(cfg Config, linger bool) (*Session, error) {
	cfg.complete()
	s := &Session{cfg: cfg, state: cfg.State, ending: make(chan struct{}), done: make(chan struct{}), changed: make(chan struct{})}
	engine, err := cfg.engine()
	if err == nil {
		err = s.begin(engine)
	}
	if err != nil {
		return nil, err
	}
	s.loop = run.New(run.Config{
		Engine: engine, Pace: cfg.Pace, Paused: cfg.Paused, InOrder: cfg.InOrder, Timeout: cfg.Timeout, Workers: cfg.Workers, NewSender: cfg.NewSender,
		Source: cfg.Source, OwnFault: cfg.OwnFault, Slipped: cfg.Slipped, Linger: linger, Journal: s.record,
	})
	return s, nil
}

func (c *Config) complete() {
	c.Pace = cmp.Or(c.Pace, run.Real)
	c.Timeout = cmp.Or(c.Timeout, delivery.DefaultTimeout)
	if !c.Engine.Recycle {
		c.Engine.Keep = cmp.Or(c.Engine.Keep, journal.Keep)
		if c.State == nil {
			c.State = journal.NewReader(c.Engine.Keep)
		}
	}
	if c.NewSender == nil {
		options := &post.Options{Timeout: c.Timeout}
		c.NewSender = func() run.Sender { return post.New(options) }
	}
}

func (c *Config) engine() (*sim.Engine, error) {
	if c.Resume != nil {
		return sim.Restore(c.Engine, c.Resume)
	}
	return sim.New(c.Engine), nil
}

// begin brings the engine to where the run begins. Whoever looks at the state first sees
// which run it is.
func (s *Session) begin(e *sim.Engine) (err error) {
	if header := e.Begin(); len(header) > 0 {
		err = s.record(header)
	}
	if err != nil || s.cfg.Before == nil {
		return err
	}
	for at, more := s.cfg.Before.Next(); more && err == nil; at, more = s.cfg.Before.Next() {
		effects, refused := e.Step(at, s.cfg.Before.Take())
		if refused != nil {
			refused = s.cfg.Before.Refused(refused)
		}
		err = errors.Join(s.record(effects), refused)
	}
	return err
}

// record takes in a step: into the journal, then into what readers see.
func (s *Session) record(step []sim.Effect) (err error) {
	if s.cfg.Journal != nil {
		if s.lines, err = sim.AppendLines(s.lines[:0], step); err != nil {
			return err
		}
		if err := s.cfg.Journal(s.lines); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range step {
		e := &step[i].Event
		if s.state != nil {
			if err := s.state.Apply(e); err != nil {
				return err
			}
		}
		if s.cfg.Watch != nil {
			if err := s.cfg.Watch(s.state, e); err != nil {
				return err
			}
		}
	}
	if s.awaited {
		close(s.changed)
		s.changed, s.awaited = make(chan struct{}), false
	}
	return nil
}

// Do gives the simulator an input now, and returns why it was refused. If seen is
// not nil, it gets what follows from the input, valid only during the call, as
// [sim.Placed] wants it. After the run the error is [run.ErrStopped].
func (s *Session) Do(in sim.Input, seen func([]sim.Effect)) error { return s.loop.Do(in, seen) }

// Advance moves the simulated time forward by d, whatever the pace, through all
// that is due meanwhile; with 0, it returns when all that is due now is done. See
// [run.Loop.Advance].
func (s *Session) Advance(ctx context.Context, d time.Duration) error { return s.loop.Advance(ctx, d) }

// Settle moves the simulated time forward until all callbacks so far are
// acknowledged or given up, and no longer. If that takes more than a minute, the
// error is [run.ErrUnsettled].
func (s *Session) Settle(ctx context.Context) error { return s.loop.Settle(ctx) }

// NoteTime puts into the journal what time it is, and how it passes, for whoever goes
// on with it.
func (s *Session) NoteTime() error {
	_, pace, paused := s.loop.Time()
	return s.Do(sim.Clock{Pace: pace.String(), Paused: paused}, nil)
}

// Now is the simulated time.
func (s *Session) Now() call.Instant {
	now, _, _ := s.loop.Time()
	return now
}

// Loop is what drives the simulator, for whoever changes how time passes, asks
// what is due, or changes the source.
func (s *Session) Loop() *run.Loop { return s.loop }

// State looks at the state that readers see: what look gets must not be changed or
// kept, and is nil if there is none.
func (s *Session) State(look func(*journal.State)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	look(s.state)
}

// lookEvery is how often a condition is looked at, at most, while steps follow each
// other in quick succession.
const lookEvery = 10 * time.Millisecond

// Await waits until the state is as wanted. It does not move the time: see Advance.
// When the context ends it returns that error, and when the run ends
// [run.ErrStopped], each after a last look.
func (s *Session) Await(ctx context.Context, wanted func(*journal.State) bool) (err error) {
	for {
		changed, ok := s.Changed(), false
		s.State(func(st *journal.State) { ok = wanted(st) })
		switch {
		case ok:
			return nil
		case err != nil:
			return err
		}
		select {
		case <-changed:
			soon, cancel := context.WithTimeout(ctx, lookEvery)
			<-soon.Done()
			cancel()
		case <-s.ending:
			err = run.ErrStopped
		case <-s.done:
			err = errors.Join(run.ErrStopped, s.err)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
}

// Changed is closed at the next step.
func (s *Session) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited = true
	return s.changed
}

// Finish ends the run in good order: nothing new is sent, and what is in flight has
// until the context ends to be answered. It returns what Close does.
func (s *Session) Finish(ctx context.Context) error {
	s.end.Do(func() { close(s.ending) })
	s.loop.Finish(ctx)
	return s.Close()
}

// Close ends the run at once, whatever is in flight, and returns why it had ended
// by itself, if it had. Closing again does nothing but that.
func (s *Session) Close() error {
	s.end.Do(func() { close(s.ending) })
	s.cancel()
	<-s.done
	return s.err
}

// Done is closed when the run is over, by Finish or Close or by itself.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err is why the run ended by itself, once it is Done, as [run.Loop.Run] says it.
func (s *Session) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}
