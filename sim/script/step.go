package script

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ringback/sim/call"
	"ringback/sim/text"
)

// Step is one sentence of the vocabulary.
type Step struct {
	Form    string // how it reads: {key} is a value, [...] may be left out
	Pattern string // an anchored regular expression with one group, the whole sentence
	About   string
	Example string
}

// sentence is a step with what it stands for.
type sentence struct {
	Step
	verb   string
	means  fields // what its words say besides the values
	form   form
	anchor string                // words that it always has
	re     func() *regexp.Regexp // compiled once it is needed: most commands read no sentence
}

// placed is the rest of a sentence that places a call.
const placed = " {whom}[ by {media}][group: in a group][ in room {room}][ from chat group {chat_group}]" +
	"[ with user data {user_data}][ with {generation} callbacks][ as call {call}]" +
	"[, with {busy} busy][, with {unreachable} unreachable][ring_later:, before any phone rings]"

// sentences are the vocabulary. The form of a step about an action in a call, or about
// its callbacks, ends with "[ in call {call}]", for scripts with several calls.
var sentences = build([]sentence{
	{verb: "call", Step: Step{
		Form: "{who} calls" + placed, Example: "alice calls bob, carol by video",
		About: "a call is placed; with two callees or more it is a group call",
	}},
	{verb: "call", means: fields{"fails": true}, Step: Step{
		Form: "{who} fails to call" + placed, Example: "alice fails to call bob",
		About: "a call cannot be placed",
	}},
	act("ring", nil, "{who}'s phone rings", "bob's phone rings", "the phone of a callee rings, in a call that was placed before any phone rings"),
	act("accept", nil, "{who} answers", "at 3s bob answers", "a callee answers"),
	act("reject", nil, "{who} declines", "at 3s bob declines", "a callee declines"),
	act("busy", nil, "{who}'s phone is busy", "bob's phone is busy", "the phone of a callee refuses by itself: it is in another call"),
	act("cancel", nil, "{who} cancels", "at 9s alice cancels", "the caller gives up before anyone answers"),
	act("hang_up", nil, "{who} hangs up", "at 40s alice hangs up", "someone leaves the call"),
	act("invite", nil, "{who} invites {whom}", "at 5s alice invites dave, erin", "someone asks others into a running group call"),
	act("cancel_invite", nil, "{who} withdraws the invitation of {whom}", "at 9s alice withdraws the invitation of dave", "the caller takes an invitation back"),
	act("join", nil, "{who} joins", "at 7s heidi joins", "someone enters a running group call on their own"),
	act("lose_line", nil, "{who} loses the line", "at 20s bob loses the line", "a connection breaks, in the call or while the phone rings, and everyone notices at once"),
	act("pull_battery", nil, "{who}'s battery is pulled", "at 20s bob's battery is pulled", "a phone goes silent; the others know when its heartbeat expires"),
	act("change_media", nil, "{who} switches to {media}", "at 8s alice switches to video", "a call between two changes between audio and video"),
	{verb: "end_by_server", Step: Step{
		Form: "the server ends the call[ {call}]", Example: "at 8s the server ends the call", About: "the app's backend ends a call over the REST API",
	}},
	act("mic", fields{"on": false}, "{who} mutes", "at 8s alice mutes", "a microphone goes off"),
	act("mic", fields{"on": true}, "{who} unmutes", "at 9s alice unmutes", "a microphone goes on"),
	act("camera", fields{"on": true}, "{who} turns the camera on", "at 8s alice turns the camera on", "a camera goes on"),
	act("camera", fields{"on": false}, "{who} turns the camera off", "at 9s alice turns the camera off", "a camera goes off"),
	act("speak", nil, "{who} speaks at volume {level}", "at 8s alice speaks at volume 40", "a voice is heard, at a volume of 0 to 100"),
	act("quality", nil, "{who}'s network becomes {quality}", "at 8s bob's network becomes Poor", "a network changes: Unknown, Excellent, Good, Poor, Bad, Vbad or Down"),
	act("second_login", nil, "{who} logs in on another phone", "at 8s alice logs in on another phone", "a phone is thrown out, because its user logs in elsewhere"),
	act("expire_sig", nil, "{who}'s UserSig expires", "at 8s alice's UserSig expires", "a UserSig ends while its user is online"),
	act("fail", nil, "{who}'s phone reports error {code}[ {text}]", `at 8s bob's phone reports error -1 "no microphone"`, "a phone reports an error to its app"),
	act("duplicate", nil, "{callback}[ number {number}] is sent again", "at 5s caller_start_call is sent again", "someone has a callback sent once more, in the same bytes"),
	act("replay", nil, "every callback is sent again", "at 1m every callback is sent again", "someone has all callbacks of the call sent once more, in the same bytes"),
	act("retry_now", nil, "[copy {copy} of ]{callback}[ number {number}] is retried at once", "at 2.5s caller_start_call is retried at once",
		"someone has the next attempt made before it is due; nothing happens if the callback is settled or under way"),
	act("give_up", nil, "[copy {copy} of ]{callback}[ number {number}] is given up by hand", "at 2.5s copy 1 of invite_user number 2 is given up by hand",
		"someone has no further attempt made; nothing happens if the callback is settled"),
	{verb: "faults", means: fields{"faults": []string(nil)}, Step: Step{
		Form: "there are no faults", Example: "at 30s there are no faults", About: "all faults are switched off",
	}},
	{verb: "faults", Step: Step{
		Form: "the faults are {faults}", Example: `the faults are "duplicate=2@call_end", "drop=10%"`,
		About: "these faults are switched on, all others off",
	}},
	{verb: "wait", Step: Step{
		Form: "nothing happens until {at}", Example: "nothing happens until 1m", About: "time passes",
	}},
})

func act(verb string, means fields, form, example, about string) sentence {
	return sentence{verb: verb, means: means, Step: Step{Form: form + "[ in call {call}]", Example: example, About: about}}
}

func build(list []sentence) []sentence {
	for i := range list {
		s := &list[i]
		if s.verb != "wait" {
			s.Form = "[at {at} ]" + s.Form
		}
		s.form = parseForm(s.Form)
		s.Form = s.form.String()
		for _, p := range s.form {
			if len(p.words) > len(s.anchor) {
				s.anchor = p.words
			}
		}
		s.re = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^" + s.form.pattern(captured) + "$") })
		s.Pattern = "^(" + s.form.pattern(uncaptured) + ")$"
	}
	return list
}

// Steps is the vocabulary. A step definition that is registered by Pattern
// gets the whole sentence, for [ParseStep].
func Steps() []Step {
	list := make([]Step, len(sentences))
	for i := range sentences {
		list[i] = sentences[i].Step
	}
	return list
}

// String is the operation as a step, like "at 3s bob answers". One that is not
// valid has no sentence, and says so.
func (o Operation) String() string {
	v, f, errs := encode(o.Do)
	if len(errs) > 0 {
		return "(" + errs.Error() + ")"
	}
	if o.At != 0 || v.word == "wait" {
		f["at"] = spanText(o.At)
	}
	for i := range sentences {
		if s := &sentences[i]; s.verb == v.word {
			if said, ok := s.format(f); ok {
				return said
			}
		}
	}
	return fmt.Sprintf("(%s with values that it does not take)", v.word)
}

// format writes the sentence; ok is false if it cannot express exactly these fields.
func (s *sentence) format(f fields) (said string, ok bool) {
	used := map[string]bool{}
	if said, ok = s.form.fill(f, used); !ok {
		return "", false
	}
	for k, value := range s.means {
		if fmt.Sprint(f[k]) != fmt.Sprint(value) {
			return "", false
		}
		used[k] = true
	}
	for k := range f {
		ok = ok && used[k]
	}
	return said, ok
}

// ParseStep reads a sentence. An operation whose sentence names no time happens
// now, and none happens earlier than that.
func ParseStep(sentence string, now call.Span) (Operation, error) {
	o, errs := parseStep(sentence, now)
	if len(errs) == 0 && o.At < now {
		fixed := o
		fixed.At = now
		errs = wrong("at", fixed.String(), "is earlier than the step before, which is at %s", spanText(now))
	}
	return o, errs.err()
}

func parseStep(said string, now call.Span) (Operation, Errors) {
	for i := range sentences {
		s := &sentences[i]
		if !strings.Contains(said, s.anchor) {
			continue
		}
		if m := s.re().FindStringSubmatch(said); m != nil {
			return s.read(m, now)
		}
	}
	return Operation{}, unknownStep(said)
}

// read makes the operation of a sentence from the groups of its match.
func (s *sentence) read(match []string, now call.Span) (o Operation, errs Errors) {
	o.At = now
	f := fields{}
	for i, name := range s.re().SubexpNames() {
		if name == "" || match[i] == "" {
			continue
		}
		value, err := findKey(name).parse(match[i])
		if err == nil && name == "at" {
			o.At, err = parseSpan(match[i])
			value = nil
		}
		if err != nil {
			errs = append(errs, wrong(name, s.Example, "%s", err)...)
		}
		if value != nil {
			f[name] = value
		}
	}
	maps.Copy(f, s.means)
	if len(errs) > 0 {
		return o, errs
	}
	o.Do, errs = decode(s.verb, f)
	for _, e := range errs {
		if !e.asks() {
			e.Hint = s.Example
		}
	}
	return o, errs
}

// unknownStep names the step that was probably meant.
func unknownStep(said string) Errors {
	near, ok := NearestStep(said, Steps())
	if !ok {
		return wrong("", sentences[0].Example, "no step reads %s", text.Quote(said, maxQuoted))
	}
	return wrong("", near.Example, "no step reads %s; the nearest is %s", text.Quote(said, maxQuoted), near.Form)
}

// NearestStep returns the step that shares the most words with a sentence; ok is false if
// none shares enough. For a step of the vocabulary, synonyms count, too.
func NearestStep(said string, among []Step) (near Step, ok bool) {
	spoken := strings.FieldsFunc(strings.ToLower(said), func(r rune) bool { return strings.ContainsRune(" ,'\"-", r) })
	spoken = spoken[:min(len(spoken), 20)]
	most := 0
	for _, s := range among {
		if n := s.shares(spoken); n > most {
			near, most = s, n
		}
	}
	return near, most > 1
}

// optional matches the optional parts of a form, and its values.
var optional = regexp.MustCompile(`\[[^\]]*\]|\{\w+\}('s)?|,`)

// shares weighs the words that a step has in common with a sentence. Synonyms weigh most,
// then the step's own words, and short ones like "up" and "the" least.
func (s *Step) shares(spoken []string) (n int) {
	own := split(optional.ReplaceAllString(s.Form, " "))
	var also []string
	for i := range sentences {
		if sentences[i].Form == s.Form {
			also = findVerb(sentences[i].verb).also
		}
	}
	for _, w := range spoken {
		switch {
		case w == "call": // it ends many sentences
		case slices.Contains(also, w) && !slices.Contains(own, w):
			n += 4
		case slices.Contains(own, w) && len(w) > 3:
			n += 3
		case len(w) > 4 && slices.ContainsFunc(own, func(o string) bool { return text.Distance(w, o) == 1 }):
			n += 2
		case slices.Contains(own, w):
			n++
		}
	}
	return n
}
