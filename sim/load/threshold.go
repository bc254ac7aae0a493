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

// Threshold is a bound that a run must keep, like p99<50ms or errors<1%.
type Threshold struct {
	Expr   string
	metric metric
	isMin  bool // > or >=, rather than < or <=
	equal  bool // >= or <=
	limit  float64
}

// metric is a figure of a report that a threshold can bound. It is NaN if it was not
// measured.
type metric struct {
	name string
	unit unit
	of   func(*Report) float64
}

// asShare returns a metric that counts callbacks as a share of all callbacks.
func (m metric) asShare() metric {
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
	callbacks // a number of callbacks, or a share of them
)

// metrics lists all metrics, in the order of the help text.
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

// answered makes a metric NaN if no attempt completed. A threshold on it is then
// broken.
func answered(of func(*Report) float64) func(*Report) float64 {
	return func(r *Report) float64 {
		if !r.Measured() {
			return math.NaN()
		}
		return of(r)
	}
}

// achieved returns the share of the requested rate that was acknowledged within the
// window.
func achieved(r *Report) float64 {
	switch {
	case r.RateAsked > 0:
		return r.RateAcked / r.RateAsked
	case r.CallRateAsked == 0: // no rate was asked for
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

// ParseThreshold parses METRIC<LIMIT, with one of <, <=, > and >=. The limit is a
// duration like 50ms, a share like 1%, or a number, as the metric requires.
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
	t = Threshold{Expr: s, metric: metrics[i], isMin: parts[2][0] == '>', equal: len(parts[2]) == 2}
	if t.metric.unit == callbacks && strings.HasSuffix(parts[3], "%") {
		t.metric = t.metric.asShare()
	}
	if t.limit, err = t.metric.unit.parse(parts[3]); err != nil {
		return t, fmt.Errorf("%q: %w", s, err)
	}
	return t, nil
}

// Bounds reports whether the threshold bounds a metric.
func (t *Threshold) Bounds(metric string) bool { return t.metric.name == metric }

// Metrics returns the names of the metrics that a threshold can bound.
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

// ThresholdResult is the outcome of checking a threshold.
type ThresholdResult struct {
	Expr  string  `json:"expr"`
	OK    bool    `json:"ok"`
	Value float64 `json:"value"` // in milliseconds, as a share of 1, or as a number
	Text  string  `json:"text"`  // the value with its unit
}

// Check checks a report against the threshold.
func (t *Threshold) Check(r *Report) ThresholdResult {
	v := t.metric.of(r)
	if math.IsNaN(v) {
		return ThresholdResult{Expr: t.Expr, Text: "not measured"}
	}
	ok := v < t.limit
	if t.isMin {
		ok = v > t.limit
	}
	return ThresholdResult{Expr: t.Expr, OK: ok || t.equal && v == t.limit, Value: v, Text: t.metric.unit.text(v)}
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
