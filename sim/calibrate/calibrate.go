package calibrate

import (
	"ringback/sim/recording"
)

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

// File is one that is read. The first four fields are for [Calibration.Begin], the
// others are counted, or known at its end at the latest.
type File struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`     // of the file, in a word
	Numbered bool   `json:"numbered"` // whether its exchanges have numbers, so that a missing one shows
	Exact    bool   `json:"-"`        // whether heads and bodies are the bytes of the connection

	Exchanges int64    `json:"exchanges"`
	Callbacks int64    `json:"callbacks"`         // of these: attempts of callbacks
	Missing   int64    `json:"missing,omitempty"` // exchanges that are known to be missing
	Flaws     []string `json:"flaws,omitempty"`   // what else is wrong with the file, in words
}

// Report is what all files show.
type Report struct {
	Files  []*File   `json:"files"`
	Doubts []Doubt   `json:"doubts"` // why what is missing in a file is no evidence
	Keys   []Finding `json:"keys"`   // in the order of [ringback/sim/wire.Keys]
}

// Calibration reads files, one after the other, and adds up what they show. Its memory
// does not grow with their length.
type Calibration struct {
	files []*File
	file  *File
	kinds []evidence
}

// evidence is one kind of evidence. It writes its section of the report.
type evidence interface {
	add(*File, *recording.Exchange)
	end(*File) // of a file, whose Missing and Flaws are known now
	report(*Report)
}

// New makes a calibration of no files yet.
func New(o Options) *Calibration {
	return &Calibration{kinds: []evidence{newKeys(o)}}
}

// Begin begins a file: the exchanges that follow are its.
func (c *Calibration) Begin(f *File) {
	c.file = f
	c.files = append(c.files, f)
}

// Add takes the next exchange of the file, in the order of the requests. It keeps nothing
// of it.
func (c *Calibration) Add(e *recording.Exchange) {
	c.file.Exchanges++
	if e.Generation != 0 {
		c.file.Callbacks++
	}
	for _, k := range c.kinds {
		k.add(c.file, e)
	}
}

// End ends the file, whose Missing and Flaws must be set by now.
func (c *Calibration) End() {
	for _, k := range c.kinds {
		k.end(c.file)
	}
}

// Report returns what the files that were ended show.
func (c *Calibration) Report() *Report {
	r := &Report{Files: c.files, Doubts: []Doubt{}}
	for _, k := range c.kinds {
		k.report(r)
	}
	return r
}

// Judged reports whether there was any callback to judge.
func (r *Report) Judged() bool {
	for _, f := range r.Files {
		if f.Callbacks > 0 {
			return true
		}
	}
	return false
}
