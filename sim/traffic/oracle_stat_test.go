package traffic_test

import (
	"math"
	"slices"
)

// alpha is the level of every single test, and sigmas its normal counterpart:
// a correct generator fails one in a thousand seeds, and the seeds are fixed.
const (
	alpha  = 1e-3
	sigmas = 4.0
)

// ksDistance is the Kolmogorov-Smirnov distance of a sample from a CDF.
func ksDistance(sample []float64, cdf func(float64) float64) float64 {
	sorted := slices.Sorted(slices.Values(sample))
	n, distance := float64(len(sorted)), 0.0
	for i, x := range sorted {
		f := cdf(x)
		distance = max(distance, float64(i+1)/n-f, f-float64(i)/n)
	}
	return distance
}

// ksCritical is the distance a correct sample exceeds with probability alpha:
// 1.949/sqrt(n).
func ksCritical(n int) float64 {
	return math.Sqrt(-math.Log(alpha/2)/2) / math.Sqrt(float64(n))
}

// ksP is the asymptotic Kolmogorov p-value, with Stephens' correction of the
// argument for finite samples.
func ksP(distance float64, n int) float64 {
	root := math.Sqrt(float64(n))
	x := distance * (root + 0.12 + 0.11/root)
	if x < 0.2 { // the series converges slowly where the answer is 1 anyway
		return 1
	}
	p := 0.0
	for k := 1; k <= 100; k++ {
		sign := float64(1 - 2*((k+1)%2))
		p += 2 * sign * math.Exp(-2*float64(k*k)*x*x)
	}
	return min(max(p, 0), 1)
}

// chiSquare is Pearson's statistic of counts against probabilities and its
// degrees of freedom. What is impossible adds none, and infinitely much to the
// statistic if seen.
func chiSquare(observed []int, probabilities []float64) (statistic float64, dof int) {
	n := total(observed)
	for i, seen := range observed {
		expected := n * probabilities[i]
		switch {
		case expected > 0:
			statistic += (float64(seen) - expected) * (float64(seen) - expected) / expected
			dof++
		case seen > 0:
			statistic = math.Inf(1)
		}
	}
	return statistic, dof - 1
}

// chiSquareP is P(chi-square with dof degrees of freedom > x).
func chiSquareP(x float64, dof int) float64 { return upperGamma(float64(dof)/2, x/2) }

// chiSquareCritical is the value exceeded with the given probability.
func chiSquareCritical(level float64, dof int) float64 {
	low, high := 0.0, 20*float64(dof+10)
	for range 60 {
		if middle := (low + high) / 2; chiSquareP(middle, dof) > level {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// upperGamma is the regularised incomplete gamma function Q(a,x): its series
// where that converges fast, else Lentz's continued fraction.
func upperGamma(a, x float64) float64 {
	if x <= 0 {
		return 1
	}
	logGamma, _ := math.Lgamma(a)
	scale := math.Exp(a*math.Log(x) - x - logGamma)
	if x < a+1 {
		return 1 - scale*gammaSeries(a, x)
	}
	return scale * gammaFraction(a, x)
}

func gammaSeries(a, x float64) float64 {
	term := 1 / a
	sum := term
	for n := 1.0; term > sum*1e-15; n++ {
		term *= x / (a + n)
		sum += term
	}
	return sum
}

func gammaFraction(a, x float64) float64 {
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	result := d
	for i := 1.0; i < 10_000; i++ {
		b += 2
		an := -i * (i - a)
		d = 1 / notZero(an*d+b, tiny)
		c = notZero(b+an/c, tiny)
		result *= c * d
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return result
}

func notZero(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}

// histogram counts times in bins of equal width over [from, to); a bin that
// does not fit whole is left out.
func histogram(times []int64, from, to, width int64) []int {
	bins := make([]int, (to-from)/width)
	for _, t := range times {
		if i := (t - from) / width; t >= from && i < int64(len(bins)) {
			bins[i]++
		}
	}
	return bins
}

// dispersion is the sample variance over the mean of counts: 1 for Poisson.
func dispersion(bins []int) float64 {
	sum, square := 0.0, 0.0
	for _, n := range bins {
		sum += float64(n)
		square += float64(n) * float64(n)
	}
	k := float64(len(bins))
	return (square - sum*sum/k) / (k - 1) / (sum / k)
}

// dispersionTolerance bounds |dispersion-1| of k Poisson counts: its standard
// deviation is sqrt(2/(k-1)).
func dispersionTolerance(k int) float64 { return sigmas * math.Sqrt(2/float64(k-1)) }

// binomialTolerance bounds the error of a share of n independent trials.
func binomialTolerance(p float64, n int) float64 {
	return sigmas * math.Sqrt(p*(1-p)/float64(n))
}

// topShare is the part of the total held by the largest tenth, fifth, ...
func topShare(values []int, part float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	cut := len(sorted) - int(math.Round(part*float64(len(sorted))))
	return total(sorted[cut:]) / total(sorted)
}

// gini is the sample Gini coefficient.
func gini(values []int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n, weighted := float64(len(sorted)), 0.0
	for i, v := range sorted {
		weighted += (2*float64(i+1) - n - 1) * float64(v)
	}
	return weighted / (n * total(sorted))
}

func total(values []int) float64 {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return float64(sum)
}

func average(sample []float64) float64 {
	sum := 0.0
	for _, x := range sample {
		sum += x
	}
	return sum / float64(len(sample))
}

// standardError bounds the error of a mean of n independent draws.
func standardError(deviation float64, n int) float64 {
	return sigmas * deviation / math.Sqrt(float64(n))
}
