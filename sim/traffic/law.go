package traffic

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Law is the distribution of a time: a mixture of terms. In text it is like
// "0.60 LN(30s, 0.9) + 0.40 LN(264s, 1.1)"; the zero law is always 0.
type Law struct{ Terms []Term }

// Term is one component of a law, in seconds.
type Term struct {
	Weight float64 // share of the law, 0 to 1
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

// mostTime is the longest time that a law can give, in seconds: 30 days.
const mostTime = 30 * 24 * 3600

// Seconds is the time at two uniform numbers from [0, 1): which term, and
// where in it.
func (l Law) Seconds(pick, u float64) float64 { return l.term(pick).quantile(u) }

// Duration is the same in whole milliseconds.
func (l Law) Duration(pick, u float64) time.Duration {
	return time.Duration(l.Seconds(pick, u)*1000) * time.Millisecond
}

func (l Law) term(pick float64) Term {
	for _, t := range l.Terms {
		if pick < t.Weight {
			return t
		}
		pick -= t.Weight
	}
	if n := len(l.Terms); n > 0 {
		return l.Terms[n-1] // the weights add up to 1 but for rounding
	}
	return Term{Weight: 1}
}

func (t Term) quantile(u float64) float64 {
	switch t.Shape {
	case LN:
		return t.at(normal(u))
	case Exp:
		return min(-t.Scale*math.Log1p(-u), mostTime)
	}
	return t.Scale
}

// at is a lognormal's value z standard deviations from its median.
func (t Term) at(z float64) float64 { return min(t.Scale*math.Exp(t.Sigma*z), mostTime) }

// normal is the quantile function of the standard normal distribution. A u of
// 0, which a draw can be, counts as half the step to the next.
func normal(u float64) float64 {
	return math.Sqrt2 * math.Erfinv(2*max(u, 1.0/(1<<54))-1)
}

// String writes the law as [ParseLaw] reads it.
func (l Law) String() string {
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

const lawHint = `want like "LN(30s, 0.9)", "Exp(3s)", "0.3s", or "0.6 LN(30s, 0.9) + 0.4 LN(264s, 1.1)"`

// ParseLaw reads a law. Times are Go durations; the weights add up to 1.
func ParseLaw(s string) (l Law, err error) {
	if strings.TrimSpace(s) == "" {
		return Law{}, errors.New("is empty; " + lawHint)
	}
	sum := 0.0
	for part := range strings.SplitSeq(s, "+") {
		t, err := parseTerm(strings.TrimSpace(part), strings.Contains(s, "+"))
		if err != nil {
			return Law{}, fmt.Errorf("%w; %s", err, lawHint)
		}
		l.Terms = append(l.Terms, t)
		sum += t.Weight
	}
	if math.Abs(sum-1) > 1e-6 {
		return Law{}, fmt.Errorf("%q: the weights add up to %g, want 1", s, sum)
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
		return t, fmt.Errorf("%q is no law", s)
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
		return 0, fmt.Errorf("%q is no duration", s)
	case d < 0 || d > mostTime*time.Second:
		return 0, fmt.Errorf("%s is not from 0s to %ds", s, mostTime)
	}
	return d.Seconds(), nil
}

// UnmarshalText reads what [ParseLaw] reads.
func (l *Law) UnmarshalText(b []byte) (err error) {
	*l, err = ParseLaw(string(b))
	return err
}

// MarshalText writes what [Law.String] writes.
func (l Law) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
