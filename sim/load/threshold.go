package load

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Threshold is what a run must keep, like p99<50ms or errors<1%.
type Threshold struct {
	Expr   string
	metric metric
	least  bool // > or >=, rather than < or <=
	equal  bool // the limit itself will do
	limit  float64
}

// metric is something of a report that a threshold can bound; not a number if
// the run has nothing to tell it from.
type metric struct {
	name string
	unit unit
	of   func(*Report) float64
}

// part is the same metric as a share of the callbacks, for those that count
// some of these.
func (m metric) part() metric {
	of := m.of
	m.unit = share
	m.of = func(r *Report) float64 {
		if r.Callbacks == 0 {
			return math.NaN()
		}
		return of(r) / float64(r.Callbacks)
	}
	return m
}

type unit uint8

const (
	milliseconds unit = iota
	share
	number
	callbacks // a number, or a share of all callbacks
)

// metrics are all of them, in the order in which help shows them.
var metrics = []metric{
	{"p50", milliseconds, answered(func(r *Report) float64 { return r.Latency.P50 })},
	{"p90", milliseconds, answered(func(r *Report) float64 { return r.Latency.P90 })},
	{"p99", milliseconds, answered(func(r *Report) float64 { return r.Latency.P99 })},
	{"p999", milliseconds, answered(func(r *Report) float64 { return r.Latency.P999 })},
	{"max", milliseconds, answered(func(r *Report) float64 { return r.Latency.Max })},
	{"delivery_p99", milliseconds, answered(func(r *Report) float64 { return r.Delivery.P99 })},
	{"lateness_p99", milliseconds, answered(func(r *Report) float64 { return r.Lateness.P99 })},
	{"behind", milliseconds, func(r *Report) float64 { return r.Behind }},
	{"errors", share, answered(func(r *Report) float64 { return ratio(r.AttemptsRejected+r.AttemptsError, r.Attempts) })},
	{"retries", share, answered(func(r *Report) float64 { return ratio(r.Retries, r.Attempts) })},
	{"abandoned", callbacks, func(r *Report) float64 { return float64(r.Abandoned) }},
	{"dropped", callbacks, func(r *Report) float64 { return float64(r.Dropped) }},
	{"unfinished", callbacks, func(r *Report) float64 { return float64(r.Unfinished) }},
	{"achieved", share, achieved},
	{"rate", number, func(r *Report) float64 { return r.RateAchieved }},
}

// answered is a metric of attempts that came to an end. Without any there is
// nothing to tell it from, and a threshold on it is not kept.
func answered(of func(*Report) float64) func(*Report) float64 {
	return func(r *Report) float64 {
		if !r.Measured() {
			return math.NaN()
		}
		return of(r)
	}
}

// achieved is how much of the rate that was asked for was acknowledged while it
// was: what is due follows the schedule, whatever the receiver does.
func achieved(r *Report) float64 {
	switch {
	case r.RateAsked > 0:
		return r.RateAcked / r.RateAsked
	case r.CallRateAsked == 0: // nothing was asked
		return 1
	case r.RateDue == 0:
		return 0
	}
	return r.RateAcked / r.RateDue * r.CallRate / r.CallRateAsked
}

func ratio(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

var thresholdForm = regexp.MustCompile(`^\s*([a-z0-9_.]+)\s*(<=|>=|<|>)\s*(\S+)\s*$`)

// ParseThreshold reads METRIC<LIMIT, with <, <=, > or >=: a duration like 50ms,
// a share like 1%, or a number.
func ParseThreshold(s string) (t Threshold, err error) {
	parts := thresholdForm.FindStringSubmatch(s)
	if parts == nil {
		return t, fmt.Errorf("%q: want like p99<50ms or errors<1%%", s)
	}
	name := strings.ReplaceAll(parts[1], "p99.9", "p999")
	i := slices.IndexFunc(metrics, func(m metric) bool { return m.name == name })
	if i < 0 {
		return t, fmt.Errorf("%q: %q: want one of %s", s, parts[1], strings.Join(Metrics(), ", "))
	}
	t = Threshold{Expr: s, metric: metrics[i], least: parts[2][0] == '>', equal: len(parts[2]) == 2}
	if t.metric.unit == callbacks && strings.HasSuffix(parts[3], "%") {
		t.metric = t.metric.part()
	}
	if t.limit, err = t.metric.unit.parse(parts[3]); err != nil {
		return t, fmt.Errorf("%q: %w", s, err)
	}
	return t, nil
}

// Bounds reports whether the threshold is on a metric.
func (t *Threshold) Bounds(metric string) bool { return t.metric.name == metric }

// Metrics lists what a threshold can bound.
func Metrics() (names []string) {
	for _, m := range metrics {
		names = append(names, m.name)
	}
	return names
}

func (u unit) parse(s string) (float64, error) {
	switch u {
	case milliseconds:
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%q: want a duration, like 50ms", s)
		}
		return float64(d) / float64(time.Millisecond), nil
	case share:
		part, percent := strings.CutSuffix(s, "%")
		v, err := strconv.ParseFloat(part, 64)
		if percent {
			v /= 100
		}
		if err != nil || !(v >= 0 && v <= 10) {
			return 0, fmt.Errorf("%q: want a share, like 1%%", s)
		}
		return v, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0) {
		want := "a number"
		if u == callbacks {
			want = "a number of callbacks, like 100, or a share of them, like 1%"
		}
		return 0, fmt.Errorf("%q: want %s", s, want)
	}
	return v, nil
}

// Result is how a threshold came out.
type Result struct {
	Expr  string  `json:"expr"`
	OK    bool    `json:"ok"`
	Value float64 `json:"value"` // in milliseconds, as a share of 1, or as a number
	Text  string  `json:"text"`  // the value as a person would write it
}

// Check holds a report against the threshold.
func (t *Threshold) Check(r *Report) Result {
	v := t.metric.of(r)
	if math.IsNaN(v) {
		return Result{Expr: t.Expr, Text: "not measured"}
	}
	ok := v < t.limit
	if t.least {
		ok = v > t.limit
	}
	return Result{Expr: t.Expr, OK: ok || t.equal && v == t.limit, Value: v, Text: t.metric.unit.text(v)}
}

func (u unit) text(v float64) string {
	switch u {
	case milliseconds:
		return time.Duration(v * float64(time.Millisecond)).Round(10 * time.Microsecond).String()
	case share:
		return strconv.FormatFloat(v*100, 'f', 2, 64) + "%"
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}
