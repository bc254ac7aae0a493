package diff

import (
	"slices"

	"ringback/sim/calibrate"
	"ringback/sim/wire"
)

// Report says what differs.
type Report struct {
	Calls       int          `json:"calls"` // played again
	Alike       int          `json:"alike"` // of these, without a difference
	LeftOut     []LeftOut    `json:"left_out"`
	Words       []string     `json:"words"` // that the recording has: no others are compared
	Differences []Difference `json:"differences"`
	More        int          `json:"more,omitempty"` // differences that are not listed, because the list is full
}

// LeftOut are calls that were not played again.
type LeftOut struct {
	Why   string          `json:"why"`
	Calls int             `json:"calls"`
	Place calibrate.Place `json:"place"` // of the first callback of the first of them
}

// What differs.
const (
	Callback  = "callback"  // one side makes it, the other does not
	Order     = "order"     // of two callbacks
	Field     = "field"     // of a body
	Parameter = "parameter" // of a URL
	Header    = "header"
)

// Difference is one that callbacks of a word have.
type Difference struct {
	Generation wire.Generation `json:"generation"`
	Word       string          `json:"word"`
	What       string          `json:"what" words:"callback order field parameter header"`
	Name       string          `json:"name,omitempty"` // of a field, with the path to it, of a parameter or a header
	Recorded   string          `json:"recorded"`       // in the first of them
	Simulated  string          `json:"simulated"`
	Callbacks  int             `json:"callbacks"`
	Calls      int             `json:"calls"`
	Place      calibrate.Place `json:"place"` // of the first
	Call       string          `json:"call"`  // CallId of the first
	word       wire.Word
}

type differenceKey struct {
	generation       wire.Generation
	word, what, name string
	recorded         string // of those that are words
}

// maxDifferences is how many are listed.
const maxDifferences = 200

// tally is a report that is being made.
type tally struct {
	report  Report
	index   map[differenceKey]int
	counted map[differenceKey]bool // of the call that is compared
}

func (t *tally) leave(c *recordedCall, why string) {
	i := slices.IndexFunc(t.report.LeftOut, func(l LeftOut) bool { return l.Why == why })
	if i < 0 {
		i = len(t.report.LeftOut)
		t.report.LeftOut = append(t.report.LeftOut, LeftOut{Why: why, Place: c.callbacks[0].place})
	}
	t.report.LeftOut[i].Calls++
}

// differs counts a difference, once more.
func (t *tally) differs(at *recordedCallback, c *recordedCall, w wire.Word, what, name, recorded, simulated string) {
	key := differenceKey{c.generation, w.String(), what, name, ""}
	if what == Callback || what == Order {
		key.recorded = recorded
	}
	i, known := t.index[key]
	if !known {
		if len(t.report.Differences) == maxDifferences {
			t.report.More++
			t.counted[key] = true
			return
		}
		i = len(t.report.Differences)
		t.index[key] = i
		t.report.Differences = append(t.report.Differences, Difference{
			Generation: c.generation, Word: w.String(), What: what, Name: name, Recorded: recorded, Simulated: simulated, Place: at.place, Call: c.id, word: w,
		})
	}
	t.report.Differences[i].Callbacks++
	if !t.counted[key] {
		t.counted[key] = true
		t.report.Differences[i].Calls++
	}
}
