package traffic_test

import (
	"math"
	"testing"
)

// figure is a printed number and the half unit of its last digit.
type figure struct {
	name                string
	found, printed, off float64
}

func figures(t *testing.T, list []figure) {
	t.Helper()
	for _, f := range list {
		if !(math.Abs(f.found-f.printed) <= f.off) {
			t.Errorf("%s = %.6g, printed %g, off by more than %g", f.name, f.found, f.printed, f.off)
		}
	}
}

func TestRingFigures(t *testing.T) {
	consumer, centre, invitee := consumerRing().solve(), centreRing().solve(), inviteeRing().solve()
	figures(t, []figure{
		{"consumer answer", consumer.answer, .7363, 5e-5},
		{"consumer reject", consumer.reject, .0555, 5e-5},
		{"consumer cancel", consumer.cancel, .1299, 5e-5},
		{"consumer not_answer", consumer.silent, .0783, 5e-5},
		{"consumer ring", consumer.meanRing, 11.09, .005},
		{"consumer answer time", consumer.meanAnswer, 8.66, .005},
		{"centre answer", centre.answer, .8784, 5e-5},
		{"centre reject", centre.reject, .0191, 5e-5},
		{"centre cancel", centre.cancel, .0623, 5e-5},
		{"centre not_answer", centre.silent, .0403, 5e-5},
		{"centre ring", centre.meanRing, 8.04, .005},
		{"invitee answer", invitee.answer, .8227, 5e-5},
		{"invitee reject", invitee.reject, .0290, 5e-5},
		{"invitee not_answer", invitee.silent, .1483, 5e-5},
		{"invitee answer time", invitee.meanAnswer, 9.18, .005},
	})
	for _, v := range []verdict{consumer, centre, invitee} {
		figures(t, []figure{{"sum of outcomes", v.answer + v.reject + v.cancel + v.silent, 1, 1e-7}})
	}
}

func TestTalkFigures(t *testing.T) {
	v, talk, d := voice(), consumerTalk(), consumerHazard
	cut, whole := meanNaturals(talk, d)
	figures(t, []figure{
		{"voice mean", mean(v), 220.4, .05},
		{"voice median", quantile(v, .5), 59, .5},
		{"voice p90", quantile(v, .9), 556.1, .05}, // calibrated by simulation as 555
		{"voice p99", quantile(v, .99), 2280, .5},
		{"voice SCV", scv(v), 5.5, .05},
		{"voice within 90 s", v.cdf(90), .60, .005},
		{"single lognormal mean", mean(lognormal{59.8, 1.614}), 220, .5},
		{"single lognormal within 90 s", lognormal{59.8, 1.614}.cdf(90), .60, .0005},
		{"video mean", mean(video()), 371, .5},
		{"centre mean", mean(centreTalk()), 536, .5},
		{"telehealth mean", mean(telehealthTalk()), 600, .5},
		{"meeting mean", mean(meetingTalk()), 2142, .5},
		{"consumer interrupted", cutProbability(talk, d), .0170, 5e-5},
		{"consumer connected", meanTalk(talk, d), 261.4, .05},
		{"consumer natural median", quantile(talk, .5), 81.4, .05},
		{"consumer natural SCV", scv(talk), 4.3, .05},
		{"consumer connected SCV", talkSCV(talk, d), 3.89, .005},
		{"natural mean of normal_end", whole, 255, .5},
		{"natural mean of interrupted", cut, 1321, 15}, // simulated
		{"natural mean in all", cut*cutProbability(talk, d) + whole*(1-cutProbability(talk, d)), mean(talk), 1e-6},
		{"centre interrupted", cutProbability(centreTalk(), centreHazard), .0158, 5e-5},
		{"centre holding", centreRing().solve().meanHolding(centreTalk(), centreHazard), 471.2, .05},
	})
}

// TestDistances measures how far wrong talk laws are from the right one. The
// printed distances are of samples of 10 000, hence a little larger.
func TestDistances(t *testing.T) {
	right := consumerTalk()
	single := lognormal{mean(right) / math.Exp(1.614*1.614/2), 1.614}
	figures(t, []figure{
		{"exponential with equal mean", lawDistance(right.cdf, exponential{mean(right)}.cdf), .245, .004},
		{"clamped LN(60,.9)", lawDistance(right.cdf, clamped{lognormal{60, .9}, 8, 180}.cdf), .338, .0005},
		{"single lognormal with equal mean", lawDistance(right.cdf, single.cdf), .055, .004},
		{"critical distance", ksCritical(10_000), .0195, 5e-5},
	})
}

func lawDistance(f, g func(float64) float64) float64 {
	distance := 0.0
	for x := -3.0; x < 12; x += 0.001 {
		distance = max(distance, math.Abs(f(math.Exp(x))-g(math.Exp(x))))
	}
	return distance
}

func TestQueueFigures(t *testing.T) {
	holding := centreRing().solve().meanHolding(centreTalk(), centreHazard)
	for _, p := range []struct {
		servers                 int
		perHour, load, blocking float64
	}{{10, 45, 5.89, .0399}, {20, 110, 14.40, .0358}, {50, 320, 41.89, .0297}} {
		a := p.perHour / 3600 * holding
		figures(t, []figure{{"A", a, p.load, .005}, {"B", erlangB(p.servers, a), p.blocking, 5e-5}})
	}
	ln := scv(lognormal{1, 1})
	figures(t, []figure{
		{"Erlang C 10 at 7", erlangC(10, 7), .2217, 5e-5},
		{"Erlang C 20 at 15", erlangC(20, 15), .1604, 5e-5},
		{"M/G/1/1", singleServer(.5), erlangB(1, .5), 1e-15},
		{"VIF of one exponential server", markovVIF(1, .7), 1, 1e-12},
		// Simulated with LN(s=1), 100 to 120 seeds: good to about 15 %.
		{"VIF 5 at 3", blockingVIF(5, 3, ln), 2.8, .28},
		{"VIF 10 at 7", blockingVIF(10, 7, ln), 3.9, .39},
		{"VIF 20 at 15", blockingVIF(20, 15, ln), 5.8, .58},
		{"VIF 50 at 40", blockingVIF(50, 40, ln), 9.8, .98},
		{"attempts, q 0", first(attemptsPerIntent(0, 4)), 1, 0},
		{"attempts, q .3", first(attemptsPerIntent(.3, 4)), (1 - math.Pow(.3, 4)) / .7, 1e-12},
		{"attempts, q 1", first(attemptsPerIntent(1, 4)), 4, 1e-12},
	})
	total := 0.0
	for x := range 11 {
		total += occupancy(10, x, 7)
	}
	figures(t, []figure{{"occupancies", total, 1, 1e-12}, {"full", occupancy(10, 10, 7), erlangB(10, 7), 1e-12}})
}

func first(x, _ float64) float64 { return x }

func TestPeopleFigures(t *testing.T) {
	z := zipf(20, 1)
	joined := joinPMF(meetingSizes(), inviteeRing().solve().answer)
	mean, _ := moments(joined)
	figures(t, []figure{
		{"Gini of weights", lognormalGini(1.2), .604, .0005},
		{"top fifth of weights", lognormalTopShare(.2, 1.2), .640, .0005},
		{"top fifth of 28 calls a user", counts{28, 1.2}.topShare(.2), .644, .0005},
		{"top fifth of many calls", counts{400, 1.2}.topShare(.2), lognormalTopShare(.2, 1.2), .001},
		{"Gini of many calls", counts{400, 1.2}.gini(), lognormalGini(1.2), .001},
		{"Zipf top 1", z[0], .278, .0005},
		{"Zipf top 3", z[0] + z[1] + z[2], .51, .005},
		{"Zipf top 5", z[0] + z[1] + z[2] + z[3] + z[4], .635, .0005},
		{"nobody joins", joined[0], .0108, 5e-5},
		{"mean joined", mean, 3.184, .0005},
		{"peak over mean", profile(consumerHours, 19.5), 1.964, .0005},
		{"busiest hour", tabulate(19, 20, 100, hourly).total() / 24, .0807, 5e-5},
	})
}

func hourly(hour float64) float64 { return profile(consumerHours, hour) }

func TestStatisticFigures(t *testing.T) {
	figures(t, []figure{
		{"KS factor", ksCritical(1), 1.949, .0005},
		{"KS p at the critical distance", ksP(ksCritical(1e6), 1e6), alpha, 2e-6},
		{"chi-square 3", chiSquareCritical(alpha, 3), 16.27, .005},
		{"chi-square 8", chiSquareCritical(alpha, 8), 26.12, .005},
		{"chi-square 22", chiSquareCritical(4.3e-4, 22), 51, .05},
		{"chi-square 2 tail", chiSquareP(3, 2), math.Exp(-1.5), 1e-12},
		{"Poisson tail", poissonTail(2, .5), 1 - 1.5*math.Exp(-.5), 1e-12},
		{"dispersion tolerance", dispersionTolerance(2880), .105, .0005},
		{"outcome tolerance", binomialTolerance(.7363, 15_000), .014, .0005},
		{"interrupt tolerance", binomialTolerance(.0170, 12_400), .0046, 5e-5},
		{"favourite tolerance", binomialTolerance(.278, 10_000), .018, .0005},
		{"Little tolerance", standardError(math.Sqrt(scv(consumerTalk())), 12_400), .075, .0005},
		{"normal quantile", normalQuantile(.8), .8416, 5e-5},
		{"sample top fifth", topShare([]int{1, 1, 1, 1, 6}, .2), .6, 1e-12},
		{"sample Gini", gini([]int{0, 0, 0, 10}), .75, 1e-12},
		{"KS distance", ksDistance([]float64{.5, .25}, uniformCDF), .5, 1e-12},
	})
}
