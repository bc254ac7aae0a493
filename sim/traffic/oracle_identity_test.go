package traffic_test

import (
	"math"
	"testing"
)

// TestLawIdentities tests each quadrature against a closed form or against
// another way to the same number.
func TestLawIdentities(t *testing.T) {
	l, e, d := lognormal{264, 1.1}, exponential{3}, 1e-3
	talk := consumerTalk()
	figures(t, []figure{
		{"lognormal mass", l.tilted(0, 0), 1, 1e-12},
		{"lognormal mean", mean(l), 264 * math.Exp(1.1*1.1/2), 1e-9},
		{"lognormal SCV", scv(l), math.Expm1(1.1 * 1.1), 1e-9},
		{"exponential SCV", scv(e), 1, 1e-12},
		{"exponential transform", e.tilted(0, d), 1 / (1 + 3*d), 1e-12},
		{"exponential median", quantile(e, .5), 3 * math.Ln2, 1e-9},
		{"exponential cut short", talkSCV(e, .5), 1, 1e-9}, // min of two is exponential again
		{"mean of that", meanTalk(e, .5), 1 / (.5 + 1.0/3), 1e-9},
		{"mean without hazard", meanTalk(talk, 0), mean(talk), 1e-9},
		{"SCV without hazard", talkSCV(talk, 0), scv(talk), 1e-9},
		{"mean of hardly any", meanTalk(talk, 1e-9), mean(talk), .01},
		{"derivative", (l.tilted(0, d-1e-7) - l.tilted(0, d+1e-7)) / 2e-7, l.tilted(1, d), 1e-4},
	})
	for _, at := range []float64{1, 30, 81.4, 600, 5000} {
		figures(t, []figure{
			{"pdf", (talk.cdf(at*1.0001) - talk.cdf(at/1.0001)) / (at*1.0001 - at/1.0001), talk.pdf(at), 1e-6 * talk.pdf(at)},
			{"G without hazard", wholeCDF(talk, 0)(at), talk.cdf(at), 1e-6},
			{"G of exponential", wholeCDF(exponential{100}, .01)(at), exponential{50}.cdf(at), 1e-5},
		})
	}
}

func TestTransformMatchesSurvival(t *testing.T) {
	talk := consumerTalk()
	always := func(float64) float64 { return 1 }
	figures(t, []figure{
		{"E[min(D,X)]", meanActive(always, talkSurvival(talk, consumerHazard), 0, 1e6), meanTalk(talk, consumerHazard), .002},
	})
}

// TestMeanActive: with exponential service m(t) solves m' = rate - m/mean, so a
// sine comes out damped and late by known amounts.
func TestMeanActive(t *testing.T) {
	const w, average = 2 * math.Pi / 86_400, 600.0
	rate := func(s float64) float64 { return 1 + .5*math.Sin(w*s) }
	survival := func(u float64) float64 { return math.Exp(-u / average) }
	lag := w * average
	for _, at := range []float64{0, 20_000, 50_000} {
		expected := average * (1 + .5*(math.Sin(w*at)-lag*math.Cos(w*at))/(1+lag*lag))
		figures(t, []figure{{"m(t)", meanActive(rate, survival, at, 30_000), expected, 1e-3}})
	}
}

func TestRingIdentities(t *testing.T) {
	race := ring{ // three exponential clocks
		reach: 1, answer: 1, answerIn: exponential{10}, rejectIn: exponential{1},
		patience: exponential{20}, timeout: 30,
	}
	v := race.solve()
	all := 1/10.0 + 1/20.0
	left := math.Exp(-30 * all)
	figures(t, []figure{
		{"answer", v.answer, (1 - left) * 2 / 3, 1e-6},
		{"cancel", v.cancel, (1 - left) / 3, 1e-6},
		{"not_answer", v.silent, left, 1e-9},
		{"ring", v.meanRing, (1 - left) / all, 1e-5},
		{"ring squared", v.squareRing, 2/(all*all) - left*2*(1/(all*all)+30/all), 1e-3},
		{"answer by 5 s", v.answerCDF(5), -math.Expm1(-5*all) / (1 - left), 1e-6},
		{"answer by R", v.answerCDF(30), 1, 0},
	})
	r := random(3)
	sum, square := 0.0, 0.0
	for range 40_000 {
		result, ring := consumerRing().play(r)
		hold := ring
		if result == normalEnd {
			hold += min(consumerTalk().draw(r), r.ExpFloat64()/consumerHazard)
		}
		sum, square = sum+hold/40_000, square+hold*hold/40_000
	}
	w := consumerRing().solve()
	figures(t, []figure{
		{"holding", w.meanHolding(consumerTalk(), consumerHazard), sum, .04 * sum},
		{"holding SCV", w.holdingSCV(consumerTalk(), consumerHazard), square/(sum*sum) - 1, .6},
	})
}
