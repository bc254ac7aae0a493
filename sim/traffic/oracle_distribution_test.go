package traffic_test

import (
	"math"
	"math/rand/v2"
)

// law is the distribution of a positive time in seconds.
type law interface {
	cdf(t float64) float64
	pdf(t float64) float64
	// tilted is E[T^k exp(-rate T)]: rate 0 gives the moments, k 0 the Laplace
	// transform, and k 1 with a rate minus that transform's derivative.
	tilted(k int, rate float64) float64
	draw(r *rand.Rand) float64
}

// lognormal is LN(median, sigma), sigma being the deviation of the logarithm.
type lognormal struct{ median, sigma float64 }

func (l lognormal) z(t float64) float64 { return math.Log(t/l.median) / l.sigma }

func (l lognormal) cdf(t float64) float64 {
	if t <= 0 {
		return 0
	}
	return normalCDF(l.z(t))
}

func (l lognormal) pdf(t float64) float64 {
	if t <= 0 {
		return 0
	}
	return normalPDF(l.z(t)) / (l.sigma * t)
}

// tilted integrates over the normal score z. The trapezoid rule converges
// faster than any power of its step there, because the integrand is analytic
// and falls off like a Gaussian at both ends; the centre k*sigma is where T^k
// moves its mass.
func (l lognormal) tilted(k int, rate float64) float64 {
	const step, reach = 0.05, 10.0
	centre, sum := float64(k)*l.sigma, 0.0
	for z := centre - reach; z <= centre+reach; z += step {
		t := l.median * math.Exp(l.sigma*z)
		sum += normalPDF(z) * math.Pow(t, float64(k)) * math.Exp(-rate*t)
	}
	return sum * step
}

func (l lognormal) draw(r *rand.Rand) float64 {
	return l.median * math.Exp(l.sigma*r.NormFloat64())
}

// exponential is Exp with the given mean.
type exponential struct{ average float64 }

func (e exponential) cdf(t float64) float64 {
	if t <= 0 {
		return 0
	}
	return -math.Expm1(-t / e.average)
}

func (e exponential) pdf(t float64) float64 {
	if t < 0 {
		return 0
	}
	return math.Exp(-t/e.average) / e.average
}

func (e exponential) tilted(k int, rate float64) float64 {
	a := 1 / e.average
	return a * math.Gamma(float64(k)+1) / math.Pow(a+rate, float64(k)+1)
}

func (e exponential) draw(r *rand.Rand) float64 { return e.average * r.ExpFloat64() }

// part is one component of a mixture.
type part struct {
	weight float64
	law    law
}

// mixture draws from one of its parts, whose weights sum to one.
type mixture []part

func (m mixture) sum(f func(law) float64) float64 {
	total := 0.0
	for _, p := range m {
		total += p.weight * f(p.law)
	}
	return total
}

func (m mixture) cdf(t float64) float64 { return m.sum(func(l law) float64 { return l.cdf(t) }) }

func (m mixture) pdf(t float64) float64 { return m.sum(func(l law) float64 { return l.pdf(t) }) }

func (m mixture) tilted(k int, rate float64) float64 {
	return m.sum(func(l law) float64 { return l.tilted(k, rate) })
}

func (m mixture) draw(r *rand.Rand) float64 {
	u := r.Float64()
	for _, p := range m[:len(m)-1] {
		if u < p.weight {
			return p.law.draw(r)
		}
		u -= p.weight
	}
	return m[len(m)-1].law.draw(r)
}

func mean(l law) float64 { return l.tilted(1, 0) }

// scv is the squared coefficient of variation, Var[T]/E[T]^2.
func scv(l law) float64 { return l.tilted(2, 0)/(mean(l)*mean(l)) - 1 }

// quantile inverts the CDF by bisection of the logarithm of time.
func quantile(l law, p float64) float64 {
	low, high := -20.0, 40.0
	for range 80 {
		middle := (low + high) / 2
		if l.cdf(math.Exp(middle)) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Exp(low)
}

// cutProbability is P(X < D) = 1-E[exp(-hazard D)]: the chance that a constant
// hazard, X ~ Exp, cuts a call before its natural end D.
func cutProbability(l law, hazard float64) float64 { return 1 - l.tilted(0, hazard) }

// meanTalk is E[min(D,X)] = (1-E[exp(-hazard D)])/hazard, the connected time.
func meanTalk(l law, hazard float64) float64 {
	if hazard == 0 {
		return mean(l)
	}
	return cutProbability(l, hazard) / hazard
}

// talkSCV is the squared coefficient of variation of min(D,X). Its second
// moment is 2 int t S(t) exp(-hazard t) dt, minus the derivative of meanTalk
// by the hazard, doubled.
func talkSCV(l law, hazard float64) float64 {
	if hazard == 0 {
		return scv(l)
	}
	first := meanTalk(l, hazard)
	second := 2 * (first - l.tilted(1, hazard)) / hazard
	return second/(first*first) - 1
}

// talkSurvival is P(min(D,X) > t).
func talkSurvival(l law, hazard float64) func(t float64) float64 {
	return func(t float64) float64 { return (1 - l.cdf(t)) * math.Exp(-hazard*t) }
}

// meanNaturals are the mean natural durations of the calls that were cut and
// of those that were not. A hazard per second meets long calls more often, so
// the first is much the larger: length bias.
func meanNaturals(l law, hazard float64) (cut, whole float64) {
	kept := l.tilted(1, hazard)
	return (mean(l) - kept) / cutProbability(l, hazard), kept / l.tilted(0, hazard)
}

// wholeCDF is G(t) = int_0^t f(s) exp(-hazard s) ds / E[exp(-hazard D)]: the
// law of a natural duration given that the hazard spared the call.
func wholeCDF(l law, hazard float64) func(t float64) float64 {
	const low, high, steps = -8.0, 16.0, 4800
	return tabulate(low, high, steps, func(x float64) float64 {
		t := math.Exp(x)
		return t * l.pdf(t) * math.Exp(-hazard*t)
	}).of(math.Log)
}

// table is the running integral of a density over equal steps.
type table struct {
	low, step float64
	sum       []float64
}

// tabulate integrates the density by the trapezoid rule.
func tabulate(low, high float64, steps int, density func(float64) float64) table {
	t := table{low: low, step: (high - low) / float64(steps), sum: make([]float64, steps+1)}
	last := density(low)
	for i := 1; i <= steps; i++ {
		next := density(low + float64(i)*t.step)
		t.sum[i] = t.sum[i-1] + t.step*(last+next)/2
		last = next
	}
	return t
}

func (t table) total() float64 { return t.sum[len(t.sum)-1] }

// of is the table as a CDF of y, where x = scale(y) is the table's argument.
func (t table) of(scale func(float64) float64) func(y float64) float64 {
	return func(y float64) float64 {
		x := (scale(y) - t.low) / t.step
		if !(x > 0) { // a time of zero has no logarithm
			return 0
		}
		i := int(math.Min(x, float64(len(t.sum))))
		if i >= len(t.sum)-1 {
			return 1
		}
		part := x - float64(i)
		return (t.sum[i] + part*(t.sum[i+1]-t.sum[i])) / t.total()
	}
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func normalPDF(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
