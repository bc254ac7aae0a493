package simapi

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/explain"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// CallView is a call as the simulation API shows it. Times that are not known
// yet are absent.
type CallView struct {
	ID         string          `json:"id" jsonschema:"the CallId"`
	Number     uint64          `json:"number" jsonschema:"of the call in this run, from 1; it will do wherever a call is asked for"`
	SDKAppID   uint32          `json:"sdkappid"`
	Phase      call.Phase      `json:"phase" jsonschema:"ringing, connected or over"`
	Result     call.Result     `json:"result,omitempty" jsonschema:"how it ended: normal_end, cancel, reject, not_answer, call_busy, interrupt or offline"`
	Failed     bool            `json:"failed,omitempty" jsonschema:"it could not be placed"`
	Caller     string          `json:"caller"`
	Members    []MemberView    `json:"members" jsonschema:"everyone who was ever part of it, the caller first"`
	Media      call.Media      `json:"media"`
	Type       call.Kind       `json:"type" jsonschema:"single or group"`
	Room       string          `json:"room"`
	RoomType   call.RoomType   `json:"room_type" jsonschema:"1 for a number, 2 for a text"`
	Generation wire.Generation `json:"generation" jsonschema:"which callbacks it makes: v1, v4 or both"`
	Start      call.Instant    `json:"start"`
	Accept     call.Instant    `json:"accept,omitzero"`
	End        call.Instant    `json:"end,omitzero"`
	Callbacks  uint64          `json:"callbacks" jsonschema:"so far, over all registrations"`
	Open       int             `json:"open" jsonschema:"callbacks that are neither acknowledged nor given up"`
}

// MemberView is a participant of a call.
type MemberView struct {
	ID     string      `json:"id"`
	Status call.Status `json:"status" jsonschema:"dialled, alerting, talking or gone"`
}

func viewCall(c *journal.Call) CallView {
	v := CallView{
		ID: c.ID, Number: c.Number, SDKAppID: c.App, Phase: c.Phase, Result: c.Result, Failed: c.Failed, Caller: c.Caller(), Media: c.Media, Type: c.Kind,
		Room: c.Room, RoomType: c.RoomType, Generation: c.Generation,
		Start: c.StartAt, Accept: c.AcceptAt, End: c.EndAt, Callbacks: uint64(c.Callbacks), Open: int(c.Open),
	}
	for i := range c.Members {
		v.Members = append(v.Members, MemberView{c.Members[i].ID, c.Members[i].Status})
	}
	return v
}

// DeliveryView is a callback on its way to a receiver. Secrets of the
// configured URL are shown as "…".
type DeliveryView struct {
	ID         uint64          `json:"id"`
	Call       string          `json:"call" jsonschema:"the CallId"`
	Generation wire.Generation `json:"generation"`
	Via        wire.Generation `json:"via" jsonschema:"whose registration asked for it: v1 or v4"`
	Word       wire.Word       `json:"word" jsonschema:"what was subscribed to: a word of v1 or a command of v4"`
	User       string          `json:"user,omitempty" jsonschema:"whom it is about"`
	CopyOf     uint64          `json:"copy_of,omitempty" jsonschema:"the delivery that a fault made this a copy of"`
	Faults     []string        `json:"faults,omitempty" jsonschema:"those that hit it"`
	State      delivery.State  `json:"state" jsonschema:"queued, waiting, in_flight, acked, abandoned, dropped or withdrawn"`
	Attempts   int             `json:"attempts" jsonschema:"started so far"`
	Due        call.Instant    `json:"due,omitzero" jsonschema:"of the next attempt, in state waiting"`
	Address    string          `json:"address" jsonschema:"the configured URL"`
	URL        string          `json:"url" jsonschema:"path and query of the request"`
	Body       string          `json:"body"`
	Tries      []TryView       `json:"tries,omitempty" jsonschema:"what came of each attempt; not in lists"`
}

// TryView is what came of an attempt.
type TryView struct {
	Attempt int          `json:"attempt"`
	Began   call.Instant `json:"began"`
	Ended   call.Instant `json:"ended,omitzero"`
	Verdict string       `json:"verdict,omitempty" jsonschema:"acked, or what is wrong, like error_code, not_json or timeout"`
	Status  int          `json:"status,omitempty" jsonschema:"of HTTP"`
	Reason  string       `json:"reason,omitempty" jsonschema:"the verdict in words"`
	Answer  string       `json:"answer,omitempty" jsonschema:"the body of the answer, or its first 4 KiB"`
	TookMS  float64      `json:"took_ms,omitempty" jsonschema:"in wall time"`
	Why     string       `json:"why,omitempty" jsonschema:"how it is judged, what follows, and by which rule of the documents"`
}

func viewDelivery(s *journal.State, d *delivery.Delivery, tries bool) DeliveryView {
	at := d.Request.Endpoint
	v := DeliveryView{
		ID: d.ID, Call: d.CallID, Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.CopyOf,
		State: d.State, Attempts: d.Attempts, Due: d.Due,
		Address: at.Shown(), URL: at.HideTarget(string(d.Request.Target())), Body: string(d.Request.Body()),
	}
	if d.Faults != nil {
		v.Faults = d.Faults.Names
	}
	if !tries {
		return v
	}
	for i := range d.Tries {
		t := &d.Tries[i]
		tv := TryView{Attempt: t.Attempt, Began: t.Began, Ended: t.Ended, Answer: s.Hide(at, t.Answer), Why: explain.Try(s, d, i), TookMS: float64(t.Took.Microseconds()) / 1000}
		if t.Verdict != nil {
			tv.Verdict, tv.Status, tv.Reason = t.Verdict.Word(), t.Verdict.Status, s.Hide(at, t.Verdict.Reason())
		}
		v.Tries = append(v.Tries, tv)
	}
	return v
}

// Status is the run and its totals.
type Status struct {
	Version string         `json:"version"`
	Run     string         `json:"run" jsonschema:"the token in all call and room ids"`
	Seed    uint64         `json:"seed"`
	Epoch   call.Instant   `json:"epoch"`
	Now     call.Instant   `json:"now"`
	Seq     uint64         `json:"seq" jsonschema:"of the latest event"`
	Calls   uint64         `json:"calls" jsonschema:"placed so far, over all resets"`
	Live    int            `json:"live" jsonschema:"calls that are not over"`
	Open    uint64         `json:"open" jsonschema:"callbacks that are neither acknowledged nor given up"`
	Totals  journal.Totals `json:"totals"`

	Pace      string   `json:"pace" jsonschema:"real, instant, or a factor like 10x"`
	Paused    bool     `json:"paused"`
	Traffic   bool     `json:"traffic" jsonschema:"calls come by themselves"`
	Apps      []uint32 `json:"apps" jsonschema:"whose calls can be placed; those of the first if nothing is said"`
	AnyIDs    bool     `json:"any_ids" jsonschema:"user ids may be others than CallKit's"`
	Signed    bool     `json:"signed" jsonschema:"callbacks are signed"`
	Heartbeat string   `json:"heartbeat" jsonschema:"how long a phone may be silent: a duration, or platform if that depends on the phone"`
}
