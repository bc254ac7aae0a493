package traffic

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Distribution is the distribution of a time: a mixture of terms. As text it is
// like "0.60 LN(30s, 0.9) + 0.40 LN(264s, 1.1)". The zero Distribution is always 0.
type Distribution struct{ Terms []Term }

// Term is one component of a mixture, in seconds.
type Term struct {
	Weight float64 // share of the mixture, 0 to 1
	Shape  Shape
	Scale  float64 // LN: the median; Exp: the mean; Constant: the value
	Sigma  float64 // LN: standard deviation of the logarithm
}

// Shape is a term's family.
type Shape uint8

// The shapes.
const (
	Constant Shape = iota // 30s
	LN                    // lognormal, LN(median, sigma)
	Exp                   // exponential, Exp(mean)
)

// maxTime is the longest time that a distribution can give, in seconds: 30 days.
const maxTime = 30 * 24 * 3600

// Seconds returns the time for two uniform numbers from [0, 1): pick chooses the
// term, u is the quantile in it.
func (l Distribution) Seconds(pick, u float64) float64 { return l.term(pick).quantile(u) }

// Duration returns the same, rounded down to milliseconds.
func (l Distribution) Duration(pick, u float64) time.Duration {
	return time.Duration(l.Seconds(pick, u)*1000) * time.Millisecond
}

func (l Distribution) term(pick float64) Term {
	for _, t := range l.Terms {
		if pick < t.Weight {
			return t
		}
		pick -= t.Weight
	}
	if n := len(l.Terms); n > 0 {
		return l.Terms[n-1] // rounding left the weights just below 1
	}
	return Term{Weight: 1}
}

func (t Term) quantile(u float64) float64 {
	switch t.Shape {
	case LN:
		return t.at(normal(u))
	case Exp:
		return min(-t.Scale*math.Log1p(-u), maxTime)
	}
	return t.Scale
}

// at returns a lognormal's value z standard deviations from its median.
func (t Term) at(z float64) float64 { return min(t.Scale*math.Exp(t.Sigma*z), maxTime) }

// normal is the quantile function of the standard normal distribution. A u of 0
// would give -Inf and counts as half of the smallest nonzero draw.
func normal(u float64) float64 {
	return math.Sqrt2 * math.Erfinv(2*max(u, 1.0/(1<<54))-1)
}

// String returns the text that [ParseDistribution] reads.
func (l Distribution) String() string {
	var b strings.Builder
	for i, t := range l.Terms {
		if i > 0 {
			b.WriteString(" + ")
		}
		if len(l.Terms) > 1 {
			fmt.Fprintf(&b, "%g ", t.Weight)
		}
		switch t.Shape {
		case LN:
			fmt.Fprintf(&b, "LN(%gs, %g)", t.Scale, t.Sigma)
		case Exp:
			fmt.Fprintf(&b, "Exp(%gs)", t.Scale)
		default:
			fmt.Fprintf(&b, "%gs", t.Scale)
		}
	}
	return b.String()
}

const distributionHint = `want like "LN(30s, 0.9)", "Exp(3s)", "0.3s", or "0.6 LN(30s, 0.9) + 0.4 LN(264s, 1.1)"`

// ParseDistribution parses a distribution. Times are Go durations; the weights
// must add up to 1.
func ParseDistribution(s string) (l Distribution, err error) {
	if strings.TrimSpace(s) == "" {
		return Distribution{}, errors.New("is empty; " + distributionHint)
	}
	sum := 0.0
	for part := range strings.SplitSeq(s, "+") {
		t, err := parseTerm(strings.TrimSpace(part), strings.Contains(s, "+"))
		if err != nil {
			return Distribution{}, fmt.Errorf("%w; %s", err, distributionHint)
		}
		l.Terms = append(l.Terms, t)
		sum += t.Weight
	}
	if math.Abs(sum-1) > 1e-6 {
		return Distribution{}, fmt.Errorf("%q: the weights add up to %g, want 1", s, sum)
	}
	return l, nil
}

func parseTerm(s string, mixed bool) (t Term, err error) {
	t.Weight = 1
	if mixed {
		w, rest, _ := strings.Cut(s, " ")
		if t.Weight, err = strconv.ParseFloat(w, 64); err != nil || !(t.Weight >= 0 && t.Weight <= 1) {
			return t, fmt.Errorf("%q has no weight from 0 to 1", s)
		}
		s = strings.TrimSpace(rest)
	}
	name, args, family := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	first, second, two := strings.Cut(args, ",")
	switch {
	case !family && !strings.HasSuffix(s, ")"):
		t.Scale, err = parseSeconds(s)
	case family && name == "LN" && two:
		t.Shape = LN
		if t.Scale, err = parseSeconds(strings.TrimSpace(first)); err != nil {
			return t, err
		}
		t.Sigma, err = strconv.ParseFloat(strings.TrimSpace(second), 64)
		if err != nil || !(t.Sigma >= 0 && t.Sigma <= 5) {
			return t, fmt.Errorf("%q: sigma %s, want 0 to 5", s, strings.TrimSpace(second))
		}
	case family && name == "Exp" && !two:
		t.Shape = Exp
		t.Scale, err = parseSeconds(strings.TrimSpace(first))
	default:
		return t, fmt.Errorf("%q is not a distribution", s)
	}
	if err == nil && t.Shape != Constant && t.Scale == 0 {
		err = fmt.Errorf("%q: has a median or mean of 0", s)
	}
	return t, err
}

func parseSeconds(s string) (float64, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration", s)
	case d < 0 || d > maxTime*time.Second:
		return 0, fmt.Errorf("%s is not from 0s to %ds", s, maxTime)
	}
	return d.Seconds(), nil
}

// UnmarshalText parses what [ParseDistribution] parses.
func (l *Distribution) UnmarshalText(b []byte) (err error) {
	*l, err = ParseDistribution(string(b))
	return err
}

// MarshalText returns what [Distribution.String] returns.
func (l Distribution) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
