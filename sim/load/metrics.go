package load

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// Handler serves /metrics and /healthz during the load and after it. Each scrape is
// one snapshot, so that its sums hold like those of a report.
func (l *Load) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	own := prometheus.Registerer(registry)
	if s := l.cfg.Segment; s.Of > 0 {
		own = prometheus.WrapRegistererWith(prometheus.Labels{"segment": s.String()}, registry)
	}
	own.MustRegister(collector{l})
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return mux
}

// collector exports the load's counters as metrics.
type collector struct{ *Load }

var (
	describe = func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("ringback_load_"+name, help+" Of the measured window.", labels, nil)
	}

	waitingDesc      = describe("callbacks_waiting", "Callbacks that are due and wait for a connection, of those that are open.")
	backlogDesc      = prometheus.NewDesc("ringback_load_backlog", "How many callbacks may wait; what becomes due beyond that is dropped.", nil, nil)
	behindDesc       = describe("behind_ratio", "Share of the time in which the run did not keep up, by who could not: receiver or machine.", "who")
	callsDesc        = describe("calls_total", "Calls that started.")
	callsOpenDesc    = prometheus.NewDesc("ringback_load_calls_open", "Calls that are not over.", nil, nil)
	callbacksDesc    = describe("callbacks_total", "Callbacks that became due.")
	settledDesc      = describe("callbacks_settled_total", "Callbacks that came to an end, by how: acked, abandoned, dropped, or lost by a fault.", "state")
	openDesc         = describe("callbacks_open", "Callbacks that are neither acknowledged nor given up.")
	attemptsDesc     = describe("attempts_total", "Attempts that began.")
	endedDesc        = describe("attempts_ended_total", "Attempts that came to an end: acked, rejected (answered otherwise), or error (no usable answer).", "result")
	attemptsOpenDesc = describe("attempts_open", "Attempts that wait for their answer.")
	failuresDesc     = describe("failures_total", "Attempts that were not acknowledged, by reason.", "reason")
	retriesDesc      = describe("retries_total", "Attempts that were retries.")
	latencyDesc      = describe("latency_seconds", "From when an attempt was to begin until its answer.")
	latenessDesc     = describe("lateness_seconds", "How late attempts began.")
	askedDesc        = prometheus.NewDesc("ringback_load_asked_per_second", "The rate that was asked for: of callbacks, or of calls.", []string{"of"}, nil)
)

// Describe sends nothing, since the metrics depend on the run.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the metrics of one snapshot.
func (m collector) Collect(to chan<- prometheus.Metric) {
	t, o := m.snapshot()
	send := func(kind prometheus.ValueType, d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	counter := func(d *prometheus.Desc, v uint64, labels ...string) {
		send(prometheus.CounterValue, d, float64(v), labels...)
	}
	counter(callsDesc, t.calls)
	counter(callbacksDesc, t.callbacks)
	counter(settledDesc, t.acked, "acked")
	counter(settledDesc, t.abandoned, "abandoned")
	counter(settledDesc, t.dropped, "dropped")
	counter(settledDesc, t.lost, "lost")
	counter(attemptsDesc, t.attempts+o.attempts)
	counter(endedDesc, t.attemptsAcked, "acked")
	counter(endedDesc, t.attemptsRejected, "rejected")
	counter(endedDesc, t.attemptsError, "error")
	counter(retriesDesc, t.retries+o.retries)
	for reason, n := range t.reasons {
		counter(failuresDesc, n, reason)
	}
	send(prometheus.GaugeValue, callsOpenDesc, float64(o.calls))
	send(prometheus.GaugeValue, openDesc, float64(o.callbacks))
	send(prometheus.GaugeValue, attemptsOpenDesc, float64(o.attempts))
	send(prometheus.GaugeValue, waitingDesc, float64(o.waiting))
	overload, _ := m.overload()
	if overload.Backlog > 0 {
		send(prometheus.GaugeValue, backlogDesc, float64(overload.Backlog))
	}
	send(prometheus.GaugeValue, behindDesc, overload.ReceiverShare, "receiver")
	send(prometheus.GaugeValue, behindDesc, overload.MachineShare, "machine")
	if m.cfg.Callbacks > 0 {
		send(prometheus.GaugeValue, askedDesc, m.cfg.Callbacks*m.share(), "callbacks")
	}
	if m.cfg.Calls > 0 {
		send(prometheus.GaugeValue, askedDesc, m.cfg.Calls*m.share(), "calls")
	}
	to <- histogramOf(latencyDesc, t.latency.read())
	to <- histogramOf(latenessDesc, t.lateness.read())
}

// metricBounds are the upper bounds of the histograms' buckets, in microseconds.
var metricBounds = []int64{
	100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
}

// A native histogram's buckets grow by a factor of 2^(1/8), or 9 %; times too short for
// the first one are in one for zero.
const (
	nativeSchema  = 3
	zeroThreshold = 0.5e-6
)

// histogramOf returns a histogram with both kinds of buckets: the classic ones, which
// scrapes as text have, and native ones, which those that ask for protocol buffers have
// besides.
func histogramOf(d *prometheus.Desc, h *hdrhistogram.Histogram) prometheus.Metric {
	buckets := map[float64]uint64{}
	native, zero := map[int]int64{}, uint64(0)
	sum := 0.0
	next := 0
	count := uint64(0)
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		middle := float64(bar.From+bar.To) / 2
		if seconds := middle / 1e6; seconds <= zeroThreshold {
			zero += uint64(bar.Count)
		} else {
			native[int(math.Ceil(math.Log2(seconds)*(1<<nativeSchema)))] += bar.Count
		}
		for next < len(metricBounds) && bar.To > metricBounds[next] {
			buckets[float64(metricBounds[next])/1e6] = count
			next++
		}
		count += uint64(bar.Count)
		sum += middle * float64(bar.Count)
	}
	for ; next < len(metricBounds); next++ {
		buckets[float64(metricBounds[next])/1e6] = count
	}
	return bothKinds{
		prometheus.MustNewConstHistogram(d, count, sum/1e6, buckets),
		prometheus.MustNewConstNativeHistogram(d, count, sum/1e6, native, nil, zero, nativeSchema, zeroThreshold, time.Time{}),
	}
}

// bothKinds is a classic histogram with the buckets of a native one.
type bothKinds struct {
	prometheus.Metric
	native prometheus.Metric
}

// Write writes both.
func (b bothKinds) Write(to *dto.Metric) error {
	var native dto.Metric
	if err := errors.Join(b.Metric.Write(to), b.native.Write(&native)); err != nil {
		return err
	}
	h, n := to.GetHistogram(), native.GetHistogram()
	h.Schema, h.ZeroThreshold, h.ZeroCount = n.Schema, n.ZeroThreshold, n.ZeroCount
	h.PositiveSpan, h.PositiveDelta = n.PositiveSpan, n.PositiveDelta
	return nil
}
