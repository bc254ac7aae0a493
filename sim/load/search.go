package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"ringback/sim/probe"
)

// Search finds the highest rate of callbacks that a receiver sustains. It runs
// short trials, doubles the rate until a threshold breaks, and then bisects.
type Search struct {
	Config     Config      // Callbacks, Duration, Ramp and NoDrain are set by the search
	Thresholds []Threshold // that a trial must keep, besides [Sustained]
	Start      float64     // first rate, in callbacks per second; 0 means 50
	// TrialDuration is the measured time of a trial between a good and a bad rate. It
	// should be long enough that a receiver's buffers matter little. Earlier trials
	// take a fifth of it. One in which no callback became due is run again, twice as
	// long, until such trials took 20 s or four times TrialDuration. 0 means 5 s.
	TrialDuration time.Duration
	// Recovery is the pause after a trial that broke. 0 means 1 s.
	Recovery time.Duration
	// OnTrial is called after each trial, if not nil.
	OnTrial func(Trial)

	number int // of trials so far
}

// Trial is one load of a search.
type Trial struct {
	Rate   float64 `json:"rate"`       // callbacks per second, as asked
	Acked  float64 `json:"rate_acked"` // callbacks per second that were acknowledged in the window
	OK     bool    `json:"ok"`
	Broke  string  `json:"broke,omitempty"` // the first threshold that broke, with its value; or why there is no verdict
	Report *Report `json:"-"`
}

// Limit is what a search found.
type Limit struct {
	Rate    float64 `json:"rate"`            // highest sustained rate, as achieved; 0: none was sustained
	Broke   string  `json:"broke,omitempty"` // what broke at the lowest rate that was not sustained; "" if all were
	Trials  []Trial `json:"trials"`
	Highest *Report `json:"highest,omitempty"` // of the trial at Rate
}

// MaxAcked returns the highest rate of acknowledged callbacks in any trial. For a
// receiver that refuses what is too much, it is its capacity.
func (l *Limit) MaxAcked() (hi float64) {
	for i := range l.Trials {
		hi = max(hi, l.Trials[i].Acked)
	}
	return hi
}

// Report returns the report of the trial at the limit, or if no rate was sustained
// that of the last trial; nil if no trial was completed.
func (l *Limit) Report() *Report {
	if l.Highest == nil && len(l.Trials) > 0 {
		return l.Trials[len(l.Trials)-1].Report
	}
	return l.Highest
}

// nothing reports whether the search ended because its last trial measured nothing.
func (l *Limit) nothing() bool { return l.last().Report.Callbacks == 0 }

func (l *Limit) last() *Trial { return &l.Trials[len(l.Trials)-1] }

// Summary describes the result in a sentence.
func (l *Limit) Summary() string {
	switch {
	case l.nothing():
		return fmt.Sprintf("nothing was measured at %.3g callbacks/s: %s", l.last().Rate, l.Broke)
	case l.Rate == 0:
		return fmt.Sprintf("not even %.3g callbacks/s were sustained: %s", l.last().Rate, l.Broke)
	case l.Broke == "":
		return fmt.Sprintf("no limit was found: %.0f callbacks/s were sustained", l.Rate)
	}
	return fmt.Sprintf("sustains %.0f callbacks/s; beyond that broke %s, and at most %.0f/s were acknowledged", l.Rate, l.Broke, l.MaxAcked())
}

// Sustained returns the default thresholds of a search, without those whose metric
// another threshold bounds: errors under 1%, under 100 ms behind, none dropped.
func Sustained(besides []Threshold) (list []Threshold) {
	for _, expr := range []string{"errors<1%", "behind<100ms", "dropped<1"} {
		t, err := ParseThreshold(expr)
		if err != nil {
			panic(err)
		}
		if !slices.ContainsFunc(besides, func(o Threshold) bool { return o.Bounds(t.metric.name) }) {
			list = append(list, t)
		}
	}
	return list
}

const (
	precision = 1.03 // the search ends when the lowest bad rate is within this factor of the highest good one
	minRate   = 1
	maxRate   = 5e6
)

// Find searches until the rate is known within 3%, or the context ends. It fails with
// [ErrUnreachable] or [ErrNothingDue] if a trial has no verdict, which is then the last
// one of the limit.
func (s Search) Find(ctx context.Context) (*Limit, error) {
	s.Thresholds = slices.Concat(s.Thresholds, Sustained(s.Thresholds))
	s.Start, s.TrialDuration, s.Recovery = cmp.Or(s.Start, 50), cmp.Or(s.TrialDuration, 5*time.Second), cmp.Or(s.Recovery, time.Second)
	if s.Start < minRate || s.Start > maxRate {
		return nil, fmt.Errorf("load: Search.Start is %g, want %g to %g callbacks per second, or 0", s.Start, float64(minRate), float64(maxRate))
	}
	if s.Config.Compress == 0 {
		s.Config.Compress = 600
	}
	limit := new(Limit)
	patience := max(20*time.Second, 4*s.TrialDuration) // for trials in which nothing becomes due
	good, bad := 0.0, math.Inf(1)
	sure := false // whether a long trial showed that good is good
	for rate := s.Start; minRate <= rate && rate <= maxRate && bad/good > precision; rate = s.next(good, bad) {
		length, short := s.TrialDuration, math.IsInf(bad, 1) || good == 0
		if short {
			length /= 5
		}
		t, err := s.runTrial(ctx, rate, length)
		for err == nil && t.Report.Callbacks == 0 { // too short to say anything about the receiver
			if patience -= length; patience < 2*length {
				err = fmt.Errorf("%w in the %s of a trial", ErrNothingDue, length)
				break
			}
			length *= 2
			t, err = s.runTrial(ctx, rate, length)
		}
		if errors.Is(err, ErrUnreachable) || errors.Is(err, ErrNothingDue) { // which the report says, too
			t.Broke = err.Error()
			limit.Trials, limit.Broke = append(limit.Trials, t), t.Broke
		}
		if err != nil {
			return limit, err
		}
		limit.Trials = append(limit.Trials, t)
		if s.OnTrial != nil {
			s.OnTrial(t)
		}
		if t.OK {
			good, sure = rate, !short
			limit.update(bad)
			continue
		}
		switch { // a short trial is not reliable evidence of a good rate
		case short:
			good /= 2
		case !sure:
			good = min(good, rate/2)
		}
		bad, limit.Broke = rate, t.Broke
		limit.update(bad)
		if rate <= s.Start {
			good = 0 // search below Start
			if t.Acked == 0 {
				return limit, nil
			}
		}
		if err := probe.Sleep(ctx, s.Recovery); err != nil {
			return limit, err
		}
	}
	return limit, nil
}

// update sets the limit to the highest good trial below a bad rate, since a
// receiver may sustain a rate in a short trial that it does not in a longer one.
func (l *Limit) update(bad float64) {
	l.Rate, l.Highest = 0, nil
	best := 0.0
	for i := range l.Trials {
		if t := &l.Trials[i]; t.OK && t.Rate < bad && t.Rate >= best {
			best, l.Rate, l.Highest = t.Rate, t.Report.RateAchieved, t.Report
		}
	}
}

// next returns the rate of the next trial.
func (s *Search) next(good, bad float64) float64 {
	switch {
	case math.IsInf(bad, 1):
		return 2 * good
	case good == 0:
		return bad / 2
	}
	return math.Sqrt(good * bad)
}

// runTrial runs one trial.
func (s *Search) runTrial(ctx context.Context, rate float64, length time.Duration) (t Trial, err error) {
	cfg := s.Config
	cfg.Calls, cfg.Max, cfg.Callbacks = 0, false, rate
	cfg.Duration, cfg.Ramp, cfg.NoDrain = length, min(length/4, 500*time.Millisecond), true
	s.number++
	cfg.Run.Token = fmt.Sprintf("%s-%d", cfg.Run.Token, s.number) // each trial has calls of its own
	l, err := New(cfg)
	if err != nil {
		return t, err
	}
	if err := l.Run(ctx); err != nil {
		return t, err
	}
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	r := l.Report()
	t = Trial{Rate: rate, Acked: r.RateAcked, OK: r.Judge(s.Thresholds), Report: r}
	for _, result := range r.Thresholds {
		if !result.OK {
			t.Broke = fmt.Sprintf("%s: it was %s", result.Expr, result.Text)
			if who := r.Overload.Bottleneck(); who == Machine {
				t.Broke += fmt.Sprintf(" (%s could not keep up, not the receiver)", who)
			}
			break
		}
	}
	if r.Unreachable() {
		return t, ErrUnreachable
	}
	return t, r.Balance()
}

// ErrUnreachable means that no attempt of a trial made a connection.
var ErrUnreachable = errors.New("the receiver could not be reached at all")

// ErrNothingDue means that trials measured nothing.
var ErrNothingDue = errors.New("no callback became due")
