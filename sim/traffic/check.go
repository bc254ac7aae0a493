package traffic

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// maxGroupSize is how many people a group call can have.
const maxGroupSize = 9

// platforms are the names that a callback's optplatform can have.
var platforms = []string{"Android", "iOS", "iPad", "Mac", "macOS", "miniProgram", "Web", "Windows"}

// check returns the first thing that is wrong with a model. Errors name the key.
func (m *Model) check() *modelError {
	var c checker
	c.whole("users", m.Users, 2, maxUsers)
	c.whole("partitions", m.Partitions, 1, maxPartitions)
	c.share("video", m.Video)
	kinds := 0
	for _, has := range []bool{m.People != nil, m.Center != nil, m.Team != nil} {
		if has {
			kinds++
		}
	}
	if kinds != 1 {
		c.fail("people, centre, team", "want exactly one of the three, got %d", kinds)
	}
	m.Arrivals.check(&c)
	m.People.check(&c)
	m.Center.check(&c, m.Users)
	m.Team.check(&c, m.Users)
	m.Ring.check(&c)
	m.Talk.check(&c)
	m.Retry.check(&c, m)
	shares(&c, "platforms", m.Platforms)
	for _, p := range slices.Sorted(maps.Keys(m.Platforms)) {
		if !slices.Contains(platforms, p) {
			c.fail("platforms."+p, "is not a platform; want %s", strings.Join(platforms, ", "))
		}
	}
	return c.err
}

func (a *Arrivals) check(c *checker) {
	hi := 0.0
	for i, w := range a.Profile {
		c.number(fmt.Sprintf("arrivals.profile[%d]", i), w, 0, 1e6)
		hi = max(hi, w)
	}
	if a.Profile != nil && hi == 0 {
		c.fail("arrivals.profile", "all weights are 0")
	}
	if len(a.Week) != 0 && len(a.Week) != 7 {
		c.fail("arrivals.week", "has %d weights, want 7, Monday first", len(a.Week))
	}
	for i, w := range a.Week {
		c.number(fmt.Sprintf("arrivals.week[%d]", i), w, 0, 100)
	}
	if len(a.Week) > 0 && slices.Max(a.Week) == 0 {
		c.fail("arrivals.week", "all weights are 0")
	}
	if a.UTCOffset != nil {
		c.span("arrivals.utc_offset", *a.UTCOffset, -14*time.Hour, 14*time.Hour)
	}
	c.number("arrivals.activity", a.Activity, 0, 3)
	c.number("arrivals.day_cv", a.DayCV, 0, 2)
	c.share("arrivals.habit", a.Habit)
	if a.Session.Mean != 0 {
		c.number("arrivals.session.mean", a.Session.Mean, 1, 20)
	}
	c.distributionIf(a.Session.Mean > 1, "arrivals.session.gap", a.Session.Gap)
	for i, s := range a.Spikes {
		key := fmt.Sprintf("arrivals.spikes[%d].", i)
		if s.At.IsZero() {
			c.fail(key+"at", "is missing; want like 2026-01-01T00:00:00Z")
		}
		c.span(key+"for", s.For, time.Minute, 7*24*time.Hour)
		c.number(key+"times", s.Times, 0, 100)
	}
	c.share("arrivals.snap.share", a.Snap.Share)
	if a.Snap.Share > 0 {
		c.span("arrivals.snap.every", a.Snap.Every, time.Minute, 24*time.Hour)
		c.span("arrivals.snap.spread", a.Snap.Spread, 0, time.Hour)
	}
}

func (p *People) check(c *checker) {
	if p == nil {
		return
	}
	c.above("people.calls_per_day", p.CallsPerDay, 10_000)
	c.whole("people.contacts", p.Contacts, 1, 1000)
	c.number("people.zipf", p.Zipf, 0, 5)
	c.whole("people.community", p.Community, 2, 100_000)
	c.share("people.inside", p.Inside)
}

func (p *Center) check(c *checker, users int) {
	if p == nil {
		return
	}
	c.whole("centre.customers", p.Customers, 1, 1_000_000)
	c.whole("centre.agents", p.Agents, 1, 10_000)
	c.above("centre.calls_per_peak_hour", p.CallsPerPeakHour, 1e6)
	if c.err == nil {
		if centres := (users + p.Customers - 1) / p.Customers; centres*p.Agents > maxUsers {
			c.fail("centre.agents", "%d in each of %d call centers: want at most %d agents in all", p.Agents, centres, maxUsers)
		}
	}
}

func (t *Team) check(c *checker, users int) {
	if t == nil {
		return
	}
	c.whole("team.members", t.Members, 3, 100)
	if c.err == nil && users < t.Members {
		c.fail("users", "%d: want at least team.members, %d", users, t.Members)
	}
	c.above("team.meetings_per_day", t.MeetingsPerDay, 1000)
	for _, k := range slices.Sorted(maps.Keys(t.Sizes)) {
		if hi := min(maxGroupSize, t.Members); k < 3 || k > hi {
			c.fail(fmt.Sprintf("team.sizes.%d", k), "want sizes from 3 to %d", hi)
		}
	}
	shares(c, "team.sizes", t.Sizes)
	late := false
	for _, k := range slices.Sorted(maps.Keys(t.Late)) {
		key := fmt.Sprintf("team.late.%d", k)
		if k < 2 || k > maxGroupSize {
			c.fail(key, "want sizes from 2 to %d", maxGroupSize)
		}
		c.share(key, t.Late[k])
		late = late || t.Late[k] > 0
	}
	c.distributionIf(late, "team.late_by", t.LateBy)
	c.share("team.invite", t.Invite)
	c.share("team.overrun", t.Overrun)
	c.distributionIf(t.Overrun > 0, "team.overrun_by", t.OverrunBy)
	c.share("team.early", t.Early)
	c.share("team.sooner", t.Sooner)
	c.share("team.early + sooner", t.Early+t.Sooner)
	c.span("team.linger", t.Linger, 0, time.Hour)
	c.share("team.rejoin", t.Rejoin)
	c.distributionIf(t.Rejoin > 0, "team.rejoin_by", t.RejoinBy)
}

func (r *Ring) check(c *checker) {
	c.number("ring.fail", r.Fail, 0, .99)
	c.span("ring.timeout", r.Timeout, time.Second, 10*time.Minute)
	c.share("ring.unreachable", r.Unreachable)
	c.share("ring.answer", r.Answer)
	c.share("ring.reject", r.Reject)
	c.share("ring.answer + reject", r.Answer+r.Reject)
	c.distribution("ring.answer_time", r.AnswerTime)
	c.distribution("ring.reject_time", r.RejectTime)
	c.span("ring.busy", r.Busy, 0, r.Timeout-time.Millisecond)
}

func (t *Talk) check(c *checker) {
	c.distribution("talk.audio", t.Audio)
	c.distribution("talk.video", t.Video)
	c.number("talk.user", t.User, 0, 5)
	c.number("talk.hazard", t.Hazard, 0, 1)
	c.share("talk.silent", t.Silent)
}

func (r *Retry) check(c *checker, m *Model) {
	c.whole("retry.most", r.Max, 1, 20)
	for _, result := range retried {
		key, a := "retry."+result.String(), r.followUp(result)
		if m.People == nil && a.Back != 0 {
			c.fail(key+".back", "%g: want 0; only in a model of people do callees call back", a.Back)
		}
		c.share(key+".redial", a.Redial)
		c.share(key+".back", a.Back)
		c.distributionIf(a.Redial > 0, key+".after", a.After)
		c.distributionIf(a.Back > 0, "retry.back_after", r.BackAfter)
	}
}

// checker keeps the first error.
type checker struct{ err *modelError }

func (c *checker) fail(key, why string, args ...any) {
	if c.err == nil {
		c.err = &modelError{key: key, why: fmt.Sprintf(why, args...)}
	}
}

func (c *checker) number(key string, v, lo, hi float64) {
	if !(v >= lo && v <= hi) {
		c.fail(key, "%g: want %g to %g", v, lo, hi)
	}
}

// above checks a rate that must not be 0.
func (c *checker) above(key string, v, hi float64) {
	if !(v > 0 && v <= hi) {
		c.fail(key, "%g: want more than 0, at most %g", v, hi)
	}
}

func (c *checker) share(key string, v float64) { c.number(key, v, 0, 1) }

func (c *checker) whole(key string, v, lo, hi int) {
	if v < lo || v > hi {
		c.fail(key, "%d: want %d to %d", v, lo, hi)
	}
}

func (c *checker) span(key string, v, lo, hi time.Duration) {
	if v < lo || v > hi {
		c.fail(key, "%s: want %s to %s", v, lo, hi)
	}
}

func (c *checker) distribution(key string, l Distribution) { c.distributionIf(true, key, l) }

// distributionIf checks that a distribution is there if it is needed.
func (c *checker) distributionIf(needed bool, key string, l Distribution) {
	if needed && len(l.Terms) == 0 {
		c.fail(key, "is missing; %s", distributionHint)
	}
}

// shares checks that shares add up to 1.
func shares[K cmp.Ordered](c *checker, key string, of map[K]float64) {
	sum := 0.0
	for _, k := range slices.Sorted(maps.Keys(of)) {
		c.share(fmt.Sprintf("%s.%v", key, k), of[k])
		sum += of[k]
	}
	if math.Abs(sum-1) > 1e-6 {
		c.fail(key, "the shares add up to %g, want 1", sum)
	}
}
