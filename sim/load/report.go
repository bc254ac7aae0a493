package load

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"ringback/sim/wire"
)

// Report is what a run came to so far. Callbacks and attempts are those of
// callbacks that became due in the measured window, which is what DurationS
// says: without the ramp before it and the drain after it. Both sums hold to
// the last one:
//
//	callbacks = acked + abandoned + dropped + unfinished
//	attempts = attempts_acked + attempts_rejected + attempts_error + attempts_unfinished
type Report struct {
	About About `json:"about"`

	DurationS float64 `json:"duration_s"`
	DrainS    float64 `json:"drain_s"`       // from the window's end to the last answer
	DrainMost float64 `json:"drain_bound_s"` // that it may take

	Calls           uint64  `json:"calls"`            // started in the window
	CallsUnfinished int     `json:"calls_unfinished"` // alive at its end
	RateAsked       float64 `json:"rate_asked"`       // callbacks a second; 0: it was not
	RateDue         float64 `json:"rate_due"`         // callbacks that became due a second
	RateAchieved    float64 `json:"rate_achieved"`    // of these, callbacks that were not dropped
	RateAcked       float64 `json:"rate_acked"`       // callbacks that were acknowledged while it lasted, a second
	CallRateAsked   float64 `json:"call_rate_asked"`  // calls a second; 0: it was not
	CallRate        float64 `json:"call_rate"`        // calls a second

	Callbacks  uint64 `json:"callbacks"`
	Acked      uint64 `json:"acked"`
	Abandoned  uint64 `json:"abandoned"`
	Lost       uint64 `json:"lost"`    // of the abandoned, those that a fault lost: never sent
	Dropped    uint64 `json:"dropped"` // never sent: more waited than may
	Unfinished uint64 `json:"unfinished"`
	// Overload says who could not keep up.
	Overload Overload `json:"overload"`
	// Now is who does not, while the run goes on.
	Now Side `json:"-"`
	// Waiting is how many callbacks are due and wait for a connection, retries
	// included; they are part of the unfinished.
	Waiting uint64 `json:"waiting"`
	// Behind is how much of the schedule was not settled when the window was
	// over: the callbacks that were open, but for as many as there are
	// connections, over the rate. Without a drain, those that are unfinished.
	Behind float64 `json:"behind_ms"`

	Attempts           uint64            `json:"attempts"`
	AttemptsAcked      uint64            `json:"attempts_acked"`
	AttemptsRejected   uint64            `json:"attempts_rejected"`
	AttemptsError      uint64            `json:"attempts_error"`
	AttemptsUnfinished uint64            `json:"attempts_unfinished"`
	Retries            uint64            `json:"retries"`
	Reasons            map[string]uint64 `json:"reasons"`   // of attempts that were not acknowledged
	Connected          uint64            `json:"connected"` // attempts that reached the receiver at all

	Latency  Quantiles    `json:"latency_ms"`  // from the intended send time
	Lateness Quantiles    `json:"lateness_ms"` // of the sends themselves
	Curve    []Percentile `json:"curve"`       // the same in full
	// Delivery is how long a callback that was acknowledged took from when it
	// became due, with all its attempts and the waits between them.
	Delivery  Quantiles          `json:"delivery_ms"`
	ByCommand map[string]Command `json:"by_command"`

	Thresholds []Result `json:"thresholds"`
	Probe      *Probed  `json:"probe,omitempty"` // nil: nobody asked

	Series []Point `json:"series"`
}

// About says what was played, and how to play it again. It holds no secrets.
type About struct {
	Version    string    `json:"version"`
	Seed       uint64    `json:"seed"`
	Epoch      time.Time `json:"epoch"`
	Run        string    `json:"run"`
	Target     string    `json:"target"`
	Generation string    `json:"generation"`
	App        uint32    `json:"sdkappid"`
	RampS      float64   `json:"ramp_s"`
	WindowS    float64   `json:"window_s"` // that was asked for
	Flags      []string  `json:"flags"`    // as on a command line
	Command    string    `json:"command"`  // that plays the same calls again
}

// Percentile is a point of the curve of latency and lateness.
type Percentile struct {
	Percent  float64 `json:"percent"`
	Latency  float64 `json:"latency_ms"`
	Lateness float64 `json:"lateness_ms"`
}

// Quantiles are those of times in milliseconds.
type Quantiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// Command is what was counted of one word or command.
type Command struct {
	Callbacks uint64    `json:"callbacks"`
	Acked     uint64    `json:"acked"`
	Abandoned uint64    `json:"abandoned"`
	Dropped   uint64    `json:"dropped"`
	Latency   Quantiles `json:"latency_ms"`
}

// Point is an interval of the run, ramp and drain included.
type Point struct {
	AtS      float64 `json:"at_s"`     // since the begin
	WidthS   float64 `json:"width_s"`  // how long it is
	Due      uint64  `json:"due"`      // callbacks that became due
	Dropped  uint64  `json:"dropped"`  // of them
	Waiting  uint64  `json:"waiting"`  // callbacks that waited for a connection, at most at once
	Attempts uint64  `json:"attempts"` // that began
	Acked    uint64  `json:"acked"`    // attempts
	Failed   uint64  `json:"failed"`   // attempts
	Retries  uint64  `json:"retries"`  // of the attempts that began
	P50      float64 `json:"p50_ms"`   // latency of those that ended
	P99      float64 `json:"p99_ms"`   // to a tenth
	Max      float64 `json:"worst_ms"` // to a tenth
}

// Measured reports whether any attempt came to an end, so that there are times.
func (r *Report) Measured() bool { return r.Attempts > r.AttemptsUnfinished }

// Unreachable reports whether no attempt that came to an end reached the receiver.
func (r *Report) Unreachable() bool { return r.Measured() && r.Connected == 0 }

// closed reports whether no rate was asked for, so that nothing is late.
func (r *Report) closed() bool { return r.RateAsked == 0 && r.CallRateAsked == 0 }

// OverloadWords say who could not keep up, or under Max who set the pace; "" if
// all was in time.
func (r *Report) OverloadWords() string {
	o := &r.Overload
	switch {
	case o.Blame() == Nobody:
		return ""
	case r.closed():
		return fmt.Sprintf("limited by %s: all connections waited for the receiver for %s of the time, no processor time was left for %s",
			o.Blame(), percent(o.ReceiverShare), percent(o.MachineShare))
	}
	return fmt.Sprintf("%s; at most %s waited, of %s that may", o.Words(), grouped(float64(o.Waiting)), grouped(float64(o.Backlog)))
}

// Bounds reports whether a threshold was on a metric.
func (r *Report) Bounds(metric string) bool {
	return slices.ContainsFunc(r.Thresholds, func(result Result) bool {
		t, err := ParseThreshold(result.Expr)
		return err == nil && t.Bounds(metric)
	})
}

// Judge holds the report against thresholds, and reports whether all were kept.
func (r *Report) Judge(thresholds []Threshold) bool {
	ok := true
	r.Thresholds = []Result{}
	for i := range thresholds {
		result := thresholds[i].Check(r)
		r.Thresholds = append(r.Thresholds, result)
		ok = ok && result.OK
	}
	return ok
}

// Balance is nil, or says which of the report's sums does not hold.
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

// look is what all partitions counted, and what is open.
func (l *Load) look() (m *tally, all open) {
	m = newTally(0, 0)
	for _, p := range l.partitions {
		all.add(p.look(m))
	}
	return m, all
}

// Open is how many callbacks of the window have no end yet, and how many of these
// wait for a connection. It costs less than a report.
func (l *Load) Open() (callbacks, waiting uint64) {
	for _, p := range l.partitions {
		o := p.look(nil)
		callbacks += o.callbacks
		waiting += o.waiting
	}
	return callbacks, waiting
}

// Report is what the run came to. While it goes on, what is under way counts
// as unfinished.
func (l *Load) Report() *Report {
	m, o := l.look()
	r := &Report{About: l.about(), Reasons: m.reasons, ByCommand: map[string]Command{}}
	r.Unfinished, r.AttemptsUnfinished, r.CallsUnfinished = o.callbacks, o.attempts, o.calls
	r.Waiting, r.Dropped = o.waiting, m.dropped
	r.Overload, r.Now = l.overload()
	r.DurationS, r.DrainS = l.lasted()
	r.DrainMost = l.Drain().Seconds()
	r.Calls, r.Callbacks, r.Acked, r.Abandoned, r.Lost = m.calls, m.callbacks, m.acked, m.abandoned+m.lost, m.lost
	r.Attempts, r.Retries, r.Connected = m.attempts+o.attempts, m.retries+o.retries, m.connected
	r.AttemptsAcked, r.AttemptsRejected, r.AttemptsError = m.taken, m.rejected, m.broken
	latency, lateness := m.latency.read(), m.lateness.read()
	r.Delivery = quantiles(m.delivery().read())
	r.Latency, r.Lateness, r.Curve = quantiles(latency), quantiles(lateness), curve(latency, lateness)
	if r.DurationS > 0 {
		r.RateDue, r.RateAchieved = float64(r.Callbacks)/r.DurationS, float64(r.Callbacks-r.Dropped)/r.DurationS
		r.CallRate, r.RateAcked = float64(r.Calls)/r.DurationS, float64(m.prompt)/r.DurationS
		if r.RateDue > 0 {
			r.Behind = 1000 * l.waiting(m, r.Unfinished) / r.RateDue
		}
	}
	r.RateAsked, r.CallRateAsked = l.cfg.Callbacks, l.cfg.Calls
	for w, t := range m.words {
		if t == nil {
			continue
		}
		r.ByCommand[wire.Word(w).String()] = Command{Callbacks: t.callbacks, Acked: t.acked, Abandoned: t.abandoned, Dropped: t.dropped, Latency: quantiles(t.latency.read())}
	}
	r.Series = points(&m.series)
	return r
}

// waiting is how many callbacks stood in line when the window was over.
func (l *Load) waiting(m *tally, unfinished uint64) float64 {
	if l.cfg.NoDrain {
		return float64(unfinished)
	}
	return max(0, float64(m.callbacks-m.lost-m.settled)-float64(l.cfg.Connections))
}

func (l *Load) about() About {
	c := &l.cfg
	return About{
		Version: c.Run.Version, Seed: c.Run.Seed, Epoch: c.Run.Epoch.Time(), Run: c.Run.Token, Target: c.Endpoint.Shown(),
		Generation: c.Generation.String(), App: c.App, RampS: c.Ramp.Seconds(), WindowS: c.Duration.Seconds(),
	}
}

// lasted is how long the window has lasted, and the drain after it.
func (l *Load) lasted() (window, drain float64) {
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

// Spell writes milliseconds with as many digits as they deserve.
func Spell(ms float64) string {
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

// Spell writes one of the times, or that there is none.
func (q *Quantiles) Spell(ms float64) string {
	if *q == (Quantiles{}) {
		return "-"
	}
	return Spell(ms)
}

func quantiles(h *hdrhistogram.Histogram) Quantiles {
	ms := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) / 1000 }
	return Quantiles{P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9), Max: float64(h.Max()) / 1000}
}

// curve is latency and lateness by percentile, eight steps for each nine, as
// far as there are attempts to tell the steps apart.
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

// add adds another tally.
func (t *tally) add(o *tally) {
	for _, c := range []struct{ to, from *uint64 }{
		{&t.calls, &o.calls},
		{&t.callbacks, &o.callbacks},
		{&t.acked, &o.acked},
		{&t.abandoned, &o.abandoned},
		{&t.lost, &o.lost},
		{&t.dropped, &o.dropped},
		{&t.drops, &o.drops},
		{&t.prompt, &o.prompt},
		{&t.settled, &o.settled},
		{&t.attempts, &o.attempts},
		{&t.retries, &o.retries},
		{&t.taken, &o.taken},
		{&t.rejected, &o.rejected},
		{&t.broken, &o.broken},
		{&t.connected, &o.connected},
	} {
		*c.to += *c.from
	}
	for reason, n := range o.reasons {
		t.reasons[reason] += n
	}
	t.latency.add(o.latency)
	t.lateness.add(o.lateness)
	t.astray.add(o.astray)
	t.delay.add(o.delay)
	for w, from := range o.words {
		if from == nil {
			continue
		}
		to := t.word(wire.Word(w))
		to.callbacks += from.callbacks
		to.acked += from.acked
		to.abandoned += from.abandoned
		to.dropped += from.dropped
		to.latency.add(from.latency)
	}
	t.series.merge(o.series)
}
