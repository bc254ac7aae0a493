package run

import (
	"context"
	"errors"
	"math"
	"runtime"
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
	// Precise spends a file descriptor, where the system has such, on waking up
	// within tens of microseconds of when something is due, instead of a
	// millisecond.
	Precise bool
	// Slipped, if it is not nil, lets time wait for a loop that does not keep up
	// with its pace, rather than have it catch up for ever. It is told, under the
	// loop's lock, by how much simulated time each time.
	Slipped func(by time.Duration)
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
	idle      int          // workers in followers.Wait
	leading   bool         // a worker waits for the next due time
	leadsTo   call.Instant // which time that is
	behind    time.Time    // since when more is due than a breath; zero: it is not
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

// Run begins the engine's journal and drives the engine until nothing is left
// to do or the context ends, which gives up the attempts in flight. It returns
// the first error of the journal, or the context's.
func (l *Loop) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { l.stop(nil) })()
	l.mu.Lock()
	if l.alarm = alarm(newTimer()); l.cfg.Precise {
		l.alarm = newPrecise()
	}
	fx := l.cfg.Engine.Begin()
	l.clock = clock{pace: l.cfg.Pace, paused: l.cfg.Paused, start: time.Now(), now: l.cfg.Engine.State().Now}
	l.absorb(fx)
	if ctx.Err() == nil {
		l.hire()
	}
	close(l.begun)
	l.mu.Unlock()
	l.group.Wait()
	l.mu.Lock()
	l.alarm.close()
	if l.finishing {
		l.touchDown(never)
	}
	l.halt(nil) // closes the senders
	l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	return ctx.Err()
}

// ErrStopped says that an input came after the run: it had no effect.
var ErrStopped = errors.New("the run is over")

// Do gives the engine an input now and returns its error. It waits for the run
// to begin. If seen is not nil, it gets what follows from the input, valid only
// during the call.
func (l *Loop) Do(in sim.Input, seen func([]sim.Effect)) error {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped || l.finishing {
		return ErrStopped
	}
	now := l.feed(l.clock.read())
	if _, reset := in.(sim.Reset); reset {
		l.ready, l.landed = queue{}, nil
		if l.clock.goal != 0 {
			l.clock.settle()
		}
	}
	fx, err := l.apply(now, in)
	if seen != nil && !l.stopped {
		seen(fx)
	}
	if l.stopped { // the journal failed
		return errors.Join(ErrStopped, l.err)
	}
	if l.ready.len() > 0 {
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

// SetSource takes inputs from another source from now on, or with nil from
// none. What was taken from the one before goes on.
func (l *Loop) SetSource(s Source) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	l.feed(l.clock.read())
	l.cfg.Source = s
	l.attend()
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

// hire starts a worker, unless there are enough.
func (l *Loop) hire() {
	most := l.cfg.Workers
	if l.cfg.Pace != Instant || l.cfg.Linger {
		most++ // when all others are away sending, one has to watch the clock
	}
	if l.workers >= most || l.stopped || l.finishing {
		return
	}
	l.workers++
	s := l.cfg.NewSender()
	l.senders = append(l.senders, s)
	l.group.Go(func() { l.work(s) })
}

// work is the life of a worker: take an attempt, send it, bring the answer
// back.
func (l *Loop) work(s Sender) {
	// One of each for all attempts: whoever is shown them keeps nothing.
	var job sim.Send
	var a delivery.Answer
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		var ok bool
		if job, ok = l.take(); !ok {
			l.followers.Broadcast() // the others have nothing to wait for either
			l.nudge()
			return
		}
		l.recruit()
		l.flying++
		l.mu.Unlock()
		var began time.Time
		if l.cfg.Landed != nil {
			began = time.Now()
		}
		s.Send(job.Request, job.Transport, &a)
		l.mu.Lock()
		l.flying--
		if l.cfg.Landed != nil && a.Failure != delivery.Stopped {
			l.cfg.Landed(&job, l.clock.late(job.Due, began), &a)
		}
		l.land(job, &a)
	}
}

// recruit makes sure that somebody takes care of what comes next, before the
// worker that holds the lock is away sending: of the next attempt, and of the
// time, which under Instant stands still meanwhile. It wakes nobody in vain.
func (l *Loop) recruit() {
	n := l.ready.len()
	switch {
	case n == 0 && (l.leading || l.clock.jumps()):
	case l.idle > 0:
		l.followers.Signal()
	case l.leading && n == 1:
		l.nudge()
	case l.leading:
		l.nudge()
		l.hire()
	default:
		l.hire()
	}
}

// land gives an answer to the engine: at once, or under Instant when all of
// the instant's answers are there.
func (l *Loop) land(job sim.Send, a *delivery.Answer) {
	if l.stopped || a.Failure == delivery.Stopped {
		return
	}
	if !l.clock.jumps() {
		l.answer(l.clock.read(), job, a)
		return
	}
	ld := landing{at: l.clock.now, job: job, answer: *a}
	ld.answer.Body = append([]byte(nil), a.Body...)
	if a.Failure == delivery.TimedOut {
		ld.at = ld.at.Add(l.cfg.Timeout)
	}
	l.landed = append(l.landed, ld)
}

func (l *Loop) answer(now call.Instant, job sim.Send, a *delivery.Answer) {
	// Only an attempt that was given up meanwhile is refused.
	_ = l.step(now, sim.Answered{Delivery: job.Delivery, Attempt: job.Attempt, Answer: a})
}

// breath is after how many steps a worker lets go of the lock.
const breath = 256

// patience is for how much wall time a loop catches up before its time slips.
const patience = time.Second

// take returns the next attempt to make. It waits for one if it must; ok is
// false when the run is over.
func (l *Loop) take() (job sim.Send, ok bool) {
	for n := 1; !l.stopped && !l.finishing; n++ {
		if n%breath == 0 || !l.behind.IsZero() { // others have a word
			l.mu.Unlock()
			runtime.Gosched()
			l.mu.Lock()
		}
		if l.flying < l.cfg.Workers {
			if job, ok := l.ready.pop(); ok {
				return job, true
			}
		}
		progress, next := l.advance()
		switch {
		case progress || l.ready.len() > 0 && l.flying < l.cfg.Workers:
		case next == never && l.flying == 0 && !l.cfg.Linger:
			return sim.Send{}, false
		default:
			l.wait(next)
		}
	}
	return sim.Send{}, false
}

// never is later than anything.
const never = call.Instant(math.MaxInt64)

// due is when the engine or the source has something to do.
func (l *Loop) due() call.Instant {
	at, ok := l.cfg.Engine.Next()
	if !ok {
		at = never
	}
	if l.cfg.Source != nil {
		if s, more := l.cfg.Source.Next(); more {
			at = min(at, s)
		}
	}
	return at
}

// feed does what is due by a time, each at its own time: the engine's timers
// and the source's inputs, the timers first where both are due at once. It
// returns how far it got: while wall time runs on, that is not beyond a breath.
func (l *Loop) feed(now call.Instant) call.Instant {
	var at call.Instant
	for n := 0; !l.stopped; n++ {
		engine, timers := l.cfg.Engine.Next()
		source, more := never, false
		if l.cfg.Source != nil {
			if at, ok := l.cfg.Source.Next(); ok {
				source, more = at, true
			}
		}
		timers = timers && engine <= now && engine <= source
		switch {
		case !timers && !(more && source <= now):
			l.behind = time.Time{}
			return now
		case n == breath && !l.clock.jumps():
			l.lag(at)
			return at
		case timers:
			at = engine
			_, _ = l.apply(at, sim.Tick{}) // a tick is never refused
		default:
			at = max(source, l.cfg.Engine.State().Now)
			if _, err := l.apply(source, l.cfg.Source.Take()); err != nil {
				if err = l.cfg.Source.Refused(err); err != nil {
					l.halt(err)
				}
			}
		}
	}
	return now
}

// lag notes that only what was due up to a time is done. If that goes on for too
// long, it stays that time.
func (l *Loop) lag(at call.Instant) {
	switch {
	case l.behind.IsZero():
		l.behind = time.Now()
	case l.cfg.Slipped != nil && l.clock.runs() && time.Since(l.behind) > patience:
		by := l.clock.read().Sub(at)
		l.clock.hold(at)
		l.behind = time.Time{}
		l.cfg.Slipped(by)
	}
}

// advance does what is due. It tells whether it did anything, and else when
// there will be something to do.
func (l *Loop) advance() (progress bool, next call.Instant) {
	if l.clock.jumps() {
		return l.jump()
	}
	now, next := l.clock.read(), l.due()
	if ld, landed := l.nextLanding(); landed { // left over from a jump
		if ld <= now {
			l.touchDown(now)
			return true, 0
		}
		next = min(next, ld)
	}
	if next > now {
		return false, next
	}
	l.feed(now)
	return true, 0
}

// jump moves the simulated time to what is due next, unless something is in
// flight: then its answer comes first.
func (l *Loop) jump() (progress bool, next call.Instant) {
	if l.flying > 0 {
		return false, never
	}
	next = l.due()
	ld, landed := l.nextLanding()
	switch limit := l.clock.limit(); {
	case landed && ld <= next && ld <= limit:
		l.clock.now = max(l.clock.now, ld)
		l.touchDown(l.clock.now)
	case next > limit && l.clock.goal != 0:
		l.clock.arrive()
	case next == never:
		return false, never
	default:
		l.clock.now = max(l.clock.now, next)
		l.feed(l.clock.now)
	}
	return true, 0
}

// wait parks the worker until something may have changed. The first one to
// park leads: it also wakes up when the next thing is due.
func (l *Loop) wait(next call.Instant) {
	if l.leading {
		if next < l.leadsTo {
			l.nudge()
		}
		l.idle++
		l.followers.Wait()
		l.idle--
		return
	}
	l.leading, l.leadsTo = true, next
	var due <-chan struct{}
	if next != never && l.clock.runs() {
		due = l.arm(next)
	}
	l.mu.Unlock()
	select {
	case <-due:
		l.mu.Lock()
		l.armed = armed{}
	case <-l.wake:
		l.mu.Lock()
	}
	l.leading = false
}

// armed is what an alarm was set for.
type armed struct {
	at    call.Instant
	turns uint64 // of the clock by then
}

// arm sets the alarm, unless it is set for that time already: attempts that
// come and go meanwhile are many, and each time is a call of the system.
func (l *Loop) arm(next call.Instant) <-chan struct{} {
	if this := (armed{next, l.clock.turns}); l.armed != this {
		l.armed, l.rings = this, l.alarm.in(l.clock.until(next))
	}
	return l.rings
}
