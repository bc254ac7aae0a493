package calibrate

import "strconv"

// Options are what someone knows that no callback says.
type Options struct {
	// Whole says that the files hold all that the service sent, which a log without
	// numbers can't show by itself.
	Whole bool
	// Calls says what was done in calls, by CallId or its beginning.
	Calls map[string]Deed
}

// Deed is what someone did in a call and no callback says.
type Deed string

// The deeds.
const (
	Battery Deed = "battery"  // a phone lost its battery, and the call ended
	NoGroup Deed = "no_group" // several callees and no IM group
	Ended   Deed = "ended"    // the REST API ended the call
)

// File is one that is read. Those up to Own are for [Calibration.Begin], the
// others are counted, or known at its end at the latest.
type File struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`     // of the file, in a word
	Numbered bool   `json:"numbered"` // whether its exchanges have numbers, so that a missing one shows
	Exact    bool   `json:"-"`        // whether heads and bodies are the bytes of the connection
	// Own are names of query parameters that the receiver's own address is known to have.
	Own []string `json:"-"`

	Exchanges int64    `json:"exchanges"`
	Callbacks int64    `json:"callbacks"`         // of these: attempts of callbacks
	Missing   int64    `json:"missing,omitempty"` // exchanges that are known to be missing
	Flaws     []string `json:"flaws,omitempty"`   // what else is wrong with the file, in words
}

// Place is where in the files something stands.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// String is like monday.ndjson:12.
func (p Place) String() string { return p.File + ":" + strconv.Itoa(p.Line) }

// Doubt is a reason why what is missing in a file is no evidence.
type Doubt struct {
	Text  string `json:"text"`
	Place Place  `json:"place"`
}

// Valid reports whether it is one of the deeds.
func (d Deed) Valid() bool { return d == Battery || d == NoGroup || d == Ended }
