package wire

import (
	"slices"
	"strconv"

	"ringback/sim/call"
)

// Encoder writes callbacks in one dialect. It keeps scratch space, so use one
// for each goroutine.
type Encoder struct {
	dialect *Dialect
	v1      V1Body
	ts      [3]int64
	event   string
	start   StartCall
	media   string
	member  MemberChanged
	end     EndCall
}

// NewEncoder makes an encoder for a dialect, which must not change afterwards.
func NewEncoder(d *Dialect) *Encoder { return &Encoder{dialect: d} }

// Command is what the URL's command parameter says: the word, or for a v1
// status callback call_end (60130 sample).
func (e *Encoder) Command(cb *Callback) string {
	if cb.Word.Status() && e.dialect.StatusCommand == "call_end" {
		return "call_end"
	}
	return cb.Word.String()
}

// AppendQuery appends the query of a callback, without a leading "?"
// (60130; 68940).
func (e *Encoder) AppendQuery(b []byte, c *call.Call, cb *Callback) []byte {
	device := cb.Device(c)
	if cb.Generation == V1 {
		return e.query(b, c.App, cb, device, "sdkappid=", "&command=", "&clientip=", "&optplatform=", device.Platform)
	}
	platform := device.Platform
	if platform == "miniProgram" { // not in 34354's list
		platform = "Unknown"
	}
	return e.query(b, c.App, cb, device, "SdkAppid=", "&CallbackCommand=", "&ClientIP=", "&OptPlatform=", platform)
}

// Device is the one that a callback's query names.
func (cb *Callback) Device(c *call.Call) *call.Device {
	if cb.Generation == V1 && !cb.Word.Status() {
		return c.Members[cb.User].Device
	}
	return c.Acting
}

func (e *Encoder) query(b []byte, app uint32, cb *Callback, d *call.Device, appKey, command, ip, platform, value string) []byte {
	b = strconv.AppendUint(append(b, appKey...), uint64(app), 10)
	b = appendQueryText(append(b, command...), e.Command(cb))
	b = append(b, "&contenttype=json"...)
	b = appendQueryText(append(b, ip...), d.IP)
	return appendQueryText(append(b, platform...), value)
}

// AppendBody appends the JSON body of a callback that happens at a time. For v4 the time
// must be later than that of the call's previous callback, since receivers distinguish
// callbacks by it.
func (e *Encoder) AppendBody(b []byte, c *call.Call, cb *Callback, at call.Instant) []byte {
	switch cb.Word {
	case AfterStartCall:
		return e.startCall(c, at).AppendTo(b)
	case AfterMemberChanged:
		return e.memberChanged(c, cb, at).AppendTo(b)
	case AfterEndCall:
		return e.endCall(c, at).AppendTo(b)
	}
	return e.v1Body(c, cb, at).AppendTo(b)
}

func (e *Encoder) v1Body(c *call.Call, cb *Callback, at call.Instant) *V1Body {
	m := &c.Members[cb.User]
	role, said := cb.Word.Role() // who placed the call is a callee, too, once invited back into it
	if !said && cb.User != 0 {
		role = call.Callee
	}
	e.v1 = V1Body{
		UserID: m.ID, RoomID: c.Room, TotalNum: len(c.Members),
		MediaType: e.enum(c.Media.String()), CallType: e.V1Kind(c), CallID: c.ID,
		Role: e.enum(role.String()), EventTime: at.Seconds(),
	}
	if cb.Word.Status() {
		e.v1.CallResult = e.enum(cb.Result.String())
	} else {
		e.event = cb.Word.Event()
		e.v1.Event = &e.event
		if cb.Ends && e.dialect.EventResult == "end" {
			e.v1.CallResult = e.enum(cb.Result.String())
		}
	}
	e.times(c, cb, at)
	return &e.v1
}

// times fills the three Ts keys: on status callbacks only for normal_end, on
// event callbacks always, with 0 for what is not known yet.
func (e *Encoder) times(c *call.Call, cb *Callback, at call.Instant) {
	e.ts = [3]int64{c.StartAt.Seconds(), c.AcceptAt.Seconds(), c.EndAt.Seconds()}
	if cb.Ends && e.ts[2] == 0 {
		e.ts[2] = at.Seconds() // the end of the participant's own call
	}
	for i, field := range [...]**int64{&e.v1.StartCallTs, &e.v1.AcceptTs, &e.v1.EndTs} {
		switch {
		case e.dialect.Ts == "known" && e.ts[i] == 0:
		case e.dialect.Ts == "documented" && cb.Word.Status() && cb.Word != StatusNormalEnd:
		default:
			*field = &e.ts[i]
		}
	}
}

// titles are the v1 enum values as the field tables print them.
var titles = map[string]string{
	"audio": "Audio", "video": "Video", "single": "Single", "group": "Group", "multi": "Multi", "caller": "Caller", "callee": "Callee",
	"normal_end": "Normal_end", "cancel": "Cancel", "reject": "Reject", "not_answer": "Not_answer",
	"call_busy": "Call_busy", "interrupt": "Interrupt", "offline": "Offline",
}

func (e *Encoder) enum(s string) string {
	if e.dialect.Case == "title" {
		return titles[s]
	}
	return s
}

func (e *Encoder) startCall(c *call.Call, at call.Instant) *StartCall {
	s := &e.start
	e.media = v4Media(c.Media)
	s.CallbackCommand = AfterStartCall.String()
	s.CallInfo = CallInfo{CallID: c.ID, ChatGroupID: c.Attached().ChatGroup, RoomID: c.Room, RoomIDType: e.roomType(c)}
	if e.dialect.StartMediaKey != "MediaType" {
		s.CallInfo.CallMediaType = &e.media
	}
	if e.dialect.StartMediaKey != "CallMediaType" {
		s.CallInfo.MediaType = &e.media
	}
	s.UserList = e.users(s.UserList[:0], c)
	s.EventTime = int64(at)
	return s
}

func (e *Encoder) memberChanged(c *call.Call, cb *Callback, at call.Instant) *MemberChanged {
	m := &e.member
	m.CallbackCommand = AfterMemberChanged.String()
	m.CallID = c.ID
	m.UserList = e.users(m.UserList[:0], c)
	m.ChangedUserList = m.ChangedUserList[:0]
	for _, u := range cb.Fact.Users {
		m.ChangedUserList = append(m.ChangedUserList, Change{e.account(u), cb.Action})
	}
	if len(cb.Fact.Users) == 0 {
		m.ChangedUserList = append(m.ChangedUserList, Change{e.account(cb.Fact.By), cb.Action})
	}
	m.EventTime = int64(at)
	return m
}

func (e *Encoder) endCall(c *call.Call, at call.Instant) *EndCall {
	e.end.CallRecord = e.record(c, e.end.CallRecord.CalleeList[:0])
	e.end.CallbackCommand = AfterEndCall.String()
	e.end.EventTime = int64(at)
	return &e.end
}

func (e *Encoder) users(dst []User, c *call.Call) []User {
	for i := range c.Members {
		switch m := &c.Members[i]; {
		case m.Status == call.Talking:
			dst = append(dst, User{e.account(m.ID), "Calling"})
		case m.Waiting():
			dst = append(dst, User{e.account(m.ID), "Waiting"})
		}
	}
	return dst
}

func (e *Encoder) account(id string) Account {
	return Account{ID: id, Number: e.dialect.UserAccount == "number"}
}

func (e *Encoder) roomType(c *call.Call) int {
	switch {
	case c.Room != "":
		return int(c.RoomType)
	case e.dialect.EmptyRoomType == "0":
		return 0
	}
	return 1
}

func v4Media(m call.Media) string {
	if m == call.Video {
		return "Video"
	}
	return "Audio"
}

// V4Result is the CallResult of v4 (68940).
func (e *Encoder) V4Result(r call.Result) string {
	switch r {
	case call.Cancel:
		return "Cancel"
	case call.Reject:
		return "Reject"
	case call.NotAnswer:
		return "NotAnswer"
	case call.CallBusy:
		return "CallBusy"
	case call.Interrupt:
		return "Interrupt"
	case call.Offline:
		return e.dialect.HeartbeatResult
	}
	return "NormalEnd"
}

var v1Platforms = []string{"iOS", "Android", "Web", "miniProgram"}

// V1Platforms are the values of optplatform that v1 has (60130).
func V1Platforms() []string { return slices.Clone(v1Platforms) }

// InV1 reports whether a platform is one of [V1Platforms].
func InV1(platform string) bool { return slices.Contains(v1Platforms, platform) }

// Platforms are the values that optplatform can have: v1's and v4's (34354).
func Platforms() []string {
	return append(V1Platforms(), "Windows", "macOS", "Mac", "iPad", "RESTAPI", "Unknown")
}
