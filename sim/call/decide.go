package call

import (
	"fmt"
	"slices"
)

// RuleError means that a rule forbids an action.
type RuleError struct {
	Do   Verb
	User string // who tried; "" for the server
	Rule string // the rule's name, like not-ringing
	Why  string // the rule in words, and how the call differs
}

// Error returns a text like "bob cannot accept: the call is over (rule call-over)".
func (e *RuleError) Error() string {
	who := e.User
	if who == "" {
		who = "the server"
	}
	return fmt.Sprintf("%s cannot %s: %s (rule %s)", who, e.Do, e.Why, e.Rule)
}

// Decide appends the facts that follow from an action to dst, in order, or returns a
// [*RuleError] and dst unchanged. It does not change the call: pass each fact to
// [Call.Apply].
func (c *Call) Decide(dst []Fact, now Instant, a Action) ([]Fact, error) {
	if c.Phase == Over {
		return dst, c.deny(a, "call-over", "the call is over")
	}
	switch a.Do {
	case DoTimeout:
		return c.timeout(dst, a)
	case DoJoin:
		return c.join(dst, a)
	case DoEndByServer:
		return c.endByServer(dst, a)
	}
	m, role := c.Find(a.By)
	if m == nil || m.Status == Gone {
		return dst, c.deny(a, "not-a-member", fmt.Sprintf("only a member of the call can, and %q is not in it", a.By))
	}
	if m.SilentAt != 0 && a.Do != DoExpire {
		return dst, c.deny(a, "no-battery", "the phone's battery is out")
	}
	switch a.Do {
	case DoRing, DoAccept, DoReject, DoBusy:
		return c.callee(dst, a, m)
	case DoCancel, DoCancelInvite:
		return c.withdraw(dst, a, role)
	case DoHangUp:
		return c.hangUp(dst, a, m)
	case DoInvite:
		return c.invite(dst, a, m)
	case DoLoseLine:
		if m.Status != Talking && m.Status != Alerting {
			return dst, c.deny(a, "not-in-call", "only a phone that rings or is in the call has a line to lose, and "+a.By+" is "+m.Status.String())
		}
		return c.depart(append(dst, Fact{Kind: LineLost, By: a.By}), Interrupt), nil
	case DoPullBattery:
		return append(dst, Fact{Kind: BatteryPulled, By: a.By}), nil
	case DoExpire:
		if m.SilentAt == 0 {
			return dst, c.deny(a, "heartbeat", a.By+"'s heartbeat goes on")
		}
		return c.depart(append(dst, Fact{Kind: WentOffline, By: a.By}), Offline), nil
	case DoChangeMedia:
		return c.changeMedia(dst, a, m)
	}
	panic("call: unknown verb")
}

func (c *Call) deny(a Action, rule, why string) error {
	return &RuleError{Do: a.Do, User: a.By, Rule: rule, Why: why}
}

// callee decides an action of a phone that is being called.
func (c *Call) callee(dst []Fact, a Action, m *Member) ([]Fact, error) {
	switch {
	case a.Do == DoRing && m.Status != Dialled:
		return dst, c.deny(a, "rings-once", "a phone rings once for an invitation, and "+a.By+" is "+m.Status.String())
	case a.Do == DoBusy && m.Status != Dialled:
		return dst, c.deny(a, "busy-at-once", "a busy phone refuses before it rings, and "+a.By+" is "+m.Status.String())
	case (a.Do == DoAccept || a.Do == DoReject) && m.Status != Alerting:
		return dst, c.deny(a, "not-ringing", "only a phone that rings can, and "+a.By+" is "+m.Status.String())
	}
	switch a.Do {
	case DoRing:
		return append(dst, Fact{Kind: RingingFact, By: a.By}), nil
	case DoAccept:
		return append(dst, Fact{Kind: Accepted, By: a.By, First: c.Phase == Ringing}), nil
	case DoReject:
		return c.depart(append(dst, Fact{Kind: Rejected, By: a.By}), Reject), nil
	default:
		return c.depart(append(dst, Fact{Kind: BusyFact, By: a.By}), CallBusy), nil
	}
}

// withdraw decides cancel (the whole call) and cancel_invite (some users).
func (c *Call) withdraw(dst []Fact, a Action, role Role) ([]Fact, error) {
	if role != Caller {
		return dst, c.deny(a, "caller-only", "only the caller can, and that is "+c.Caller())
	}
	if a.Do == DoCancel {
		if c.Phase != Ringing {
			return dst, c.deny(a, "before-answer", "the call is answered; hang_up ends it")
		}
		var users []string
		for i := range c.Members {
			if c.Members[i].Waiting() {
				users = append(users, c.Members[i].ID)
			}
		}
		return c.depart(append(dst, Fact{Kind: Cancelled, By: a.By, Users: users}), Cancel), nil
	}
	if c.Kind == Single {
		return dst, c.deny(a, "group-only", "a call between two is cancelled as a whole; use cancel")
	}
	if err := c.waiting(a); err != nil {
		return dst, err
	}
	return c.depart(append(dst, Fact{Kind: Uninvited, By: a.By, Users: a.Users}), Cancel), nil
}

// waiting checks that a.Users names members who are still being called.
func (c *Call) waiting(a Action) error {
	if len(a.Users) == 0 {
		return c.deny(a, "names-users", "no users are named")
	}
	for i, u := range a.Users {
		if m, _ := c.Find(u); m == nil || !m.Waiting() || slices.Contains(a.Users[:i], u) {
			return c.deny(a, "still-called", u+" is not being called")
		}
	}
	return nil
}

func (c *Call) timeout(dst []Fact, a Action) ([]Fact, error) {
	if err := c.waiting(a); err != nil {
		return dst, err
	}
	return c.depart(append(dst, Fact{Kind: TimedOut, Users: a.Users}), NotAnswer), nil
}

func (c *Call) hangUp(dst []Fact, a Action, m *Member) ([]Fact, error) {
	switch {
	case c.Phase != Connected:
		return dst, c.deny(a, "after-answer", "no one has answered yet; the caller uses cancel, a callee reject")
	case m.Status != Talking:
		return dst, c.deny(a, "not-in-call", "only someone in the call can, and "+a.By+" is "+m.Status.String())
	}
	return c.depart(append(dst, Fact{Kind: Left, By: a.By}), NormalEnd), nil
}

func (c *Call) invite(dst []Fact, a Action, m *Member) ([]Fact, error) {
	switch {
	case c.Kind == Single:
		return dst, c.deny(a, "group-only", "a call between two takes no one in; place a group call")
	case m.Status != Talking:
		return dst, c.deny(a, "not-in-call", "only someone in the call can, and "+a.By+" is "+m.Status.String())
	case len(a.Users) == 0:
		return dst, c.deny(a, "names-users", "no users are named")
	}
	for i, u := range a.Users {
		if o, _ := c.Find(u); (o != nil && o.Present()) || slices.Contains(a.Users[:i], u) {
			return dst, c.deny(a, "not-yet-in", u+" is part of the call already")
		}
		if err := c.checkID(u); err != nil {
			return dst, c.deny(a, "user-id", err.Error())
		}
	}
	return append(dst, Fact{Kind: Invited, By: a.By, Users: a.Users}), nil
}

func (c *Call) join(dst []Fact, a Action) ([]Fact, error) {
	if c.Kind == Single {
		return dst, c.deny(a, "group-only", "a call between two takes no one in")
	}
	if err := c.checkID(a.By); err != nil {
		return dst, c.deny(a, "user-id", err.Error())
	}
	if m, _ := c.Find(a.By); m != nil && m.Present() {
		return dst, c.deny(a, "not-yet-in", a.By+" is part of the call already; an invited member uses accept")
	}
	return append(dst, Fact{Kind: Joined, By: a.By, First: c.Phase == Ringing}), nil
}

// endByServer ends the call in its current state: no one left it.
func (c *Call) endByServer(dst []Fact, a Action) ([]Fact, error) {
	why := a.Result
	switch {
	case c.Phase == Idle:
		return dst, c.deny(a, "not-begun", "there is no call")
	case why != NoResult:
	case c.AcceptAt != 0:
		why = NormalEnd
	default:
		why = Cancel
	}
	return append(dst, Fact{Kind: Ended, Result: why, Server: true}), nil
}

// checkID returns an error if the call does not allow a user id.
func (c *Call) checkID(id string) error {
	if c.Special != nil && c.AnyIDs && id != "" {
		return nil
	}
	return CheckUserID(id)
}

func (c *Call) changeMedia(dst []Fact, a Action, m *Member) ([]Fact, error) {
	switch {
	case c.Kind != Single:
		return dst, c.deny(a, "single-only", "only a call between two changes its media")
	case c.Phase != Connected || m.Status != Talking:
		return dst, c.deny(a, "after-answer", "no one has answered yet")
	case a.Media == c.Media:
		return dst, c.deny(a, "changes-something", "the call is "+a.Media.String()+" already")
	}
	return append(dst, Fact{Kind: MediaChanged, By: a.By, Media: a.Media}), nil
}

// depart appends the end of the call to the facts if after the last fact at most one
// participant is left (68940: the call is reclaimed when their number drops to 1 or
// less), or no one is in the call.
//
// A call that was connected ends as interrupt or offline if that is how the last one
// left, and as normal_end otherwise. A call that was not connected ends by what its
// last callee did.
func (c *Call) depart(facts []Fact, why Result) []Fact {
	present, talking := c.count()
	last := &facts[len(facts)-1]
	if len(last.Users) > 0 {
		present -= len(last.Users) // all of them waiting
	} else {
		present--
		if m, _ := c.Find(last.By); m.Status == Talking {
			talking--
		}
	}
	if present > 1 && talking > 0 {
		return facts
	}
	if c.Phase == Connected && why != Interrupt && why != Offline {
		why = NormalEnd
	}
	return append(facts, Fact{Kind: Ended, Result: why})
}
