package tui

import (
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// callForm describes a call to place.
type callForm struct {
	caller, callees string // "": users who are free
	media           call.Media
	group           bool // though it calls one
	generation      wire.Generation
	alternate       bool // each call takes the other generation
	outcome         int  // index into outcomes
	ring, talk      int  // indexes into rings and talks
}

var (
	outcomes = append([]call.Result{call.NoResult}, sim.Outcomes...) // first: I play the phones myself
	rings    = []time.Duration{time.Second, 3 * time.Second, 10 * time.Second, 20 * time.Second}
	talks    = []time.Duration{3 * time.Second, 9 * time.Second, 30 * time.Second, 5 * time.Minute}
)

func newCallForm(cfg Config) callForm {
	return callForm{generation: cfg.Generation, alternate: cfg.Generation == wire.Both, outcome: 1, ring: 1, talk: 1}
}

// completed returns the form with free users filled in where it names none.
func (f callForm) completed(free func(taken ...string) string) callForm {
	if f.caller == "" {
		f.caller = free(users(f.callees)...)
	}
	if f.callees == "" {
		f.callees = free(f.caller)
	}
	return f
}

// generationOf is the generation of the next call.
func (f *callForm) generationOf(placed uint64) wire.Generation {
	switch {
	case !f.alternate:
		return f.generation
	case placed%2 == 0:
		return wire.V1
	}
	return wire.V4
}

// place returns the input that places the call of a completed form, or what is wrong with
// it; placed is the number of calls before it.
func (f callForm) place(cfg *Config, placed uint64) (sim.Place, error) {
	s := call.Setup{
		App: cfg.App, Caller: strings.TrimSpace(f.caller), Callees: users(f.callees), Media: f.media, Device: cfg.Device, AnyIDs: cfg.AnyIDs,
	}
	if len(s.Callees) > 1 || f.group {
		s.Kind = call.Group
	}
	in := sim.Place{Generation: f.generationOf(placed)}
	if _, err := call.Start(&s, false); err != nil {
		return in, err
	}
	if r := outcomes[f.outcome]; r != call.NoResult {
		plan, err := sim.Outcome{Result: r, Ring: rings[f.ring], Talk: talks[f.talk]}.Plan(&s)
		if err != nil {
			return in, err
		}
		in.Plan = plan
	}
	in.Setup = s
	return in, nil
}

// talked reports whether anyone talks in a call that ends like this.
func (f *callForm) talked() bool {
	o := sim.Outcome{Result: outcomes[f.outcome], Ring: time.Second}
	short := o.Length()
	o.Talk = time.Second
	return o.Result != call.NoResult && o.Length() > short
}

// users are names with commas or blanks between.
func users(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
