package traffic

import (
	"math"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/draw"
	"ringback/sim/timers"
)

// Partition is a part of a world that shares nothing with the others: people
// of one partition call each other only. Neighbourhoods, centres and teams are
// dealt to the partitions in turn, whole.
type Partition struct {
	Suppressed uint64 // see [World.Suppressed]

	model     *Model
	seed      uint64
	wishes    uint64 // seed of what people want
	expiry    time.Duration
	epoch     call.Instant
	until     call.Instant
	index, of int
	users     int // who live here
	group     int // size of a neighbourhood, of a centre's customers, of a team

	calendar *calendar
	queue    timers.Queue[entry]
	entered  uint64 // entries so far
	due      entry  // what is done now
	spare    *Call  // that nobody looks at any more
	society  society
	chains   []chain
	intents  uint64
	crowd    *crowd
	people   memo[*Person] // users, then agents
	busy     engaged
	even     *even // nil: calls come as the people want them
}

// society is who calls whom.
type society interface {
	// others is how many people there are besides the users, who call nobody by
	// themselves; other makes one of them, from 0.
	others() int
	other(n int) *Person
	// chains is how many chains of wishes there are: one of each user, or of each
	// team. rate is how many wishes one of them has on a weekday.
	chains() int
	rate(chain int) float64
	// want makes an entry of a chain's wish; false if there is nobody to call.
	want(at call.Instant, chain int, w Wish) (entry, bool)
	// callee is who is called at last, when the call starts.
	callee(e *entry, now call.Instant) int32
	// begin makes the call of an entry; nil if it comes to nothing after all.
	begin(e *entry) *Call
	// free reports whether who would call, a user or a team, is in no call.
	free(e *entry) bool
}

// chain is a Poisson process of wishes.
type chain struct {
	volume float64      // the calendar's integral up to its latest candidate
	at     call.Instant // of that one
	count  uint64       // candidates so far
	rate   float64      // of candidates, per day's volume
	phase  float64      // hour in which somebody's habit is strongest
}

func newPartition(m *Model, o Options, index int) *Partition {
	p := &Partition{
		model: m, seed: o.Seed, wishes: o.Seed + o.Salt, expiry: o.Heartbeat, epoch: o.Epoch, until: o.Until, index: index, of: m.Partitions,
		crowd: newCrowd(m, o.Seed), queue: newQueue(),
	}
	first := o.Epoch - p.lead() // of the wishes: they may move
	p.calendar = newCalendar(&m.Arrivals, o.Seed, first)
	if p.until == 0 {
		p.until = math.MaxInt64
	}
	if p.expiry == 0 {
		p.expiry = sim.PlatformExpiry
	}
	if o.Rate > 0 {
		p.even = newEven(o, index, m.Partitions)
	}
	switch {
	case m.People != nil:
		p.group = m.People.Community
		p.society = newPeople(p, m.People)
	case m.Centre != nil:
		p.group = m.Centre.Customers
		p.society = &centre{Partition: p, Centre: m.Centre}
	default:
		p.group = m.Team.Members
		p.society = newTeam(p, m.Team)
	}
	p.users = p.share(m.Users)
	p.people = newMemo[*Person](p.users+p.society.others(), p.even != nil)
	p.busy = newEngaged(p.users + p.society.others())
	if p.even != nil {
		return p
	}
	p.chains = make([]chain, p.society.chains())
	for i := range p.chains {
		c := &p.chains[i]
		c.volume = p.calendar.until(first)
		c.rate = p.society.rate(i) * (1 + m.Arrivals.Habit)
		c.phase = 24 * p.draw("habit", p.chainID(i))
		p.next(i, first-p.lead())
	}
	return p
}

// share is how many of n users live here.
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

// user is the number, among all users, of one who lives here.
func (p *Partition) user(i int) int {
	return (i/p.group*p.of+p.index)*p.group + i%p.group
}

// chainID names a chain for its draws: the user's number, or the team's.
func (p *Partition) chainID(i int) uint64 {
	if p.society.chains() == p.users {
		return uint64(p.user(i))
	}
	return uint64(i*p.of + p.index)
}

// draw is a number in [0, 1) for a purpose and an entity.
func (p *Partition) draw(purpose string, entity ...uint64) float64 {
	return draw.Float(p.seed, purpose, entity...)
}

// desire is the same for what people want.
func (p *Partition) desire(purpose string, entity ...uint64) float64 {
	return draw.Float(p.wishes, purpose, entity...)
}

// person is one of the people here.
func (p *Partition) person(i int32) *Person {
	who := p.people.get(i)
	if who == nil {
		if int(i) < p.users {
			who = p.crowd.person("", p.user(int(i)))
		} else {
			who = p.society.other(int(i) - p.users)
		}
		p.people.put(i, who)
	}
	return who
}

// next enters a chain's next candidate for a wish, if there is one before the
// end. Candidates are an even Poisson process in the calendar's integral.
func (p *Partition) next(i int, now call.Instant) {
	c := &p.chains[i]
	if c.rate <= 0 {
		return
	}
	c.count++
	c.volume -= math.Log1p(-p.desire("wish", p.chainID(i), c.count)) / c.rate
	var ok bool
	if c.at, ok = p.calendar.when(c.volume); !ok || c.at-p.lead() >= p.until {
		return
	}
	p.enter(entry{at: max(c.at-p.lead(), now), what: wish, caller: int32(i)})
}

// enter puts an entry in the queue.
func (p *Partition) enter(e entry) {
	p.entered++
	e.serial = p.entered
	p.queue.Push(int64(e.at), e)
}

// Next is the partition's next call, in the order of their starts, or nil when
// there are no more.
func (p *Partition) Next() *Call {
	if p.even != nil {
		return p.nextEven()
	}
	e := &p.due
	for p.queue.Len() > 0 {
		_, *e = p.queue.Pop()
		switch e.what {
		case wish:
			p.wish(e)
		case dial:
			p.dial(e)
		case start:
			if c := p.society.begin(e); c != nil {
				return c
			}
		}
	}
	return nil
}

// wish turns a chain's candidate into something that somebody wants, as often
// as his habits say.
func (p *Partition) wish(e *entry) {
	i := int(e.caller)
	c := &p.chains[i]
	n, at := c.count, c.at
	p.next(i, e.at)
	if h := p.model.Arrivals.Habit; h > 0 {
		habit := 1 + h*math.Cos(2*math.Pi/24*(p.calendar.hour(at)-c.phase))
		if p.desire("accept", p.chainID(i), n)*(1+h) >= habit {
			return
		}
	}
	key, _ := draw.Key(p.wishes, "intent", p.chainID(i), n)
	w := p.intent(Fresh, key)
	switch entry, ok := p.society.want(at, i, w); {
	case !ok:
		p.Suppressed++
	case entry.at >= p.epoch && entry.at < p.until: // where it was moved to
		p.enter(entry)
	}
}

// intent numbers a wish, so that no partition has the number of another.
func (p *Partition) intent(why Why, key uint64) Wish {
	n := p.intents*uint64(p.of) + uint64(p.index) + 1
	p.intents++
	return Wish{Intent: n, Attempt: 1, Why: why, key: key}
}

// free reports whether somebody who wants to call is in no call.
func (p *Partition) free(e *entry) bool { return p.busy.until(e.caller) <= e.at }

// ready tells the same. If he is in one, what was owed to a call before is put off until that ends, and other wishes come
// to nothing.
func (p *Partition) ready(e *entry) bool {
	if p.society.free(e) {
		return true
	}
	if until := p.busy.until(e.caller); e.Why == Redial || e.Why == CallBack {
		e.at, e.what = until, dial
		p.enter(*e)
	} else {
		p.Suppressed++
	}
	return false
}

// dial begins a call. Until it starts, the caller's phone may still ring.
func (p *Partition) dial(e *entry) {
	if e.at >= p.until || !p.ready(e) {
		return
	}
	at := e.at.Add(p.chance(e).law(p.model.Ring.Dial, "dial"))
	if at >= p.until {
		return
	}
	e.at, e.what = at, start
	p.enter(*e)
}

// lead is how long before its time a wish is made, so that it can be moved.
func (p *Partition) lead() call.Instant {
	s := &p.model.Arrivals.Snap
	if s.Share == 0 {
		return 0
	}
	return call.Instant((s.Every/2 + 3*s.Spread).Milliseconds())
}

// snap moves some wishes to round times. How far is drawn from a normal
// distribution, cut at three standard deviations.
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

// silence is how long it takes until a phone that fell silent is taken for
// offline.
func (p *Partition) silence(who *Person) call.Instant {
	d := p.expiry
	if d == sim.PlatformExpiry {
		d = sim.PlatformExpiryOf(who.Device.Platform)
	}
	return call.Instant(d.Milliseconds())
}
