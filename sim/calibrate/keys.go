package calibrate

import (
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
	Callbacks int64      `json:"callbacks"` // how many show Value
	Place     *Place     `json:"place,omitempty"`
	Evidence  []Evidence `json:"evidence"`
	Why       string     `json:"why,omitempty"`  // unless Shown: in words
	Call      string     `json:"call,omitempty"` // unless Shown: which call would tell
}

// Evidence is what a number of callbacks show: one of these values of the key, or if
// there is none Other.
type Evidence struct {
	Values    []string `json:"values"`
	Other     string   `json:"other,omitempty"`
	Callbacks int64    `json:"callbacks"`
	Place     Place    `json:"place"` // of the first of them
}

// keys is the evidence of the dialect's keys.
type keys struct {
	Options
}

func newKeys(o Options) *keys { return &keys{Options: o} }

func (k *keys) add(*File, *recording.Exchange) {}
func (k *keys) end(*File)                      {}

func (k *keys) report(r *Report) {
	for _, key := range wire.Keys() {
		r.Keys = append(r.Keys, Finding{Key: key.Name, State: Unknown, Default: key.Default(), Evidence: []Evidence{}, Call: calls[key.Name]})
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
