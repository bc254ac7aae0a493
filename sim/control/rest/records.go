package rest

import (
	"math"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// recordsAfter is how long after its end the record of a call can be asked
// for (68940: about 5 seconds).
const recordsAfter = 5 * time.Second

// maxPerPage is the size of a page at most. The documents have no limit.
const maxPerPage = 1000

// What a record can say of a call.
var allResults = []call.Result{call.NormalEnd, call.Cancel, call.Reject, call.NotAnswer, call.CallBusy, call.Interrupt, call.Offline}

// pick takes an optional word of a filter and returns the results that are
// spelled like it, or all.
func pick(f *fields, key string, spell func(call.Result) string) (picked []call.Result) {
	var words []string
	for _, v := range allResults {
		if w := spell(v); !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	word := f.oneOf(key, words)
	for _, v := range allResults {
		if word == "" || spell(v) == word {
			picked = append(picked, v)
		}
	}
	return picked
}

// showRecord hands the record of an app's call to show, if there is one by this
// id. Those of other apps do not exist.
func (b *backend) showRecord(app uint32, id string, show func(*wire.Encoder, *call.Call)) (ok bool) {
	now := b.Session.Now()
	b.Session.State(func(s *journal.State) {
		if c := s.Record(id); c != nil && c.App == app && visible(c, now) {
			show(wire.NewEncoder(s.Dialect), c)
			ok = true
		}
	})
	return ok
}

// visible reports whether a record can be asked for: from 5 seconds after the end
// of the call, for calls that began in the last 7 days (60137).
func visible(c *call.Call, now call.Instant) bool {
	return now.Sub(c.EndAt) >= recordsAfter && now.Sub(c.StartAt) <= journal.RecordRetention
}

// filter says which records are asked for. What counts is when a call started:
// the pages can also be read as asking for calls that began and ended within
// the interval, but then a client that goes from one interval to the next would
// never see those that span two.
type filter struct {
	app      uint32
	from, to int64  // seconds, both included
	kind     string // any if ""
	spell    func(*call.Call) string
	results  []call.Result
	per      int64
	page     int64
}

// window takes the interval of a filter. What began more than 7 days ago is
// not found whatever is asked for, so asking for it is not an error (68931).
func (f *filter) window(fs *fields, fromKey, toKey string) {
	if fs.has(fromKey) {
		f.from = fs.seconds(fromKey)
	}
	f.to = math.MaxInt64
	if fs.has(toKey) {
		f.to = fs.seconds(toKey)
	}
	if f.to < f.from {
		fs.bad(toKey, "is before %s", fromKey)
	}
}

// paging takes size and number of a page.
func (f *filter) paging(fs *fields, perKey string, per int64, pageKey string) {
	f.per = fs.numberOr(perKey, per, 1, maxPerPage)
	f.page = fs.numberOr(pageKey, 1, 1, math.MaxInt32)
}

func (f *filter) wants(c *call.Call) bool {
	at := c.StartAt.Seconds()
	return c.App == f.app && at >= f.from && at <= f.to &&
		(f.kind == "" || f.kind == f.spell(c)) && slices.Contains(f.results, c.Result)
}

// find counts the records that a filter wants, in the order in which the calls
// ended, and shows those of the page.
func (b *backend) find(f *filter, show func(*wire.Encoder, *call.Call)) (total int64) {
	now := b.Session.Now()
	first := (f.page - 1) * f.per
	b.Session.State(func(s *journal.State) {
		enc := wire.NewEncoder(s.Dialect)
		for _, c := range s.Records() {
			if !visible(c, now) || !f.wants(c) {
				continue
			}
			if total >= first && total < first+f.per {
				show(enc, c)
			}
			total++
		}
	})
	return total
}
