package load_test

import (
	"strings"
	"testing"

	"ringback/sim/load"
)

func TestThresholds(t *testing.T) {
	r := &load.Report{
		RateAchieved: 990.6666666666666, RateAcked: 985, RateAsked: 1000, Attempts: 200, AttemptsRejected: 3, AttemptsError: 1, Retries: 10, Abandoned: 2,
		Latency: load.Quantiles{P50: 1, P90: 2, P99: 49.9, P999: 80, Max: 120}, Lateness: load.Quantiles{P99: 0.5},
	}
	for expr, want := range map[string]string{
		"p99<50ms":         "kept 49.9ms",
		"p99<49.9ms":       "broken 49.9ms",
		"p99<=49.9ms":      "kept 49.9ms",
		" p99.9 < 0.1s ":   "kept 80ms",
		"max<100ms":        "broken 120ms",
		"lateness_p99<1ms": "kept 500µs",
		"errors<2%":        "broken 2.00%",
		"errors<=0.02":     "kept 2.00%",
		"retries<10%":      "kept 5.00%",
		"abandoned<1":      "broken 2",
		"achieved>=98.5%":  "kept 98.50%",
		"achieved>98.5%":   "broken 98.50%",
		"rate>900":         "kept 990.67",
		"unfinished<=0":    "kept 0",
		"rate<50":          "broken 990.67",
	} {
		th, err := load.ParseThreshold(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		result := th.Check(r)
		got := "broken " + result.Text
		if result.OK {
			got = "kept " + result.Text
		}
		if got != want {
			t.Errorf("%s: %s, want %s", expr, got, want)
		}
		if kept := r.Judge([]load.Threshold{th}); kept != result.OK || len(r.Thresholds) != 1 || r.Thresholds[0].Expr != expr {
			t.Errorf("%s: judged %t: %+v", expr, kept, r.Thresholds)
		}
	}
	for expr, want := range map[string]string{
		"p99":        "want like p99<50ms",
		"p42<5ms":    `"p42": want one of p50, p90`,
		"p99<50":     "want a duration",
		"errors<x":   "want a share",
		"rate>-1":    "want a number",
		"errors<50m": "want a share",
	} {
		if _, err := load.ParseThreshold(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", expr, err, want)
		}
	}
}

// A threshold on a metric that was not measured is broken: a load that sent nothing
// has not shown that the receiver is fast.
func TestThresholdsOfNothing(t *testing.T) {
	for _, r := range []*load.Report{{}, {Callbacks: 3, Unfinished: 3, Attempts: 3, AttemptsUnfinished: 3}} {
		for _, expr := range []string{"p99<50ms", "p50>=0ms", "lateness_p99<1ms", "errors<1%", "retries<1%"} {
			th, err := load.ParseThreshold(expr)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := th.Check(r), (load.ThresholdResult{Expr: expr, Text: "not measured"}); got != want {
				t.Errorf("%s of %d attempts: %+v, want %+v", expr, r.Attempts, got, want)
			}
		}
	}
}
