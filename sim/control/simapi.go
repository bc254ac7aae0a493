package control

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// simRoutes is the simulation API.
func (b *Backend) simRoutes() []route {
	page := []param{
		{"after", "query", "the cursor of the page before, its next"},
		{"limit", "query", "how many at most, 1 to 1000; 100 if left out"},
	}
	return []route{
		put("POST", "/sim/v1/calls", "Place a call", http.StatusCreated, b.placeCall),
		get("/sim/v1/calls", "List the calls, the latest last", b.listCalls, append(page,
			param{"phase", "query", "only those that are ringing, connected or over"},
			param{"user", "query", "only those that this user is or was part of"})...),
		get("/sim/v1/calls/{id}", "Show a call", b.showCall),
		put("POST", "/sim/v1/calls/{id}/actions", "Act as a phone, or as the server", http.StatusOK, b.actOnCall),
		get("/sim/v1/deliveries", "List the callbacks and what became of them, the latest last", b.listDeliveries, append(page,
			param{"state", "query", "queued, waiting, in_flight, acked, abandoned, dropped or withdrawn"},
			param{"call", "query", "only those of this CallId"},
			param{"word", "query", "only those of this word or command"})...),
		get("/sim/v1/deliveries/{id}", "Show a callback with all its attempts", b.showDelivery),
		b.eventRoute(),
		get("/sim/v1/registrations", "List where callbacks go", b.listRegistrations),
		get("/sim/v1/clock", "Show the simulated time", b.showClock),
		put("POST", "/sim/v1/clock", "Pause, resume, advance or pace the simulated time", http.StatusOK, b.setClock),
		get("/sim/v1/faults", "Show the faults that are on", b.showFaults),
		put("PUT", "/sim/v1/faults", "Switch these faults on, all others off", http.StatusOK, b.setFaults),
		put("DELETE", "/sim/v1/faults", "Switch all faults off", http.StatusOK, func(r *http.Request, _ struct{}) (Faults, error) {
			return b.setFaults(r, Faults{})
		}),
		get("/sim/v1/errors", "Show the errors that the REST API will answer", b.showErrors),
		put("PUT", "/sim/v1/errors", "Let the REST API answer these errors, on top of those that requests cause", http.StatusOK, b.setErrors),
		put("DELETE", "/sim/v1/errors", "Let the REST API answer as it should", http.StatusOK, func(r *http.Request, _ struct{}) (Errors, error) {
			return b.setErrors(r, Errors{})
		}),
		put("POST", "/sim/v1/wait", "Wait until something has happened", http.StatusOK, b.wait),
		put("POST", "/sim/v1/reset", "Forget all calls, callbacks, records, faults and planned errors, and let time pass as at the start", http.StatusOK, b.reset),
		get("/sim/v1/status", "Show the run and its totals", b.status),
		get("/sim/v1/problems", "List the kinds of problems", func(*http.Request) (Kinds, error) { return Kinds{problemTitles}, nil }),
		b.openAPIRoute(),
	}
}

// Placing is a call to place, in the words of ringback call.
type Placing struct {
	SDKAppID    uint32   `json:"sdkappid,omitempty" jsonschema:"whose call it is; the first app if left out"`
	Caller      string   `json:"caller,omitempty" jsonschema:"alice if left out"`
	Callees     []string `json:"callees,omitempty" jsonschema:"two or more make a group call; bob if left out"`
	Outcome     string   `json:"outcome,omitempty" jsonschema:"normal_end, reject, not_answer, call_busy, cancel or interrupt. If left out, nobody does anything until you act as the phones; after 30 s they stop ringing"`
	Ring        string   `json:"ring,omitempty" jsonschema:"with an outcome, from the start to the answer: whole seconds under 30s; 3s if left out"`
	Talk        string   `json:"talk,omitempty" jsonschema:"with an outcome, from the answer to the end: whole seconds; 9s if left out"`
	Media       string   `json:"media,omitempty" jsonschema:"audio or video; audio if left out"`
	Group       bool     `json:"group,omitempty" jsonschema:"a group call even with one callee"`
	Busy        []string `json:"busy,omitempty" jsonschema:"callees in another call: their phones refuse by themselves"`
	Unreachable []string `json:"unreachable,omitempty" jsonschema:"callees whose phones never ring"`
	Room        string   `json:"room,omitempty" jsonschema:"a room of any text; a numeric one is made up if left out"`
	UserData    string   `json:"user_data,omitempty" jsonschema:"the invitees' phones get it with the call"`
	ChatGroup   string   `json:"chat_group,omitempty" jsonschema:"id of the IM group that calls"`
	Generation  string   `json:"generation,omitempty" jsonschema:"which callbacks it makes, v1, v4 or both; both if left out"`
	Platform    string   `json:"platform,omitempty" jsonschema:"the phones' platform; iOS if left out"`
	ClientIP    string   `json:"client_ip,omitempty" jsonschema:"the phones' address; 127.0.0.1 if left out"`
	Fails       bool     `json:"fails,omitempty" jsonschema:"the call cannot be placed"`
	Rings       string   `json:"rings,omitempty" jsonschema:"how long the phones ring: whole milliseconds from 1s to 10m; 30s if left out"`
	RingLater   bool     `json:"ring_later,omitempty" jsonschema:"phones ring by ring actions, not at once"`
}

func (b *Backend) placeCall(_ *http.Request, in Placing) (CallView, error) {
	p, err := b.placing(&in)
	if err != nil {
		return CallView{}, err
	}
	id := ""
	if err := b.Do(p, func(fx []sim.Effect) { id = sim.Placed(fx) }); err != nil {
		return CallView{}, err
	}
	return b.callView(id)
}

// placing turns what a client asks for into an input.
func (b *Backend) placing(in *Placing) (p sim.Place, err error) {
	if len(in.Callees) == 0 {
		in.Callees = []string{"bob"}
	}
	if len(in.Callees) > mostCallees {
		return p, wrong("callees", `["bob","carol"]`, "has %d entries, want at most %d", len(in.Callees), mostCallees)
	}
	s := call.Setup{
		App: in.SDKAppID, Caller: or(in.Caller, "alice"), Callees: in.Callees, Busy: in.Busy, Away: in.Unreachable,
		Room: in.Room, AnyIDs: b.cfg.AnyIDs,
		Device: &call.Device{Platform: or(in.Platform, "iOS"), IP: or(in.ClientIP, "127.0.0.1")},
	}
	if s.App == 0 {
		s.App = b.cfg.Apps[0].ID
	}
	if _, ok := b.app(s.App); !ok {
		return p, wrong("sdkappid", fmt.Sprint(b.cfg.Apps[0].ID), "there is no app %d", s.App)
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
	if err := s.Media.UnmarshalText([]byte(or(in.Media, "audio"))); err != nil {
		return p, wrong("media", "video", "%v", err)
	}
	p = sim.Place{Fail: in.Fails, RingLater: in.RingLater}
	if err := p.Generation.UnmarshalText([]byte(or(in.Generation, "both"))); err != nil {
		return p, wrong("generation", "v1", "%v", err)
	}
	if p.Plan, err = plan(in, &s); err != nil {
		return p, err
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
	if o.Ring, err = time.ParseDuration(or(in.Ring, "3s")); err != nil {
		return nil, wrong("ring", "3s", "%q is no duration", in.Ring)
	}
	if o.Talk, err = time.ParseDuration(or(in.Talk, "9s")); err != nil {
		return nil, wrong("talk", "9s", "%q is no duration", in.Talk)
	}
	return o.Plan(s)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func (b *Backend) callView(id string) (v CallView, err error) {
	b.Read(func(s *journal.State) {
		if c := s.Calls[id]; c != nil {
			v = viewCall(c)
			return
		}
		err = problem(http.StatusNotFound, kindNotFound, "call %q: there is no such call, or it was over long ago", id)
	})
	return v, err
}

func (b *Backend) showCall(r *http.Request) (CallView, error) { return b.callView(r.PathValue("id")) }

// Calls is a page of calls.
type Calls struct {
	Calls []CallView `json:"calls"`
	Next  string     `json:"next,omitempty" jsonschema:"the cursor of the next page, if there is one"`
}

func (b *Backend) listCalls(r *http.Request) (page Calls, err error) {
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
	b.Read(func(s *journal.State) {
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

// paging reads where a page begins and how long it is.
func paging(r *http.Request) (after uint64, limit int, err error) {
	q := r.URL.Query()
	if s := q.Get("after"); s != "" {
		if after, err = strconv.ParseUint(s, 10, 64); err != nil {
			return 0, 0, wrong("after", "", "%q is no cursor of a page", s)
		}
	}
	limit = 100
	if s := q.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > 1000 {
			return 0, 0, wrong("limit", "100", "%q: want 1 to 1000", s)
		}
	}
	return after, limit, nil
}

// Deliveries is a page of callbacks.
type Deliveries struct {
	Deliveries []DeliveryView `json:"deliveries"`
	Next       string         `json:"next,omitempty" jsonschema:"the cursor of the next page, if there is one"`
}

func (b *Backend) listDeliveries(r *http.Request) (page Deliveries, err error) {
	after, limit, err := paging(r)
	if err != nil {
		return page, err
	}
	q := r.URL.Query()
	wants, err := deliveryFilter(q.Get("call"), q.Get("state"), q.Get("word"))
	if err != nil {
		return page, err
	}
	page.Deliveries = []DeliveryView{}
	b.Read(func(s *journal.State) {
		for _, d := range s.DeliveriesAfter(after, q.Get("call")) {
			if !wants(d) {
				continue
			}
			if len(page.Deliveries) == limit {
				page.Next = fmt.Sprint(after)
				return
			}
			after = d.ID
			page.Deliveries = append(page.Deliveries, viewDelivery(d, false))
		}
	})
	return page, nil
}

// deliveryFilter finds the callbacks of a call, in a state, of a word; "" is any.
func deliveryFilter(id, state, word string) (func(*delivery.Delivery) bool, error) {
	var st delivery.State
	if state != "" {
		if err := st.UnmarshalText([]byte(state)); err != nil {
			return nil, wrong("state", "acked", "%v", err)
		}
	}
	var w wire.Word
	if word != "" {
		if err := w.UnmarshalText([]byte(word)); err != nil {
			return nil, wrong("word", "normal_end", "%v", err)
		}
	}
	return func(d *delivery.Delivery) bool {
		return (id == "" || d.CallID == id) && (state == "" || d.State == st) && (word == "" || d.Word == w)
	}, nil
}

func (b *Backend) showDelivery(r *http.Request) (v DeliveryView, err error) {
	id, bad := strconv.ParseUint(r.PathValue("id"), 10, 64)
	b.Read(func(s *journal.State) {
		d := s.Deliveries[id]
		if bad != nil || d == nil {
			err = problem(http.StatusNotFound, kindNotFound, "delivery %q: there is none, or its call was over long ago", r.PathValue("id"))
			return
		}
		v = viewDelivery(d, true)
	})
	return v, err
}

// Registrations are all registrations.
type Registrations struct {
	Registrations []RegistrationView `json:"registrations"`
}

func (b *Backend) listRegistrations(*http.Request) (list Registrations, _ error) {
	list.Registrations = []RegistrationView{}
	b.Read(func(s *journal.State) {
		for _, t := range s.Targets {
			v := RegistrationView{SDKAppID: t.App, Generation: t.Generation, Address: t.Endpoint.Shown(), Typed: t.Typed}
			for _, w := range t.Listed {
				v.Words = append(v.Words, w.String())
			}
			list.Registrations = append(list.Registrations, v)
		}
	})
	return list, nil
}

// Faults are the faults that are on.
type Faults struct {
	On []string `json:"on" jsonschema:"each a NAME[=AMOUNT][:SHARE%][@WORD], like delay=5s or drop:30%@call_end"`
}

func (b *Backend) showFaults(*http.Request) (f Faults, _ error) {
	f.On = []string{}
	b.Read(func(s *journal.State) { f.On = append(f.On, s.Faults...) })
	return f, nil
}

func (b *Backend) setFaults(r *http.Request, in Faults) (Faults, error) {
	for _, f := range in.On {
		if _, err := fault.Parse(f); err != nil {
			return Faults{}, wrong("on", "drop:30%@call_end", "%v", err)
		}
	}
	if err := b.Do(sim.SetFaults{On: in.On}, nil); err != nil {
		return Faults{}, err
	}
	return b.showFaults(r)
}

// Errors are the errors that the REST API will answer.
type Errors struct {
	Errors []PlannedError `json:"errors"`
}

func (b *Backend) showErrors(*http.Request) (Errors, error) {
	return Errors{append([]PlannedError{}, b.PlannedErrors()...)}, nil
}

func (b *Backend) setErrors(r *http.Request, in Errors) (Errors, error) {
	if err := b.PlanErrors(in.Errors); err != nil {
		return Errors{}, wrong("errors", `[{"path":"/v1/callback/set","code":70005,"times":1}]`, "%v", err)
	}
	return b.showErrors(r)
}

// Resetting says what to forget.
type Resetting struct {
	Registrations bool `json:"registrations,omitempty" jsonschema:"forget where callbacks go, too"`
}

// reset makes everything as it was at the start, but for the registrations and
// the ids, which go on counting.
func (b *Backend) reset(r *http.Request, in Resetting) (Status, error) {
	if err := b.Do(sim.Reset{Registrations: in.Registrations}, nil); err != nil {
		return Status{}, err
	}
	b.loop.SetPace(b.cfg.Pace)
	if !b.cfg.Paused {
		b.loop.Resume()
	}
	if err := errors.Join(b.PlanErrors(nil), b.noteTime()); err != nil {
		return Status{}, err
	}
	return b.status(r)
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
}

func (b *Backend) status(*http.Request) (v Status, _ error) {
	now := b.now()
	b.Read(func(s *journal.State) {
		v = Status{
			Version: s.Run.Version, Run: s.Run.Token, Seed: s.Run.Seed, Epoch: s.Run.Epoch, Now: now, Seq: s.Seq,
			Calls: s.Placed, Live: s.Live, Open: s.Totals.Open(), Totals: s.Totals,
		}
	})
	return v, nil
}

// Clock is the simulated time.
type Clock struct {
	Now    call.Instant `json:"now"`
	Pace   string       `json:"pace" jsonschema:"real, instant, or a factor like 10x"`
	Paused bool         `json:"paused"`
}

// Clocking changes how time passes.
type Clocking struct {
	Do      string `json:"do,omitempty" jsonschema:"pause or resume"`
	Pace    string `json:"pace,omitempty" jsonschema:"real, instant, or a factor like 10x"`
	Advance string `json:"advance,omitempty" jsonschema:"move the time on by this duration, like 30s, through all that is due meanwhile, retries included; the answer comes when it is there"`
}

func (b *Backend) showClock(*http.Request) (Clock, error) {
	now, pace, paused := b.loop.Time()
	return Clock{Now: now, Pace: pace.String(), Paused: paused}, nil
}

// mostAdvance is how far the time can be moved on at once.
const mostAdvance = 365 * 24 * time.Hour

func (b *Backend) setClock(r *http.Request, in Clocking) (Clock, error) {
	var pace run.Pace
	var by time.Duration
	var err error
	if in.Pace != "" {
		if pace, err = run.ParsePace(in.Pace); err != nil {
			return Clock{}, wrong("pace", "10x", "%v", err)
		}
	}
	if in.Advance != "" {
		if by, err = time.ParseDuration(in.Advance); err != nil || by < 0 || by > mostAdvance {
			return Clock{}, wrong("advance", "30s", "%q: want a duration from 0s to %s", in.Advance, mostAdvance)
		}
	}
	switch in.Do {
	case "pause":
		b.loop.Pause()
	case "resume":
		b.loop.Resume()
	case "":
	default:
		return Clock{}, wrong("do", "pause", "%q: want pause or resume", in.Do)
	}
	if pace != 0 {
		b.loop.SetPace(pace)
	}
	if by > 0 {
		if err := b.loop.Advance(r.Context(), by); err != nil {
			return Clock{}, err
		}
	}
	if err := b.noteTime(); err != nil {
		return Clock{}, err
	}
	return b.showClock(r)
}
