package control

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// metrics are what /metrics shows. Counters count since the start.
type metrics struct {
	registry  *prometheus.Registry
	calls     *prometheus.CounterVec
	callbacks *prometheus.CounterVec
	attempts  *prometheus.CounterVec
	took      prometheus.Histogram
	rest      *prometheus.CounterVec
	readers   prometheus.Gauge
	dropped   prometheus.Counter
}

// newMetrics makes the metrics of a run, at whose state look looks. Those of a sandbox
// that a client made have the label sandbox; those of the first have it not, and the
// process's are with them.
func newMetrics(look func(func(*journal.State)), sandbox string) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ringback_" + name, Help: help}, labels)
	}
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		calls:     counter("calls_total", "Calls that are over, by result.", "result"),
		callbacks: counter("callbacks_total", "Callbacks to deliver, by word or command.", "word"),
		attempts:  counter("attempts_total", "Attempts that ended, by what came of them.", "verdict"),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ringback_attempt_seconds", Help: "How long attempts took, in wall time.",
			Buckets: prometheus.ExponentialBucketsRange(0.0005, 4, 14),
		}),
		rest:    counter("rest_requests_total", "Requests to the REST API, by path and error code.", "path", "code"),
		readers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ringback_stream_readers", Help: "Readers of the event stream."}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ringback_stream_readers_dropped_total", Help: "Readers of the event stream that did not keep up.",
		}),
	}
	gauge := func(name, help string, value func(*journal.State) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ringback_" + name, Help: help}, func() (v float64) {
			look(func(s *journal.State) { v = value(s) })
			return v
		})
	}
	var into prometheus.Registerer = m.registry
	if sandbox != "" {
		into = prometheus.WrapRegistererWith(prometheus.Labels{"sandbox": sandbox}, into)
	} else {
		into.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	into.MustRegister(
		m.calls, m.callbacks, m.attempts, m.took, m.rest, m.readers, m.dropped,
		gauge("calls_live", "Calls that are not over.", func(s *journal.State) float64 { return float64(s.Live) }),
		gauge("callbacks_open", "Callbacks that are neither acknowledged nor given up.", func(s *journal.State) float64 { return float64(s.Totals.Open()) }),
	)
	return m
}

// note counts an event.
func (m *metrics) note(e *journal.Event) {
	switch d := e.Data.(type) {
	case *journal.Fact:
		if d.Kind == call.Ended {
			m.calls.WithLabelValues(d.Result.String()).Inc()
		}
	case *journal.Callback:
		m.callbacks.WithLabelValues(d.Word.String()).Inc()
	case *journal.Answer:
		m.attempts.WithLabelValues(d.Verdict.Word()).Inc()
		m.took.Observe(d.Took.Seconds())
	}
}

// answered counts a request to the REST API.
func (m *metrics) answered(path string, code int) {
	m.rest.WithLabelValues(path, strconv.Itoa(code)).Inc()
}
