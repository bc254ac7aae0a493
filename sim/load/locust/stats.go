package locust

import (
	"math"
	"time"

	"ringback/sim/load"
)

// Entry is what was measured of one kind of request in some time.
type Entry struct {
	Type     string // the column "Type" of the master's page
	Name     string
	Requests uint64            // that were completed
	Failures map[string]uint64 // of the requests, by reason
	Times    []Count           // response times of all requests
}

// Count is how many requests took a time.
type Count = load.Count

// report is the data of "stats".
type report struct {
	Stats  []*row             `msgpack:"stats"`
	Total  *row               `msgpack:"stats_total"`
	Errors map[string]failure `msgpack:"errors"`
	// As in population.
	Classes map[string]int `msgpack:"user_classes_count"`
	Users   int            `msgpack:"user_count"`
}

// row is what a report says of one kind of request; times are in milliseconds.
type row struct {
	Name       string            `msgpack:"name"`
	Method     string            `msgpack:"method"`
	Last       *float64          `msgpack:"last_request_timestamp"` // Unix seconds
	Start      float64           `msgpack:"start_time"`             // Unix seconds
	Requests   uint64            `msgpack:"num_requests"`
	Untimed    uint64            `msgpack:"num_none_requests"`
	Failures   uint64            `msgpack:"num_failures"`
	TotalTime  float64           `msgpack:"total_response_time"`
	Max        float64           `msgpack:"max_response_time"`
	Min        *float64          `msgpack:"min_response_time"`
	Bytes      uint64            `msgpack:"total_content_length"`
	Times      map[uint64]uint64 `msgpack:"response_times"`
	PerSecond  map[int64]uint64  `msgpack:"num_reqs_per_sec"`
	FailedThen map[int64]uint64  `msgpack:"num_fail_per_sec"`
}

// failure is a reason with the number of requests that failed for it.
type failure struct {
	Name        string `msgpack:"name"`
	Method      string `msgpack:"method"`
	Error       string `msgpack:"error"`
	Occurrences uint64 `msgpack:"occurrences"`
}

// kind identifies a row.
type kind struct{ method, name string }

// tally sums up entries until they are reported.
type tally struct {
	rows   map[kind]*row
	total  *row
	errors map[string]failure
	order  []kind
}

func newTally(from time.Time) *tally {
	return &tally{rows: map[kind]*row{}, total: newRow(kind{name: "Aggregated"}, from), errors: map[string]failure{}}
}

func newRow(k kind, from time.Time) *row {
	return &row{
		Name: k.name, Method: k.method, Start: unix(from),
		Times: map[uint64]uint64{}, PerSecond: map[int64]uint64{}, FailedThen: map[int64]uint64{},
	}
}

// add adds what was measured up to a time.
func (t *tally) add(at time.Time, entries []Entry) {
	for i := range entries {
		e := &entries[i]
		if e.Requests == 0 {
			continue
		}
		k := kind{e.Type, e.Name}
		if t.rows[k] == nil {
			t.rows[k] = newRow(k, at)
			t.order = append(t.order, k)
		}
		t.rows[k].add(at, e)
		t.total.add(at, e)
		for reason, n := range e.Failures {
			key := e.Type + "\x00" + e.Name + "\x00" + reason
			f := t.errors[key]
			t.errors[key] = failure{Name: e.Name, Method: e.Type, Error: reason, Occurrences: f.Occurrences + n}
		}
	}
}

func (r *row) add(at time.Time, e *Entry) {
	last := unix(at)
	r.Last = &last
	r.Requests += e.Requests
	r.PerSecond[at.Unix()] += e.Requests
	for _, n := range e.Failures {
		r.Failures += n
		r.FailedThen[at.Unix()] += n
	}
	for _, c := range e.Times {
		ms := float64(c.Time) / float64(time.Millisecond)
		r.TotalTime += ms * float64(c.N)
		r.Max = max(r.Max, ms)
		if r.Min == nil || ms < *r.Min {
			r.Min = &ms
		}
		r.Times[rounded(ms)] += c.N
	}
}

// report returns the sums as a report.
func (t *tally) report(p population) report {
	rows := []*row{}
	for _, k := range t.order {
		rows = append(rows, t.rows[k])
	}
	return report{Stats: rows, Total: t.total, Errors: t.errors, Classes: p.Classes, Users: p.Users}
}

// rounded returns the bucket of a response time: whole milliseconds below 100, and two
// digits above.
func rounded(ms float64) uint64 {
	unit := 1.0
	switch {
	case ms >= 10_000:
		unit = 1000
	case ms >= 1000:
		unit = 100
	case ms >= 100:
		unit = 10
	}
	return uint64(math.RoundToEven(ms/unit) * unit)
}

func unix(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
