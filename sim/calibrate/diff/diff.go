package diff

import (
	"cmp"
	"slices"

	"ringback/sim/calibrate"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// Diff compares. Its memory does not grow with the length of the recording, but for calls
// that do not end.
type Diff struct {
	director
	tally
	calls map[callKey]*recordedCall
	ended []*recordedCall // in the order of their ends
}

// New makes one for a dialect, which must not change, and a recording with these words.
func New(dialect *wire.Dialect, words wire.Words) *Diff {
	d := &Diff{director: director{dialect: dialect, words: words}, tally: tally{index: map[differenceKey]int{}}, calls: map[callKey]*recordedCall{}}
	d.report.LeftOut, d.report.Differences, d.report.Words = []LeftOut{}, []Difference{}, []string{}
	for _, w := range words.List() {
		d.report.Words = append(d.report.Words, w.String())
	}
	return d
}

// Words adds the word of an exchange to a set, if it is a callback of one.
func Words(set wire.Words, e *recording.Exchange) wire.Words {
	var w wire.Word
	if e.Generation == 0 || w.UnmarshalText([]byte(e.Word)) != nil {
		return set
	}
	return set.With(w)
}

// Add takes the next exchange of a file, in the order of the requests. It keeps it until its
// call is over.
func (d *Diff) Add(file string, e *recording.Exchange) {
	var word wire.Word
	switch {
	case e.Generation == 0 || e.Call == "" || e.Delivery != e.N || e.Cut > 0 || e.Unfinished:
		return
	case word.UnmarshalText([]byte(e.Word)) != nil:
		return // a report of a calibration names it
	}
	if e.At.After(d.now) {
		d.now = e.At
	}
	for len(d.ended) > 0 && e.At.Sub(d.ended[0].endsAt) > settles {
		d.finish(d.ended[0])
		d.ended = d.ended[1:]
	}
	key := callKey{e.Call, e.Generation}
	c := d.calls[key]
	if c == nil {
		c = &recordedCall{callKey: key}
		d.calls[key] = c
	}
	c.callbacks = append(c.callbacks, &recordedCallback{Exchange: e, said: e.Said(), word: word, place: calibrate.Place{File: file, Line: e.Line}})
	if word.Ends() && c.endsAt.IsZero() {
		c.endsAt = e.At
		d.ended = append(d.ended, c)
	}
}

// Report compares what is left, and returns what differs, the most frequent first.
func (d *Diff) Report() *Report {
	rest := make([]*recordedCall, 0, len(d.calls))
	for _, c := range d.calls {
		rest = append(rest, c)
	}
	slices.SortFunc(rest, func(a, b *recordedCall) int { return cmp.Compare(a.callbacks[0].N, b.callbacks[0].N) })
	for _, c := range rest {
		d.finish(c)
	}
	slices.SortStableFunc(d.report.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Place.File, b.Place.File), cmp.Compare(a.Place.Line, b.Place.Line))
	})
	slices.SortStableFunc(d.report.LeftOut, func(a, b LeftOut) int { return cmp.Compare(b.Calls, a.Calls) })
	return &d.report
}

// finish compares a call.
func (d *Diff) finish(c *recordedCall) {
	delete(d.calls, c.callKey)
	d.counted = map[differenceKey]bool{}
	for _, cb := range c.callbacks {
		var err error
		if cb.fields, err = fields(cb.Body); err != nil {
			d.differs(cb, c, cb.word, Field, "the body", "no JSON object", "a JSON object")
		}
	}
	if len(d.counted) > 0 {
		d.leave(c, "a body is no JSON object")
		return
	}
	p, why := d.play(c)
	if why != "" {
		d.leave(c, why)
		return
	}
	d.report.Calls++
	d.compare(p.recordedCall, p.simulated)
	if len(d.counted) == 0 {
		d.report.Alike++
	}
}
