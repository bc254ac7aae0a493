package sim

import (
	"fmt"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
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

// Defaults of the timers, in simulated time.
const (
	RingTimeout     = 30 * time.Second // TUICallParams.timeout
	HeartbeatExpiry = 30 * time.Second // not published
)

// PlatformExpiry, as a heartbeat's expiry, stands for each platform's own:
// 60 s for Web and mini programs, 400 s for native clients, after which the
// vendor's IM takes a client that fell silent for offline
// (cloud.tencent.com/document/product/269/2570).
const PlatformExpiry time.Duration = -1

// expiry is how long after a phone fell silent its heartbeat expires.
func (e *Engine) expiry(m *call.Member) time.Duration {
	if e.cfg.HeartbeatExpiry != PlatformExpiry {
		return e.cfg.HeartbeatExpiry
	}
	return PlatformExpiryOf(m.Device.Platform)
}

// PlatformExpiryOf is the heartbeat's expiry for one platform; see
// [PlatformExpiry].
func PlatformExpiryOf(platform string) time.Duration {
	switch platform {
	case "Web", "miniProgram":
		return 60 * time.Second
	}
	return 400 * time.Second
}

// Config is what makes an engine's behaviour, apart from its inputs.
type Config struct {
	Run             journal.Run // the header; Dialect and Flags may be nil
	Dialect         *wire.Dialect
	Rooms           Rooms
	Order           Order
	RingTimeout     time.Duration
	HeartbeatExpiry time.Duration // [PlatformExpiry]: each platform's own
	// Exclusive makes a callee busy who is in another call. A traffic model
	// that keeps its own users apart switches it off and saves the index.
	Exclusive bool
	// Timings journals how long answers took, so that no two journals of equal
	// runs are equal.
	Timings bool
	// Hosts journals the hosts of typed addresses too, for journals that a
	// restart goes on with. Others leave them out: they differ from run to run.
	Hosts bool
	// Limit bounds how many attempts may wait to be made.
	Limit Limit
	// Sign is a token: requests are signed with it; empty is off. No two journals of
	// equal runs are equal then, since a signature has the wall time of its first
	// attempt; see [Engine.Wall].
	Sign string
	// Keep is how many events a finished call stays in the state; see
	// [journal.Keep].
	Keep uint64
	// Recycle uses the memory of what is settled and forgotten again, for load:
	// it takes an engine without readers. What a step returns is valid until the
	// next one anyway; besides
	//
	//   - the Request of a [Send] is valid until the answer to that attempt is given
	//     to a step. One that never gets an answer stays as it is.
	//   - calls, callbacks and requests of [Engine.State] are valid until the next
	//     step: who has to keep one keeps its id.
	//   - events carry no requests, and who folds them into another state folds
	//     them into one for readers, before the next step.
	//   - the engine keeps neither the lists of a [Place] nor its plan, whose memory
	//     the caller may use again. Texts, the devices, what the app attached, and
	//     the lists in the plan's actions it does keep.
	//
	// What the engine does, and what it says, is the same.
	Recycle bool
}

// Limit bounds the attempts that an engine has asked for and that have no answer
// yet. A callback whose first attempt becomes due beyond that is dropped: it is
// never sent, and its call goes on. Retries are never dropped; they are no more
// than the attempts that failed in the time of the retry schedule. Which
// callbacks are dropped follows from the inputs alone. A zero is no limit.
type Limit struct {
	Attempts int
	// Bytes is the same in memory: of the requests, and of what is kept beside
	// each of them.
	Bytes int
}

// Kept is how much memory an attempt that waits takes besides its request, in
// bytes: the callback, its part of a call, and its place in the maps and queues.
const Kept = 3 << 9

// full reports whether no further callback may begin.
func (l *Limit) full(attempts, bytes int) bool {
	return l.Attempts > 0 && attempts >= l.Attempts || l.Bytes > 0 && bytes >= l.Bytes
}

// Engine is the simulator's pure core. It is not safe for concurrent use.
type Engine struct {
	cfg      Config
	state    *journal.State
	encoder  *wire.Encoder
	policies map[wire.Generation]delivery.Policy
	faults   []*fault.Active
	agenda   agenda
	inCall   map[string]int // user -> calls it is part of; nil unless Exclusive

	firstRoom uint64

	// What the limit bounds.
	inFlight, heldBytes int

	wall   int64 // in seconds since 1970, where requests are signed
	writes bool  // requests are more than the documents say: see rewrite.go

	// What a step uses, and the next one uses again.
	effects   []Effect
	said      said
	judges    delivery.Judges
	facts     []call.Fact
	callbacks []wire.Callback
	ids       []byte
	query     []byte
	body      []byte
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
	if cfg.Rooms.Token == "" {
		cfg.Rooms.Token = cfg.Run.Token
	}
	e := &Engine{
		cfg: cfg, state: st, firstRoom: firstRoom(cfg.Run.Seed, cfg.Rooms.Token),
	}
	e.speak(cfg.Dialect)
	if cfg.Recycle {
		st.Recycle()
	}
	if cfg.Exclusive {
		e.inCall = map[string]int{}
	}
	return e
}

func (e *Engine) pushDelivery(at call.Instant, c *journal.Call, d *delivery.Delivery) {
	e.agenda.push(newEntry(at, deliveryDue, c, d))
}

// Begin returns the journal's header. Call it before the first step; a restored
// engine, whose journal has one, returns nothing.
func (e *Engine) Begin() []Effect {
	e.effects = e.effects[:0]
	if e.state.Run.V != 0 {
		return nil
	}
	e.emit(e.cfg.Run.Epoch, "", &e.cfg.Run)
	return e.effects
}

// Restore makes an engine that goes on where a journal ended. Attempts that
// were under way then count as not made: their deliveries are due at once.
func Restore(cfg Config, st *journal.State) (*Engine, error) {
	cfg.Run, cfg.Dialect = st.Run, st.Dialect
	e := newEngine(cfg, st)
	var err error
	if e.faults, err = parseFaults(st.Faults); err != nil {
		return nil, err
	}
	for c := range st.Calls() {
		for i := range c.Members {
			if c.Phase != call.Over && c.Members[i].Present() {
				e.occupy(c.Members[i].ID, 1)
			}
		}
		if !st.Drained {
			e.scheduleTimers(c)
			e.scheduleStep(c)
		}
		for _, d := range c.Deliveries {
			if !d.State.Settled() {
				at := st.Now
				if d.State == delivery.Waiting {
					at = d.Due
				}
				e.pushDelivery(at, c, d)
			}
		}
	}
	return e, nil
}

// State is the engine's state. Readers must not change it, nor look at it
// while a step is under way.
func (e *Engine) State() *journal.State { return e.state }

// Next is when something is due, if anything is. Nothing is after [call.Latest].
func (e *Engine) Next() (at call.Instant, ok bool) {
	for len(e.agenda) > 0 && e.stale(&e.agenda[0]) {
		e.agenda.pop()
	}
	if len(e.agenda) == 0 {
		return 0, false
	}
	at = e.agenda[0].at()
	return at, at <= call.Latest
}

// stale reports whether an entry is about something that has come to nothing
// meanwhile, like the ring timer of a phone that was answered.
func (e *Engine) stale(due *entry) bool {
	c, at := due.call, due.at()
	switch due.class() {
	case ringTimer:
		return !anybody(c, at, e.unanswered)
	case heartbeatTimer:
		return !anybody(c, at, e.expired)
	case planStep:
		return false // a step that comes too late is refused, and that is journalled
	}
	d := due.due // in flight only if the journal it was restored from ended then
	return d.State != delivery.Flying && !(d.State == delivery.Waiting && d.Due == at) && !e.startable(c, d)
}

// Step takes an input at a time, which must not be before that of the last
// step, and returns what follows, in order. What was due by then comes first.
// An error means that the input was refused and had no effect; the effects of
// what was due are returned with it. After [call.Latest] all is refused.
func (e *Engine) Step(now call.Instant, in Input) ([]Effect, error) {
	e.effects = e.effects[:0]
	e.said.forget()
	e.state.Wipe()
	if now < e.state.Now {
		now = e.state.Now
	}
	var err error
	if now > call.Latest { // a journal that says so could not be read again
		now, in, err = call.Latest, Tick{}, call.ErrTooLate
	}
	e.fire(now)
	switch in := in.(type) {
	case Tick:
	case Register:
		err = e.register(now, in)
	case Unregister:
		err = e.unregister(now, in)
	case SetFaults:
		err = e.setFaults(now, in)
	case Place:
		err = e.place(now, &in)
	case *Place:
		err = e.place(now, in)
	case Drain:
		e.drain(now)
	case Act:
		c := e.state.Call(in.Call)
		if err = errDrained; e.state.Drained {
			break
		}
		if c == nil {
			err = fmt.Errorf("call %q: no such call", in.Call)
			break
		}
		err = e.act(now, c, in.Action, 0)
	case Answered:
		err = e.answered(now, in)
	case Clock:
		e.emit(now, "", &journal.Clock{Pace: in.Pace, Paused: in.Paused})
	case Reset:
		e.reset(now, in)
	default:
		err = e.byHand(now, in)
	}
	for i := range len(e.effects) - 1 {
		e.effects[i].Event.More = true
	}
	return e.effects, err
}

func (e *Engine) urlOf(in Register) string {
	if in.Typed && !e.cfg.Hosts {
		return in.Endpoint.Relative()
	}
	return in.Endpoint.URL
}

// emit makes an event, folds it into the state and returns it as an effect.
func (e *Engine) emit(now call.Instant, id string, data journal.Data) {
	e.effects = append(e.effects, Effect{Event: journal.Event{At: now, Call: id, Data: data}})
	ev := &e.effects[len(e.effects)-1].Event
	if _, header := data.(*journal.Run); !header {
		ev.Seq = e.state.Seq + 1
	}
	if err := e.state.Apply(ev); err != nil {
		panic("sim: the engine broke its own journal: " + err.Error())
	}
}

// fire does what is due by now, each at its own time.
func (e *Engine) fire(now call.Instant) {
	for len(e.agenda) > 0 && e.agenda[0].at() <= now {
		due := e.agenda.pop()
		if e.stale(&due) {
			continue
		}
		c, at := due.call, due.at()
		e.state.Expect(c)
		switch due.class() {
		case ringTimer:
			// Those who are being called can time out, the silent can expire.
			_ = e.act(at, c, call.Action{Do: call.DoTimeout, Users: everybody(c, at, e.unanswered)}, 0)
		case heartbeatTimer:
			for _, u := range everybody(c, at, e.expired) {
				_ = e.act(at, c, call.Action{Do: call.DoExpire, By: u}, 0)
			}
		case planStep:
			e.step(max(at, e.state.Now), c)
		case deliveryDue:
			e.attempt(max(at, e.state.Now), c, due.due)
		}
	}
}
