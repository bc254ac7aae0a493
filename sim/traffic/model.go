package traffic

import (
	"fmt"
	"math"
	"time"

	"ringback/sim/call"
)

// Model says how people call. Exactly one of People, Centre and Team says who
// calls whom. See the presets in package fixtures for what each value means,
// where it comes from and how sure it is.
type Model struct {
	Users      int `yaml:"users"`      // people who call by themselves
	Partitions int `yaml:"partitions"` // 1 to 64; other numbers give other calls

	Arrivals  Arrivals           `yaml:"arrivals"`
	People    *People            `yaml:"people"`
	Centre    *Centre            `yaml:"centre"`
	Team      *Team              `yaml:"team"`
	Ring      Ring               `yaml:"ring"`
	Talk      Talk               `yaml:"talk"`
	Retry     Retry              `yaml:"retry"`
	Video     float64            `yaml:"video"`     // share of video calls
	Platforms map[string]float64 `yaml:"platforms"` // optplatform -> share of the phones
}

// Arrivals says when people want to call: a Poisson process whose rate follows
// the hour and the day.
type Arrivals struct {
	Profile   Profile        `yaml:"profile"`    // weights of the 24 hours, or flat
	Week      []float64      `yaml:"week"`       // weights of the days, Monday first; none means all the same
	UTCOffset *time.Duration `yaml:"utc_offset"` // of the profile's clock; none: see [Options]
	Activity  float64        `yaml:"activity"`   // sigma of the lognormal of how much somebody calls
	DayCV     float64        `yaml:"day_cv"`     // coefficient of variation of a day's volume
	Habit     float64        `yaml:"habit"`      // 0 to 1: how far somebody's day differs from the others'
	Session   Session        `yaml:"session"`
	Spikes    []Spike        `yaml:"spikes"`
	Snap      Snap           `yaml:"snap"`
}

// Session makes calls come in bursts: one wish brings a geometric number of
// calls to different people, Mean on average.
type Session struct {
	Mean float64 `yaml:"mean"`
	Gap  Law     `yaml:"gap"` // from the end of one call to the next wish
}

// Spike multiplies the rate for a while.
type Spike struct {
	At    time.Time     `yaml:"at"`
	For   time.Duration `yaml:"for"`
	Times float64       `yaml:"times"`
}

// Snap moves a share of the wishes to round times, as meetings have them.
type Snap struct {
	Share  float64       `yaml:"share"`
	Every  time.Duration `yaml:"every"`
	Spread time.Duration `yaml:"spread"` // standard deviation; cut at three of them
}

// People call each other, each the few that they know.
type People struct {
	CallsPerDay float64 `yaml:"calls_per_day"` // wishes of an average user on a weekday
	Contacts    int     `yaml:"contacts"`
	Zipf        float64 `yaml:"zipf"`      // exponent of how much more they call the first of them
	Community   int     `yaml:"community"` // size of the neighbourhood
	Inside      float64 `yaml:"inside"`    // share of the contacts that live in it
}

// Centre is a pool of agents whom customers call. There are as many centres as
// the users fill.
type Centre struct {
	Customers        int     `yaml:"customers"` // of one centre
	Agents           int     `yaml:"agents"`
	CallsPerPeakHour float64 `yaml:"calls_per_peak_hour"` // of one centre, in its busiest hour
	Pinned           bool    `yaml:"pinned"`              // everybody has an agent of his own, rather than any idle one
}

// Team is a group of people who hold meetings: group calls. There are as many
// teams as the users fill.
type Team struct {
	Members        int             `yaml:"members"` // of one team, 3 or more
	MeetingsPerDay float64         `yaml:"meetings_per_day"`
	Sizes          map[int]float64 `yaml:"sizes"`      // with the caller -> share
	Late           map[int]float64 `yaml:"late"`       // from that size on -> share of the meetings that somebody joins late
	LateBy         Law             `yaml:"late_by"`    // after the ring timer
	Invite         float64         `yaml:"invite"`     // share in which somebody else is invited on the way
	Overrun        float64         `yaml:"overrun"`    // share that take longer than they were to
	OverrunBy      Law             `yaml:"overrun_by"` // by how much
	Early          float64         `yaml:"early"`      // share of the members who leave in the first 30 % of the talk
	Sooner         float64         `yaml:"sooner"`     // share who leave after that, but before the caller
	Linger         time.Duration   `yaml:"linger"`     // the others leave within this of the caller
	Rejoin         float64         `yaml:"rejoin"`     // share of the meetings in which somebody leaves and comes back
	RejoinBy       Law             `yaml:"rejoin_by"`  // after how long
}

// Ring is what can happen before a call is answered. The clocks compete: the
// first one decides.
type Ring struct {
	Dial        Law           `yaml:"dial"`        // from the wish to the call's start
	Fail        float64       `yaml:"fail"`        // share of the calls that cannot be started
	Timeout     time.Duration `yaml:"timeout"`     // the server's timer
	Unreachable float64       `yaml:"unreachable"` // share of the phones that never ring
	Answer      float64       `yaml:"answer"`      // share of the people reached who would answer
	Reject      float64       `yaml:"reject"`      // share who would reject; the others do not react
	AnswerTime  Law           `yaml:"answer_time"`
	RejectTime  Law           `yaml:"reject_time"`
	Patience    *Law          `yaml:"patience"` // the caller's; none means that it does not end
	Busy        time.Duration `yaml:"busy"`     // until a busy phone has refused
}

// Talk is what can happen after.
type Talk struct {
	Audio  Law     `yaml:"audio"`
	Video  Law     `yaml:"video"`
	User   float64 `yaml:"user"`   // part of a lognormal's sigma that is the caller's, not the call's
	Hazard float64 `yaml:"hazard"` // of losing the line, per second and call; in a meeting per member
	Silent float64 `yaml:"silent"` // share of the losses that only an expired heartbeat shows
}

// Retry says who tries again after a call that was not what its people wanted.
type Retry struct {
	Most      int   `yaml:"most"` // calls for one wish, 1 to 20; the first one counts
	Busy      Again `yaml:"call_busy"`
	NotAnswer Again `yaml:"not_answer"`
	Cancel    Again `yaml:"cancel"`
	Reject    Again `yaml:"reject"`
	Interrupt Again `yaml:"interrupt"`
	BackAfter Law   `yaml:"back_after"` // how long until the callee calls back
}

// Again is what follows after one result.
type Again struct {
	Redial float64 `yaml:"redial"` // share of them that the caller dials again
	After  Law     `yaml:"after"`  // how long it takes him
	Back   float64 `yaml:"back"`   // share of them that the callee calls back
}

// retried are the results that somebody may want to mend.
var retried = []call.Result{call.CallBusy, call.NotAnswer, call.Cancel, call.Reject, call.Interrupt}

// after is what follows after a result.
func (r *Retry) after(result call.Result) (a Again) {
	switch result {
	case call.CallBusy:
		a = r.Busy
	case call.NotAnswer:
		a = r.NotAnswer
	case call.Cancel:
		a = r.Cancel
	case call.Reject:
		a = r.Reject
	case call.Interrupt:
		a = r.Interrupt
	}
	return a
}

// check tells what is wrong with a model. Errors name the key.
func (m *Model) check() error {
	var c checker
	c.whole("users", m.Users, 2, 4_000_000)
	c.whole("partitions", m.Partitions, 1, 64)
	c.share("video", m.Video)
	kinds := 0
	for _, has := range []bool{m.People != nil, m.Centre != nil, m.Team != nil} {
		if has {
			kinds++
		}
	}
	if kinds != 1 {
		c.fail("people, centre, team: want exactly one of the three, got %d", kinds)
	}
	m.Arrivals.check(&c)
	m.People.check(&c)
	m.Centre.check(&c)
	m.Team.check(&c)
	m.Ring.check(&c)
	m.Talk.check(&c)
	m.Retry.check(&c, m)
	c.shares("platforms", m.Platforms)
	return c.err
}

func (a *Arrivals) check(c *checker) {
	if len(a.Week) != 0 && len(a.Week) != 7 {
		c.fail("arrivals.week: has %d weights, want 7, Monday first", len(a.Week))
	}
	for _, w := range a.Week {
		c.number("arrivals.week", w, 0, 100)
	}
	if a.UTCOffset != nil {
		c.span("arrivals.utc_offset", *a.UTCOffset, -14*time.Hour, 14*time.Hour)
	}
	c.number("arrivals.activity", a.Activity, 0, 3)
	c.number("arrivals.day_cv", a.DayCV, 0, 2)
	c.share("arrivals.habit", a.Habit)
	c.number("arrivals.session.mean", max(a.Session.Mean, 1), 1, 20)
	for _, s := range a.Spikes {
		c.span("arrivals.spikes.for", s.For, time.Minute, 7*24*time.Hour)
		c.number("arrivals.spikes.times", s.Times, 0, 100)
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
	c.number("people.calls_per_day", p.CallsPerDay, 0, 10_000)
	c.whole("people.contacts", p.Contacts, 1, 1000)
	c.number("people.zipf", p.Zipf, 0, 5)
	c.whole("people.community", p.Community, 2, 100_000)
	c.share("people.inside", p.Inside)
}

func (p *Centre) check(c *checker) {
	if p == nil {
		return
	}
	c.whole("centre.customers", p.Customers, 1, 1_000_000)
	c.whole("centre.agents", p.Agents, 1, 10_000)
	c.number("centre.calls_per_peak_hour", p.CallsPerPeakHour, 0, 1e6)
}

func (t *Team) check(c *checker) {
	if t == nil {
		return
	}
	c.whole("team.members", t.Members, 3, 100)
	c.number("team.meetings_per_day", t.MeetingsPerDay, 0, 1000)
	c.shares("team.sizes", t.Sizes)
	for k := range t.Sizes {
		c.whole("team.sizes", k, 3, t.Members)
	}
	for _, p := range t.Late {
		c.share("team.late", p)
	}
	c.share("team.invite", t.Invite)
	c.share("team.overrun", t.Overrun)
	c.share("team.early", t.Early)
	c.share("team.sooner", t.Sooner)
	c.share("team.early + sooner", t.Early+t.Sooner)
	c.span("team.linger", t.Linger, 0, time.Hour)
	c.share("team.rejoin", t.Rejoin)
}

func (r *Ring) check(c *checker) {
	c.share("ring.fail", r.Fail)
	c.span("ring.timeout", r.Timeout, time.Second, 10*time.Minute)
	c.share("ring.unreachable", r.Unreachable)
	c.share("ring.answer", r.Answer)
	c.share("ring.reject", r.Reject)
	c.share("ring.answer + reject", r.Answer+r.Reject)
	c.law("ring.answer_time", r.AnswerTime)
	c.law("ring.reject_time", r.RejectTime)
	c.span("ring.busy", r.Busy, 0, r.Timeout-time.Millisecond)
}

func (t *Talk) check(c *checker) {
	c.law("talk.audio", t.Audio)
	c.law("talk.video", t.Video)
	c.number("talk.user", t.User, 0, 5)
	c.number("talk.hazard", t.Hazard, 0, 1)
	c.share("talk.silent", t.Silent)
}

func (r *Retry) check(c *checker, m *Model) {
	c.whole("retry.most", r.Most, 1, 20)
	for _, result := range retried {
		a := r.after(result)
		if m.People == nil && a.Back != 0 {
			c.fail("retry.%s.back: %g: want 0; only people, who know each other, call back", result, a.Back)
		}
		c.share("retry."+result.String()+".redial", a.Redial)
		c.share("retry."+result.String()+".back", a.Back)
		if a.Redial > 0 {
			c.law("retry."+result.String()+".after", a.After)
		}
		if a.Back > 0 {
			c.law("retry.back_after", r.BackAfter)
		}
	}
}

// checker keeps the first thing that is wrong.
type checker struct{ err error }

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *checker) number(key string, v, least, most float64) {
	if !(v >= least && v <= most) {
		c.fail("%s: %g: want %g to %g", key, v, least, most)
	}
}

func (c *checker) share(key string, v float64) { c.number(key, v, 0, 1) }

func (c *checker) whole(key string, v, least, most int) {
	if v < least || v > most {
		c.fail("%s: %d: want %d to %d", key, v, least, most)
	}
}

func (c *checker) span(key string, v, least, most time.Duration) {
	if v < least || v > most {
		c.fail("%s: %s: want %s to %s", key, v, least, most)
	}
}

func (c *checker) law(key string, l Law) {
	if len(l.Terms) == 0 {
		c.fail("%s: is missing; %s", key, lawHint)
	}
}

// shares checks the parts of a whole.
func (c *checker) shares(key string, of any) {
	var all []float64
	switch of := of.(type) {
	case map[string]float64:
		for _, v := range of {
			all = append(all, v)
		}
	case map[int]float64:
		for _, v := range of {
			all = append(all, v)
		}
	}
	sum := 0.0
	for _, v := range all {
		c.share(key, v)
		sum += v
	}
	if math.Abs(sum-1) > 1e-6 {
		c.fail("%s: the shares add up to %g, want 1", key, sum)
	}
}
