package explore

import (
	"encoding/json"
	"slices"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// trait is a property of a history, or of its execution, that may explain a violation.
type trait uint32

const (
	severalCalls    trait = 1 << iota
	simultaneous          // two calls have operations at the same time
	oneRoom               // two calls in one room
	roomsByCase           // two rooms that differ in letter case
	longList              // ten callees or more
	repeated              // a callback arrives again
	together              // several times at once
	answerLost            // again, since its answer or connection was lost
	overtaken             // callbacks arrive out of order
	startLate             // the start arrives after others
	startLost             // the start is lost
	callbackLost          // another callback is lost
	inBetween             // a repeated callback arrived after other callbacks of its call
	stale                 // the refused callback arrived after newer ones of its call
	storedAlone           // the end is stored if no callback comes before it
	longCallIDs           // CallIds differ in their last characters
	numberIDs             // ids of users come as numbers
	oddIDs                // user ids have 32 characters, or only digits
	nearIDs               // user ids differ only in letter case, or in what LIKE or trimming ignores
	changedTogether       // one v4 callback is about several users
	longTalk              // members talk for hours
	overClocks            // members talk across a clock change or date boundary
	roomOfSample          // the room is the one of the documents' sample
)

func (t trait) has(o trait) bool { return t&o != 0 }

// traitsOf returns the traits of a history and of its execution.
func traitsOf(h *History, b *Violation, x *execution) (t trait) {
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
				t |= simultaneous
			}
		}
	}
	t |= valueTraits(h, b)
	if cameAfterOthers(b, x) {
		t |= inBetween
	}
	if wasStale(b, x) {
		t |= stale
	}
	if severalChanged(b, x) {
		t |= changedTogether
	}
	return t
}

// severalChanged reports whether a callback of the affected call is about several users.
func severalChanged(b *Violation, x *execution) bool {
	return slices.ContainsFunc(x.sent, func(s sent) bool {
		var body struct{ ChangedUserList []json.RawMessage }
		return s.call == b.Call && s.of.Word == wire.AfterMemberChanged && json.Unmarshal(s.of.Request.Body(), &body) == nil && len(body.ChangedUserList) > 1
	})
}

// wasStale reports whether the receiver had a newer callback of the call when it got
// the one that it refused. Without faults the first attempt decides: later attempts
// are late only because the first was refused.
func wasStale(b *Violation, x *execution) bool {
	d, younger := b.delivery, false
	for _, s := range x.sent {
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

// traitOf returns the traits of a fault.
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

// cameAfterOthers reports whether the end of the affected call arrived again after
// another callback of that call.
func cameAfterOthers(b *Violation, x *execution) bool {
	between, began := false, false
	for _, s := range x.sent {
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

// rule names the clause for violations of some kinds in histories with some traits.
type rule struct {
	kinds  []Kind
	traits trait // any of these; 0: whatever it has
	clause string
}

// storedWrong are the kinds of violations in what is stored.
var storedWrong = []Kind{EndTwice, EndEarly, EndMissing, WrongResult, WrongTalk, WrongCaller, WrongMembers, MembersLeft}

// rules name the clause that a violation is most likely about: the first that matches.
// A shrunk history has only traits that are needed. A clause that starts with "v?"
// exists for each generation.
var rules = []rule{
	{append([]Kind{Refused}, storedWrong...), longCallIDs, "call-id-whole"},
	{[]Kind{NotGoingOn}, 0, "bad-input-survived"},
	{[]Kind{Refused}, stale, "late-acknowledged"},
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

	{storedWrong, roomsByCase, "rooms-by-case"},
	{storedWrong, oneRoom, "rooms-reused"},

	{[]Kind{EndTwice}, together, "duplicate-at-once"},
	{[]Kind{EndTwice}, inBetween, "duplicate-late-harmless"},
	{[]Kind{EndTwice}, answerLost, "duplicate-after-lost-answer"},
	{[]Kind{EndTwice}, repeated, "duplicate-stored-once"},

	{[]Kind{EndMissing}, startLost, "end-alone-stored"},
	{[]Kind{EndMissing, WrongResult, WrongTalk, WrongCaller, MembersLeft}, startLate, "end-before-start"},
	{[]Kind{EndMissing, WrongResult, WrongTalk, WrongCaller, MembersLeft}, overtaken, "late-does-not-reopen"},
	{[]Kind{EndMissing, WrongResult, WrongTalk, WrongCaller, MembersLeft, WrongMembers}, repeated, "duplicate-late-harmless"},
	{[]Kind{WrongMembers}, overtaken, "older-does-not-overwrite"},

	{[]Kind{EndMissing, WrongMembers}, simultaneous, "distinct-of-one-moment"},
	{storedWrong, severalCalls, "calls-at-once-apart"},

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

// clauseOf returns the clause that a finding is about.
func clauseOf(g wire.Generation, b *Violation, t trait) string { return clausesOf(g, b, t)[0] }

// clausesOf returns the clauses that a violation may be about, most likely first, if
// the shrunk history keeps at most these traits.
func clausesOf(g wire.Generation, b *Violation, t trait) (ids []string) {
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

// ackClause returns the clause for a refused callback of a history without traits, by
// what is wrong with the answer.
func ackClause(g wire.Generation, b *Violation) string {
	d := b.delivery
	if d == nil {
		return g.String() + "-ack-http-200"
	}
	i := len(d.Tries) - 1
	for i >= 0 && d.Tries[i].Verdict == nil { // interrupted
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

// Clauses returns the ids of all clauses that findings can be about, sorted.
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
