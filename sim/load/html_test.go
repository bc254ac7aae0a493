package load_test

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"ringback/fixtures/golden"
	"ringback/sim/load"
)

// sampleReport is of a run in which the receiver failed for some seconds: the
// retries come back as an echo.
func sampleReport() *load.Report {
	twice := load.CallRef{ID: "rb-qbwrgj-3-0441", Number: 441, Partition: "3/64"}
	r := &load.Report{
		About: load.About{
			Version: "v0.9.0", Seed: 7, Epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Run: "qbwrgj", Target: "http://127.0.0.1:3000/callback?token=…",
			Generation: "v1", App: 1400000001, RampS: 5, WindowS: 30,
			Flags:   []string{"--callbacks 2000/s", "--duration 30s", "--threshold 'p99<50ms'"},
			Command: "ringback load --target \"$RINGBACK_TARGET\" --callbacks 2000/s --threshold 'p99<50ms' --seed 7 --epoch 2026-01-01T00:00:00Z",
		},
		DurationS: 30, DrainS: 6.2, Calls: 8543, CallsUnfinished: 1204, RateAsked: 2000, RateDue: 1998.4, RateAchieved: 1988.1, DrainBoundS: 27, RateAcked: 1962.3, CallRate: 284.8,
		Callbacks: 60262, Acked: 59940, Abandoned: 12, Lost: 2, Dropped: 310,
		Overload: load.Overload{Backlog: 10_000, Waiting: 10_000, ReceiverShare: 0.173, MachineShare: 0.004, DroppedReceiver: 310},
		Attempts: 74210, AttemptsAcked: 59940, AttemptsRejected: 14100, AttemptsError: 170, Retries: 14260, Connected: 74040,
		Reasons:  map[string]uint64{"status_5xx": 14100, "timeout": 150, "reset": 20},
		Latency:  load.Quantiles{P50: 1.31, P90: 4.2, P99: 49.9, P999: 812, Max: 2004},
		Lateness: load.Quantiles{P50: 0.03, P90: 0.2, P99: 4.9, P999: 61, Max: 220},
		Delivery: load.Quantiles{P50: 1.4, P90: 2004, P99: 7010, P999: 12_100, Max: 12_400},
		ByCommand: map[string]load.Command{
			"caller_start_call":               {Callbacks: 8543, Acked: 8543, Latency: load.Quantiles{P50: 1.2, P99: 40, Max: 1990}},
			"callee_accept_call":              {Callbacks: 6010, Acked: 6000, Abandoned: 10, Latency: load.Quantiles{P50: 1.4, P99: 52, Max: 2004}},
			"Call.CallbackAfterMemberChanged": {Callbacks: 45399, Acked: 45397, Abandoned: 2, Latency: load.Quantiles{P50: 1.3, P99: 49, Max: 2001}},
		},
		Thresholds: []load.ThresholdResult{{Expr: "p99<50ms", OK: true, Value: 49.9, Text: "49.9ms"}, {Expr: "errors<1%", Value: 0.19, Text: "19.23%"}},
		Probe: &load.ProbeResult{
			Ended: 7339, Asked: 100, Results: 97, Durations: 61, Errors: 2, Error: "probe: answered HTTP 502, want 200 with a JSON object, or 404",
			Mismatches: []load.Mismatch{{twice, "number of end records", "2", "1"}, {twice, "result", "<b>cancel</b>", "normal_end"}},
		},
	}
	for i := range 42 {
		at, storm := float64(i), i >= 15 && i < 20
		p := load.Point{AtS: at, WidthS: 1, P50: 1.2 + 0.2*math.Sin(at), P99: 9 + 4*math.Cos(at*1.7), Max: 30 + 12*math.Sin(at*2.3)}
		switch {
		case i < 5:
			p.Due = uint64(400 * (i + 1))
		case i < 35:
			p.Due = 2000 + uint64(40*math.Sin(at*3))
		}
		if storm {
			p.Failed, p.Retries = 2000, uint64(400*(i-15))
			p.P50, p.P99, p.Max = 60, 700, 2004
		}
		if echo := i - 20; echo >= 0 && echo < 6 {
			p.Retries = []uint64{2600, 2100, 1800, 1100, 700, 200}[echo]
		}
		p.Attempts = p.Due + p.Retries
		p.Acked = p.Attempts - min(p.Failed, p.Attempts)
		if i >= 36 && i != 41 {
			p.P50, p.P99, p.Max = 0, 0, 0 // nothing ends in the drain but its last
		}
		r.Series = append(r.Series, p)
	}
	for k := range 39 {
		share := math.Pow(10, -float64(k)/8)
		r.Curve = append(r.Curve, load.Percentile{Percent: 100 * (1 - share), Latency: 0.9 / math.Pow(share, 0.7), Lateness: 0.02 / math.Pow(share, 0.8)})
	}
	r.Curve = append(r.Curve, load.Percentile{Percent: 100, Latency: 2004, Lateness: 220})
	return r
}

func written(t testing.TB, r *load.Report) string {
	t.Helper()
	var page bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func TestHTML(t *testing.T) {
	// How it looks is judged in a browser.
	style := regexp.MustCompile(`(?s)<style>.*</style>`)
	golden.Compare(t, "report.html", style.ReplaceAllString(written(t, sampleReport()), "<style></style>"))
}

// A run without calls has a page too, and so has one of a second.
func TestHTMLOfLittle(t *testing.T) {
	if page := written(t, &load.Report{}); strings.Count(page, `class="empty"`) != 4 {
		t.Errorf("a report of nothing:\n%s", page)
	}
	short := &load.Report{
		About: load.About{WindowS: 1}, Attempts: 1, Connected: 1,
		Series: []load.Point{{WidthS: 1, Due: 1, Attempts: 1, Acked: 1, P50: 1, P99: 1, Max: 1}}, Curve: []load.Percentile{{Percent: 100, Latency: 1}},
	}
	if page := written(t, short); strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Count(page, "<figure") != 4 {
		t.Errorf("a report of one attempt:\n%s", page)
	}
}

// The page of a search shows the limit that was found. It does not judge its trials
// as loads of their own, since they are cut off.
func TestHTMLOfSearch(t *testing.T) {
	page := limitPage(t, sampleLimit())
	for _, want := range []string{
		`<strong class="good">Limit</strong> <span>sustains 1998 callbacks/s; beyond that broke errors&lt;1%: it was 8.90%, and at most 2071/s were acknowledged</span>`,
		`Trials of the search`, `4,000/s`, `4,011/s`, `2,071/s`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("not in the page: %s", want)
		}
	}
	limit := &load.Limit{Broke: "p99<1ms: it was 2ms", Trials: []load.Trial{{Rate: 50, Broke: "p99<1ms: it was 2ms", Report: sampleReport()}}}
	if page := limitPage(t, limit); !strings.Contains(page, "not even 50 callbacks/s were sustained: p99&lt;1ms: it was 2ms") {
		t.Errorf("nothing sustained:\n%s", page)
	}
}

func sampleLimit() *load.Limit {
	highest := sampleReport()
	highest.Unfinished = 7
	return &load.Limit{Rate: 1998.4, Broke: "errors<1%: it was 8.90%", Highest: highest, Trials: []load.Trial{
		{Rate: 2000, Acked: 1962, OK: true, Report: highest},
		{Rate: 4000, Acked: 2071, Broke: "errors<1%: it was 8.90%", Report: &load.Report{Callbacks: 4011, RateDue: 4011}},
	}}
}

func limitPage(t *testing.T, l *load.Limit) string {
	t.Helper()
	var page strings.Builder
	if err := l.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// The page loads nothing from elsewhere, runs no script but its own, and shows what
// a receiver sent as text.
func TestHTMLIsAlone(t *testing.T) {
	page := written(t, sampleReport())
	for _, re := range []string{`<img`, `<link`, `<iframe`, `<object`, `<[^>]*\s(src|href)=`, `@import`, `url\(`, `<[^>]*\son[a-z]+=`, `https?://[^1]`, `<b>cancel`} {
		if found := regexp.MustCompile(re).FindString(page); found != "" {
			t.Errorf("%s in the page", found)
		}
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-`) || strings.Count(page, "<script>") != 1 {
		t.Error("no Content-Security-Policy, or another script")
	}
}
