package rest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// v4Set is call_config/set_callback (68938): the last one counts.
func v4Set(b *backend, app App, f *fields) action {
	at, words := v4Config(b, f)
	return func() (any, *refusal) {
		if err := b.register(app.ID, wire.V4, at, words); err != nil {
			return nil, refuse(codeConfigInternal, "%v", err)
		}
		return nil, nil
	}
}

func v4Config(b *backend, f *fields) (*delivery.Endpoint, []wire.Word) {
	at := takeAddress(b, f, "Url", "Url must start with http or https")
	words := takeWords(f, "CallbackCommandList", func(w wire.Word) string {
		if w.Generation() == wire.V1 {
			return w.String() + " is a word of v1, want Call.CallbackAfterStartCall, Call.CallbackAfterMemberChanged or Call.CallbackAfterEndCall"
		}
		return ""
	})
	return at, words
}

// v4Get is call_config/get_callback (68937).
func v4Get(b *backend, app App, _ *fields) action {
	return func() (any, *refusal) {
		address, words, ok := b.registration(app.ID, wire.V4)
		if !ok {
			return nil, refuse(codeConfigMissing, "v4/call_config/set_callback makes one")
		}
		return struct {
			URL                 string      `json:"Url"`
			CallbackCommandList []wire.Word `json:"CallbackCommandList"`
		}{address, words}, nil
	}
}

// v4Delete is call_config/delete_callback (68939). Its page has no code for a
// configuration that does not exist.
func v4Delete(b *backend, app App, _ *fields) action {
	return func() (any, *refusal) {
		b.configure.Lock()
		defer b.configure.Unlock()
		if _, _, ok := b.registration(app.ID, wire.V4); !ok {
			return nil, nil
		}
		if err := b.unregister(app.ID, wire.V4); err != nil {
			return nil, refuse(codeConfigInternal, "%v", err)
		}
		return nil, nil
	}
}

// v4Record is call_record_http_srv/get_record_by_callid (68930).
func v4Record(b *backend, app App, f *fields) action {
	id := f.text("CallId")
	return func() (data any, no *refusal) {
		found := b.showRecord(app.ID, id, func(enc *wire.Encoder, c *call.Call) {
			data = struct {
				CallRecord wire.CallRecord `json:"CallRecord"`
			}{enc.Record(c)}
		})
		if !found {
			return nil, refuse(codeNoRecord, "of the last 7 days, no call %s ended at least 5 seconds ago", text.Quote(id, maxShown))
		}
		return data, nil
	}
}

// v4Records is call_record_http_srv/get_record_by_filter (68931). A filter that
// nothing passes gets an empty list; the page lists 101050, but as what is said
// of one call.
func v4Records(b *backend, app App, f *fields) action {
	enc := wire.NewEncoder(b.Dialect)
	want := filter{app: app.ID}
	want.window(f, "StartTime", "EndTime")
	want.kind, want.spell = f.oneOf("CallType", enc.V4Kinds()), enc.V4Kind
	want.results = pick(f, "CallResult", enc.V4Result)
	want.paging(f, "NumberPerPage", 10, "Page")
	return func() (any, *refusal) {
		list := []wire.CallRecord{}
		total := b.find(&want, func(enc *wire.Encoder, c *call.Call) { list = append(list, enc.Record(c)) })
		return struct {
			TotalNum       int64             `json:"TotalNum"`
			Page           int64             `json:"Page"`
			CallRecordList []wire.CallRecord `json:"CallRecordList"`
		}{total, want.page, list}, nil
	}
}

// v4CallInfo is call_engine_http_srv/get_call_info (68932): of calls that run.
func v4CallInfo(b *backend, app App, f *fields) action {
	id := f.text("CallId")
	return func() (data any, no *refusal) {
		no = noCall(id)
		b.Session.State(func(s *journal.State) {
			c := runningCall(s, app.ID, id)
			if c == nil {
				return
			}
			enc := wire.NewEncoder(s.Dialect)
			data, no = struct {
				CallInfo wire.CallInfo `json:"CallInfo"`
				UserList []wire.User   `json:"UserList"`
			}{enc.CallInfo(&c.Call), enc.Users(&c.Call)}, nil
		})
		return data, no
	}
}

// v4EndCall is call_engine_http_srv/end_call (74506).
func v4EndCall(b *backend, app App, f *fields) action {
	id := f.text("CallId")
	return func() (any, *refusal) {
		var runs bool
		b.Session.State(func(s *journal.State) { runs = runningCall(s, app.ID, id) != nil })
		if !runs {
			return nil, noCall(id)
		}
		err := b.Session.Do(sim.Act{Call: id, Action: call.Action{Do: call.DoEndByServer}}, nil)
		switch {
		case errors.Is(err, run.ErrStopped):
			return nil, refuse(codeCallInternal, "%v", err)
		case err != nil: // it has just ended by itself
			return nil, noCall(id)
		}
		return nil, nil
	}
}

func noCall(id string) *refusal {
	return refuse(codeNoCall, "no call %s is going on", text.Quote(id, maxShown))
}

// runningCall finds an app's call that is not over.
func runningCall(s *journal.State, app uint32, id string) *journal.Call {
	c := s.Call(id)
	if c == nil || c.App != app || c.Phase == call.Over {
		return nil
	}
	return c
}

// Limits of start_call_by_robot (74505), and one of our own: with more callees
// the work for one call would hold up all others.
const (
	minTimeout  = 10_000 // ms
	maxTimeout  = 600_000
	maxUserData = 1000 // bytes
	MaxCallees  = 200
)

// v4StartCall is call_engine_http_srv/start_call_by_robot (74505). Only 71845
// shows what it answers besides that all is well.
//
// Robots have no heartbeat that could expire, as the page says; that it does not
// matter whether they are in another call does not hold here.
func v4StartCall(b *backend, app App, f *fields) action {
	s := call.Setup{App: app.ID, AnyIDs: b.AnyIDs, Device: phoneOfCallees}
	s.Caller, s.Callees = b.parties(f)
	s.Devices = call.Devices{{User: s.Caller, Device: phoneOfRobots}}
	if len(s.Callees) > 1 {
		s.Kind = call.Group
	}
	s.Extra = &call.Extra{
		UserData: userData(f),
		Rings:    call.Span(time.Duration(f.number("Timeout", minTimeout, maxTimeout)) * time.Millisecond),
	}
	robotRoom(f.object("CallInfo"), &s)
	if f.has("OfflinePushInfo") {
		f.object("OfflinePushInfo") // for the push services of phones: checked to be an object, and unused
	}
	return func() (any, *refusal) { return b.startCall(s) }
}

// The devices of a call that a robot places. RESTAPI is 34354's name for
// whatever comes from there.
var (
	phoneOfCallees = &call.Device{Platform: "iOS", IP: "127.0.0.1"}
	phoneOfRobots  = &call.Device{Platform: "RESTAPI", IP: "127.0.0.1"}
)

// parties takes the robot and the callees.
func (b *backend) parties(f *fields) (robot string, callees []string) {
	const robotKey, calleesKey = "Robot_Account", "CalleeList_Account"
	robot = f.account(robotKey)
	callees = f.accounts(calleesKey)
	if len(callees) > MaxCallees {
		f.bad(calleesKey, "has %d entries, want at most %d", len(callees), MaxCallees)
		return robot, nil
	}
	b.checkUser(f, robotKey, robot)
	for i, u := range callees {
		b.checkUser(f, calleesKey, u)
		if u == robot || slices.Contains(callees[:i], u) {
			f.bad(calleesKey, "%s is in the call twice", text.Quote(u, maxShown))
		}
	}
	return robot, callees
}

func (b *backend) checkUser(f *fields, key, id string) {
	if b.AnyIDs && id != "" {
		return
	}
	if err := call.CheckUserID(id); err != nil {
		f.bad(key, "%v", err)
	}
}

// userData takes what the callees' phones get with the call.
func userData(f *fields) string {
	if !f.has("UserData") {
		return ""
	}
	data := f.anyText("UserData")
	if len(data) > maxUserData {
		f.bad("UserData", "has %d bytes, want at most %d", len(data), maxUserData)
	}
	return data
}

// robotRoom takes CallInfo: the media, and the room if one is wanted.
func robotRoom(info *fields, s *call.Setup) {
	if info.word("MediaType", "Audio", "Video") == "Video" {
		s.Media = call.Video
	}
	if info.has("RoomId") {
		s.Room = info.anyText("RoomId")
	}
	s.RoomTag = call.RoomType(info.numberOr("RoomIdType", 0, int64(call.DigitRoom), int64(call.StringRoom)))
	if s.RoomTag == call.DigitRoom && strings.Trim(s.Room, "0123456789") != "" {
		info.bad("RoomId", "is %s, want a number since RoomIdType is 1", text.Quote(s.Room, maxShown))
	}
}

// startCall places a call whose callbacks go to registrations of both kinds.
func (b *backend) startCall(s call.Setup) (any, *refusal) {
	type callee struct {
		Account string `json:"Callee_Account"`
		Code    int    `json:"ResultCode"`
	}
	answer := struct {
		CallID  string   `json:"CallId"`
		Results []callee `json:"CallResult"`
	}{}
	err := b.Session.Do(sim.Place{Setup: s, Generation: wire.Both}, func(effects []sim.Effect) { answer.CallID = sim.Placed(effects) })
	switch {
	case errors.Is(err, run.ErrStopped):
		return nil, refuse(codeCallInternal, "%v", err)
	case err != nil:
		return nil, refuse(codeCallParameter, "%v", err)
	}
	for _, u := range s.Callees {
		answer.Results = append(answer.Results, callee{u, 0})
	}
	return answer, nil
}
