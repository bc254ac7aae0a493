package explore

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// expected is what a receiver should have stored of a call: the engine's state, as far
// as acknowledged callbacks say it. What they do not say, such as invited users in v1,
// is not checked.
type expected struct {
	id, name string
	ended    bool // a callback about the end was acknowledged
	mayEnd   bool // or one with the result, from which an end may be stored
	result   call.Result
	talk     *float64 // seconds; nil: unknown to the receiver
	caller   string   // "": unknown
	room     string   // a text; "": unknown, or a number
	members  []string // in the call now, sorted; nil: unknown
}

// expect returns what should be stored of a call.
func expect(c *journal.Call, name string, d *wire.Dialect) *expected {
	e := &expected{id: c.ID, name: name}
	for _, d := range c.Deliveries {
		if d.State != delivery.Acked {
			continue
		}
		e.ended = e.ended || d.Word.Ends()
		e.mayEnd = e.mayEnd || c.Kind == call.Single && tellsResult(d)
		if d.Word != wire.AfterMemberChanged && c.RoomType == call.StringRoom {
			e.room = c.Room
		}
		if tellsCaller(d.Word) {
			e.caller = c.Caller()
		}
	}
	if e.ended {
		e.result, e.talk, e.members = resultOf(c, d), talkOf(c), []string{}
	} else if c.Phase != call.Over {
		e.members = membersOf(c)
	}
	return e
}

// tellsResult reports whether a v1 event callback contains the result of the call. In a
// one-to-one call that is the end, though the callback about the end may be late or
// lost.
func tellsResult(d *delivery.Delivery) bool {
	var body struct{ CallResult string }
	return d.Generation == wire.V1 && json.Unmarshal(d.Request.Body(), &body) == nil && body.CallResult != ""
}

func tellsCaller(w wire.Word) bool {
	return w != wire.AfterMemberChanged && (w.Generation() == wire.V4 || w.Status() || strings.HasPrefix(w.String(), "caller_"))
}

// resultOf returns the result as the call's generation reports it: v1 has no offline,
// and only a normal end for group calls.
func resultOf(c *journal.Call, d *wire.Dialect) call.Result {
	switch {
	case c.Generation == wire.V1 && c.Kind == call.Group:
		return call.NormalEnd
	case c.Result == call.Offline && (c.Generation == wire.V1 || d.HeartbeatResult == "Interrupt"):
		return call.Interrupt
	}
	return c.Result
}

// talkOf returns the seconds from the first answer to the end. v1 reports it only for a
// normal end; otherwise it is nil.
func talkOf(c *journal.Call) *float64 {
	told := c.Generation == wire.V4 || resultOf(c, wire.Default()) == call.NormalEnd && c.AcceptAt != 0
	if !told {
		return nil
	}
	talk := 0.0
	if c.AcceptAt != 0 {
		talk = float64(c.EndAt.Time().Unix() - c.AcceptAt.Time().Unix())
	}
	return &talk
}

// membersOf returns the members of a running call, or nil if the acknowledged callbacks
// do not say so. v4 sends the whole list; v1 says of each user whether they joined or
// left.
func membersOf(c *journal.Call) []string {
	in := []string{}
	for i := range c.Members {
		if c.Members[i].Present() {
			in = append(in, c.Members[i].ID)
		}
	}
	slices.Sort(in)
	told, ok := toldV1(c)
	if c.Generation == wire.V4 {
		told, ok = toldV4(c)
	}
	if slices.Sort(told); !ok || !slices.Equal(told, in) {
		return nil
	}
	return in
}

// toldV4 returns the members in the last list, if that callback was acknowledged.
func toldV4(c *journal.Call) (users []string, ok bool) {
	var last *delivery.Delivery
	for _, d := range c.Deliveries {
		if d.CopyOf == 0 && !d.Word.Ends() && (last == nil || d.ID > last.ID) {
			last = d
		}
	}
	if last == nil || last.State != delivery.Acked {
		return nil, false
	}
	var body struct{ UserList []wire.User }
	if json.Unmarshal(last.Request.Body(), &body) != nil {
		return nil, false
	}
	for _, u := range body.UserList {
		users = append(users, u.Account.ID)
	}
	return users, true
}

// toldV1 returns the members that the v1 callbacks add up to. ok is false if someone
// joined and left within one second: timestamps do not say which came first.
func toldV1(c *journal.Call) (users []string, ok bool) {
	type seat struct {
		second int64
		in     bool
	}
	seats := map[string]seat{}
	for _, d := range slices.SortedFunc(slices.Values(c.Deliveries), func(a, b *delivery.Delivery) int { return int(a.ID) - int(b.ID) }) {
		if d.State != delivery.Acked || d.CopyOf != 0 || d.Word.Ends() {
			continue
		}
		now := seat{d.EventTime.Time().Unix(), comes(d.Word)}
		if before, ok := seats[d.User]; ok && before.second == now.second && before.in != now.in {
			return nil, false
		}
		seats[d.User] = now
	}
	for user, s := range seats {
		if s.in {
			users = append(users, user)
		}
	}
	return users, true
}

// comes reports whether a v1 word says that its user is in the call.
func comes(w wire.Word) bool {
	switch w {
	case wire.CallerStartCall, wire.CalleeReceiveCall, wire.CalleeAcceptCall, wire.CallerCallAccepted, wire.InviteUser, wire.JoinInGroupCall:
		return true
	}
	return false
}

// minEnds and maxEnds are how many ends should be stored at least and at most.
func (e *expected) minEnds() int {
	if e.ended {
		return 1
	}
	return 0
}

func (e *expected) maxEnds() int {
	if e.mayEnd {
		return 1
	}
	return e.minEnds()
}

// compare returns the first difference between what is stored and what should be, or
// nil. What the probe does not show is skipped.
func (e *expected) compare(s probe.Stored) *Violation {
	b := &Violation{Call: e.name}
	violation := func(k Kind, then, got, want string) *Violation {
		b.Kind, b.Then, b.Got, b.Want = k, then, got, want
		return b
	}
	switch {
	case s.Count > e.maxEnds() && e.maxEnds() > 0:
		return violation(EndTwice, "one end is stored", fmt.Sprintf("%d end records are stored", s.Count), "one")
	case s.Count > e.maxEnds():
		return violation(EndEarly, "no end is stored", fmt.Sprintf("%s stored", areEnds(s.Count)), "none: the receiver was told of no end")
	case s.Count < e.minEnds():
		return violation(EndMissing, "one end is stored", "no end record is stored", "one: the end was acknowledged")
	case e.ended && s.Result != nil && !s.ResultIs(e.result.String()):
		return violation(WrongResult, "the result stored is "+e.result.String(), fmt.Sprintf("the result is stored as %s", text.Quote(*s.Result, 80)), e.result.String())
	case e.talk != nil && s.Duration != nil && math.Abs(*s.Duration-*e.talk) >= 1:
		return violation(WrongTalk, fmt.Sprintf("the talk stored is %gs", *e.talk), fmt.Sprintf("the talk is stored as %g seconds", *s.Duration), fmt.Sprintf("%g", *e.talk))
	case e.caller != "" && s.Caller != nil && *s.Caller != e.caller:
		return violation(WrongCaller, "the caller stored is "+e.caller, fmt.Sprintf("the caller is stored as %s", text.Quote(*s.Caller, 80)), e.caller)
	case e.room != "" && s.Room != nil && *s.Room != e.room:
		return violation(WrongRoom, "the room stored is "+script.FormatText(e.room), "the room is stored as "+text.Quote(*s.Room, 80), text.Quote(e.room, 80))
	case e.members != nil && s.Members != nil && !slices.Equal(s.Members, e.members):
		return violation(e.membersKind(), e.membersThen(), "the members stored are "+list(s.Members), list(e.members))
	}
	return nil
}

func areEnds(n int) string {
	if n == 1 {
		return "an end record is"
	}
	return fmt.Sprintf("%d end records are", n)
}

func (e *expected) membersKind() Kind {
	if e.ended {
		return MembersLeft
	}
	return WrongMembers
}

func (e *expected) membersThen() string {
	if len(e.members) == 0 {
		return "nobody is stored as a member"
	}
	return "the members stored are " + strings.Join(e.members, ", ")
}

// list joins names for a message: 8 at most.
func list(names []string) string {
	const maxNames = 8
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = text.Show(n, 80)
	}
	switch {
	case len(names) == 0:
		return "no one"
	case len(names) > maxNames:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
	}
	return strings.Join(names, ", ")
}
