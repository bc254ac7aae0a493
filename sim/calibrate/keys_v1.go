package calibrate

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

var (
	statusCallEnd  = choose("status_command", "call_end")
	statusWord     = choose("status_command", "word")
	perCall        = choose("status_per", "call")
	perParticipant = choose("status_per", "participant")
	caseLower      = choose("case", "lower")
	caseTitle      = choose("case", "title")
	tsDocumented   = choose("ts", "documented")
	tsAlways       = choose("ts", "always")
	tsKnown        = choose("ts", "known")
	tsZeros        = choose("ts", "documented", "always")
	tsFilled       = choose("ts", "always", "known")
	resultEnd      = choose("event_result", "end")
	resultEmpty    = choose("event_result", "empty")
	groupNone      = choose("group_unanswered", "none")
	groupNormalEnd = choose("group_unanswered", "normal_end")
	kindGroup      = choose("multi_call_type", "group")
	kindMulti      = choose("multi_call_type", "multi")
)

// v1 is what a v1 callback shows.
func (k *keys) v1(c *callState, e *recording.Exchange, b body, at Place) {
	k.enums(b, at)
	kind := strings.ToLower(b.kind.Str)
	switch {
	case kind == "multi":
		k.saw(kindMulti, at)
	case kind == "group" && k.deed(c.id) == NoGroup:
		k.saw(kindGroup, at)
	}
	c.v1.group = c.v1.group || kind == "group" || kind == "multi"
	if !b.event.Exists() {
		k.v1Status(c, e, b, at)
		return
	}
	var w wire.Word
	if w.UnmarshalText([]byte(e.Word)) != nil || w.Status() {
		c.v1.unknown = true
		return
	}
	c.v1.events = c.v1.events.With(w)
	if w == wire.CallerCancelCall {
		c.v1.canceled = at
	}
	k.eventResult(w, b, at)
	k.eventTimes(w, b, at)
}

// enums is the letter case of enum values.
func (k *keys) enums(b body, at Place) {
	var lower, title bool
	for _, v := range []gjson.Result{b.media, b.kind, b.role, b.result} {
		switch s := v.Str; {
		case s == "":
		case s == strings.ToLower(s):
			lower = true
		case s == strings.ToUpper(s[:1])+strings.ToLower(s[1:]):
			title = true
		default:
			k.odd(caseLower.key, text.Quote(s, 40), at)
		}
	}
	if lower {
		k.saw(caseLower, at)
	}
	if title {
		k.saw(caseTitle, at)
	}
}

func (k *keys) v1Status(c *callState, e *recording.Exchange, b body, at Place) {
	var w wire.Word
	if w.UnmarshalText([]byte(strings.ToLower(e.Word))) != nil || !w.Status() {
		c.v1.unknown = true
		return
	}
	switch command := commandOf(e); {
	case command == "call_end":
		k.saw(statusCallEnd, at)
	case command == w.String():
		k.saw(statusWord, at)
	default:
		k.odd(statusWord.key, "command="+text.Quote(command, 40), at)
	}
	if v := &c.v1; len(v.statuses) == 0 {
		v.status, v.caller = at, strings.EqualFold(b.role.Str, "caller")
		v.statuses = append(v.statuses, b.user.Str)
	} else if len(v.statuses) == 1 && v.statuses[0] != b.user.Str && !c.several {
		v.statuses = append(v.statuses, b.user.Str)
		k.saw(perParticipant, at)
	}
	k.statusTimes(c, w, b, at)
}

func commandOf(e *recording.Exchange) string {
	q := e.Query()
	if from, to, ok := wire.Parameter(q, "command"); ok {
		return string(q[from:to])
	}
	return ""
}

// zeros, missing and filled are how many of the Ts keys are 0, not there, and neither.
func count(ts [3]gjson.Result) (zeros, missing, filled int) {
	for _, v := range ts {
		switch {
		case !v.Exists():
			missing++
		case v.Int() == 0:
			zeros++
		default:
			filled++
		}
	}
	return zeros, missing, filled
}

func (k *keys) statusTimes(c *callState, w wire.Word, b body, at Place) {
	zeros, missing, filled := count(b.ts)
	onlyAcceptMissing := missing == 1 && !b.ts[1].Exists() && filled == 2
	if w == wire.StatusNormalEnd {
		switch {
		case filled == 3:
		case zeros == 1 && filled == 2 && b.ts[1].Exists() && b.ts[1].Int() == 0:
			c.v1.zero = true
			k.saw(tsZeros, at)
		case onlyAcceptMissing:
			c.v1.zero = true
			k.saw(tsKnown, at)
		default:
			k.odd(tsKnown.key, "a normal_end with "+tsText(b.ts), at)
		}
		return
	}
	switch {
	case missing == 3:
		k.saw(tsDocumented, at)
	case missing == 0 && zeros > 0:
		k.saw(tsAlways, at)
	case missing == 0:
		k.saw(tsFilled, at)
	case onlyAcceptMissing:
		k.saw(tsKnown, at)
	default:
		k.odd(tsKnown.key, "a "+w.String()+" with "+tsText(b.ts), at)
	}
}

func (k *keys) eventTimes(w wire.Word, b body, at Place) {
	zeros, missing, filled := count(b.ts)
	switch {
	case filled == 3:
	case missing == 0:
		k.saw(tsZeros, at)
	case zeros == 0 && b.ts[0].Exists() && (b.ts[2].Exists() || !ends(w)):
		k.saw(tsKnown, at)
	default:
		k.odd(tsKnown.key, "a "+w.String()+" with "+tsText(b.ts), at)
	}
}

// tsText says which of the Ts keys are there.
func tsText(ts [3]gjson.Result) string {
	parts := []string{}
	for i, name := range [...]string{"StartCallTs", "AcceptTs", "EndTs"} {
		switch {
		case !ts[i].Exists():
		case ts[i].Int() == 0:
			parts = append(parts, name+" 0")
		default:
			parts = append(parts, name)
		}
	}
	if len(parts) == 0 {
		return "no times"
	}
	return strings.Join(parts, ", ")
}

func (k *keys) eventResult(w wire.Word, b body, at Place) {
	switch result := b.result.Str; {
	case !ends(w):
		if result != "" && w != wire.CallerCallFailed {
			k.odd(resultEnd.key, fmt.Sprintf("%s has the CallResult %s", w, text.Quote(result, 40)), at)
		}
	case result != "":
		k.saw(resultEnd, at)
	case b.result.Exists():
		k.saw(resultEmpty, at)
	default:
		k.odd(resultEnd.key, w.String()+" has no CallResult", at)
	}
}

// judgeV1 is what a call shows that is over, in v1.
func (k *keys) judgeV1(c *callState) {
	s, v := k.segment, &c.v1
	answered := v.has(wire.CalleeAcceptCall, wire.CallerCallAccepted, wire.JoinInGroupCall)
	if v.group && v.zero && !answered {
		k.saw(groupNormalEnd, v.status)
	}
	if v.unknown {
		return
	}
	if len(v.statuses) == 1 {
		if v.caller {
			k.missing(perCall, v.status, c, "")
		} else {
			k.oddMissing(perCall.key, "one status callback, of a callee", v.status, c)
		}
	}
	if !v.group && v.has(wire.CallerCallEnd) && v.has(wire.CalleeCallEnd) && len(v.statuses) == 0 && s.followed(c) {
		s.controls.noStatus.add(c.at)
	}
	if v.group && !answered && v.has(wire.CallerStartCall) && v.has(wire.CallerCancelCall) && len(v.statuses) == 0 && s.within(c.begin) {
		k.missing(groupNone, v.canceled, c, wire.StatusNormalEnd.String())
	}
}
