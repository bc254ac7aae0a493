package load

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"ringback/sim/wire"
)

// Report is the result of a run so far. Callbacks and attempts are those of
// callbacks that became due in the measured window, whose length is DurationS,
// without the ramp before it and the drain after it. Both sums hold exactly:
//
//	callbacks = acked + abandoned + dropped + unfinished
//	attempts = attempts_acked + attempts_rejected + attempts_error + attempts_unfinished
type Report struct {
	About About `json:"about"`

	DurationS   float64 `json:"duration_s"`
	DrainS      float64 `json:"drain_s"`       // from the window's end to the last answer
	DrainBoundS float64 `json:"drain_bound_s"` // its maximum

	Calls           uint64  `json:"calls"`            // started in the window
	CallsUnfinished int     `json:"calls_unfinished"` // live at the end
	RateAsked       float64 `json:"rate_asked"`       // callbacks per second, of a segment its share; 0: not asked for
	RateDue         float64 `json:"rate_due"`         // callbacks per second that became due
	RateAchieved    float64 `json:"rate_achieved"`    // callbacks per second that became due and were not dropped
	RateAcked       float64 `json:"rate_acked"`       // callbacks per second that were acknowledged in the window
	CallRateAsked   float64 `json:"call_rate_asked"`  // calls per second, of a segment its share; 0: not asked for
	CallRate        float64 `json:"call_rate"`        // calls per second

	Callbacks  uint64 `json:"callbacks"`
	Acked      uint64 `json:"acked"`
	Abandoned  uint64 `json:"abandoned"`
	Lost       uint64 `json:"lost"`    // of the abandoned, those never sent because of a fault
	Dropped    uint64 `json:"dropped"` // never sent because the backlog was full
	Unfinished uint64 `json:"unfinished"`
	// Overload says who did not keep up.
	Overload Overload `json:"overload"`
	// Bottleneck is the side that does not keep up at the moment.
	Bottleneck Side `json:"-"`
	// Cut reports whether the load was ended from outside, so that it says nothing of the
	// receiver that something is unfinished.
	Cut bool `json:"-"`
	// Waiting is the number of callbacks that are due and wait for a connection,
	// retries included. It is part of Unfinished.
	Waiting uint64 `json:"waiting"`
	// Behind is how far the receiver was behind the schedule at the end of the
	// window: the number of open callbacks, minus the number of connections, divided
	// by the rate. Without a drain it is computed from Unfinished.
	Behind float64 `json:"behind_ms"`

	Attempts           uint64            `json:"attempts"`
	AttemptsAcked      uint64            `json:"attempts_acked"`
	AttemptsRejected   uint64            `json:"attempts_rejected"`
	AttemptsError      uint64            `json:"attempts_error"`
	AttemptsUnfinished uint64            `json:"attempts_unfinished"`
	Retries            uint64            `json:"retries"`
	Reasons            map[string]uint64 `json:"reasons"`   // of attempts that were not acknowledged, by verdict
	Connected          uint64            `json:"connected"` // attempts that made a connection

	Latency  Quantiles    `json:"latency_ms"`  // from the intended send time
	Lateness Quantiles    `json:"lateness_ms"` // of the sends themselves
	Curve    []Percentile `json:"curve"`       // latency and lateness by percentile
	// Delivery is the time from when a callback became due until it was
	// acknowledged, with all attempts and the waits between them.
	Delivery  Quantiles          `json:"delivery_ms"`
	ByCommand map[string]Command `json:"by_command"`

	Thresholds []ThresholdResult `json:"thresholds"`
	Probe      *ProbeResult      `json:"probe,omitempty"` // nil: no probe

	Series []Point `json:"series"`

	Part   *Part   `json:"part,omitempty"`   // what else it takes to merge the report; nil while the run goes on
	Merged *Merged `json:"merged,omitempty"` // nil: of one process
}

// About describes the run and how to repeat it. It contains no secrets.
type About struct {
	Version    string    `json:"version"`
	Seed       uint64    `json:"seed"`
	Epoch      time.Time `json:"epoch"`
	Run        string    `json:"run"`
	Target     string    `json:"target"`
	Generation string    `json:"generation"`
	App        uint32    `json:"sdkappid"`
	RampS      float64   `json:"ramp_s"`
	WindowS    float64   `json:"window_s"` // as asked for
	Flags      []string  `json:"flags"`    // as on the command line
	Command    string    `json:"command"`  // plays the same calls again
}

// Merged says what a report was merged from.
type Merged struct {
	Segments []MergedSegment `json:"segments"`
	Missing  []string        `json:"missing"` // segments like 3/4, whose figures the report lacks
}

// MergedSegment is one of the segments.
type MergedSegment struct {
	Segment    string  `json:"segment"`
	StartLateS float64 `json:"start_late_s"` // after the common start
	DurationS  float64 `json:"duration_s"`   // less than the window's: it was stopped
	Callbacks  uint64  `json:"callbacks"`
	Unfinished uint64  `json:"unfinished"`
}

// Percentile is a point on the curve of latency and lateness.
type Percentile struct {
	Percent  float64 `json:"percent"`
	Latency  float64 `json:"latency_ms"`
	Lateness float64 `json:"lateness_ms"`
}

// Quantiles summarizes times, in milliseconds.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// Command holds the counts of one word or command.
type Command struct {
	Callbacks uint64    `json:"callbacks"`
	Acked     uint64    `json:"acked"`
	Abandoned uint64    `json:"abandoned"`
	Dropped   uint64    `json:"dropped"`
	Latency   Quantiles `json:"latency_ms"`
}

// Point is an interval of the run, ramp and drain included.
type Point struct {
	AtS      float64 `json:"at_s"`     // since the start
	WidthS   float64 `json:"width_s"`  // its length
	Due      uint64  `json:"due"`      // callbacks that became due
	Dropped  uint64  `json:"dropped"`  // callbacks dropped
	Waiting  uint64  `json:"waiting"`  // largest number of callbacks that waited for a connection at once
	Attempts uint64  `json:"attempts"` // that began
	Acked    uint64  `json:"acked"`    // attempts
	Failed   uint64  `json:"failed"`   // attempts
	Retries  uint64  `json:"retries"`  // of the attempts that began
	P50      float64 `json:"p50_ms"`   // latency of the attempts that completed
	P99      float64 `json:"p99_ms"`   // within a tenth
	Max      float64 `json:"worst_ms"` // within a tenth
}

// Measured reports whether any attempt completed, so that there are times.
func (r *Report) Measured() bool { return r.Attempts > r.AttemptsUnfinished }

// Unreachable reports whether attempts completed but none made a connection.
func (r *Report) Unreachable() bool { return r.Measured() && r.Connected == 0 }

// closed reports whether the loop was closed, so that nothing is late.
func (r *Report) closed() bool { return r.RateAsked == 0 && r.CallRateAsked == 0 }

// OverloadSummary says who did not keep up or, with Max, who set the pace; "" if
// the run kept up.
func (r *Report) OverloadSummary() string {
	o := &r.Overload
	switch {
	case o.Bottleneck() == NoSide:
		return ""
	case r.closed():
		return fmt.Sprintf("limited by %s: all connections waited for the receiver for %s of the time, no processor time was left for %s",
			o.Bottleneck(), percent(o.ReceiverShare), percent(o.MachineShare))
	}
	return fmt.Sprintf("%s; at most %s waited, of %s that may", o.Summary(), grouped(float64(o.Waiting)), grouped(float64(o.Backlog)))
}

// Bounds reports whether a threshold bounds a metric.
func (r *Report) Bounds(metric string) bool {
	return slices.ContainsFunc(r.Thresholds, func(result ThresholdResult) bool {
		t, err := ParseThreshold(result.Expr)
		return err == nil && t.Bounds(metric)
	})
}

// Judge checks the thresholds, sets r.Thresholds, and reports whether all were kept.
func (r *Report) Judge(thresholds []Threshold) bool {
	ok := true
	r.Thresholds = []ThresholdResult{}
	for i := range thresholds {
		result := thresholds[i].Check(r)
		r.Thresholds = append(r.Thresholds, result)
		ok = ok && result.OK
	}
	return ok
}

// Balance returns an error if one of the report's sums does not hold.
func (r *Report) Balance() error {
	if sum := r.Acked + r.Abandoned + r.Dropped + r.Unfinished; sum != r.Callbacks {
		return fmt.Errorf("the ledger does not balance: %d callbacks, but %d acknowledged + %d abandoned + %d dropped + %d unfinished = %d",
			r.Callbacks, r.Acked, r.Abandoned, r.Dropped, r.Unfinished, sum)
	}
	if sum := r.AttemptsAcked + r.AttemptsRejected + r.AttemptsError + r.AttemptsUnfinished; sum != r.Attempts {
		return fmt.Errorf("the ledger does not balance: %d attempts, but %d acknowledged + %d rejected + %d errors + %d unfinished = %d",
			r.Attempts, r.AttemptsAcked, r.AttemptsRejected, r.AttemptsError, r.AttemptsUnfinished, sum)
	}
	return nil
}

// snapshot returns the sums over all shards.
func (l *Load) snapshot() (m *counters, all openCounts) {
	m = newCounters(0, 0)
	for _, p := range l.shards {
		all.add(p.snapshot(m))
	}
	return m, all
}

// Open returns the number of the window's callbacks that are not settled, and how
// many of these wait for a connection. It costs less than Report.
func (l *Load) Open() (callbacks, waiting uint64) {
	for _, p := range l.shards {
		o := p.snapshot(nil)
		callbacks += o.callbacks
		waiting += o.waiting
	}
	return callbacks, waiting
}

// Report returns the result so far. While the run goes on, what is not settled
// counts as unfinished.
func (l *Load) Report() *Report {
	f := l.figures()
	r := f.report()
	r.About = l.about()
	if f.over { // else its histograms would be written each time that someone looks
		r.Part = f.part()
	}
	return r
}

// figures are what the figures of a report are made from.
type figures struct {
	counters          *counters
	open              openCounts
	overload          Overload
	bottleneck        Side
	durationS, drainS float64
	drainBoundS       float64
	rateAsked         float64 // of this part of the load: callbacks per second
	callRateAsked     float64 // of this part of the load: calls per second
	about             Part
	over              bool
}

func (l *Load) figures() *figures {
	c := &l.cfg
	f := &figures{rateAsked: c.Callbacks * l.share(), callRateAsked: c.Calls * l.share(), drainBoundS: l.Drain().Seconds()}
	f.counters, f.open = l.snapshot()
	f.overload, f.bottleneck = l.overload()
	f.durationS, f.drainS = l.elapsed()
	l.mu.Lock()
	late := l.late
	f.over = !l.ended.IsZero()
	l.mu.Unlock()
	f.about = Part{
		Segment: c.Segment.String(), Partitions: l.of, Model: l.model, StartLateS: late.Seconds(), Connections: c.Connections, Drains: !c.NoDrain,
		RateAsked: c.Callbacks, CallRateAsked: c.Calls,
	}
	return f
}

// report returns the figures of a report.
func (f *figures) report() *Report {
	m, o := f.counters, f.open
	r := &Report{Reasons: m.reasons, ByCommand: map[string]Command{}}
	r.Unfinished, r.AttemptsUnfinished, r.CallsUnfinished = o.callbacks, o.attempts, o.calls
	r.Waiting, r.Dropped = o.waiting, m.dropped
	r.Overload, r.Bottleneck = f.overload, f.bottleneck
	r.DurationS, r.DrainS, r.DrainBoundS = f.durationS, f.drainS, f.drainBoundS
	r.Calls, r.Callbacks, r.Acked, r.Abandoned, r.Lost = m.calls, m.callbacks, m.acked, m.abandoned+m.lost, m.lost
	r.Attempts, r.Retries, r.Connected = m.attempts+o.attempts, m.retries+o.retries, m.connected
	r.AttemptsAcked, r.AttemptsRejected, r.AttemptsError = m.attemptsAcked, m.attemptsRejected, m.attemptsError
	latency, lateness := m.latency.read(), m.lateness.read()
	r.Delivery = quantiles(m.delivery().read())
	r.Latency, r.Lateness, r.Curve = quantiles(latency), quantiles(lateness), curve(latency, lateness)
	if r.DurationS > 0 {
		r.RateDue, r.RateAchieved = float64(r.Callbacks)/r.DurationS, float64(r.Callbacks-r.Dropped)/r.DurationS
		r.CallRate, r.RateAcked = float64(r.Calls)/r.DurationS, float64(m.ackedInWindow)/r.DurationS
		if r.RateDue > 0 {
			r.Behind = 1000 * f.behind(r.Unfinished) / r.RateDue
		}
	}
	r.RateAsked, r.CallRateAsked = f.rateAsked, f.callRateAsked
	for w, t := range m.words {
		if t == nil {
			continue
		}
		r.ByCommand[wire.Word(w).String()] = Command{Callbacks: t.callbacks, Acked: t.acked, Abandoned: t.abandoned, Dropped: t.dropped, Latency: quantiles(t.latency.read())}
	}
	r.Series = points(&m.series)
	return r
}

// add adds the figures of another part of the load.
func (f *figures) add(o *figures) {
	f.counters.add(o.counters)
	f.open.add(o.open)
	f.overload.add(&o.overload)
	f.durationS, f.drainS, f.drainBoundS = max(f.durationS, o.durationS), max(f.drainS, o.drainS), max(f.drainBoundS, o.drainBoundS)
	f.about.Connections += o.about.Connections
	f.about.StartLateS = max(f.about.StartLateS, o.about.StartLateS)
}

// behind returns how many callbacks waited at the end of the window.
func (f *figures) behind(unfinished uint64) float64 {
	if !f.about.Drains {
		return float64(unfinished)
	}
	m := f.counters
	return max(0, float64(m.callbacks-m.lost-m.settledInWindow)-float64(f.about.Connections))
}

func (l *Load) about() About {
	c := &l.cfg
	return About{
		Version: c.Run.Version, Seed: c.Run.Seed, Epoch: c.Run.Epoch.Time(), Run: c.Run.Token, Target: c.Endpoint.Shown(),
		Generation: c.Generation.String(), App: c.App, RampS: c.Ramp.Seconds(), WindowS: c.Duration.Seconds(),
	}
}

// elapsed returns how long the window and the drain have lasted, in seconds.
func (l *Load) elapsed() (window, drain float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.began.IsZero() {
		return 0, 0
	}
	end := l.ended
	if end.IsZero() {
		end = time.Now()
	}
	since := end.Sub(l.began) - l.cfg.Ramp
	return max(0, min(since, l.cfg.Duration)).Seconds(), max(0, since-l.cfg.Duration).Seconds()
}

func points(s *series) (list []Point) {
	list = []Point{}
	width := float64(s.width) / 1000
	for i := range s.list {
		v := &s.list[i]
		list = append(list, Point{
			AtS: float64(i) * width, WidthS: width, Due: v.due, Dropped: v.dropped, Waiting: v.waiting, Attempts: v.attempts, Acked: v.acked, Failed: v.failed, Retries: v.retries,
			P50: v.latency.quantile(.5) / 1000, P99: v.latency.quantile(.99) / 1000, Max: v.latency.quantile(1) / 1000,
		})
	}
	return list
}

// FormatMS formats milliseconds as a duration, with about three digits.
func FormatMS(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= 100*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}

// Format formats one of the quantiles; "-" if nothing was measured.
func (q *Quantiles) Format(ms float64) string {
	if *q == (Quantiles{}) {
		return "-"
	}
	return FormatMS(ms)
}

func quantiles(h *hdrhistogram.Histogram) Quantiles {
	ms := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) / 1000 }
	return Quantiles{P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9), Max: float64(h.Max()) / 1000}
}

// curve returns latency and lateness by percentile, in eight steps for each nine,
// as far as there are enough attempts.
func curve(latency, lateness *hdrhistogram.Histogram) (list []Percentile) {
	total := float64(latency.TotalCount())
	if total == 0 {
		return []Percentile{}
	}
	var percents []float64
	for k := 0.0; math.Pow(10, k/8) < total; k++ {
		percents = append(percents, 100*(1-math.Pow(10, -k/8)))
	}
	percents = append(percents, 100)
	a, b := latency.ValueAtPercentiles(percents), lateness.ValueAtPercentiles(percents)
	for _, p := range percents {
		list = append(list, Percentile{Percent: p, Latency: float64(a[p]) / 1000, Lateness: float64(b[p]) / 1000})
	}
	return list
}

// part returns what belongs to figures to merge them.
func (f *figures) part() *Part {
	p := f.about
	m := f.counters
	p.AckedInWindow, p.SettledInWindow = m.ackedInWindow, m.settledInWindow
	e := newEncoder()
	p.Latency, p.Lateness, p.Delivery = e.encode(m.latency), e.encode(m.lateness), e.encode(m.delivery())
	p.ByCommand, p.Series = map[string]string{}, []string{}
	for w, t := range m.words {
		if t != nil {
			p.ByCommand[wire.Word(w).String()] = e.encode(t.latency)
		}
	}
	for i := range m.series.list {
		p.Series = append(p.Series, e.encode(m.series.list[i].latency.histogram()))
	}
	return &p
}
