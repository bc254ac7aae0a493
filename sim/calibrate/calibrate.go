package calibrate

import (
	"slices"

	"ringback/sim/recording"
)

// Report is what all files show.
type Report struct {
	Files  []*File   `json:"files"`
	Doubts []Doubt   `json:"doubts"` // why what is missing in a file is no evidence
	Keys   []Finding `json:"keys"`   // in the order of [ringback/sim/wire.Keys]
	Timing *Timing   `json:"timing"`
	// Undocumented is what the documents do not have, and UndocumentedMore how often
	// something was found that is not listed because the list is full.
	Undocumented     []Undocumented `json:"undocumented"`
	UndocumentedMore int64          `json:"undocumented_more,omitempty"`
}

// Calibration reads files, one after the other, and adds up what they show. Its memory
// does not grow with their length.
type Calibration struct {
	files  []*File
	file   *File
	keys   *keys
	timing *timing
	others *others
	kinds  []evidence // all of these
}

// evidence is one kind of evidence, for a section of the report.
type evidence interface {
	add(*File, *recording.Exchange)
	end(*File) // of a file, whose Missing and Flaws are known now
}

// New makes a calibration of no files yet.
func New(o Options) *Calibration {
	c := &Calibration{keys: newKeys(o), timing: newTiming(), others: newOthers()}
	c.kinds = []evidence{c.keys, c.timing, c.others}
	return c
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
	return &Report{
		Files: c.files, Doubts: append([]Doubt{}, c.keys.doubts...), Keys: c.keys.findings(),
		Timing: c.timing.section(), Undocumented: c.others.list(), UndocumentedMore: c.others.more,
	}
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
