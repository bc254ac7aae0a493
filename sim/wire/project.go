package wire

import (
	"slices"

	"ringback/sim/call"
)

// Callback is one callback that a fact makes, not yet written out.
type Callback struct {
	Generation Generation
	Word       Word
	User       int         // index of the member it is about, or who acted
	Result     call.Result // what it says of the end of a call; NoResult if nothing
	Ends       bool        // a v1 event word that ends the participant's own call
	Action     string      // v4 MemberChanged: the ActionType
	Fact       *call.Fact  // the fact that made it
}

// Project appends the callbacks that a fact makes in the given generations.
// It looks at the call as it is right after the fact was applied, so bodies
// must be encoded before the next fact is. v1 comes before v4, a word of the
// one who acted before the words of those who learn of it, event words before
// the status word (60135).
func (d *Dialect) Project(dst []Callback, g Generation, c *call.Call, f *call.Fact) []Callback {
	p := projection{dialect: d, call: c, fact: f, out: dst}
	if g&V1 != 0 {
		p.v1()
	}
	if g&V4 != 0 {
		p.v4()
	}
	return p.out
}

type projection struct {
	dialect *Dialect
	call    *call.Call
	fact    *call.Fact
	out     []Callback
}

// index is the place of a user on the members' list.
func (p *projection) index(user string) int {
	for i := range p.call.Members {
		if p.call.Members[i].ID == user {
			return i
		}
	}
	return 0
}

// pair is a word that exists for both roles.
type pair struct{ caller, callee Word }

func (w pair) of(i int) Word {
	if i == 0 {
		return w.caller
	}
	return w.callee
}

var (
	callEnd         = pair{CallerCallEnd, CalleeCallEnd}
	callInterrupted = pair{CallerCallInterrupted, CalleeCallInterrupted}
)

func (p *projection) word(w Word, i int) {
	p.out = append(p.out, Callback{Generation: V1, Word: w, User: i, Fact: p.fact})
}

// last adds a word that ends the participant's own call.
func (p *projection) last(w Word, i int, r call.Result) {
	p.out = append(p.out, Callback{Generation: V1, Word: w, User: i, Result: r, Ends: true, Fact: p.fact})
}

// refused adds the words that both sides of an unanswered call report: the callee what it
// did, the caller what it saw. In a group call the caller reports nothing.
func (p *projection) refused(callee, caller Word, i int, r call.Result) {
	if p.call.Members[i].Reports() || callee == CalleeIgnoreCall {
		p.last(callee, i, r)
	}
	if p.call.Kind == call.Single && p.call.Members[0].Reports() {
		p.last(caller, 0, r)
	}
}

func (p *projection) v1() {
	f, by := p.fact, p.index(p.fact.By)
	switch f.Kind {
	case call.Started:
		p.word(CallerStartCall, by)
	case call.StartFailed:
		p.last(CallerCallFailed, by, call.NoResult)
	case call.RingingFact:
		p.word(CalleeReceiveCall, by)
	case call.Accepted:
		p.word(CalleeAcceptCall, by)
		if f.First && p.call.Members[0].Reports() {
			p.word(CallerCallAccepted, 0)
		}
	case call.Rejected:
		p.refused(CalleeRejectCall, CallerCallRejected, by, call.Reject)
	case call.BusyFact:
		p.refused(CalleeIgnoreCall, CallerCallBusy, by, call.CallBusy)
	case call.TimedOut:
		for _, u := range f.Users {
			p.refused(CalleeNotAnswerCall, CallerCallMissed, p.index(u), call.NotAnswer)
		}
	case call.Cancelled:
		p.last(CallerCancelCall, by, call.Cancel)
		p.cancelled()
	case call.Uninvited:
		if p.call.AcceptAt == 0 && !p.call.Calling() { // the last invitation: the call comes to nothing
			p.last(CallerCancelCall, by, call.Cancel)
		}
		p.cancelled()
	case call.Invited:
		p.word(InviteUser, by)
	case call.Joined:
		p.word(JoinInGroupCall, by)
	case call.Left:
		p.last(callEnd.of(by), by, call.NormalEnd)
	case call.LineLost, call.WentOffline:
		p.last(callInterrupted.of(by), by, call.Interrupt)
	case call.Ended:
		p.v1End()
	}
}

// cancelled adds the word of each phone that was ringing and stops.
func (p *projection) cancelled() {
	for _, u := range p.fact.Users {
		if i := p.index(u); p.call.Members[i].Reports() {
			p.last(CalleeCallCanceled, i, call.Cancel)
		}
	}
}

// v1End adds the words of the members who were still in the call, then the status.
func (p *projection) v1End() {
	c, r := p.call, p.fact.Result
	if c.Kind == call.Group && c.AcceptAt != 0 {
		r = call.NormalEnd
	}
	for i := range c.Members {
		m := &c.Members[i]
		switch {
		case !m.Reports() || !m.Present():
		case m.Waiting():
			p.last(CalleeCallCanceled, i, call.Cancel)
		case c.AcceptAt != 0:
			p.last(callEnd.of(i), i, v1Result(r))
		case r == call.Interrupt || r == call.Offline:
			p.last(CallerCallInterrupted, i, call.Interrupt)
		case c.Kind == call.Group && r != call.Cancel, p.fact.Server: // a caller that cancelled has reported it
			p.last(CallerCancelCall, i, v1Result(r))
		}
	}
	if c.Kind == call.Group { // reports normal_end or nothing (60130)
		if c.AcceptAt == 0 && p.dialect.GroupUnanswered != "normal_end" {
			return
		}
		r = call.NormalEnd
	}
	p.status(v1Result(r))
}

func (p *projection) status(r call.Result) {
	cb := Callback{Generation: V1, Word: statusWord(r), Result: r, Fact: p.fact}
	n := 1
	if p.dialect.StatusPer == "participant" {
		n = len(p.call.Members)
	}
	for i := range n {
		cb.User = i
		p.out = append(p.out, cb)
	}
}

// v1Result maps a result to one that v1 knows.
func v1Result(r call.Result) call.Result {
	if r == call.Offline {
		return call.Interrupt
	}
	return r
}

func statusWord(r call.Result) Word {
	switch r {
	case call.Cancel:
		return StatusCancel
	case call.Reject:
		return StatusReject
	case call.NotAnswer:
		return StatusNotAnswer
	case call.CallBusy:
		return StatusCallBusy
	case call.Interrupt, call.Offline:
		return StatusInterrupt
	}
	return StatusNormalEnd
}

func (p *projection) v4() {
	f, d := p.fact, p.dialect
	switch f.Kind {
	case call.Started:
		if d.V4BusyStart == "end_only" && len(f.Setup.Busy) == len(f.Setup.Callees) { // Start refuses doubles
			return
		}
		p.command(AfterStartCall, "")
	case call.Accepted:
		p.command(AfterMemberChanged, d.AcceptAction)
	case call.Rejected:
		p.command(AfterMemberChanged, "Reject")
	case call.BusyFact:
		if d.V4BusyAction != "none" {
			p.command(AfterMemberChanged, d.V4BusyAction)
		}
	case call.TimedOut:
		p.command(AfterMemberChanged, "NotAnswer")
	case call.Cancelled, call.Uninvited:
		if d.InviteActions == "Invited" {
			p.command(AfterMemberChanged, "Canncel_Invite")
		} else {
			p.command(AfterMemberChanged, "Cancel_Invite")
		}
	case call.Invited:
		p.command(AfterMemberChanged, d.InviteActions)
	case call.Joined:
		p.command(AfterMemberChanged, "Join")
	case call.Left:
		p.command(AfterMemberChanged, d.HangupAction)
	case call.LineLost, call.WentOffline:
		p.command(AfterMemberChanged, "Offline")
	case call.Ended:
		p.command(AfterEndCall, "")
	}
}

func (p *projection) command(w Word, action string) {
	about := p.fact.By
	if about == "" && len(p.fact.Users) > 0 { // the server's timer
		about = p.fact.Users[0]
	}
	p.out = append(p.out, Callback{
		Generation: V4, Word: w, User: p.index(about), Result: p.fact.Result, Action: action, Fact: p.fact,
	})
}

// Actions are the ActionTypes of a MemberChanged, in the spellings of all dialects.
func Actions() []string {
	list := []string{"Reject", "NotAnswer", "Cancel_Invite", "Canncel_Invite", "Join", "Offline"}
	for _, k := range keys {
		switch k.Name {
		case "accept_action", "hangup_action", "invite_actions":
			list = append(list, k.Values...)
		}
	}
	slices.Sort(list)
	return list
}
