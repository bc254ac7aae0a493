package traffic_test

import "math"

// lognormalGini is the Gini coefficient of a lognormal weight.
func lognormalGini(sigma float64) float64 { return math.Erf(sigma / 2) }

// lognormalTopShare is the share of the total held by the top part of a
// lognormal population: 1-Phi(Phi^-1(1-part)-sigma).
func lognormalTopShare(part, sigma float64) float64 {
	return 1 - normalCDF(normalQuantile(1-part)-sigma)
}

// zipf are the probabilities of ranks 1..k with P(rank) ~ rank^-exponent.
func zipf(k int, exponent float64) []float64 {
	p, total := make([]float64, k), 0.0
	for i := range p {
		p[i] = math.Pow(float64(i+1), -exponent)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}

// counts is the law of a user's number of calls: Poisson with a lognormal rate
// of the given mean. What is seen are counts, not weights, and their Poisson
// noise adds to both Gini and top share.
type counts struct{ average, sigma float64 }

// rate is the law of the Poisson parameter.
func (c counts) rate() lognormal {
	return lognormal{c.average * math.Exp(-c.sigma*c.sigma/2), c.sigma}
}

// expect is E[f(rate)] over the lognormal, by the same rule as law.tilted.
func (c counts) expect(f func(rate float64) float64) float64 {
	const step, reach = 0.1, 8.0
	l, sum := c.rate(), 0.0
	for z := -reach; z <= reach+c.sigma; z += step {
		sum += normalPDF(z) * f(l.median*math.Exp(l.sigma*z))
	}
	return sum * step
}

// tail is P(count >= k).
func (c counts) tail(k int) float64 {
	return c.expect(func(rate float64) float64 { return poissonTail(k, rate) })
}

// topShare is the share of all calls made by the busiest part of the users.
// For a Poisson count E[N; N >= k] = rate*P(N >= k-1); users who tie at the
// cut are taken in part.
func (c counts) topShare(part float64) float64 {
	k := 0
	for c.tail(k+1) > part {
		k++
	}
	above := c.expect(func(rate float64) float64 { return rate * poissonTail(k, rate) })
	return (above + float64(k)*(part-c.tail(k+1))) / c.average
}

// gini is 1 - E[min(N,N')]/E[N] for independent N and N', and E[min] is the
// sum of the squared tails.
func (c counts) gini() float64 {
	smaller := 0.0
	for k := 1; ; k++ {
		tail := c.tail(k)
		smaller += tail * tail
		if tail*tail < 1e-6 {
			return 1 - smaller/c.average
		}
	}
}

// poissonTail is P(N >= k) for a Poisson count.
func poissonTail(k int, rate float64) float64 {
	if k <= 0 {
		return 1
	}
	return 1 - upperGamma(float64(k), rate)
}

// joinPMF is the law of the number of invitees who join: binomial over size-1
// invitees, mixed over the sizes (which count the initiator).
func joinPMF(sizes map[int]float64, p float64) []float64 {
	largest := 0
	for size := range sizes {
		largest = max(largest, size)
	}
	pmf := make([]float64, largest)
	for joined := range pmf {
		for size := joined + 1; size <= largest; size++ {
			pmf[joined] += sizes[size] * binomial(size-1, joined, p)
		}
	}
	return pmf
}

func binomial(n, k int, p float64) float64 {
	choose := 1.0
	for i := range k {
		choose *= float64(n-i) / float64(i+1)
	}
	return choose * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
}

// moments are the mean and the deviation of a pmf over 0, 1, 2, ...
func moments(pmf []float64) (average, deviation float64) {
	square := 0.0
	for k, p := range pmf {
		average += float64(k) * p
		square += float64(k*k) * p
	}
	return average, math.Sqrt(square - average*average)
}
