package traffic

import (
	"math"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/draw"
	"ringback/sim/timers"
)

// Partition is a part of the people that shares nothing with the other parts:
// people call only people of their own partition. Whole neighborhoods, call
// centers and teams are assigned to the partitions in turn. What its calls are, to
// their numbers, depends on no other partition, nor on what generates and plays it.
type Partition struct {
	Suppressed uint64 // see [World.Suppressed]

	model      *Model
	seed       uint64
	intentSeed uint64 // seed of when and whom people call
	expiry     time.Duration
	epoch      call.Instant
	until      call.Instant
	index, of  int
	users      int // of this partition
	group      int // size of a neighborhood, of a center's customers, of a team

	calendar     *calendar
	queue        timers.Queue[task]
	scheduled    uint64 // tasks so far
	due          task   // the task in hand
	reusable     *Call  // a call that is no longer used, or nil
	population   population
	processes    []arrivalProcess
	intents      uint64
	calls        uint64 // so far
	directory    *directory
	people       cache[*Person] // users, then agents
	busy         busyTimes
	constantRate *constantRate // nil: calls arrive at the rate of the model
}

// population decides who calls whom.
type population interface {
	// others returns how many people there are who never start a call; other
	// returns the n-th of them, from 0.
	others() int
	other(n int) *Person
	// arrivals returns how many arrival processes there are: one for each user, or
	// for each team. rate is how many calls a process intends on a weekday.
	arrivals() int
	rate(process int) float64
	// want returns the task of an intended call; false if there is no one to call.
	want(at call.Instant, process int, w Intent) (task, bool)
	// callee returns who is called, decided when the call starts.
	callee(e *task, now call.Instant) int32
	// begin makes the call of a task; nil if the caller is busy after all.
	begin(e *task) *Call
	// free reports whether the caller of a task, a user or a team, is in no call.
	free(e *task) bool
}

// arrivalProcess is a Poisson process of intended calls, thinned by the caller's
// time-of-day preference.
type arrivalProcess struct {
	volume float64      // the calendar's integral up to its latest candidate
	at     call.Instant // of that one
	count  uint64       // candidates so far
	rate   float64      // of candidates, per day's volume
	phase  float64      // hour that the caller prefers most
}

func newPartition(m *Model, o Options, index int) *Partition {
	p := &Partition{
		model: m, seed: o.Seed, intentSeed: o.Seed + o.Salt, expiry: o.Heartbeat, epoch: o.Epoch, until: o.Until, index: index, of: m.Partitions,
		directory: newDirectory(m, o.Seed), queue: newQueue(),
	}
	first := o.Epoch - p.lead() // calls can be moved to later times
	p.calendar = newCalendar(&m.Arrivals, o.Seed, first)
	if p.until == 0 {
		p.until = math.MaxInt64
	}
	if p.expiry == 0 {
		p.expiry = sim.PlatformExpiry
	}
	if o.Rate > 0 {
		p.constantRate = newConstantRate(o, index, m.Partitions)
	}
	switch {
	case m.People != nil:
		p.group = m.People.Community
		p.population = newPeople(p, m.People)
	case m.Center != nil:
		p.group = m.Center.Customers
		p.population = &center{Partition: p, Center: m.Center}
	default:
		p.group = m.Team.Members
		p.population = newTeam(p, m.Team)
	}
	p.users = p.share(m.Users)
	p.people = newCache[*Person](p.users+p.population.others(), p.constantRate != nil)
	p.busy = newBusyTimes(p.users + p.population.others())
	if p.constantRate != nil {
		return p
	}
	p.processes = make([]arrivalProcess, p.population.arrivals())
	for i := range p.processes {
		c := &p.processes[i]
		c.volume = p.calendar.integral(first)
		c.rate = p.population.rate(i) * (1 + m.Arrivals.Habit)
		c.phase = 24 * p.draw("habit", p.processID(i))
		p.pushCandidate(i, first-p.lead())
	}
	return p
}

// share returns how many of n users belong to this partition.
func (p *Partition) share(n int) int {
	whole, rest := n/p.group, n%p.group
	mine := whole / p.of * p.group
	if p.index < whole%p.of {
		mine += p.group
	}
	if p.index == whole%p.of {
		mine += rest
	}
	return mine
}

// user returns the number, among all users, of a user of this partition.
func (p *Partition) user(i int) int {
	return (i/p.group*p.of+p.index)*p.group + i%p.group
}

// processID identifies an arrival process in draws: the user's number, or the
// team's.
func (p *Partition) processID(i int) uint64 {
	if p.population.arrivals() == p.users {
		return uint64(p.user(i))
	}
	return uint64(i*p.of + p.index)
}

// draw returns a number in [0, 1) for a purpose and an entity.
func (p *Partition) draw(purpose string, entity ...uint64) float64 {
	return draw.Float(p.seed, purpose, entity...)
}

// drawIntent does what draw does, with the seed of intents.
func (p *Partition) drawIntent(purpose string, entity ...uint64) float64 {
	return draw.Float(p.intentSeed, purpose, entity...)
}

// person returns the i-th person of this partition.
func (p *Partition) person(i int32) *Person {
	who := p.people.get(i)
	if who == nil {
		if int(i) < p.users {
			who = p.directory.person("", p.user(int(i)))
		} else {
			who = p.population.other(int(i) - p.users)
		}
		p.people.put(i, who)
	}
	return who
}

// pushCandidate schedules a process's next candidate arrival, if there is one
// before the end. Candidates are a Poisson process of constant rate in the
// calendar's integral.
func (p *Partition) pushCandidate(i int, now call.Instant) {
	c := &p.processes[i]
	if c.rate <= 0 {
		return
	}
	c.count++
	c.volume -= math.Log1p(-p.drawIntent("wish", p.processID(i), c.count)) / c.rate
	var ok bool
	if c.at, ok = p.calendar.inverse(c.volume); !ok || c.at-p.lead() >= p.until {
		return
	}
	p.schedule(task{at: max(c.at-p.lead(), now), kind: candidate, caller: int32(i)})
}

// schedule puts a task in the queue.
func (p *Partition) schedule(e task) {
	p.scheduled++
	e.serial = p.scheduled
	p.queue.Push(int64(e.at), e)
}

// Next returns the partition's next call, ordered by start, or nil if there are
// no more.
func (p *Partition) Next() *Call {
	var c *Call
	if p.constantRate != nil {
		c = p.nextAtRate()
	} else {
		c = p.nextOfModel()
	}
	if c != nil {
		c.Number, c.Partition = p.calls*uint64(p.of)+uint64(p.index)+1, p.index+1
		// Neighbors take turns too, since they may call one after the other.
		c.second = (p.calls+uint64(p.index))%2 == 1
		p.calls++
	}
	return c
}

// nextOfModel returns the partition's next call at the model's rate.
func (p *Partition) nextOfModel() *Call {
	e := &p.due
	for p.queue.Len() > 0 {
		_, *e = p.queue.Pop()
		switch e.kind {
		case candidate:
			p.thin(e)
		case dial:
			p.dial(e)
		case start:
			if c := p.population.begin(e); c != nil {
				return c
			}
		}
	}
	return nil
}

// thin accepts a candidate arrival by the caller's time-of-day preference.
func (p *Partition) thin(e *task) {
	i := int(e.caller)
	c := &p.processes[i]
	n, at := c.count, c.at
	p.pushCandidate(i, e.at)
	if h := p.model.Arrivals.Habit; h > 0 {
		habit := 1 + h*math.Cos(2*math.Pi/24*(p.calendar.hour(at)-c.phase))
		if p.drawIntent("accept", p.processID(i), n)*(1+h) >= habit {
			return
		}
	}
	key, _ := draw.Key(p.intentSeed, "intent", p.processID(i), n)
	w := p.newIntent(Fresh, key)
	switch next, ok := p.population.want(at, i, w); {
	case !ok:
		p.Suppressed++
	case next.at >= p.epoch && next.at < p.until: // after the move to a round time
		p.schedule(next)
	}
}

// newIntent returns an intent with a number that no other partition uses.
func (p *Partition) newIntent(why Why, key uint64) Intent {
	n := p.intents*uint64(p.of) + uint64(p.index) + 1
	p.intents++
	return Intent{IntentID: n, Attempt: 1, Why: why, key: key}
}

// free reports whether the caller of a task is in no call.
func (p *Partition) free(e *task) bool { return p.busy.until(e.caller) <= e.at }

// ready reports the same. If the caller is busy, a redial or call back is put off
// until their call ends, and any other call is suppressed.
func (p *Partition) ready(e *task) bool {
	if p.population.free(e) {
		return true
	}
	if until := p.busy.until(e.caller); e.Why == Redial || e.Why == CallBack {
		e.at, e.kind = until, dial
		p.schedule(*e)
	} else {
		p.Suppressed++
	}
	return false
}

// dial schedules the start of a call. Until then the caller can still be called.
func (p *Partition) dial(e *task) {
	if e.at >= p.until || !p.ready(e) {
		return
	}
	at := e.at.Add(p.draws(e).duration(p.model.Ring.Dial, "dial"))
	if at >= p.until {
		return
	}
	e.at, e.kind = at, start
	p.schedule(*e)
}

// lead returns how long before its time a call is intended, so that snap can
// move it to an earlier time.
func (p *Partition) lead() call.Instant {
	s := &p.model.Arrivals.Snap
	if s.Share == 0 {
		return 0
	}
	return call.Instant((s.Every/2 + 3*s.Spread).Milliseconds())
}

// snap moves some calls to near a round time. The distance from it is drawn from
// a normal distribution, cut at three standard deviations.
func (p *Partition) snap(at call.Instant, key uint64) call.Instant {
	s := &p.model.Arrivals.Snap
	if s.Share == 0 || p.draw("snap", key) >= s.Share {
		return at
	}
	every := call.Instant(s.Every.Milliseconds())
	round := (at - p.calendar.origin + every/2) / every * every
	z := max(-3, min(3, normal(p.draw("snap by", key))))
	return p.calendar.origin + round + call.Instant(z*float64(s.Spread.Milliseconds()))
}

// silence returns how long after its last heartbeat a phone counts as offline.
func (p *Partition) silence(who *Person) call.Instant {
	d := p.expiry
	if d == sim.PlatformExpiry {
		d = sim.PlatformExpiryOf(who.Device.Platform)
	}
	return call.Instant(d.Milliseconds())
}
