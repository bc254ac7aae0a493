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

// expectation is what a receiver ought to hold of a call: what the engine's
// state says, as far as acknowledged callbacks told it. What was not told, like
// who is invited in v1, is not judged.
type expectation struct {
	id, name string
	ended    bool // the receiver was told of the end
	mayEnd   bool // or of a result, by which it may store an end
	result   call.Result
	talk     *float64 // seconds; nil: not told
	caller   string   // "": not told
	room     string   // a text; "": not told, or a number
	members  []string // in the call now, sorted; nil: not told
}

// expect says what is to be stored of a call.
func expect(c *journal.Call, name string, d *wire.Dialect) *expectation {
	e := &expectation{id: c.ID, name: name}
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

// tellsResult reports whether an event callback of v1 says with which result the call
// ended for its user. Between two that is the end, though the callback about it may
// be late or lost.
func tellsResult(d *delivery.Delivery) bool {
	var body struct{ CallResult string }
	return d.Generation == wire.V1 && json.Unmarshal(d.Request.Body(), &body) == nil && body.CallResult != ""
}

func tellsCaller(w wire.Word) bool {
	return w != wire.AfterMemberChanged && (w.Generation() == wire.V4 || w.Status() || strings.HasPrefix(w.String(), "caller_"))
}

// resultOf is a result as the generation of the call tells it: v1 knows no
// offline, and of a group call only that it ended.
func resultOf(c *journal.Call, d *wire.Dialect) call.Result {
	switch {
	case c.Generation == wire.V1 && c.Kind == call.Group:
		return call.NormalEnd
	case c.Result == call.Offline && (c.Generation == wire.V1 || d.HeartbeatResult == "Interrupt"):
		return call.Interrupt
	}
	return c.Result
}

// talkOf is how long a call lasted from its first answer. v1 tells it only of
// calls that ended as they should.
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

// membersOf are those who are in a running call, if its callbacks say so: v4
// sends the whole list, the words of v1 say of each user whether he came or
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

// toldV4 is the last list, if the receiver has it.
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

// toldV1 is what the words add up to. It is nothing if somebody came and left
// within a second: times in seconds cannot say which was first.
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

// comes reports whether a v1 event word says that its user is in the call.
func comes(w wire.Word) bool {
	switch w {
	case wire.CallerStartCall, wire.CalleeReceiveCall, wire.CalleeAcceptCall, wire.CallerCallAccepted, wire.InviteUser, wire.JoinInGroupCall:
		return true
	}
	return false
}

// count is how many ends are to be stored, and most is how many may be.
func (e *expectation) count() int {
	if e.ended {
		return 1
	}
	return 0
}

func (e *expectation) most() int {
	if e.mayEnd {
		return 1
	}
	return e.count()
}

// breach is the first thing that is stored otherwise, or nil. A receiver need
// not tell all.
func (e *expectation) breach(s probe.Stored) *Breach {
	b := &Breach{Call: e.name}
	say := func(k Kind, then, got, want string) *Breach {
		b.Kind, b.Then, b.Got, b.Want = k, then, got, want
		return b
	}
	switch {
	case s.Count > e.most() && e.most() > 0:
		return say(EndTwice, "one end is stored", fmt.Sprintf("%d end records are stored", s.Count), "one")
	case s.Count > e.most():
		return say(EndEarly, "no end is stored", fmt.Sprintf("%s stored", areEnds(s.Count)), "none: the receiver was told of no end")
	case s.Count < e.count():
		return say(EndMissing, "one end is stored", "no end record is stored", "one: the end was acknowledged")
	case e.ended && s.Result != nil && !s.ResultIs(e.result.String()):
		return say(WrongResult, "the result stored is "+e.result.String(), fmt.Sprintf("the result is stored as %s", text.Quote(*s.Result, 80)), e.result.String())
	case e.talk != nil && s.Duration != nil && math.Abs(*s.Duration-*e.talk) >= 1:
		return say(WrongTalk, fmt.Sprintf("the talk stored is %gs", *e.talk), fmt.Sprintf("the talk is stored as %g seconds", *s.Duration), fmt.Sprintf("%g", *e.talk))
	case e.caller != "" && s.Caller != nil && *s.Caller != e.caller:
		return say(WrongCaller, "the caller stored is "+e.caller, fmt.Sprintf("the caller is stored as %s", text.Quote(*s.Caller, 80)), e.caller)
	case e.room != "" && s.Room != nil && *s.Room != e.room:
		return say(WrongRoom, "the room stored is "+script.FormatText(e.room), "the room is stored as "+text.Quote(*s.Room, 80), text.Quote(e.room, 80))
	case e.members != nil && s.Members != nil && !slices.Equal(s.Members, e.members):
		return say(e.membersKind(), e.membersThen(), "the members stored are "+list(s.Members), list(e.members))
	}
	return nil
}

func areEnds(n int) string {
	if n == 1 {
		return "an end record is"
	}
	return fmt.Sprintf("%d end records are", n)
}

func (e *expectation) membersKind() Kind {
	if e.ended {
		return MembersLeft
	}
	return WrongMembers
}

func (e *expectation) membersThen() string {
	if len(e.members) == 0 {
		return "nobody is stored as a member"
	}
	return "the members stored are " + strings.Join(e.members, ", ")
}

// list is names for people, but not more than they read.
func list(names []string) string {
	const most = 8
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = text.Show(n, 80)
	}
	switch {
	case len(names) == 0:
		return "nobody"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
