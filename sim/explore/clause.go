package explore

import (
	"encoding/json"
	"slices"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// trait is something about a history that can be why a receiver broke.
type trait uint32

const (
	severalCalls    trait = 1 << iota
	oneMoment             // two calls in which something happens at the same time
	oneRoom               // two calls in one room
	roomsByCase           // two rooms that differ in letter case
	longList              // ten people or more are called
	repeated              // a callback comes again
	together              // several times at once
	answerLost            // again, since its answer or connection was lost
	overtaken             // callbacks come in another order
	startLate             // the start comes after others
	startLost             // the start never comes
	callbackLost          // something else never comes
	inBetween             // what came again came after other callbacks of its call
	older                 // what was refused came after younger callbacks of its call
	storedAlone           // the end would be stored if nothing came before it
	longCallIDs           // CallIds have to be read to their end
	numberIDs             // ids of users come as numbers
	oddIDs                // they are of 32 characters, or all digits
	nearIDs               // two of them differ in letter case alone, or in what a pattern or a trim takes for nothing
	changedTogether       // several users of the call are in one change of v4
	longTalk              // members talk for hours
	overClocks            // while clocks change
	roomOfSample          // the room is that of the pages
)

func (t trait) has(o trait) bool { return t&o != 0 }

// traitsOf looks at a history, and at how it was played.
func traitsOf(h *History, b *Breach, pl *play) (t trait) {
	for _, o := range h.Operations {
		for _, spec := range asFaults(o) {
			t |= traitOf(h.Generation, spec)
		}
	}
	placed := h.placed()
	for i, p := range placed {
		if len(p.Callees) >= 10 {
			t |= longList
		}
		for _, other := range placed[:i] {
			t |= severalCalls
			switch {
			case p.Room == "" || !strings.EqualFold(p.Room, other.Room):
			case p.Room == other.Room:
				t |= oneRoom
			default:
				t |= roomsByCase
			}
		}
	}
	for i, o := range h.Operations {
		for _, other := range h.Operations[:i] {
			if o.At == other.At && asFaults(o) == nil && asFaults(other) == nil && callOf(o) != callOf(other) {
				t |= oneMoment
			}
		}
	}
	t |= valueTraits(h, b)
	if cameAfterOthers(b, pl) {
		t |= inBetween
	}
	if wasOlder(b, pl) {
		t |= older
	}
	if severalChanged(b, pl) {
		t |= changedTogether
	}
	return t
}

// severalChanged reports whether a callback of the call that broke was about a change
// of several users.
func severalChanged(b *Breach, pl *play) bool {
	return slices.ContainsFunc(pl.sent, func(s sent) bool {
		var body struct{ ChangedUserList []json.RawMessage }
		return s.call == b.Call && s.of.Word == wire.AfterMemberChanged && json.Unmarshal(s.of.Request.Body(), &body) == nil && len(body.ChangedUserList) > 1
	})
}

// wasOlder reports whether the receiver knew of something younger in the call
// when it got the callback that it refused. Of one that no fault has hit the first
// attempt says so: those that follow come late because that was refused.
func wasOlder(b *Breach, pl *play) bool {
	d, younger := b.delivery, false
	for _, s := range pl.sent {
		switch {
		case d == nil || s.of.Call != d.Call:
		case s.of == d && (younger || d.Faults == nil):
			return younger
		case s.of.EventTime > d.EventTime:
			younger = true
		}
	}
	return false
}

// traitOf is what a fault does, in short.
func traitOf(g wire.Generation, spec string) trait {
	_, word, scoped := strings.Cut(scopeOf(spec), "@")
	word, _, _ = strings.Cut(word, "#")
	start := scoped && slices.Contains(startWords(g), word)
	switch faultName(spec) {
	case "duplicate", "replay":
		return repeated
	case "race":
		return repeated | together
	case "lose_answer", "reset", "truncate":
		return repeated | answerLost
	case "delay", "late", "reorder":
		if start {
			return overtaken | startLate
		}
		return overtaken
	case "drop":
		if start {
			return startLost
		}
		return callbackLost
	}
	return 0
}

// cameAfterOthers reports whether the end of the call that broke came again after
// another callback of that call.
func cameAfterOthers(b *Breach, pl *play) bool {
	between, began := false, false
	for _, s := range pl.sent {
		switch {
		case s.call != b.Call:
		case !s.of.Word.Ends():
			between = began
		case between:
			return true
		default:
			began = true
		}
	}
	return false
}

// rule names the clause for a breach whose history has some traits.
type rule struct {
	kinds  []Kind
	traits trait // any of these; 0: whatever it has
	clause string
}

// storing are the kinds of what is stored wrongly.
var storing = []Kind{EndTwice, EndEarly, EndMissing, WrongResult, WrongTalk, WrongCaller, WrongMembers, MembersLeft}

// rules name the clause that a breach is most probably about: the first that
// fits. A shrunk history has no trait that is not needed. Those of one
// generation begin with "v?".
var rules = []rule{
	{append([]Kind{Refused}, storing...), longCallIDs, "call-id-whole"},
	{[]Kind{NotGoingOn}, 0, "bad-input-survived"},
	{[]Kind{Refused}, older, "late-acknowledged"},
	{[]Kind{Refused}, together, "duplicate-at-once-acknowledged"},
	{[]Kind{Refused}, repeated, "duplicate-acknowledged"},
	{[]Kind{Refused}, overtaken, "late-acknowledged"},
	{[]Kind{Refused}, severalCalls, "calls-at-once-acknowledged"},

	{[]Kind{WrongCaller, WrongMembers}, numberIDs, "v4-user-account-exact"},
	{[]Kind{WrongCaller, WrongMembers}, nearIDs, "user-ids-apart"},
	{[]Kind{WrongCaller, WrongMembers}, oddIDs, "user-ids-whole"},
	{[]Kind{WrongCaller}, startLate, "caller-by-role"},
	{[]Kind{WrongMembers}, changedTogether, "v4-changed-list-whole"},
	{[]Kind{WrongTalk}, overClocks, "talk-over-clock-changes"},
	{[]Kind{WrongTalk}, longTalk, "long-talk-stored"},
	{[]Kind{WrongRoom}, roomOfSample, "v1-room-stored"},
	{[]Kind{WrongRoom}, 0, "room-text-stored"},

	{storing, roomsByCase, "rooms-by-case"},
	{storing, oneRoom, "rooms-reused"},

	{[]Kind{EndTwice}, together, "duplicate-at-once"},
	{[]Kind{EndTwice}, inBetween, "duplicate-late-harmless"},
	{[]Kind{EndTwice}, answerLost, "duplicate-after-lost-answer"},
	{[]Kind{EndTwice}, repeated, "duplicate-stored-once"},

	{[]Kind{EndMissing}, startLost, "end-alone-stored"},
	{[]Kind{EndMissing, WrongResult, WrongTalk, WrongCaller, MembersLeft}, startLate, "end-before-start"},
	{[]Kind{EndMissing, WrongResult, WrongTalk, WrongCaller, MembersLeft}, overtaken, "late-does-not-reopen"},
	{[]Kind{EndMissing, WrongResult, WrongTalk, WrongCaller, MembersLeft, WrongMembers}, repeated, "duplicate-late-harmless"},
	{[]Kind{WrongMembers}, overtaken, "older-does-not-overwrite"},

	{[]Kind{EndMissing, WrongMembers}, oneMoment, "distinct-of-one-moment"},
	{storing, severalCalls, "calls-at-once-apart"},

	{[]Kind{EndEarly}, 0, "v?-hang-up-not-the-end"},
	{[]Kind{EndTwice}, 0, "duplicate-stored-once"},
	{[]Kind{EndMissing}, storedAlone, "distinct-of-one-call"},
	{[]Kind{EndMissing}, 0, "ack-means-stored"},
	{[]Kind{WrongResult}, 0, "v?-result-stored"},
	{[]Kind{WrongTalk}, 0, "v?-duration-from-answer"},
	{[]Kind{WrongCaller}, 0, "v?-caller-stored"},
	{[]Kind{WrongMembers}, longList, "v4-long-member-list"},
	{[]Kind{WrongMembers}, 0, "v?-members-after-change"},
	{[]Kind{MembersLeft}, 0, "members-none-after-end"},
}

// clauseOf is the clause that a finding is about.
func clauseOf(g wire.Generation, b *Breach, t trait) string { return clausesOf(g, b, t)[0] }

// clausesOf are the clauses that a breach may be about, the most probable first: those
// of a history that has no more than these traits.
func clausesOf(g wire.Generation, b *Breach, t trait) (ids []string) {
	for _, r := range rules {
		if slices.Contains(r.kinds, b.Kind) && (r.traits == 0 || t.has(r.traits)) {
			ids = append(ids, strings.Replace(r.clause, "v?", g.String(), 1))
		}
	}
	if b.Kind == Refused || ids == nil {
		ids = append(ids, ackClause(g, b))
	}
	return ids
}

// ackClause is for a callback that was refused though nothing is special about
// it: what is wrong with the answer says it.
func ackClause(g wire.Generation, b *Breach) string {
	d := b.delivery
	if d == nil {
		return g.String() + "-ack-http-200"
	}
	i := len(d.Tries) - 1
	for i >= 0 && d.Tries[i].Verdict == nil { // under way when the search was ended
		i--
	}
	if i < 0 {
		return g.String() + "-ack-http-200"
	}
	v := d.Documented(&d.Tries[i])
	switch v.Class {
	case delivery.NoAnswer:
		return "ack-within-timeout"
	case delivery.NotJSON, delivery.NotObject, delivery.Trailing, delivery.Empty:
		return g.String() + "-ack-json-object"
	case delivery.ErrorCode, delivery.StringCode, delivery.CodeType, delivery.MissingCode, delivery.WrongCase:
		return g.String() + "-ack-errorcode-integer"
	case delivery.MissingKey:
		if v.LacksInfo() { // and the sender wants it
			return "v4-ack-errorinfo-string"
		}
		return "v4-ack-actionstatus-ok"
	case delivery.NotOK:
		return "v4-ack-actionstatus-ok"
	}
	return g.String() + "-ack-http-200"
}

// Clauses are all that findings can be about.
func Clauses() (ids []string) {
	for _, r := range rules {
		for _, g := range []wire.Generation{wire.V1, wire.V4} {
			ids = append(ids, strings.Replace(r.clause, "v?", g.String(), 1))
		}
	}
	ids = append(ids, "ack-within-timeout", "v4-ack-errorinfo-string", "v4-ack-actionstatus-ok")
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		for _, of := range []string{"-ack-http-200", "-ack-json-object", "-ack-errorcode-integer"} {
			ids = append(ids, g.String()+of)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
