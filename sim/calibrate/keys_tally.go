package calibrate

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/text"
	"ringback/sim/wire"
)

// State is what became of a key.
type State string

// The states.
const (
	Shown        State = "shown"        // the traffic shows the value
	Unknown      State = "unknown"      // it can't be told
	Contradicted State = "contradicted" // some callbacks show one value, some another
	Other        State = "other"        // what is shown is none of the key's values
)

// Finding is what is found about a key.
type Finding struct {
	Key       string     `json:"key"`
	State     State      `json:"state"`
	Value     string     `json:"value,omitempty"` // if Shown
	Default   string     `json:"default"`
	Callbacks int64      `json:"callbacks"`       // how many show Value
	Place     *Place     `json:"place,omitempty"` // of the first of them
	Evidence  []Evidence `json:"evidence"`
	Why       string     `json:"why,omitempty"`  // unless Shown: in words
	Call      string     `json:"call,omitempty"` // unless Shown: which call would tell
}

// Evidence is what a number of callbacks show: one of these values of the key, or if
// there is none of them what Other says.
type Evidence struct {
	Values    []string `json:"values"`
	Other     string   `json:"other,omitempty"`
	Callbacks int64    `json:"callbacks"`
	Place     Place    `json:"place"` // of the first of them
}

// mark is how many callbacks show something, and the first of them.
type mark struct {
	n  int64
	at Place
}

func (m *mark) add(at Place) {
	if m.n == 0 {
		m.at = at
	}
	m.n++
}

// join adds what others show.
func (m *mark) join(o *mark) {
	if m.n == 0 || o.n > 0 && o.at.File == m.at.File && o.at.Line < m.at.Line {
		m.at = o.at
	}
	m.n += o.n
}

// set is a set of a key's values: bit i is the i-th. The empty one is what no value
// explains.
type set uint8

// maxSets is how many sets there are of the values of a key.
const maxSets = 8

// choice is a set of values of a key.
type choice struct {
	key int
	set set
}

// choose makes a choice; it panics if the dialect has no such key or value.
func choose(key string, values ...string) choice {
	keys := wire.Keys()
	c := choice{key: slices.IndexFunc(keys, func(k wire.Key) bool { return k.Name == key })}
	for _, v := range values {
		i := slices.Index(keys[c.key].Values, v)
		if i < 0 {
			panic("calibrate: " + key + " has no value " + v)
		}
		c.set |= 1 << i
	}
	return c
}

// tally is what was seen of a key.
type tally struct {
	key      wire.Key
	seen     [maxSets]mark // by what callbacks have, each set of values that explains it
	other    string        // the first of seen[0]
	absent   [maxSets]mark // by what is missing, where that is evidence
	doubtful []doubtful    // by what is missing, where it is none
}

// doubtful is what is missing and no evidence, for a reason.
type doubtful struct {
	mark
	set set
	why string
}

func (t *tally) doubt(s set, at Place, why string) { t.doubts(s, &mark{1, at}, why) }

func (t *tally) doubts(s set, m *mark, why string) {
	i := slices.IndexFunc(t.doubtful, func(d doubtful) bool { return d.set == s && d.why == why })
	if i < 0 {
		i = len(t.doubtful)
		t.doubtful = append(t.doubtful, doubtful{set: s, why: why})
	}
	t.doubtful[i].join(m)
}

// minAbsent is how often something must be missing before that is evidence, if not once:
// where one callback that was lost on its way, or one answer that was not read as it is
// written down, would look alike.
var minAbsent = map[string]int64{"attempts": 2, "status_per": 2, "v4_retry": 2, "v4_ack": 2, "end_call_result": 2}

// minSeen is how often something must be seen, if not once: where one callback that was
// sent twice would look alike.
var minSeen = map[string]int64{"attempts": 2}

// confirmed are the marks that are evidence.
func (t *tally) confirmed() (marks [maxSets]mark) {
	for s := range marks {
		if t.seen[s].n >= max(1, minSeen[t.key.Name]) {
			marks[s] = t.seen[s]
		}
		if a := t.absent[s]; a.n >= max(1, minAbsent[t.key.Name]) {
			if marks[s].n == 0 {
				marks[s].at = a.at
			}
			marks[s].n += a.n
		}
	}
	if gaveUp := t.key.Name == "attempts" || t.key.Name == "v4_retry"; gaveUp && marks[0].n == t.absent[0].n {
		// A delivery that was given up early, by hand say, contradicts no other one.
		for _, m := range marks[1:] {
			if m.n > 0 {
				marks[0] = mark{}
			}
		}
	}
	return marks
}

func (t *tally) all() set { return 1<<len(t.key.Values) - 1 }

// values are those of a set.
func (t *tally) values(s set) []string {
	list := []string{}
	for i, v := range t.key.Values {
		if s&(1<<i) != 0 {
			list = append(list, v)
		}
	}
	return list
}

// decide is which values explain all that was seen.
func (t *tally) decide(marks *[maxSets]mark) (left set, evidence []Evidence) {
	left, evidence = t.all(), []Evidence{}
	for s, m := range marks {
		if m.n == 0 || set(s) == t.all() {
			continue
		}
		left &= set(s)
		e := Evidence{Values: t.values(set(s)), Callbacks: m.n, Place: m.at}
		if s == 0 {
			e.Other = t.other
		}
		evidence = append(evidence, e)
	}
	return left, evidence
}

// finding is what is found. Evidence that means nothing is left out.
func (t *tally) finding(meaningless bool) Finding {
	marks := t.confirmed()
	if meaningless {
		marks = [maxSets]mark{}
	}
	left, evidence := t.decide(&marks)
	f := Finding{Key: t.key.Name, Default: t.key.Default(), Evidence: evidence}
	switch values := t.values(left); {
	case len(evidence) == 0:
		f.State, f.Why = Unknown, t.unseen()
	case len(evidence) == 1 && marks[0].n > 0:
		f.State, f.Why = Other, "what is shown is none of its values: "+t.other
		f.Callbacks, f.Place = marks[0].n, &marks[0].at
	case left == 0:
		f.State, f.Why = Contradicted, contradiction(evidence)
	case len(values) == 1:
		f.State, f.Value = Shown, values[0]
		for i := range evidence {
			f.Callbacks += evidence[i].Callbacks
			if f.Place == nil || len(evidence[i].Values) == 1 {
				f.Place = &evidence[i].Place
			}
		}
		return f
	default:
		f.State, f.Why = Unknown, "it is one of "+strings.Join(values, ", ")
	}
	f.Call = calls[t.key.Name]
	return f
}

// unseen is why nothing is known.
func (t *tally) unseen() string {
	var most doubtful
	for _, d := range t.doubtful {
		if d.set != 0 && d.n >= most.n {
			most = d
		}
	}
	if most.n > 0 {
		return fmt.Sprintf("%s would show %s, but %s", text.Count(most.n, "callback"), strings.Join(t.values(most.set), " or "), most.why)
	}
	for s := range t.seen {
		if m, wanted := t.seen[s], max(minSeen[t.key.Name], minAbsent[t.key.Name]); m.n+t.absent[s].n > 0 && s > 0 && set(s) != t.all() {
			return fmt.Sprintf("%s would show %s, and at least %d are wanted", text.Count(m.n+t.absent[s].n, "callback"), strings.Join(t.values(set(s)), " or "), wanted)
		}
	}
	if why, ok := untold[t.key.Name]; ok {
		return why
	}
	return "no callback shows it"
}

func contradiction(evidence []Evidence) string {
	parts := make([]string, len(evidence))
	for i, e := range evidence {
		what := strings.Join(e.Values, " or ")
		if len(e.Values) == 0 {
			what = e.Other
		}
		parts[i] = fmt.Sprintf("%s by %s (%s)", what, text.Count(e.Callbacks, "callback"), e.Place)
	}
	return strings.Join(parts, ", but also ") + ": two backends in one file?"
}
