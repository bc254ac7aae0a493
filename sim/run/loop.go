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

// Sender makes one attempt after the other, on connections of its own. Send
// fills in the whole answer, whose body stays valid until the next Send. Close
// may come from another goroutine and interrupts an attempt.
type Sender interface {
	Send(*delivery.Request, delivery.Transport, *delivery.Answer)
	Close()
}

// Config is what a loop needs.
type Config struct {
	Engine    *sim.Engine
	Pace      Pace          // at the beginning
	Paused    bool          // time stands still at the beginning
	NewSender func() Sender // called for each worker
	Workers   int           // at most, and so the number of connections; 0 means 64
	// Timeout is how much simulated time an attempt that timed out takes under
	// Instant. Attempts take no simulated time otherwise.
	Timeout time.Duration
	Source  Source // may be nil
	// Journal gets the effects of each step once, in order, before what they
	// ask for is done. An error stops the loop.
	Journal func(step []sim.Effect) error
	// Landed, if it is not nil, is told of each attempt that came back, under
	// the loop's lock and before the engine is: late is how much wall time after
	// it was due the attempt began, answer is valid only during the call.
	Landed func(job *sim.Send, late time.Duration, answer *delivery.Answer)
	// OwnFault, if it is not nil, is told under the loop's lock of each attempt that
	// this machine could not make. The attempt is then made again, soon, as if it
	// had not been tried: for servers, which outlast what they lack. If it is nil,
	// the run ends.
	OwnFault func(*delivery.OwnFaultError)
	// Precise spends a file descriptor, where the system has such, on waking up
	// within tens of microseconds of when something is due, instead of a
	// millisecond.
	Precise bool
	// Slipped, if it is not nil, lets time wait for a loop that does not keep up
	// with its pace, rather than have it catch up for ever. It is told, under the
	// loop's lock, by how much simulated time each time.
	Slipped func(by time.Duration)
	// InTurn makes the order of attempts the same each time, under Instant with
	// inputs through Do: they wait until the clock is moved, and those of one
	// moment begin in the order in which the engine asked for them, each when the
	// one before is answered or has had a head start. Copies of one callback go
	// at once.
	InTurn bool
	// Linger keeps the loop running when nothing is left to do, until its
	// context ends: inputs may come through Do.
	Linger bool
}

// Loop drives one engine.
type Loop struct {
	cfg Config

	begun, over chan struct{} // closed when Run begins and when the run is over

	mu        sync.Mutex
	followers *sync.Cond    // idle workers other than the leader
	wake      chan struct{} // interrupts the leader's wait
	alarm     alarm         // the leader's
	armed     armed         // what for
	rings     <-chan struct{}
	clock     clock
	ready     queue     // attempts that wait for a worker
	landed    []landing // Instant: answers that wait for their turn
	flying    int
	rest      chan struct{} // closed when nothing happens by itself; nil: no one waits for it
	turn      turn          // of the attempt that began last
	idle      int           // workers in followers.Wait
	leading   bool          // a worker waits for the next due time
	leadsTo   call.Instant  // which time that is
	behind    time.Time     // since when more is due than a breath; zero: it is not
	workers   int
	senders   []Sender
	finishing bool // nothing new is sent
	stopped   bool
	err       error
	group     sync.WaitGroup
}

// New makes a loop. Of an engine that was begun already the header is not
// journalled again.
func New(cfg Config) *Loop {
	if cfg.Workers == 0 {
		cfg.Workers = 64
	}
	if cfg.Journal == nil {
		cfg.Journal = func([]sim.Effect) error { return nil }
	}
	l := &Loop{cfg: cfg, wake: make(chan struct{}, 1), begun: make(chan struct{}), over: make(chan struct{})}
	l.followers = sync.NewCond(&l.mu)
	return l
}

// check names the field that is missing.
func (c *Config) check() error {
	switch {
	case c.Engine == nil:
		return errors.New("run.Config.Engine: is missing; sim.New makes one")
	case c.NewSender == nil:
		return errors.New("run.Config.NewSender: is missing; post.New makes a sender")
	}
	return nil
}

// Run begins the engine's journal and drives the engine until nothing is left
// to do or the context ends, which gives up the attempts in flight. It returns
// the first error of the journal, a [*delivery.OwnFaultError] if this machine
// could not make an attempt, a [*PanicError] if something broke, or the context's
// error; at once an error that names a field of the configuration that is missing.
func (l *Loop) Run(ctx context.Context) error {
	if err := l.cfg.check(); err != nil {
		l.stop(err)
		close(l.begun)
		return err
	}
	defer context.AfterFunc(ctx, func() { l.stop(nil) })()
	l.locked(func() {
		if l.alarm = alarm(newTimer()); l.cfg.Precise {
			l.alarm = newPrecise()
		}
		fx := l.cfg.Engine.Begin()
		l.clock = clock{pace: l.cfg.Pace, paused: l.cfg.Paused, zero: time.Now(), now: l.cfg.Engine.State().Now}
		l.absorb(fx)
		if ctx.Err() == nil {
			l.hire()
		}
	})
	close(l.begun)
	l.group.Wait()
	l.locked(func() {
		l.alarm.close()
		if l.finishing {
			l.touchDown(never)
		}
		l.halt(nil) // closes the senders
	})
	if l.err != nil {
		return l.err
	}
	return ctx.Err()
}

// ErrStopped says that an input came after the run: it had no effect. If an
// error ended the run, it comes along.
var ErrStopped = errors.New("the run is over")

// whyStopped is what an input gets that comes after the run.
func (l *Loop) whyStopped() error {
	if l.err == nil {
		return ErrStopped
	}
	return fmt.Errorf("%w: %w", ErrStopped, l.err)
}

// Do gives the engine an input now and returns its error. It waits for the run
// to begin. If seen is not nil, it gets what follows from the input, valid only
// during the call.
func (l *Loop) Do(in sim.Input, seen func([]sim.Effect)) (err error) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		if l.stopped { // by now: the journal failed, or something broke
			err = l.whyStopped()
		}
	}()
	defer l.recovered()
	if l.stopped || l.finishing {
		return l.whyStopped()
	}
	now := l.feed(l.clock.read())
	if _, reset := in.(sim.Reset); reset {
		l.ready, l.landed = queue{}, nil
		if l.clock.at != nil {
			l.clock.settle()
		}
	}
	fx, err := l.apply(now, in)
	if seen != nil && !l.stopped {
		seen(fx)
	}
	if l.ready.len() > 0 && l.flying < l.cfg.Workers {
		l.recruit()
	} else {
		l.nudge() // what is due next may have changed
	}
	return err
}

// Look lets others read what belongs to the run, like the engine's state, while
// nothing happens in it.
func (l *Loop) Look(read func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	read()
}

// Waiting are the attempts that are due and wait for a connection, the first one
// first. It is for [Loop.Look], and valid only there, as InFlight and Late are.
func (l *Loop) Waiting() []sim.Send { return l.ready.items[l.ready.head:] }

// InFlight is how many attempts are being made.
func (l *Loop) InFlight() int { return l.flying }

// Late is for how much wall time the first of the attempts that wait has been
// due, and how late the loop is with what is due next: with timers and inputs,
// which wait for nothing but this machine.
func (l *Loop) Late() (attempt, next time.Duration) {
	if l.clock.zero.IsZero() { // it did not begin yet
		return 0, 0
	}
	wall := l.clock.wall()
	if l.ready.len() > 0 {
		attempt = max(0, l.clock.late(l.ready.first().Due, wall))
	}
	if at := l.due(); at != never {
		next = max(0, l.clock.late(at, wall))
	}
	return attempt, next
}

// SetSource takes inputs from another source from now on, or with nil from
// none. What was taken from the one before goes on.
func (l *Loop) SetSource(s Source) {
	<-l.begun
	l.locked(func() {
		l.feed(l.clock.read())
		l.cfg.Source = s
		l.attend()
	})
}

// Finish ends the run in good order: nothing new is sent, and the run is over
// when what is in flight has been answered, or at the latest when the context
// ends. What was due then is in the journal as under way, for another run.
func (l *Loop) Finish(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { l.stop(nil) })()
	l.mu.Lock()
	l.finishing = true
	l.followers.Broadcast()
	l.nudge()
	l.mu.Unlock()
	<-l.over
}

// stop ends the run. Whoever waits or sends comes back soon.
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
	l.nudge()
}

// nudge interrupts the leader's wait.
func (l *Loop) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// step gives the engine an input, after all that was due by then: however late
// this worker is, what was due first happens first. If that is more than a
// breath, the input comes as far as that got.
func (l *Loop) step(now call.Instant, in sim.Input) error {
	_, err := l.apply(l.feed(now), in)
	return err
}

// apply steps the engine and takes in what follows.
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
