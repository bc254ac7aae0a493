package explore

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Coverage counts what the histories reached.
type Coverage struct {
	generation wire.Generation
	words      wire.Words // that are sent
	types      string     // of the calls, as [Config.CallTypes]
	seen       [len(dimensions)]map[string]int
}

// The dimensions of coverage, as reports name them.
var dimensions = [...]string{"states", "transitions", "results", "callbacks", "faults"}

const (
	states = iota
	transitions
	results
	callbacks
	faults
)

func newCoverage(g wire.Generation, words wire.Words, types string) *Coverage {
	c := &Coverage{generation: g, words: words, types: types}
	for i := range c.seen {
		c.seen[i] = map[string]int{}
	}
	return c
}

// fact counts a fact of a call that was in the phase before.
func (c *Coverage) fact(of *journal.Call, before call.Phase, f *call.Fact) {
	c.seen[states][stateName(of.Kind, of.Phase)]++
	c.seen[transitions][transitionName(of.Kind, before, f.Kind)]++
	if f.Kind == call.Ended {
		c.seen[results][f.Result.String()]++
	}
}

func stateName(k call.Kind, p call.Phase) string { return fmt.Sprintf("%s %s", k, p) }

func transitionName(k call.Kind, before call.Phase, f call.FactKind) string {
	return fmt.Sprintf("%s %s: %s", k, before, f)
}

// callback counts a callback and the faults that hit it.
func (c *Coverage) callback(cb *journal.Callback) {
	c.seen[callbacks][cb.Word.String()]++
	if cb.Faults != nil {
		for _, name := range cb.Names {
			c.seen[faults][name]++
		}
	}
}

// Reach says how much of one dimension was reached.
type Reach struct {
	What    string         `json:"what"` // states, transitions, results, callbacks or faults
	Total   int            `json:"total"`
	Reached map[string]int `json:"reached"` // how often
	Missed  []string       `json:"missed"`
}

// Reaches returns all dimensions, in the order of reports.
func (c *Coverage) Reaches() (list []Reach) {
	for i, all := range c.possible() {
		r := Reach{What: dimensions[i], Total: len(all), Reached: c.seen[i], Missed: []string{}}
		for _, name := range all {
			if c.seen[i][name] == 0 {
				r.Missed = append(r.Missed, name)
			}
		}
		list = append(list, r)
	}
	return list
}

// possible returns everything that can be reached, by dimension.
func (c *Coverage) possible() (all [len(dimensions)][]string) {
	kinds := kindsOf(c.types)
	for _, k := range kinds {
		for p := call.Ringing; p <= call.Over; p++ {
			all[states] = append(all[states], stateName(k, p))
		}
	}
	all[transitions] = transitionNames(kinds)
	for r := call.NormalEnd; r <= call.Offline; r++ {
		all[results] = append(all[results], r.String())
	}
	for _, w := range wire.AllWords() {
		of, some := w.Kind()
		if w.Generation()&c.generation != 0 && c.words.Has(w) && (!some || slices.Contains(kinds, of)) {
			all[callbacks] = append(all[callbacks], w.String())
		}
	}
	for _, h := range faultKinds {
		all[faults] = append(all[faults], h.name)
	}
	return all
}

// kindsOf returns the kinds of calls of a type: single, group, or both.
func kindsOf(types string) []call.Kind {
	switch types {
	case "single":
		return []call.Kind{call.Single}
	case "group":
		return []call.Kind{call.Group}
	}
	return []call.Kind{call.Single, call.Group}
}

// moves are the facts possible in each phase: of any call, of group calls alone, and of
// one-to-one calls. No heartbeat expires while phones ring, since the ring timer is
// not longer.
var moves = []struct {
	phase              call.Phase
	any, group, single string
}{
	{phase: call.Idle, any: "started start_failed"},
	{
		phase: call.Ringing, any: "ringing accepted rejected timed_out busy cancelled battery_pulled kicked_offline line_lost ended",
		group: "invited uninvited joined",
	},
	{
		phase: call.Connected, any: "left line_lost battery_pulled kicked_offline went_offline ended", single: "media_changed",
		group: "ringing accepted rejected timed_out busy invited uninvited joined",
	},
}

func transitionNames(kinds []call.Kind) (names []string) {
	for _, k := range kinds {
		for _, m := range moves {
			own := map[call.Kind]string{call.Single: m.single, call.Group: m.group}[k]
			for _, word := range strings.Fields(m.any + " " + own) {
				f, _ := call.ParseFactKind(word)
				names = append(names, transitionName(k, m.phase, f))
			}
		}
	}
	slices.Sort(names)
	return names
}
