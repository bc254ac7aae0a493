package sim

import (
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/timers"
)

// timer is what a call has a timer for, in the order of what is due at the same
// instant: the server's timers win over what a phone does in the same millisecond, and
// callbacks, which the outbox has, come last.
type timer uint8

const (
	ringTimer timer = iota
	heartbeatTimer
	planStep
)

// timerBits is how many bits a timer takes behind the time at which it ends.
const timerBits = 2

// callTimers are the timers of calls. They may be stale when their time comes: what
// they are about is looked up then. There are one or two for each call that is alive.
type callTimers struct {
	rings  time.Duration // of calls that name none
	expiry time.Duration
	queue  timers.Queue[*journal.Call]
}

func newCallTimers(cfg *Config) callTimers {
	return callTimers{
		rings: cfg.RingTimeout, expiry: cfg.HeartbeatExpiry,
		queue: timers.New(func(a, b *journal.Call) bool { return a.Number < b.Number }),
	}
}

func (t *callTimers) push(at call.Instant, what timer, c *journal.Call) {
	c.Refs.Add()
	t.queue.Push(int64(at)<<timerBits|int64(what), c)
}

func (t *callTimers) pop() {
	_, c := t.queue.Pop()
	c.Refs.Drop()
}

// stop stops all timers.
func (t *callTimers) stop() {
	for t.queue.Len() > 0 {
		t.pop()
	}
}

// next is the timer that ends first, if one ends by a time; else the call is nil.
func (t *callTimers) next(by call.Instant) (at call.Instant, what timer, c *journal.Call) {
	for t.queue.Len() > 0 {
		when, c := t.queue.First()
		at, what = ends(when)
		if at > by {
			break
		}
		if !t.stale(at, what, c) {
			return at, what, c
		}
		t.pop()
	}
	return 0, 0, nil
}

func ends(when int64) (call.Instant, timer) {
	return call.Instant(when >> timerBits), timer(when & (1<<timerBits - 1))
}

// stale reports whether a timer is about something that has come to nothing meanwhile,
// like the ring timer of a phone that was answered.
func (t *callTimers) stale(at call.Instant, what timer, c *journal.Call) bool {
	switch what {
	case ringTimer:
		return !anyMember(c, at, t.unanswered)
	case heartbeatTimer:
		return !anyMember(c, at, t.expired)
	}
	return false // a step that comes too late is refused, and that is journalled
}

// ring starts the timer of phones that ring since a time.
func (t *callTimers) ring(since call.Instant, c *journal.Call) {
	t.push(t.ringsUntil(since, c), ringTimer, c)
}

// ringsUntil is when phones that ring since a time stop.
func (t *callTimers) ringsUntil(since call.Instant, c *journal.Call) call.Instant {
	if rings := c.Attached().Rings; rings > 0 {
		return since.Add(time.Duration(rings))
	}
	return since.Add(t.rings)
}

// silence starts the timer of a phone whose heartbeat stopped at a time.
func (t *callTimers) silence(since call.Instant, c *journal.Call, m *call.Member) {
	t.push(t.expires(since, m), heartbeatTimer, c)
}

// expires is when the heartbeat of a phone expires that fell silent at a time.
func (t *callTimers) expires(since call.Instant, m *call.Member) call.Instant {
	if t.expiry != PlatformExpiry {
		return since.Add(t.expiry)
	}
	return since.Add(PlatformExpiryOf(m.Device.Platform))
}

// plan starts the timer of the next step of a call's plan, if there is one.
func (t *callTimers) plan(c *journal.Call) {
	if int(c.Steps) < len(c.Plan) {
		t.push(nextStep(c), planStep, c)
	}
}

func nextStep(c *journal.Call) call.Instant {
	return c.StartAt.Add(time.Duration(c.Plan[c.Steps].After))
}

// resume starts the timers of a call that goes on: one ring timer for all who were
// invited at once, a heartbeat for each silent phone, and its plan's.
func (t *callTimers) resume(c *journal.Call) {
	var pushed call.Instant
	for i := range c.Members {
		m := &c.Members[i]
		if c.Phase == call.Over {
			break
		}
		if m.Waiting() && m.Since != pushed {
			t.ring(m.Since, c)
			pushed = m.Since
		}
		if m.Present() && m.SilentAt != 0 {
			t.silence(m.SilentAt, c, m)
		}
	}
	t.plan(c)
}

// ringsOut reports whether the phones that ring since the call's start stop
// before the next step of its plan. The timer for that is not started
// earlier, since most calls are answered, and their timers would be stale.
func (t *callTimers) ringsOut(c *journal.Call) bool {
	return int(c.Steps) >= len(c.Plan) || nextStep(c) >= t.ringsUntil(c.StartAt, c)
}

// unanswered reports whether a member's ring timer has ended by a time.
func (t *callTimers) unanswered(c *journal.Call, m *call.Member, by call.Instant) bool {
	return m.Waiting() && c.Phase != call.Over && t.ringsUntil(m.Since, c) <= by
}

// expired reports whether a member's heartbeat has expired by a time.
func (t *callTimers) expired(c *journal.Call, m *call.Member, by call.Instant) bool {
	return m.SilentAt != 0 && m.Present() && c.Phase != call.Over && t.expires(m.SilentAt, m) <= by
}

// members are those of a call whose timer has ended by a time.
func members(c *journal.Call, by call.Instant, ended func(*journal.Call, *call.Member, call.Instant) bool) (users []string) {
	for i := range c.Members {
		if ended(c, &c.Members[i], by) {
			users = append(users, c.Members[i].ID)
		}
	}
	return users
}

// anyMember reports whether there are any.
func anyMember(c *journal.Call, by call.Instant, ended func(*journal.Call, *call.Member, call.Instant) bool) bool {
	for i := range c.Members {
		if ended(c, &c.Members[i], by) {
			return true
		}
	}
	return false
}
