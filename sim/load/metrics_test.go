package load_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/load"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// Whenever it is scraped, what became due is settled or open, and at the end
// the metrics are the report's figures.
func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := load.New(config(t, &receiver{answer: func(n uint64, _ *delivery.Request, a *delivery.Answer) {
			time.Sleep(30 * time.Millisecond)
			if n%3 == 0 {
				a.Status = 500
			}
		}}))
		if err != nil {
			t.Fatal(err)
		}
		handler := l.Handler()
		scrape := func() map[string]float64 {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			return metrics(t, w.Body.String())
		}
		done := make(chan error)
		go func() { done <- l.Run(t.Context()) }()
		for range 5 {
			time.Sleep(2100 * time.Millisecond)
			balancedMetrics(t, scrape())
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		m, r := scrape(), l.Report()
		balancedMetrics(t, m)
		for name, want := range map[string]float64{
			"callbacks_total": float64(r.Callbacks), "attempts_total": float64(r.Attempts), "retries_total": float64(r.Retries), "calls_total": 500,
			`failures_total{reason="status_5xx"}`: float64(r.AttemptsRejected), "callbacks_open": 0, `asked_per_second{of="calls"}`: 50,
			"latency_seconds_count": float64(r.Attempts), `latency_seconds_bucket{le="0.025"}`: 0, `latency_seconds_bucket{le="0.05"}`: float64(r.Attempts),
			`lateness_seconds_bucket{le="+Inf"}`: float64(r.Attempts),
		} {
			if got := m["ringback_load_"+name]; got != want {
				t.Errorf("%s is %g, want %g", name, got, want)
			}
		}
		near(t, "mean latency", m["ringback_load_latency_seconds_sum"]/m["ringback_load_latency_seconds_count"], 0.03, 0.001)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
		if w.Code != 200 || w.Body.String() != "ok\n" {
			t.Errorf("/healthz: %d %q", w.Code, w.Body)
		}
	})
}

// balancedMetrics checks the sums of a scrape.
func balancedMetrics(t *testing.T, m map[string]float64) {
	t.Helper()
	const p = "ringback_load_"
	settled := 0.0
	for _, state := range []string{"acked", "abandoned", "dropped", "lost"} {
		settled += m[p+`callbacks_settled_total{state="`+state+`"}`]
	}
	if due := m[p+"callbacks_total"]; due != settled+m[p+"callbacks_open"] {
		t.Errorf("%g callbacks, %g settled, %g open", due, settled, m[p+"callbacks_open"])
	}
	ended := m[p+`attempts_ended_total{result="acked"}`] + m[p+`attempts_ended_total{result="rejected"}`] + m[p+`attempts_ended_total{result="error"}`]
	if all := m[p+"attempts_total"]; all != ended+m[p+"attempts_open"] {
		t.Errorf("%g attempts, %g ended, %g open", all, ended, m[p+"attempts_open"])
	}
}

// What is dropped, lost and abandoned is in the metrics and in the JSON report, each
// under its own name, and the sums hold with it.
func TestHowCallbacksEndIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, &receiver{answer: func(n uint64, _ *delivery.Request, a *delivery.Answer) {
			time.Sleep(30 * time.Millisecond)
			if n%4 == 0 {
				a.Status = 500
			}
		}})
		cfg.Calls, cfg.Callbacks, cfg.Connections, cfg.Backlog, cfg.Duration, cfg.Generation = 0, 300, 2, 20, 3*time.Second, wire.V4
		cfg.Faults, cfg.CPU = []string{"drop:10%"}, idle
		l, err := load.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		scrape := func() map[string]float64 {
			w := httptest.NewRecorder()
			l.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			return metrics(t, w.Body.String())
		}
		done := make(chan error)
		go func() { done <- l.Run(t.Context()) }()
		time.Sleep(1700 * time.Millisecond)
		balancedMetrics(t, scrape())
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		m, r := scrape(), l.Report()
		balancedMetrics(t, m)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var report struct {
			Acked     uint64                              `json:"acked"`
			Abandoned uint64                              `json:"abandoned"` // with those lost
			Dropped   uint64                              `json:"dropped"`
			Lost      uint64                              `json:"lost"`
			ByCommand map[string]struct{ Dropped uint64 } `json:"by_command"`
			Series    []struct{ Dropped uint64 }          `json:"series"`
			Overload  map[string]any                      `json:"overload"`
		}
		if err := json.Unmarshal(text, &report); err != nil {
			t.Fatal(err)
		}
		var byCommand, series uint64
		for _, c := range report.ByCommand {
			byCommand += c.Dropped
		}
		for _, p := range report.Series {
			series += p.Dropped
		}
		for state, counts := range map[string][]uint64{
			"acked":     {r.Acked, report.Acked},
			"abandoned": {r.Abandoned - r.Lost, report.Abandoned - report.Lost},
			"dropped":   {r.Dropped, report.Dropped, byCommand, series},
			"lost":      {r.Lost, report.Lost},
		} {
			for _, n := range counts {
				if got := m[`ringback_load_callbacks_settled_total{state="`+state+`"}`]; got == 0 || got != float64(n) {
					t.Errorf("%s: %g by the metrics, %d by the report", state, got, counts)
				}
			}
		}
		if got := m["ringback_load_backlog"]; got != 20 || report.Overload["backlog"] != 20.0 || report.Overload["dropped_receiver"] != float64(r.Dropped) {
			t.Errorf("a backlog of %g by the metrics, %v by the report", got, report.Overload)
		}
	})
}

// The metrics of a segment have its label, all of them, and those of a whole load none.
// The dashboard names no metric that is not there, and no label that it lacks.
func TestSegmentsAndDashboard(t *testing.T) {
	scrape := func(segment traffic.Segment) (text string) {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(t, &receiver{answer: func(_ uint64, _ *delivery.Request, a *delivery.Answer) { a.Status = 500 }})
			cfg.Calls, cfg.Callbacks, cfg.Duration, cfg.Segment = 0, 200, time.Second, segment
			l, err := load.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			l.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			text = w.Body.String()
		})
		return text
	}
	if whole := scrape(traffic.Segment{}); strings.Contains(whole, "segment=") {
		t.Errorf("a whole load has the label:\n%s", whole)
	}
	labels := map[string]string{} // by name: the text of its labels
	for name := range metrics(t, scrape(traffic.Segment{Index: 2, Of: 4})) {
		if !strings.HasPrefix(name, "ringback_load_") {
			continue
		}
		if !strings.Contains(name, `segment="2/4"`) {
			t.Errorf("%s: the label is missing", name)
		}
		name, of, _ := strings.Cut(name, "{")
		labels[name] += of
	}
	text, err := os.ReadFile("grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Query json.RawMessage }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	metric := regexp.MustCompile(`ringback_load_[a-z_]+`)
	label := regexp.MustCompile(`(?:by \((\w+)\)|[{,](\w+)=)`)
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			found := metric.FindAllString(target.Expr, -1)
			if len(found) != 1 {
				t.Errorf("%s: %s: names %d metrics, want one", p.Title, target.Expr, len(found))
				continue
			}
			named[found[0]] = true
			of, there := labels[found[0]]
			if !there {
				t.Errorf("%s: %s: there is no such metric", p.Title, found[0])
			}
			for _, m := range label.FindAllStringSubmatch(target.Expr, -1) {
				if !strings.Contains(of, m[1]+m[2]+`="`) {
					t.Errorf("%s: %s has no label %s", p.Title, found[0], m[1]+m[2])
				}
			}
		}
	}
	if len(named) < 12 {
		t.Errorf("only %d metrics are on the dashboard", len(named))
	}
	for _, v := range dashboard.Templating.List {
		for _, name := range metric.FindAllString(string(v.Query), -1) {
			if _, there := labels[name]; !there {
				t.Errorf("variable: there is no metric %s", name)
			}
		}
	}
}

func metrics(t *testing.T, text string) map[string]float64 {
	t.Helper()
	m := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(fmt.Errorf("%q: %w", line, err))
		}
		m[name] = v
	}
	return m
}
