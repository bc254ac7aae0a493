package calibrate

import (
	"fmt"
	"slices"

	"ringback/sim/recording"
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

// Place is where in the files something stands.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

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

// keys is the evidence of the dialect's keys. What a callback shows by itself it counts
// at once, what a call or a delivery shows once that is over.
type keys struct {
	Options
	tallies []tally // in the order of wire.Keys
	segment *segment
	doubts  []Doubt
}

func newKeys(o Options) *keys {
	k := &keys{Options: o}
	for _, key := range wire.Keys() {
		k.tallies = append(k.tallies, tally{key: key})
	}
	return k
}

func (k *keys) add(f *File, e *recording.Exchange) {
	if k.segment == nil || k.segment.joined != e.Joined {
		if k.segment != nil {
			k.close(f)
		}
		k.segment = newSegment(e)
	}
	s := k.segment
	s.number(e.N)
	if e.Generation == 0 {
		return
	}
	at := Place{f.Name, e.Line}
	if e.Cut > 0 || e.Unfinished || e.Answer.Cut > 0 {
		s.cut.add(at)
		return
	}
	if f.Exact && !exact(e) {
		s.edited.add(at)
		return
	}
	b, ok := readBody(e)
	if !ok {
		s.broken.add(at)
		return
	}
	c, t, first := s.attempt(e, b.at, at)
	k.attempted(f, c, t, e, at)
	if !first {
		return
	}
	s.seen(e.Word, e)
	s.enter(c, b.room, at)
	k.common(e, at)
	if e.Generation == wire.V1 {
		k.v1(c, e, b, at)
	} else {
		k.v4(c, e, b, at)
	}
	s.evict(k.judge)
}

func (k *keys) end(f *File) {
	if k.segment != nil {
		k.close(f)
	}
	k.segment = nil
}

// close ends a segment: what is missing in it is evidence now, or is not.
func (k *keys) close(f *File) {
	s := k.segment
	s.drain(k.judge)
	doubts := s.doubts(f, k.Whole)
	k.doubts = append(k.doubts, doubts...)
	for _, a := range s.waiting {
		k.tallies[a.key].doubt(a.set, a.at, "no "+a.needs.word+" came after the call")
	}
	for a, m := range s.absences {
		t := &k.tallies[a.key]
		lacking := s.lacks(a.word)
		switch {
		case len(doubts) > 0:
			t.doubts(a.set, m, doubts[0].Text)
		case a.like != "" && s.controls.usual[a.like] == 0:
			t.doubts(a.set, m, "no call that ended as "+a.like+" otherwise shows that its last MemberChanged comes")
		case lacking.n > 0:
			t.doubts(a.set, m, fmt.Sprintf("other calls lack the %s that they should have (%s:%d)", a.word, lacking.at.File, lacking.at.Line))
		default:
			t.absent[a.set].join(m)
		}
	}
}

// judge is what a call shows that is over.
func (k *keys) judge(c *callState) {
	k.judgeAttempts(c)
	if !c.several {
		k.judgeV1(c)
		k.judgeV4(c)
	}
}

func (k *keys) saw(c choice, at Place) { k.tallies[c.key].seen[c.set].add(at) }

// odd notes what is none of a key's values.
func (k *keys) odd(key int, other string, at Place) {
	t := &k.tallies[key]
	if t.seen[0].n == 0 {
		t.other = other
	}
	t.seen[0].add(at)
}

func (k *keys) report(r *Report) {
	r.Doubts = append(r.Doubts, k.doubts...)
	for i := range k.tallies {
		r.Keys = append(r.Keys, k.finding(&k.tallies[i]))
	}
}

// Choices are the values that are shown and are not the default, like attempts=6.
func (r *Report) Choices() (list []string) {
	for _, f := range r.Keys {
		if f.State == Shown && f.Value != f.Default {
			list = append(list, f.Key+"="+f.Value)
		}
	}
	return list
}

// Find is the finding of a key, or nil.
func (r *Report) Find(key string) *Finding {
	i := slices.IndexFunc(r.Keys, func(f Finding) bool { return f.Key == key })
	if i < 0 {
		return nil
	}
	return &r.Keys[i]
}
