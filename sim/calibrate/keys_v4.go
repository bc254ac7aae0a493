package calibrate

import (
	"strings"

	"github.com/tidwall/gjson"

	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

var (
	acceptAccept     = choose("accept_action", "Accept")
	acceptAnswer     = choose("accept_action", "Answer")
	inviteInvite     = choose("invite_actions", "Invite")
	inviteInvited    = choose("invite_actions", "Invited")
	mediaCall        = choose("start_media_key", "CallMediaType")
	mediaPlain       = choose("start_media_key", "MediaType")
	mediaBoth        = choose("start_media_key", "both")
	accountString    = choose("user_account", "string")
	accountNumber    = choose("user_account", "number")
	withCaller       = choose("callee_list", "with_caller")
	calleesOnly      = choose("callee_list", "callees")
	expiredOffline   = choose("heartbeat_result", "Offline")
	expiredInterrupt = choose("heartbeat_result", "Interrupt")
	emptyRoomOne     = choose("empty_room_type", "1")
	emptyRoomZero    = choose("empty_room_type", "0")
	busyNone         = choose("v4_busy_action", "none")
	busyReject       = choose("v4_busy_action", "Reject")
	busyStart        = choose("v4_busy_start", "start")
	busyEndOnly      = choose("v4_busy_start", "end_only")
	endByState       = choose("end_call_result", "by_state")
	endInterrupt     = choose("end_call_result", "Interrupt")

	hangups = map[string]choice{
		"Hangup": choose("hangup_action", "Hangup"), "HangUp": choose("hangup_action", "HangUp"), "Hang Up": choose("hangup_action", "Hang Up"),
	}
)

// v4 is what a v4 callback shows.
func (k *keys) v4(c *callState, e *recording.Exchange, b body, at Place) {
	k.accounts(b, at)
	switch e.Word {
	case wire.AfterStartCall.String():
		k.startCall(c, b, at)
	case wire.AfterMemberChanged.String():
		k.memberChanged(c, b, at)
	case wire.AfterEndCall.String():
		k.endCall(c, b, at)
	default:
		c.v4.unknown = true
	}
}

func (k *keys) startCall(c *callState, b body, at Place) {
	if v := &c.v4; v.start.Line == 0 {
		v.start, v.startAt = at, b.at
	}
	callMedia, media := b.info.Get("CallMediaType").Exists(), b.info.Get("MediaType").Exists()
	switch {
	case callMedia && media:
		k.saw(mediaBoth, at)
	case callMedia:
		k.saw(mediaCall, at)
	case media:
		k.saw(mediaPlain, at)
	default:
		k.odd(mediaBoth.key, "no media key", at)
	}
	k.emptyRoom(b.info, at)
}

// emptyRoom is the type of a room without a name.
func (k *keys) emptyRoom(info gjson.Result, at Place) {
	room, kind := info.Get("RoomId"), info.Get("RoomIdType")
	if room.Type != gjson.String || room.Str != "" || !kind.Exists() {
		return
	}
	switch kind.Raw {
	case "1":
		k.saw(emptyRoomOne, at)
	case "0":
		k.saw(emptyRoomZero, at)
	default:
		k.odd(emptyRoomOne.key, "RoomIdType "+text.Quote(kind.Raw, 20), at)
	}
}

// accounts is the type of ids that are all digits.
func (k *keys) accounts(b body, at Place) {
	var number, digits bool
	for _, list := range [...]gjson.Result{b.users, b.changes} {
		list.ForEach(func(_, user gjson.Result) bool {
			switch id := user.Get("User_Account"); {
			case id.Type == gjson.Number:
				number = true
			case id.Type == gjson.String && isNumber(id.Str):
				digits = true
			}
			return true
		})
	}
	if number {
		k.saw(accountNumber, at)
	}
	if digits {
		k.saw(accountString, at)
	}
}

// isNumber reports whether an id could be a number in JSON.
func isNumber(id string) bool {
	return id != "" && len(id) <= 18 && (id[0] != '0' || id == "0") && strings.Trim(id, "0123456789") == ""
}

func (k *keys) memberChanged(c *callState, b body, at Place) {
	v := &c.v4
	if v.change.Line == 0 {
		v.change = at
	}
	var did change
	b.changes.ForEach(func(_, user gjson.Result) bool {
		did |= k.action(user.Get("ActionType").Str, at)
		return true
	})
	v.changes |= did
	if b.at < v.lastAt {
		return
	}
	v.last, v.lastAt, v.calling, v.present = did, b.at, 0, 0
	b.users.ForEach(func(_, user gjson.Result) bool {
		v.present++
		if user.Get("Status").Str == "Calling" {
			v.calling++
		}
		return true
	})
}

// action is what the spelling of an ActionType shows, and what it says.
func (k *keys) action(name string, at Place) change {
	if c, ok := hangups[name]; ok {
		k.saw(c, at)
		return hungUp
	}
	switch name {
	case "Accept":
		k.saw(acceptAccept, at)
		return accepted
	case "Answer":
		k.saw(acceptAnswer, at)
		return accepted
	case "Invite":
		k.saw(inviteInvite, at)
		return otherChange
	case "Invited":
		k.saw(inviteInvited, at)
		return otherChange
	case "Cancel_Invite":
		k.saw(inviteInvite, at)
		return uninvited
	case "Canncel_Invite":
		k.saw(inviteInvited, at)
		return uninvited
	case "Reject":
		return rejected
	case "NotAnswer":
		return timedOut
	case "Join":
		return joined
	case "Offline":
		return offline
	}
	shown := "ActionType " + text.Quote(name, 40)
	switch folded := strings.ToLower(name); {
	case strings.HasPrefix(folded, "hang"), strings.HasPrefix(folded, "hung"):
		k.odd(hangups["Hangup"].key, shown, at)
		return hungUp
	case strings.HasPrefix(folded, "accept"), strings.HasPrefix(folded, "answer"):
		k.odd(acceptAccept.key, shown, at)
		return accepted
	case strings.Contains(folded, "invite"):
		k.odd(inviteInvite.key, shown, at)
	case strings.Contains(folded, "busy"):
		k.odd(busyNone.key, shown, at)
	}
	return otherChange
}

func (k *keys) endCall(c *callState, b body, at Place) {
	v, r := &c.v4, b.info
	if v.end.Line == 0 {
		v.end = at
	}
	v.endAt, v.result = b.at, r.Get("CallResult").Str
	v.single, v.answered = r.Get("CallType").Str == "SingleCall", r.Get("AcceptTime").Int() != 0
	if start := r.Get("StartTime").Int() * 1000; start > 0 && (c.begin == 0 || start < c.begin) {
		c.begin = start
	}
	k.emptyRoom(r, at)
	k.calleeList(r, at)
	deed := k.deed(c.id)
	switch {
	case v.result == "Offline":
		k.saw(expiredOffline, at)
	case deed == Battery && v.result == "Interrupt":
		k.saw(expiredInterrupt, at)
	case deed == Battery:
		k.odd(expiredOffline.key, "CallResult "+text.Quote(v.result, 40), at)
	case deed == Ended:
		k.endedBy(v, at)
	}
}

func (k *keys) calleeList(r gjson.Result, at Place) {
	caller, list := r.Get("Caller_Account").String(), r.Get("CalleeList_Account").Array()
	if len(list) == 0 || caller == "" {
		return
	}
	for _, u := range list {
		if u.String() == caller {
			k.saw(withCaller, at)
			return
		}
	}
	k.saw(calleesOnly, at)
}

// byState is the result of a call that the REST API ended, by its state.
func (v *v4Call) byState() string {
	if v.answered {
		return "NormalEnd"
	}
	return "Cancel"
}

// endedBy is what the result of a call shows that the REST API ended.
func (k *keys) endedBy(v *v4Call, at Place) {
	switch v.result {
	case v.byState():
		k.saw(endByState, at)
	case "Interrupt":
		k.saw(endInterrupt, at)
	default:
		k.odd(endByState.key, "CallResult "+text.Quote(v.result, 40), at)
	}
}

// maxBusy is how long a call to a busy callee lasts at most, in milliseconds: longer, and
// the callee's phone may have rung.
const maxBusy = 1500

// judgeV4 is what a call shows that is over, in v4.
func (k *keys) judgeV4(c *callState) {
	s, v := k.segment, &c.v4
	if v.end.Line == 0 {
		if v.change.Line != 0 && v.present <= 1 && s.followed(c) {
			s.controls.noEnd.add(c.at)
		}
		return
	}
	busy := v.single && v.result == "CallBusy" && !v.answered
	if busy && v.start.Line != 0 && v.endAt-v.startAt <= maxBusy {
		k.saw(busyStart, v.start)
	}
	if busy && v.changes&rejected != 0 {
		k.saw(busyReject, v.change)
	}
	if v.unknown || !s.within(c.begin) {
		return
	}
	if s.followed(c) {
		k.control(c)
	}
	if busy && v.start.Line == 0 {
		k.missing(busyEndOnly, v.end, c, wire.AfterStartCall.String())
	}
	if busy && v.changes == 0 {
		k.missing(busyNone, v.end, c, wire.AfterMemberChanged.String())
	}
	if k.deed(c.id) == "" && v.start.Line != 0 && k.endedByItself(v) {
		k.endedByServer(c)
	}
}

// control counts calls that have what all dialects send, and those that lack it: among
// these, a missing callback is no evidence.
func (k *keys) control(c *callState) {
	v, n := &c.v4, &k.segment.controls
	switch {
	case v.result == "CallBusy": // which dialects tell in ways of their own
	case v.start.Line == 0:
		n.noStart.add(c.at)
	default:
		n.starts++
	}
	lacks := v.answered && v.changes&(accepted|joined) == 0 ||
		!v.answered && v.result == "Reject" && v.changes&rejected == 0 ||
		!v.answered && v.result == "NotAnswer" && v.changes&timedOut == 0
	switch {
	case lacks:
		n.noChange.add(c.at)
	case v.answered:
		n.changes++
	}
	switch {
	case v.answered && v.result == "NormalEnd" && v.last == hungUp && v.calling <= 1,
		!v.answered && v.result == "Cancel" && v.last == uninvited,
		v.answered && v.result == "Interrupt" && v.last == offline && v.calling <= 1:
		n.usual[v.result]++
	}
}

// endedByItself reports whether a call ended though everyone was still in it: no
// MemberChanged says that anyone left.
func (k *keys) endedByItself(v *v4Call) bool {
	if v.answered {
		return v.calling >= 2
	}
	return v.single && v.changes == 0
}

// endedByServer is what a call shows that no one left. It is evidence only where calls
// that end otherwise have their last MemberChanged.
func (k *keys) endedByServer(c *callState) {
	v := &c.v4
	set := endByState
	switch v.result {
	case v.byState():
	case "Interrupt":
		set = endInterrupt
	default:
		return
	}
	k.absent(absence{choice: set, at: v.end, last: c.last, needs: appWord{c.app, wire.AfterMemberChanged.String()}, like: v.result}, c)
}
