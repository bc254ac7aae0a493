package traffic_test

import (
	"math"
	"slices"
	"testing"
)

// dailyCumulative is the consumer profile's cumulative rate, in days.
func dailyCumulative() func(ms int64) float64 {
	day := tabulate(0, 24, 2400, hourly).of(func(hour float64) float64 { return hour })
	return func(ms int64) float64 {
		since := ms - epochMS
		return float64(since/dayMS) + day(float64(since%dayMS)/float64(hourMS))
	}
}

func flatCumulative(ms int64) float64 { return float64(ms - epochMS) }

func TestArrivalControls(t *testing.T) {
	const end = epochMS + 3*dayMS
	diurnal, steady := poissonTimes(6000, 3, hourly, 1), poissonTimes(6000, 3, flat, 2)
	passes(t, "diurnal arrivals", checkC1(diurnal, epochMS, end, dailyCumulative()))
	passes(t, "flat arrivals", checkC1(steady, epochMS, end, flatCumulative))
	passes(t, "fresh intents of the world", checkC1(starts(where(honest(), obs.first)), epochMS, worldEndMS, flatCumulative))
	fails(t, "flat arrivals in a diurnal day", "C1 KS", checkC1(steady, epochMS, end, dailyCumulative()))
	fails(t, "a profile an hour late", "C1 KS", checkC1(diurnal, epochMS+hourMS, end-hourMS, late(dailyCumulative())))

	passes(t, "flat arrivals", checkC2(steady, epochMS, end))
	passes(t, "fresh intents of the world", checkC2(starts(honest()), epochMS, worldEndMS))
	fails(t, "a fixed interval", "C2 dispersion", checkC2(everyMS(14_400, epochMS, end), epochMS, end))
	fails(t, "gamma-Poisson, cv .1 at 100 a minute", "C2 dispersion", checkC2(overdispersed(100, .1, epochMS, end), epochMS, end))
	fails(t, "session clusters", "C2 dispersion", checkC2(sessions(steady, 2, 90, 3), epochMS, end))
}

// late is a profile shifted by an hour.
func late(cumulative func(ms int64) float64) func(ms int64) float64 {
	return func(ms int64) float64 { return cumulative(ms - hourMS) }
}

func everyMS(interval, from, to int64) []int64 {
	var times []int64
	for t := from; t < to; t += interval {
		times = append(times, t)
	}
	return times
}

// overdispersed draws each minute's count at a rate that itself varies.
func overdispersed(perMinute, cv float64, from, to int64) []int64 {
	r := random(5)
	var times []int64
	for t := from; t < to; t += minuteMS {
		rate := perMinute * max(0, 1+cv*r.NormFloat64()) // gamma of shape 100 is nearly normal
		for range poisson(r, rate) {
			times = append(times, t+r.Int64N(minuteMS))
		}
	}
	return times
}

func TestSessionControls(t *testing.T) {
	const days = 60
	end := epochMS + days*dayMS
	seeds := poissonTimes(500, days, flat, 6)
	passes(t, "sessions of two", checkC2b(sessions(seeds, 2, 90, 7), epochMS, end, 2))
	fails(t, "no sessions", "C2b dispersion per hour", checkC2b(seeds, epochMS, end, 2))
	fails(t, "sessions of four", "C2b dispersion per hour", checkC2b(sessions(seeds, 4, 90, 8), epochMS, end, 2))
	fails(t, "sessions within seconds", "C2b dispersion per minute", checkC2b(sessions(seeds, 2, 2, 9), epochMS, end, 2))
}

func TestConcurrencyControls(t *testing.T) {
	const perDay = 120_000
	rate := func(s float64) float64 {
		if s < 0 { // the sample starts empty
			return 0
		}
		return perDay / 86_400.0 * profile(consumerHours, s/3600)
	}
	talk, r := consumerTalk(), random(10)
	var calls []obs
	for _, at := range poissonTimes(perDay, 1, hourly, 11) {
		o := obs{startMS: at, ringEndMS: at}
		o.talk(talk.draw(r), r.ExpFloat64()/consumerHazard)
		calls = append(calls, o)
	}
	var times []int64
	var means, crowd, wrong []float64
	var pointwise []int
	for hour := 2.0; hour < 24; hour++ {
		times = append(times, epochMS+int64(hour)*hourMS)
		means = append(means, meanActive(rate, talkSurvival(talk, consumerHazard), hour*3600, 86_400))
		crowd = append(crowd, 10*means[len(means)-1])
		steady := 10 * rate(hour*3600) * meanTalk(talk, consumerHazard)
		pointwise = append(pointwise, int(math.Round(steady+math.Sqrt(steady)*r.NormFloat64())))
		wrong = append(wrong, rate(hour*3600)*mean(telehealthTalk()))
	}
	active := activeAt(calls, times)
	passes(t, "NHPP and talk", checkC8(active, means))
	fails(t, "talk of another law", "C8 calls in progress", checkC8(active, wrong))
	fails(t, "rate times mean at each instant", "C8 sum", checkC8(pointwise, crowd))
	clustered := slices.Clone(active)
	for i := range clustered { // the right mean, four times the variance
		clustered[i] = 4 * poisson(r, means[i]/4)
	}
	fails(t, "calls in fours", "C8 sum", checkC8(clustered, means))
}

func TestSeriesControls(t *testing.T) {
	v := rings()
	talk := consumerTalk()
	var arrivals, talks, mixes, off []float64
	for seed := range uint64(50) {
		times := poissonTimes(1000, 1, flat, 100+seed)
		arrivals = append(arrivals, pC1(times, epochMS, epochMS+dayMS, flatCumulative))
		talks = append(talks, pC3(draws(talk, 1000, 200+seed), talk.cdf))
		off = append(off, pC3(draws(lognormal{81.4, 1.56}, 1000, 300+seed), talk.cdf))
		mixes = append(mixes, pC4(generator{seed: 400 + seed, users: 100, days: 2, perDay: 4}.run(), v))
	}
	passes(t, "p-values of arrivals", checkC14(arrivals))
	passes(t, "p-values of talk times", checkC14(talks))
	passes(t, "p-values of outcomes", checkC14(mixes))
	fails(t, "a nearly right talk law", "C14 KS", checkC14(off))
	fails(t, "one seed for all", "C14 KS", checkC14(slices.Repeat(talks[:1], 50)))
	var regular []float64
	for seed := range int64(50) { // evenly spread is too good to be random
		regular = append(regular, pC1(everyMS(90_000+seed, epochMS, epochMS+dayMS), epochMS, epochMS+dayMS, flatCumulative))
	}
	fails(t, "p-values of a fixed interval", "C14 KS", checkC14(regular))
}
