// Package outbox delivers the callbacks of calls: it writes their requests, queues
// them, keeps each call's in order, asks for attempts, judges answers, retries, and
// gives up.
//
// It is the lower half of the engine. [Outbox.Add] takes the callbacks of a fact,
// [Outbox.Answered] what came of an attempt, [Outbox.Fire] does what is due, and
// further methods what people ask for. What follows goes into [Effects], which folds it
// into the state that the outbox reads; the outbox calls nothing above it.
package outbox

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/timers"
	"ringback/sim/wire"
)

// Order says whether a call's first attempts wait for each other.
type Order uint8

// The orders.
const (
	// Serial: a call's callback is first sent when the one before it has had an
	// answer to its first attempt. Retries run on their own timers.
	Serial Order = iota
	// Unordered: first attempts start in the order of the facts and never wait.
	Unordered
)

func (o Order) String() string { return [...]string{"serial", "none"}[o] }

// Limit bounds the attempts that were asked for and that have no answer yet. A
// callback whose first attempt becomes due beyond that is dropped: it is never sent,
// and its call goes on. Retries are never dropped; they are no more than the attempts
// that failed in the time of the retry schedule. Which callbacks are dropped follows
// from the inputs alone. A zero is no limit.
type Limit struct {
	Attempts int
	// Bytes is the same in memory: of the requests, and of what is kept beside
	// each of them.
	Bytes int
}

// overhead is how much memory an attempt that waits takes besides its request, in
// bytes: the callback, its part of a call, and its place in the maps and queues.
const overhead = 3 << 9

// full reports whether no further callback may begin.
func (l *Limit) full(attempts, bytes int) bool {
	return l.Attempts > 0 && attempts >= l.Attempts || l.Bytes > 0 && bytes >= l.Bytes
}

// Config is what makes an outbox's behavior, apart from what it is told.
type Config struct {
	Order   Order
	Limit   Limit
	Sign    string // a token: requests are signed with it; empty is off
	Timings bool   // journals how long answers took
	Recycle bool   // events carry no requests: see the engine's Config
	Shared  bool   // see the engine's Config
}

// Outbox is the callbacks on their way to their receivers. It is not safe for
// concurrent use.
type Outbox struct {
	cfg      Config
	run      *journal.Run
	state    *journal.State // which emit alone changes
	effects  *Effects
	dialect  *wire.Dialect
	policies [wire.Both + 1]delivery.Policy // of V1 and V4
	faults   []*fault.Active
	queue    timers.Queue[due]
	requests requests

	// What the limit bounds.
	inFlight, heldBytes int

	judges    delivery.CachingJudge
	callbacks journal.Arena[journal.Callback]
	attempts  journal.Arena[journal.Attempt]
	answers   journal.Arena[journal.Answer]
	drops     journal.Arena[journal.Dropped]
	sends     journal.Arena[Send]
}

// due is a delivery whose time comes. It may be stale by then: what it is about is
// looked up when its time comes.
type due struct {
	call     *journal.Call
	delivery *delivery.Delivery
}

// New makes an outbox that reads a state, which emit folds events into.
func New(cfg Config, run *journal.Run, fx *Effects) *Outbox {
	return &Outbox{
		cfg: cfg, run: run, state: fx.State, effects: fx, requests: requests{signer: signer{token: cfg.Sign}, run: run, state: fx.State, shared: cfg.Shared},
		queue: timers.New(func(a, b due) bool {
			if a.call != b.call {
				return a.call.Number < b.call.Number
			}
			return a.delivery.ID < b.delivery.ID
		}),
	}
}

// Speak makes a dialect that of all callbacks and answers from now on.
func (o *Outbox) Speak(d *wire.Dialect) {
	o.dialect = d
	o.policies[wire.V1], o.policies[wire.V4] = delivery.PolicyOf(wire.V1, d), delivery.PolicyOf(wire.V4, d)
	o.requests.speak(d)
}

// SetFaults makes these the faults of callbacks that are yet to come.
func (o *Outbox) SetFaults(fs []*fault.Active) { o.faults = fs }

// Wall says what time it is, in seconds since 1970 of wall time: signatures have it.
func (o *Outbox) Wall(second int64) { o.requests.wall = second }

// Begin begins a step. What was emitted before it is valid no longer.
func (o *Outbox) Begin() {
	o.callbacks.Reset()
	o.attempts.Reset()
	o.answers.Reset()
	o.drops.Reset()
	o.sends.Reset()
}

// Reset forgets what is under way, and the faults.
func (o *Outbox) Reset() {
	for o.queue.Len() > 0 {
		o.pop()
	}
	o.faults, o.inFlight, o.heldBytes = nil, 0, 0
}

// push has a delivery looked at again at a time.
func (o *Outbox) push(at call.Instant, c *journal.Call, d *delivery.Delivery) {
	c.Refs.Add()
	d.Refs.Add()
	o.queue.Push(int64(at), due{c, d})
}

// pop is the next delivery to look at.
func (o *Outbox) pop() due {
	_, next := o.queue.Pop()
	next.unpin()
	return next
}

func (d due) unpin() {
	d.call.Refs.Drop()
	d.delivery.Refs.Drop()
}

// deleted reports whether the registration that a delivery came from is gone, and
// its retries with it.
func (o *Outbox) deleted(app uint32, via wire.Generation) bool {
	return o.dialect.DeletePending == "drop" && o.state.Target(app, via) == nil
}
