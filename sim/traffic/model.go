package traffic

import (
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
