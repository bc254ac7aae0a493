package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Search finds the highest rate of callbacks that a receiver sustains: it plays
// short steady loads, twice as fast each time until one breaks, and then
// between the two.
type Search struct {
	Config     Config      // Callbacks, Duration, Ramp and NoDrain are the search's
	Thresholds []Threshold // what a trial must keep, besides [Sustained]
	From       float64     // first rate, callbacks a second; 0 means 50
	// Trial is how long a trial between a good and a bad rate is measured, so
	// long that what a receiver saves up does not count for much. Those before
	// take a fifth of it. 0 means 5 s.
	Trial time.Duration
	// Rest is how long a receiver that broke may recover. 0 means 1 s.
	Rest time.Duration
	// Show is told of each trial; nil shows none.
	Show func(Trial)
}

// Trial is one load of a search.
type Trial struct {
	Rate   float64 `json:"rate"`       // callbacks a second
	Acked  float64 `json:"rate_acked"` // of them, acknowledged meanwhile
	OK     bool    `json:"ok"`
	Broke  string  `json:"broke,omitempty"` // the first threshold that did, with the value; or that nobody was there
	Report *Report `json:"-"`
}

// Limit is what a search found.
type Limit struct {
	Rate    float64 `json:"rate"`            // the highest that was sustained, as achieved; 0: none was
	Broke   string  `json:"broke,omitempty"` // what broke at the lowest rate that was not; "" if none was
	Trials  []Trial `json:"trials"`
	Highest *Report `json:"highest,omitempty"` // of the trial at Rate
}

// Most is the highest rate of callbacks that were acknowledged in a trial, kept
// or not: what a receiver takes that refuses the rest.
func (l *Limit) Most() (most float64) {
	for i := range l.Trials {
		most = max(most, l.Trials[i].Acked)
	}
	return most
}

// Shown is the report that is worth a look: at the limit, or else, what broke
// at once; nil if no trial came to an end.
func (l *Limit) Shown() *Report {
	if l.Highest == nil && len(l.Trials) > 0 {
		return l.Trials[len(l.Trials)-1].Report
	}
	return l.Highest
}

// Words are what was found, in a sentence.
func (l *Limit) Words() string {
	switch {
	case l.Rate == 0:
		return fmt.Sprintf("not even %.3g callbacks/s were sustained: %s", l.Trials[len(l.Trials)-1].Rate, l.Broke)
	case l.Broke == "":
		return fmt.Sprintf("no limit was found: %.0f callbacks/s were sustained", l.Rate)
	}
	return fmt.Sprintf("sustains %.0f callbacks/s; beyond that broke %s, and at most %.0f/s were acknowledged", l.Rate, l.Broke, l.Most())
}

// Sustained is what a search asks for besides other thresholds, unless these
// bound the same: hardly any error, callbacks that wait for no more than moments,
// and none that is dropped.
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
	fineness  = 1.03 // of the last two rates to each other
	leastRate = 1
	mostRate  = 5e6
)

// Find searches until the rate is known to a thirtieth, or the context ends.
func (s Search) Find(ctx context.Context) (*Limit, error) {
	s.Thresholds = slices.Concat(s.Thresholds, Sustained(s.Thresholds))
	s.From, s.Trial, s.Rest = cmp.Or(s.From, 50), cmp.Or(s.Trial, 5*time.Second), cmp.Or(s.Rest, time.Second)
	if s.Config.Compress == 0 {
		s.Config.Compress = 600
	}
	limit := new(Limit)
	good, bad := 0.0, math.Inf(1)
	sure := false // that good is: a long trial kept it
	for rate := s.From; leastRate <= rate && rate <= mostRate && bad/good > fineness; rate = s.next(good, bad) {
		long, short := s.Trial, math.IsInf(bad, 1) || good == 0
		if short {
			long /= 5
		}
		t, err := s.try(ctx, rate, long)
		if errors.Is(err, ErrUnreachable) { // which the report says, too
			t.Broke = err.Error()
			limit.Trials, limit.Broke = append(limit.Trials, t), t.Broke
		}
		if err != nil {
			return limit, err
		}
		limit.Trials = append(limit.Trials, t)
		if s.Show != nil {
			s.Show(t)
		}
		if t.OK {
			good, sure = rate, !short
			limit.settle(bad)
			continue
		}
		switch { // a short trial does not tell good from nearly good
		case short:
			good /= 2
		case !sure:
			good = min(good, rate/2)
		}
		bad, limit.Broke = rate, t.Broke
		limit.settle(bad)
		if rate <= s.From {
			good = 0 // further down
			if t.Acked == 0 {
				return limit, nil
			}
		}
		if err := sleep(ctx, s.Rest); err != nil {
			return limit, err
		}
	}
	return limit, nil
}

// settle takes the highest trial that was kept below a rate that was not: what
// a receiver takes for a moment, it need not take for longer.
func (l *Limit) settle(bad float64) {
	l.Rate, l.Highest = 0, nil
	best := 0.0
	for i := range l.Trials {
		if t := &l.Trials[i]; t.OK && t.Rate < bad && t.Rate >= best {
			best, l.Rate, l.Highest = t.Rate, t.Report.RateAchieved, t.Report
		}
	}
}

// next is the rate to try between a good and a bad one.
func (s *Search) next(good, bad float64) float64 {
	switch {
	case math.IsInf(bad, 1):
		return 2 * good
	case good == 0:
		return bad / 2
	}
	return math.Sqrt(good * bad)
}

// try plays one trial.
func (s *Search) try(ctx context.Context, rate float64, long time.Duration) (t Trial, err error) {
	cfg := s.Config
	cfg.Calls, cfg.Max, cfg.Callbacks = 0, false, rate
	cfg.Duration, cfg.Ramp, cfg.NoDrain = long, min(long/4, 500*time.Millisecond), true
	cfg.Run.Token = fmt.Sprintf("%s-%.0f", cfg.Run.Token, rate) // no trial meets another one's calls
	l, err := New(cfg)
	if err != nil {
		return t, err
	}
	if err := l.Play(ctx); err != nil {
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
			if who := r.Overload.Blame(); who == Machine {
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

// ErrUnreachable says that no attempt of a trial reached the receiver at all.
var ErrUnreachable = errors.New("the receiver could not be reached at all")

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
