package run

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
)

// Sender makes attempts, one at a time, on connections of its own. Send sets all of
// the answer, whose body is valid until the next Send. Close may be called from
// another goroutine and interrupts an attempt.
type Sender interface {
	Send(*delivery.Request, delivery.Transport, *delivery.Answer)
	Close()
}

// Config configures a Loop. Engine and NewSender are required.
type Config struct {
	Engine    *sim.Engine
	Pace      Pace          // at the start
	Paused    bool          // whether the clock is paused at the start
	NewSender func() Sender // called for each worker
	Workers   int           // maximum number, and so of connections; 0 means 64
	// Timeout is the simulated time that an attempt takes under Instant if it times
	// out. Other attempts take no simulated time.
	Timeout time.Duration
	Source  Source // may be nil
	// Journal, if not nil, is called with the effects of each step, in order, before
	// they take effect. An error ends the run.
	Journal func(step []sim.Effect) error
	// Completed, if not nil, is called for each completed attempt, under the loop's
	// lock and before the engine gets the answer. late is how long after its due time
	// the attempt began, in wall time; answer is valid only during the call.
	Completed func(job *sim.Send, late time.Duration, answer *delivery.Answer)
	// OwnFault, if not nil, is called under the loop's lock for each attempt that this
	// machine could not make. The attempt is then repeated until it can be made, which
	// suits servers. If OwnFault is nil, such an attempt ends the run.
	OwnFault func(*delivery.OwnFaultError)
	// Precise uses a timer file descriptor, on systems that have them, which is late
	// by tens of microseconds rather than up to a millisecond.
	Precise bool
	// Slipped, if not nil, makes simulated time slow down when the loop does not keep
	// up with its pace. It is called under the loop's lock with the simulated time
	// lost.
	Slipped func(by time.Duration)
	// InOrder makes the order of attempts reproducible, under Instant with inputs
	// through Do. Attempts wait until the clock is moved. Those of one simulated time
	// begin in the order of the engine's effects, each when the one before is answered
	// or 5 ms after its start. Copies of one callback begin together.
	InOrder bool
	// Linger keeps the loop running when nothing is left to do, until its context
	// ends, for inputs through Do.
	Linger bool
}

// Loop drives one engine.
type Loop struct {
	cfg Config

	begun, over chan struct{} // closed when the run begins and when it is over

	mu            sync.Mutex
	start         time.Time     // see StartAt
	followers     *sync.Cond    // where idle workers other than the leader wait
	wakeC         chan struct{} // interrupts the leader's wait
	timer         timer         // of the leader
	setting       timerSetting
	timerC        <-chan struct{}
	clock         clock
	ready         queue        // attempts that wait for a worker
	completions   []completion // under Instant: answers not applied yet
	inFlight      int
	quiescent     chan struct{} // of Quiescent; nil: no one waits for it
	last          lastAttempt
	idle          int          // workers in followers.Wait
	hasLeader     bool         // whether a worker waits for the next due time
	leaderWakesAt call.Instant // that time
	behindSince   time.Time    // since when the loop is behind; zero: it is not
	workers       int
	senders       []Sender
	finishing     bool // whether no new attempt begins
	stopped       bool
	err           error
	group         sync.WaitGroup
}

// New returns a loop. If the engine has already begun, its header is not journaled
// again.
func New(cfg Config) *Loop {
	if cfg.Workers == 0 {
		cfg.Workers = 64
	}
	if cfg.Journal == nil {
		cfg.Journal = func([]sim.Effect) error { return nil }
	}
	l := &Loop{cfg: cfg, wakeC: make(chan struct{}, 1), begun: make(chan struct{}), over: make(chan struct{})}
	l.followers = sync.NewCond(&l.mu)
	return l
}

// check returns an error that names a missing field.
func (c *Config) check() error {
	switch {
	case c.Engine == nil:
		return errors.New("run.Config.Engine: is missing; sim.New makes one")
	case c.NewSender == nil:
		return errors.New("run.Config.NewSender: is missing; post.New makes a sender")
	}
	return nil
}

// StartAt sets the wall time at which the engine's time is what it is before the run.
// What became due since then is due at once. It must be called before Run, which
// otherwise takes its own beginning.
func (l *Loop) StartAt(start time.Time) { l.start = start }

// Run drives the engine until nothing is left to do or the context ends, which
// interrupts the attempts in flight. It returns the first error of Config.Journal,
// a [*delivery.OwnFaultError] if this machine could not make an attempt, a
// [*PanicError], the context's error, or at once an error that names a missing field
// of the configuration.
func (l *Loop) Run(ctx context.Context) error {
	if err := l.cfg.check(); err != nil {
		l.stop(err)
		close(l.begun)
		return err
	}
	defer context.AfterFunc(ctx, func() { l.stop(nil) })()
	l.locked(func() {
		if l.timer = timer(newRuntimeTimer()); l.cfg.Precise {
			l.timer = newPreciseTimer()
		}
		fx := l.cfg.Engine.Begin()
		if l.start.IsZero() {
			l.start = time.Now()
		}
		l.clock = clock{pace: l.cfg.Pace, paused: l.cfg.Paused, origin: l.start, now: l.cfg.Engine.State().Now}
		l.absorb(fx)
		if ctx.Err() == nil {
			l.spawn()
		}
	})
	close(l.begun)
	l.group.Wait()
	l.locked(func() {
		l.timer.close()
		if l.finishing {
			l.complete(never)
		}
		l.halt(nil) // closes the senders
	})
	if l.err != nil {
		return l.err
	}
	return ctx.Err()
}

// ErrStopped means that an input came after the end of the run and had no effect. It
// wraps the error that ended the run, if any.
var ErrStopped = errors.New("the run is over")

// whyStopped returns the error of an input that comes after the run.
func (l *Loop) whyStopped() error {
	if l.err == nil {
		return ErrStopped
	}
	return fmt.Errorf("%w: %w", ErrStopped, l.err)
}

// Do gives the engine an input now and returns its error. It waits for the run to
// begin. If seen is not nil, it is called with the effects of the input, which are
// valid only during the call.
func (l *Loop) Do(in sim.Input, seen func([]sim.Effect)) (err error) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		if l.stopped { // by the input: the journal failed, or something panicked
			err = l.whyStopped()
		}
	}()
	defer l.recovered()
	if l.stopped || l.finishing {
		return l.whyStopped()
	}
	now := l.runDue(l.clock.read())
	if _, reset := in.(sim.Reset); reset {
		l.ready, l.completions = queue{}, nil
		if l.clock.reached != nil {
			l.clock.endJump()
		}
	}
	fx, err := l.apply(now, in)
	if seen != nil && !l.stopped {
		seen(fx)
	}
	if l.ready.len() > 0 && l.inFlight < l.cfg.Workers {
		l.ensureWorker()
	} else {
		l.wake() // what is due next may have changed
	}
	return err
}

// Look calls read under the loop's lock, so that it can read what belongs to the run,
// like the engine's state.
func (l *Loop) Look(read func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	read()
}

// Waiting returns the attempts that are due and wait for a connection, in order. It,
// InFlight and Late may be called only from the function given to [Loop.Look], and
// the result is valid only there.
func (l *Loop) Waiting() []sim.Send { return l.ready.items[l.ready.head:] }

// InFlight returns the number of attempts that are being made.
func (l *Loop) InFlight() int { return l.inFlight }

// Late returns for how much wall time the first waiting attempt has been due, and how
// late the loop is with timers and inputs, which wait for nothing but this machine.
func (l *Loop) Late() (attempt, next time.Duration) {
	if l.clock.origin.IsZero() { // the run has not begun
		return 0, 0
	}
	wall := l.clock.wall()
	if l.ready.len() > 0 {
		attempt = max(0, l.clock.late(l.ready.first().Due, wall))
	}
	if at := l.nextDue(); at != never {
		next = max(0, l.clock.late(at, wall))
	}
	return attempt, next
}

// SetSource replaces the source of inputs, or with nil removes it. Inputs already
// taken stay in effect.
func (l *Loop) SetSource(s Source) {
	<-l.begun
	l.locked(func() {
		l.runDue(l.clock.read())
		l.cfg.Source = s
		l.recheckClock()
	})
}

// NextInput returns when the next input of the source comes; ok is false if none does.
func (l *Loop) NextInput() (at call.Instant, ok bool) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cfg.Source == nil {
		return 0, false
	}
	return l.cfg.Source.Next()
}

// Finish ends the run gracefully. No new attempt begins, and the run is over when the
// attempts in flight are answered, or when the context ends. Callbacks that are not
// settled stay open in the journal, so that another run can continue.
func (l *Loop) Finish(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { l.stop(nil) })()
	l.mu.Lock()
	l.finishing = true
	l.followers.Broadcast()
	l.wake()
	l.mu.Unlock()
	<-l.over
}

// stop ends the run. Workers that wait or send return soon.
func (l *Loop) stop(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.halt(err)
}

func (l *Loop) halt(err error) {
	if l.stopped {
		return
	}
	l.stopped, l.err = true, err
	close(l.over)
	for _, s := range l.senders {
		s.Close()
	}
	l.followers.Broadcast()
	l.wake()
}

// wake interrupts the leader's wait.
func (l *Loop) wake() {
	select {
	case l.wakeC <- struct{}{}:
	default:
	}
}

// step gives the engine an input after all that is due by now, so that inputs are in
// order of time however late the worker is. If runDue stops early, the input gets the
// time at which it stopped.
func (l *Loop) step(now call.Instant, in sim.Input) error {
	_, err := l.apply(l.runDue(now), in)
	return err
}

// apply steps the engine and absorbs the effects.
func (l *Loop) apply(now call.Instant, in sim.Input) ([]sim.Effect, error) {
	if l.cfg.Engine.Signs() {
		l.cfg.Engine.Wall(time.Now().Unix())
	}
	fx, err := l.cfg.Engine.Step(now, in)
	l.absorb(fx)
	return fx, err
}

// absorb journals the effects of a step and queues their attempts.
func (l *Loop) absorb(fx []sim.Effect) {
	if l.stopped || len(fx) == 0 {
		return
	}
	if err := l.cfg.Journal(fx); err != nil {
		l.halt(err)
		return
	}
	for i := range fx {
		if fx[i].Send != nil {
			l.ready.push(*fx[i].Send)
		}
	}
}
