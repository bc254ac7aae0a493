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

// Plan is how one callback will be sent. The zero value sends it once, in its
// turn, unharmed.
type Plan struct {
	Wait      time.Duration      // before the first attempt; takes the callback out of its call's order
	Copies    int                // further deliveries of the same bytes, right behind it
	Drop      bool               // it is never sent
	Transport delivery.Transport // how the attempts misuse their connection
}

// Fault rewrites a plan.
type Fault interface {
	Apply(*Plan)
}

// kind is a fault by its name on command lines and in journals.
type kind struct {
	name  string
	about string
	usual string                             // the amount when none is given
	parse func(amount string) (Fault, error) // the error says what was expected
}

var kinds = []kind{
	{"delay", "the callback comes late, behind later ones", "5s", parseDelay},
	{"drop", "the callback is never sent", "", parseDrop},
	{"duplicate", "the callback is sent again at once, as often as the amount says", "1", parseDuplicate},
}

// Info describes a fault for help texts.
type Info struct{ Name, About, Usual string }

// List describes all faults, by name.
func List() []Info {
	var list []Info
	for _, k := range kinds {
		list = append(list, Info{k.name, k.about, k.usual})
	}
	return list
}

// Active is a fault that is switched on, with its share of callbacks and its
// scope.
type Active struct {
	text  string
	name  string
	fault Fault
	share float64 // of the callbacks in scope, 0 to 1
	scope func(wire.Word) bool
}

// Parse reads NAME[=AMOUNT][:SHARE%][@WORD]: "drop", "delay=20s@call_end",
// "duplicate=2:10%". Instead of an amount a share alone may stand behind "=":
// "drop=30%". WORD is a callback word; call_end stands for every v1 status.
func Parse(s string) (*Active, error) {
	rest, word, scoped := strings.Cut(s, "@")
	rest, share, shared := strings.Cut(rest, ":")
	name, amount, _ := strings.Cut(rest, "=")
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return nil, fmt.Errorf("fault %q: no such fault; want one of %s", name, names())
	}
	k := kinds[i]
	a := &Active{text: s, name: k.name, share: 1, scope: func(wire.Word) bool { return true }}
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
		amount = k.usual
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
		ns = append(ns, k.name)
	}
	return strings.Join(ns, ", ")
}

// String is what was parsed.
func (a *Active) String() string { return a.text }

// Name is the fault's name.
func (a *Active) Name() string { return a.name }

// Apply rewrites the plan of a callback if it is in scope and drawn; hit tells
// whether it was. n is the callback's number within its call.
func (a *Active) Apply(p *Plan, w wire.Word, seed, call, n uint64) (hit bool) {
	if !a.scope(w) || a.share < 1 && draw.Float(seed, "fault:"+a.name, call, n) >= a.share {
		return false
	}
	a.fault.Apply(p)
	return true
}
