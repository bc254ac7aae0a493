package simapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/rest"
	"ringback/sim/journal"
)

// Placing is a call to place, in the words of ringback call.
type Placing struct {
	SDKAppID    uint32    `json:"sdkappid,omitempty" jsonschema:"whose call it is; the first app if left out"`
	Caller      string    `json:"caller,omitempty" jsonschema:"alice if left out"`
	Callees     []string  `json:"callees,omitempty" jsonschema:"two or more make a group call; bob if left out"`
	Outcome     string    `json:"outcome,omitempty" enum:"outcome" jsonschema:"normal_end, reject, not_answer, call_busy, cancel or interrupt. If left out, no one does anything until you act as the phones; after 30 s they stop ringing"`
	Ring        string    `json:"ring,omitempty" jsonschema:"with an outcome, from the start to the answer: whole seconds under 30s; 3s if left out"`
	Talk        string    `json:"talk,omitempty" jsonschema:"with an outcome, from the answer to the end: whole seconds; 9s if left out"`
	Media       string    `json:"media,omitempty" enum:"media" jsonschema:"audio or video; audio if left out"`
	Group       bool      `json:"group,omitempty" jsonschema:"a group call even with one callee"`
	Busy        []string  `json:"busy,omitempty" jsonschema:"callees in another call: their phones refuse by themselves"`
	Unreachable []string  `json:"unreachable,omitempty" jsonschema:"callees whose phones never ring"`
	Room        string    `json:"room,omitempty" jsonschema:"a room of any text; a numeric one is made up if left out"`
	UserData    string    `json:"user_data,omitempty" jsonschema:"the invitees' phones get it with the call"`
	ChatGroup   string    `json:"chat_group,omitempty" jsonschema:"id of the IM group that calls"`
	Generation  string    `json:"generation,omitempty" enum:"generation" jsonschema:"which callbacks it makes, v1, v4 or both; both if left out"`
	Platform    string    `json:"platform,omitempty" enum:"platform" jsonschema:"the phones' platform; iOS if left out"`
	ClientIP    string    `json:"client_ip,omitempty" jsonschema:"the phones' address; 127.0.0.1 if left out"`
	Fails       bool      `json:"fails,omitempty" jsonschema:"the call cannot be placed"`
	Rings       string    `json:"rings,omitempty" jsonschema:"how long the phones ring: whole milliseconds from 1s to 10m; 30s if left out"`
	RingLater   bool      `json:"ring_later,omitempty" jsonschema:"phones ring by ring actions, not at once"`
	Plan        []Planned `json:"plan,omitempty" jsonschema:"instead of an outcome: what its phones do by themselves, in order of time"`
}

// Planned is an action that a call's phones do by themselves, as in a script.
type Planned struct {
	At string `json:"at" jsonschema:"how long after the call's start: whole milliseconds, like 3s"`
	Acting
}

func (b *backend) placeCall(_ *http.Request, in Placing) (CallView, error) {
	p, err := b.placing(&in)
	if err != nil {
		return CallView{}, err
	}
	id := ""
	if err := b.Session.Do(p, func(fx []sim.Effect) { id = sim.Placed(fx) }); err != nil {
		return CallView{}, err
	}
	return b.callView(id)
}

// placing turns what a client asks for into an input.
func (b *backend) placing(in *Placing) (p sim.Place, err error) {
	if len(in.Callees) == 0 {
		in.Callees = []string{"bob"}
	}
	if len(in.Callees) > rest.MaxCallees {
		return p, wrong("callees", `["bob","carol"]`, "has %d entries, want at most %d", len(in.Callees), rest.MaxCallees)
	}
	s := call.Setup{
		App: in.SDKAppID, Caller: cmp.Or(in.Caller, "alice"), Callees: in.Callees, Busy: in.Busy, Away: in.Unreachable,
		Room: in.Room, AnyIDs: b.AnyIDs,
		Device: &call.Device{Platform: cmp.Or(in.Platform, "iOS"), IP: cmp.Or(in.ClientIP, "127.0.0.1")},
	}
	if s.App == 0 {
		s.App = b.Apps[0]
	}
	if !slices.Contains(b.Apps, s.App) {
		return p, wrong("sdkappid", fmt.Sprint(b.Apps[0]), "there is no app %d", s.App)
	}
	if in.Group || len(in.Callees) > 1 {
		s.Kind = call.Group
	}
	if in.Room != "" {
		s.RoomTag = call.StringRoom
	}
	rings, err := ringTime(in.Rings)
	if err != nil {
		return p, err
	}
	if x := (call.Extra{UserData: in.UserData, ChatGroup: in.ChatGroup, Rings: rings}); x != (call.Extra{}) {
		s.Extra = &x
	}
	if err := s.Media.UnmarshalText([]byte(cmp.Or(in.Media, "audio"))); err != nil {
		return p, wrong("media", "video", "%v", err)
	}
	p = sim.Place{Fail: in.Fails, RingLater: in.RingLater}
	if err := p.Generation.UnmarshalText([]byte(cmp.Or(in.Generation, "both"))); err != nil {
		return p, wrong("generation", "v1", "%v", err)
	}
	if p.Plan, err = plan(in, &s); err != nil {
		return p, err
	}
	if in.Plan != nil {
		if p.Plan, err = planned(in); err != nil {
			return p, err
		}
	}
	p.Setup = s
	return p, nil
}

// ringTime reads how long phones ring; 0 is as long as all others.
func ringTime(text string) (call.Span, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > 10*time.Minute || d%time.Millisecond != 0 {
		return 0, wrong("rings", "30s", "%q: want whole milliseconds from 1s to 10m", text)
	}
	return call.Span(d), nil
}

// plan makes the steps of the outcome that was asked for, if one was.
func plan(in *Placing, s *call.Setup) ([]call.Step, error) {
	if in.Outcome == "" {
		if in.Ring+in.Talk != "" {
			return nil, wrong("outcome", "normal_end", "ring and talk say when an outcome comes about, and none is asked for")
		}
		return nil, nil
	}
	if len(s.Busy)+len(s.Away) > 0 || in.Fails || in.RingLater {
		return nil, wrong("outcome", "", "does not go with busy, unreachable, fails or ring_later: those are stories of their own")
	}
	var o sim.Outcome
	if err := o.Result.UnmarshalText([]byte(in.Outcome)); err != nil || !slices.Contains(sim.Outcomes, o.Result) {
		return nil, wrong("outcome", "reject", "%q: want one of normal_end, reject, not_answer, call_busy, cancel, interrupt", in.Outcome)
	}
	var err error
	if o.Ring, err = time.ParseDuration(cmp.Or(in.Ring, "3s")); err != nil {
		return nil, wrong("ring", "3s", "%q is not a duration", in.Ring)
	}
	if o.Talk, err = time.ParseDuration(cmp.Or(in.Talk, "9s")); err != nil {
		return nil, wrong("talk", "9s", "%q is not a duration", in.Talk)
	}
	return o.Plan(s)
}

// maxPlan is how many steps a call can be given.
const maxPlan = 1000

// planned reads the steps that were asked for one by one.
func planned(in *Placing) (steps []call.Step, err error) {
	switch {
	case in.Outcome != "":
		return nil, wrong("plan", "", "does not go with outcome, which is a plan of its own")
	case len(in.Plan) > maxPlan:
		return nil, wrong("plan", "", "has %d steps, want at most %d", len(in.Plan), maxPlan)
	}
	for i := range in.Plan {
		at := in.Plan[i].At
		d, err := time.ParseDuration(at)
		if err != nil || d < 0 || d > maxAdvance || d%time.Millisecond != 0 {
			return nil, wrong("plan.at", "3s", "%q: want whole milliseconds up to %s", at, maxAdvance)
		}
		if i > 0 && call.Span(d) < steps[i-1].After {
			return nil, wrong("plan.at", "", "%s comes after %s: want the steps in order of time", at, in.Plan[i-1].At)
		}
		action, err := in.Plan[i].action()
		if err != nil {
			return nil, err
		}
		steps = append(steps, call.Step{After: call.Span(d), Action: action})
	}
	return steps, nil
}

func (b *backend) callView(id string) (v CallView, err error) {
	b.Session.State(func(s *journal.State) {
		if c := s.Call(id); c != nil {
			v = viewCall(c)
			return
		}
		err = notNamed(id, journal.ErrCallNotFound)
	})
	return v, err
}

func (b *backend) showCall(r *http.Request) (CallView, error) {
	id, err := b.named("id", r.PathValue("id"))
	if err != nil {
		return CallView{}, err
	}
	return b.callView(id)
}

// Calls is a page of calls.
type Calls struct {
	Calls []CallView `json:"calls"`
	Next  string     `json:"next,omitempty" jsonschema:"the cursor of the next page, if there is one"`
}

func (b *backend) listCalls(r *http.Request) (page Calls, err error) {
	q := r.URL.Query()
	after, limit, err := paging(r)
	if err != nil {
		return page, err
	}
	var phase call.Phase
	if p := q.Get("phase"); p != "" {
		if err := phase.UnmarshalText([]byte(p)); err != nil {
			return page, wrong("phase", "connected", "%v", err)
		}
	}
	page.Calls = []CallView{}
	b.Session.State(func(s *journal.State) {
		for _, c := range s.CallsAfter(after) {
			if m, _ := c.Find(q.Get("user")); q.Get("user") != "" && m == nil || q.Get("phase") != "" && c.Phase != phase {
				continue
			}
			if len(page.Calls) == limit {
				page.Next = fmt.Sprint(after)
				return
			}
			after = c.Number
			page.Calls = append(page.Calls, viewCall(c))
		}
	})
	return page, nil
}
