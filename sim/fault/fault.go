package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/draw"
	"ringback/sim/wire"
)

// kind describes a fault by its name on command lines and in journals.
type kind struct {
	Info
	parse func(amount string) (Fault, error) // the error says what was expected
}

// Info describes a fault for help texts.
type Info struct {
	Name    string `json:"name"`
	About   string `json:"about"`         // what it does
	Expect  string `json:"good_receiver"` // what a good receiver does about it
	Usual   string `json:"usual_amount"`  // the default amount; empty if it takes or needs none
	Example string `json:"example"`       // as it is written
}

var kinds = []kind{
	// When a callback comes, and how often.
	{Info{"delay", "comes late, behind later ones", "stores the same in any order of arrival", "5s", "delay=20s@callee_accept_call"}, parseDelay},
	{Info{"drop", "is never sent", "ends the call some other way: by a timer, or by asking the records", "", "drop=30%"}, none(Drop{}, "drop=30%")},
	{Info{"duplicate", "is sent again at once, as often as the amount says", "acknowledges the copies, stores nothing twice", "1", "duplicate=2@call_end"}, parseDuplicate},
	{Info{"replay", "is sent again after its acknowledgement", "acknowledges the copies, stores nothing twice", "1", "replay=2:10%"}, parseReplay},
	{Info{"race", "comes several times at once, over several connections", "stores it once: by a unique key, not by looking first", "1", "race=4@call_end"}, parseRace},
	{Info{"reorder", "changes places with the next one of its call", "stores the same in any order of arrival", "", "reorder=50%"}, none(Reorder{}, "reorder=50%")},
	{Info{"late", "comes so long after the last one of its call", "adds it to the call that is over, and opens none", "10s", "late=1m@callee_accept_call"}, parseLate},
	// What becomes of the connection.
	{Info{"lose_answer", "is sent, and its first attempts' answer never read", "recognizes the retry, stores nothing twice", "1", "lose_answer=2"}, parseLoseAnswer},
	{Info{"reset", "is sent, and the connection of its first attempts reset", "survives, takes the retry, stores nothing twice", "1", "reset=2:20%"}, parseReset},
	{Info{"truncate", "lacks so many bytes at the end in the first attempt", "stores nothing of it, takes the retry", "20", "truncate=100"}, parseTruncate},
	{Info{"slow", "comes in pieces over so much wall time in the first attempt", "waits, but not forever, and serves others meanwhile", "1s", "slow=1500ms"}, parseSlow},
	// What the request says.
	{Info{"wrong_app", "names another app in the query: the own id plus 1", "refuses it", "", "wrong_app=1400000002"}, parseWrongApp},
	{Info{"no_query", "has no parameters", "refuses it", "", "no_query:10%"}, none(NoQuery{}, "no_query:10%")},
	{Info{"unknown_command", "names a command that no document knows", "stores nothing; may acknowledge it", "call_paused", "unknown_command=call_held"}, parseUnknownCommand},
	{Info{"unknown_field", "has a key more in the body", "ignores the key, acknowledges the callback", "", "unknown_field:50%"}, none(UnknownField{}, "unknown_field:50%")},
	{Info{"content_type", "is JSON under another Content-Type", "reads or refuses it, and stores no empty call", "text/plain", "content_type=application/xml"}, parseContentType},
	{Info{"oversize", "has a body of that size: spaces in front", "refuses it from its limit on, without keeping it in memory", "1MiB", "oversize=300KiB"}, parseOversize},
	{Info{"bad_utf8", "has a byte in a user id that is not UTF-8", "refuses it, takes the id for no one else's", "", "bad_utf8:10%"}, none(BadUTF8{}, "bad_utf8:10%")},
	{Info{"malformed", "lacks the last brace of its JSON", "refuses it, stores nothing", "", "malformed@call_end"}, none(Malformed{}, "malformed:10%")},
	{Info{"empty_body", "has no body", "refuses it, makes up nothing from the query", "", "empty_body:10%"}, none(EmptyBody{}, "empty_body:10%")},
	{Info{"skew", "has its times moved by the amount", "compares times with each other, not with its own clock", "-1h", "skew=90s"}, parseSkew},
	// What signs the request, under --sign.
	{Info{"stale_sign", "was signed so much earlier (only with --sign)", "refuses it, from a minute on", "2m", "stale_sign=90s"}, parseStaleSign},
	{Info{"wrong_sign", "is signed with another token, not at all, or for another time (only with --sign)", "refuses it", "wrong", "wrong_sign=missing"}, parseWrongSign},
}

// Answer is how a good receiver answers a callback with a fault.
type Answer uint8

// The answers of a good receiver. A callback whose answer a fault loses is retried as
// usual.
const (
	Acknowledges Answer = iota
	Either              // acknowledges or refuses
	Refuses
)

var answers = map[string]Answer{
	"wrong_app": Refuses, "no_query": Refuses, "bad_utf8": Refuses, "malformed": Refuses, "empty_body": Refuses,
	"unknown_command": Either, "content_type": Either, "oversize": Either, "stale_sign": Refuses, "wrong_sign": Refuses,
}

// AnswerTo returns how a good receiver answers under the fault with a name.
func AnswerTo(name string) Answer { return answers[name] }

// List returns descriptions of all faults.
func List() []Info {
	var list []Info
	for _, k := range kinds {
		list = append(list, k.Info)
	}
	return list
}

// Active is a fault that is turned on, with its share of callbacks and its scope.
type Active struct {
	text  string
	name  string
	fault Fault
	share float64 // of the callbacks in scope, 0 to 1
	scope func(wire.Word) bool
	call  uint64 // the number of the only call in scope; 0: all
}

// Parse reads NAME[=AMOUNT][:SHARE%][@WORD][#CALL]: "drop", "delay=20s@call_end",
// "duplicate=2:10%", "late#3". Instead of an amount a share alone may stand
// behind "=": "drop=30%". WORD is a callback word; call_end stands for every v1
// status. CALL is the number of a call in the run, from 1.
func Parse(s string) (*Active, error) {
	rest, number, ofCall := strings.Cut(s, "#")
	rest, word, scoped := strings.Cut(rest, "@")
	rest, share, shared := strings.Cut(rest, ":")
	name, amount, _ := strings.Cut(rest, "=")
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("fault %q: no such fault; want one of %s", name, names())
	}
	k := kinds[i]
	a := &Active{text: s, name: k.Name, share: 1, scope: func(wire.Word) bool { return true }}
	if strings.HasSuffix(amount, "%") && !shared {
		amount, share, shared = "", amount, true
	}
	if shared {
		f, err := strconv.ParseFloat(strings.TrimSuffix(share, "%"), 64)
		if err != nil || !strings.HasSuffix(share, "%") || !(f >= 0 && f <= 100) {
			return nil, fmt.Errorf("fault %s: share %q: want 0%% to 100%%, like %s:10%%", name, share, name)
		}
		a.share = f / 100
	}
	if amount == "" {
		amount = k.Usual
	}
	var err error
	if a.fault, err = k.parse(amount); err != nil {
		return nil, fmt.Errorf("fault %s: amount %q: %w", name, amount, err)
	}
	if scoped {
		if a.scope, err = parseScope(word); err != nil {
			return nil, fmt.Errorf("fault %s: %w", name, err)
		}
	}
	if ofCall {
		if a.call, err = strconv.ParseUint(number, 10, 64); err != nil || a.call == 0 {
			return nil, fmt.Errorf("fault %s: call %q: want the number of a call, like %s#3", name, number, name)
		}
	}
	return a, nil
}

func parseScope(word string) (func(wire.Word) bool, error) {
	if word == "call_end" {
		return wire.Word.Status, nil
	}
	var w wire.Word
	if err := w.UnmarshalText([]byte(word)); err != nil {
		return nil, err
	}
	return func(o wire.Word) bool { return o == w }, nil
}

func names() string {
	var ns []string
	for _, k := range kinds {
		ns = append(ns, k.Name)
	}
	return strings.Join(ns, ", ")
}

// String returns the text that was parsed.
func (a *Active) String() string { return a.text }

// Name returns the fault's name.
func (a *Active) Name() string { return a.name }

// CheckSigned returns an error for a fault about signatures if nothing is signed.
func (a *Active) CheckSigned(signs bool) error {
	if signs || a.Plan().Forged == (delivery.Forged{}) {
		return nil
	}
	return fmt.Errorf("fault %s: is for callbacks that are signed: see --sign", a.name)
}

// Delay returns by how much the fault delays a first attempt, in simulated time.
func (a *Active) Delay() time.Duration {
	p := a.Plan()
	return p.Wait + p.AfterEnd
}

// Plan returns the plan of a callback with this fault only.
func (a *Active) Plan() (p Plan) {
	a.fault.Apply(&p)
	return p
}

// Drawn reports whether a random draw decides which callbacks of a word are affected,
// since the share is neither 0 nor 1.
func (a *Active) Drawn(w wire.Word) bool { return a.share > 0 && a.share < 1 && a.scope(w) }

// Apply changes the plan of a callback if it is in scope and drawn, which hit reports. n
// is the callback's number within its call.
func (a *Active) Apply(p *Plan, w wire.Word, seed, call, n uint64) (hit bool) {
	if a.call != 0 && a.call != call || !a.scope(w) || a.share < 1 && draw.Float(seed, "fault:"+a.name, call, n) >= a.share {
		return false
	}
	a.fault.Apply(p)
	return true
}
