package traffic

import (
	"time"

	"ringback/sim/call"
)

// Model describes how people call. Exactly one of People, Center and Team is
// set; it describes who calls whom. The presets in package fixtures say what each
// value means, where it comes from and how certain it is; the tag about is for
// editors, see [Schema].
type Model struct {
	Users      int `yaml:"users" about:"people who start calls"`
	Partitions int `yaml:"partitions" about:"1 to 1024, fewer for few people; other numbers give other calls"`

	Arrivals  Arrivals           `yaml:"arrivals" about:"when people intend to call"`
	People    *People            `yaml:"people" about:"users who call their contacts; or centre, or team"`
	Center    *Center            `yaml:"centre" about:"call centers: customers call a pool of agents; or people, or team"`
	Team      *Team              `yaml:"team" about:"teams who hold meetings, which are group calls; or people, or centre"`
	Ring      Ring               `yaml:"ring" about:"what happens before a call is answered"`
	Talk      Talk               `yaml:"talk" about:"what happens after a call is answered"`
	Retry     Retry              `yaml:"retry" about:"who tries again after a call that failed"`
	Video     float64            `yaml:"video" about:"share of video calls"`
	Platforms map[string]float64 `yaml:"platforms" about:"optplatform -> share of the phones"`
}

// Arrivals describes when people intend to call: a Poisson process whose rate
// depends on the hour and the day.
type Arrivals struct {
	Profile   Profile        `yaml:"profile" about:"weights of the 24 hours, or flat"`
	Week      []float64      `yaml:"week" about:"weights of the days, Monday first; none means equal"`
	UTCOffset *time.Duration `yaml:"utc_offset" about:"of the profile's clock; none: UTC, or for serve and tui the machine's own"`
	Activity  float64        `yaml:"activity" about:"sigma of the lognormal of how much a user calls"`
	DayCV     float64        `yaml:"day_cv" about:"coefficient of variation of a day's volume"`
	Habit     float64        `yaml:"habit" about:"0 to 1: how much a user's day differs from the profile"`
	Session   Session        `yaml:"session" about:"calls come in bursts: to different people, one after the other"`
	Spikes    []Spike        `yaml:"spikes" about:"times at which the rate is multiplied for a while"`
	Snap      Snap           `yaml:"snap" about:"a share of the calls begins at round times, as meetings do"`
}

// Session makes calls come in bursts: a fresh call is the first of a geometric
// number of calls to different people, Mean on average.
type Session struct {
	Mean float64      `yaml:"mean"`
	Gap  Distribution `yaml:"gap" about:"from the end of a call to the next"`
}

// Spike multiplies the rate for a while.
type Spike struct {
	At    time.Time     `yaml:"at"`
	For   time.Duration `yaml:"for"`
	Times float64       `yaml:"times"`
}

// Snap moves a share of the calls to round times, as meetings have them.
type Snap struct {
	Share  float64       `yaml:"share"`
	Every  time.Duration `yaml:"every"`
	Spread time.Duration `yaml:"spread" about:"standard deviation; cut at three of them"`
}

// People describes users who call their contacts.
type People struct {
	CallsPerDay float64 `yaml:"calls_per_day" about:"intended by an average user on a weekday"`
	Contacts    int     `yaml:"contacts"`
	Zipf        float64 `yaml:"zipf" about:"exponent: how much more the first contacts are called"`
	Community   int     `yaml:"community" about:"size of the neighborhood"`
	Inside      float64 `yaml:"inside" about:"share of the contacts that live in it"`
}

// Center describes call centers: customers call a pool of agents. There are as
// many centers as the users fill.
type Center struct {
	Customers        int     `yaml:"customers" about:"of one center"`
	Agents           int     `yaml:"agents"`
	CallsPerPeakHour float64 `yaml:"calls_per_peak_hour" about:"of one center, in its busiest hour"`
	Pinned           bool    `yaml:"pinned" about:"each customer always calls the same agent, rather than any idle one"`
}

// Team describes teams whose members hold meetings, which are group calls. There
// are as many teams as the users fill.
type Team struct {
	Members        int             `yaml:"members" about:"of one team, 3 or more"`
	MeetingsPerDay float64         `yaml:"meetings_per_day"`
	Sizes          map[int]float64 `yaml:"sizes" about:"size with the caller -> share"`
	Late           map[int]float64 `yaml:"late" about:"smallest size -> share of the meetings that someone joins late"`
	LateBy         Distribution    `yaml:"late_by" about:"after the ring timer"`
	Invite         float64         `yaml:"invite" about:"share of the meetings to which someone is invited later"`
	Overrun        float64         `yaml:"overrun" about:"share of the meetings that take longer than planned"`
	OverrunBy      Distribution    `yaml:"overrun_by" about:"by how much"`
	Early          float64         `yaml:"early" about:"share of the members who leave in the first 30 % of the talk"`
	Sooner         float64         `yaml:"sooner" about:"share who leave after that, but before the caller"`
	Linger         time.Duration   `yaml:"linger" about:"the others leave within this of the caller"`
	Rejoin         float64         `yaml:"rejoin" about:"share of the meetings in which someone leaves and comes back"`
	RejoinBy       Distribution    `yaml:"rejoin_by" about:"after how long"`
}

// Ring describes what happens before a call is answered. The first of answer,
// rejection, the caller's patience and the server's timer ends the ring.
type Ring struct {
	Dial        Distribution  `yaml:"dial" about:"from dialing to the call's start"`
	Fail        float64       `yaml:"fail" about:"share of the calls that cannot be started"`
	Timeout     time.Duration `yaml:"timeout" about:"the server's timer"`
	Unreachable float64       `yaml:"unreachable" about:"share of the phones that never ring"`
	Answer      float64       `yaml:"answer" about:"share of the people reached who would answer"`
	Reject      float64       `yaml:"reject" about:"share who would reject; the others do not react"`
	AnswerTime  Distribution  `yaml:"answer_time"`
	RejectTime  Distribution  `yaml:"reject_time"`
	Patience    *Distribution `yaml:"patience" about:"the caller's; none means no limit"`
	Busy        time.Duration `yaml:"busy" about:"until a busy phone refuses"`
}

// Talk describes what happens after a call is answered.
type Talk struct {
	Audio  Distribution `yaml:"audio"`
	Video  Distribution `yaml:"video"`
	User   float64      `yaml:"user" about:"part of a lognormal's sigma that varies by caller, not by call"`
	Hazard float64      `yaml:"hazard" about:"of losing a line, per second and call; in a meeting per member"`
	Silent float64      `yaml:"silent" about:"share of the losses that are noticed only when the heartbeat expires"`
}

// Retry describes who tries again after a call that failed.
type Retry struct {
	Max       int          `yaml:"most" about:"calls for one intent, the first one included, 1 to 20"`
	Busy      FollowUp     `yaml:"call_busy"`
	NotAnswer FollowUp     `yaml:"not_answer"`
	Cancel    FollowUp     `yaml:"cancel"`
	Reject    FollowUp     `yaml:"reject"`
	Interrupt FollowUp     `yaml:"interrupt"`
	BackAfter Distribution `yaml:"back_after" about:"how long until the callee calls back"`
}

// FollowUp describes what follows from one result.
type FollowUp struct {
	Redial float64      `yaml:"redial" about:"probability that the caller redials"`
	After  Distribution `yaml:"after" about:"from the end of the call to the redial"`
	Back   float64      `yaml:"back" about:"probability that the callee calls back"`
}

// retried are the results that can have a follow-up.
var retried = []call.Result{call.CallBusy, call.NotAnswer, call.Cancel, call.Reject, call.Interrupt}

// followUp returns what follows from a result.
func (r *Retry) followUp(result call.Result) (a FollowUp) {
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
