package calibrate

import (
	"strings"

	"ringback/sim/wire"
)

// keys is the evidence of the dialect's keys. What a callback shows by itself it counts
// at once, what a call or a delivery shows once that is over.
type keys struct {
	Options
	tallies []tally // in the order of wire.Keys
	segment *segment
	last    int64 // number of the file so far
	doubts  []Doubt
}

func newKeys(o Options) *keys {
	k := &keys{Options: o}
	for _, key := range wire.Keys() {
		k.tallies = append(k.tallies, tally{key: key})
	}
	return k
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

// oddMissing notes that something did not come in a call which no value of a key explains.
func (k *keys) oddMissing(key int, other string, at Place, in *callState) {
	if t := &k.tallies[key]; t.other == "" {
		t.other = other
	}
	k.missing(choice{key: key}, at, in, "")
}

// missing notes that something did not come in a call, which shows a choice if the word
// that it needs, if any, came before and after.
func (k *keys) missing(c choice, at Place, in *callState, needs string) {
	a := absence{choice: c, at: at, last: in.last}
	if needs != "" {
		a.needs = appWord{in.app, needs}
	}
	k.absent(a, in)
}

func (k *keys) absent(a absence, in *callState) {
	s := k.segment
	why := ""
	switch p := s.words[a.needs]; {
	case !s.followed(in):
		why = "no two calls were placed a minute after the call or later"
	case a.needs.word != "" && (p == nil || p.first > in.first):
		why = "no " + a.needs.word + " came before the call"
	default:
		s.absent(a)
		return
	}
	k.tallies[a.key].doubt(a.set, a.at, why)
}

// deed is what someone did in a call, or "". Of several beginnings of its CallId the
// longest counts.
func (k *keys) deed(call string) (d Deed) {
	known := 0
	for id, did := range k.Calls {
		if strings.HasPrefix(call, id) && len(id) > known {
			known, d = len(id), did
		}
	}
	return d
}
