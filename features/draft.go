package features

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// draft is a scenario that is checked step by step, before anything is sent: the calls
// and people that its steps have named so far.
type draft struct {
	opts    *Options
	words   wire.Words // that the receiver subscribes to
	now     time.Duration
	calls   []string        // by their names
	people  []string        // by theirs
	ids     map[string]bool // that the names stand for
	foreign bool            // a step is of another suite, so that anything may exist
	single  bool            // a call between two is placed
	group   bool            // a group call is placed
	atOnce  int             // requests that must arrive at the same time; 0: none
}

func newDraft(o *Options) *draft { return &draft{opts: o, words: o.Words, ids: map[string]bool{}} }

// act reads a sentence of scripts.
func (d *draft) act(sentence string) error {
	op, err := script.ParseStep(sentence, call.Span(d.now))
	if err != nil {
		return err
	}
	d.now = time.Duration(op.At)
	switch do := op.Do.(type) {
	case script.Place:
		d.place(do.Call, append([]string{do.Caller}, do.Callees...)...)
		d.group = d.group || do.Group
	case script.Handling:
		return d.named(do.Call)
	case script.Faults:
		if slices.ContainsFunc(do, isRace) {
			d.meet(2)
		}
	case script.Act:
		who := do.Action.Users
		switch do.Action.Do {
		case call.DoInvite:
			d.add(who...)
			who = nil
		case call.DoJoin:
			d.add(do.Action.By)
		}
		if do.Action.By != "" { // the server has no name
			who = append([]string{do.Action.By}, who...)
		}
		return errors.Join(d.named(do.Call), d.known(who...))
	}
	return nil
}

// place adds a call of these people.
func (d *draft) place(name string, people ...string) {
	d.group, d.single = d.group || len(people) > 2, d.single || len(people) <= 2
	d.calls = append(d.calls, name)
	d.add(people...)
}

// meet records that at least n requests must arrive at the same time.
func (d *draft) meet(n int) { d.atOnce = max(d.atOnce, n) }

func (d *draft) add(people ...string) {
	d.people = append(d.people, people...)
	for _, p := range people {
		d.ids[d.opts.User(p)] = true
	}
}

// named checks that there is a call of that name; "" is any.
func (d *draft) named(name string) error {
	switch {
	case d.foreign || name != "" && slices.Contains(d.calls, name) || name == "" && len(d.calls) > 0:
		return nil
	case len(d.calls) == 0:
		return errors.New("no call is placed before; someone must call first, like: alice calls bob")
	}
	return fmt.Errorf("call %s: none of that name is placed before%s", text.Quote(name, maxQuoted), text.Meant(name, d.calls))
}

// known checks that the scenario has named these people before.
func (d *draft) known(people ...string) error {
	for _, p := range people {
		if !d.foreign && !d.ids[d.opts.User(p)] {
			return fmt.Errorf("%s is in no call of the scenario so far%s", text.Quote(p, maxQuoted), text.Meant(p, d.people))
		}
	}
	return nil
}

const maxQuoted = 60 // bytes
