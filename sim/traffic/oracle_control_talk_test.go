package traffic_test

import (
	"math"
	"testing"
)

func TestTalkControls(t *testing.T) {
	talk := consumerTalk()
	passes(t, "the mixture", checkC3(draws(talk, 10_000, 1), talk.cdf))
	passes(t, "honest world", checkC3(naturals(honest()), talk.cdf))
	single := lognormal{mean(talk) / math.Exp(1.614*1.614/2), 1.614}
	for name, wrong := range map[string]law{
		"exponential with equal mean":      exponential{mean(talk)},
		"clamped lognormal":                clamped{lognormal{60, .9}, 8, 180},
		"single lognormal with equal mean": single,
		"voice only":                       voice(),
	} {
		fails(t, name, "C3 KS", checkC3(draws(wrong, 10_000, 2), talk.cdf))
	}
}

// TestWholeControls: a hazard ten times the real one makes plain that those
// who ended normally had the shorter talks.
func TestWholeControls(t *testing.T) {
	const hazard = 10 * consumerHazard
	talk := consumerTalk()
	ended := naturals(where(dropped(talk, 15_000, hazard), isResult(normalEnd)))
	passes(t, "normal_end against G", checkC3(ended, wholeCDF(talk, hazard)))
	fails(t, "normal_end against F", "C3 KS", checkC3(ended, talk.cdf))
	fails(t, "all talks against G", "C3 KS", checkC3(draws(talk, 15_000, 3), wholeCDF(talk, hazard)))
	passes(t, "normal_end of the honest world", checkC3(naturals(where(honest(), isResult(normalEnd))), wholeCDF(talk, consumerHazard)))
}

// dropped are answered calls under a constant hazard.
func dropped(talk law, n int, hazard float64) []obs {
	r, calls := random(4), make([]obs, n)
	for i := range calls {
		calls[i].talk(talk.draw(r), r.ExpFloat64()/hazard)
	}
	return calls
}

func TestSecondControls(t *testing.T) {
	talk := consumerTalk()
	floored := func(l law) []int64 {
		seconds := make([]int64, 40_000)
		for i, s := range draws(l, len(seconds), 5) {
			seconds[i] = int64(s)
		}
		return seconds
	}
	passes(t, "whole seconds", checkC3Whole(floored(talk), talk.cdf, random(6)))
	fails(t, "whole seconds of an exponential", "C3 KS", checkC3Whole(floored(exponential{mean(talk)}), talk.cdf, random(6)))
	var bare []float64
	for _, s := range floored(talk) {
		bare = append(bare, float64(s))
	}
	fails(t, "whole seconds as they are", "C3 KS", checkC3(bare, talk.cdf))
}

func TestLittleControls(t *testing.T) {
	const from = epochMS + 2*hourMS
	passes(t, "the calls' own counter", checkC7a(honest(), counter(honest(), 0), from, worldEndMS))
	fails(t, "a counter that forgets hang-ups", "C7a", checkC7a(honest(), counter(honest(), 5000), from, worldEndMS))
	fails(t, "no counter", "C7a", checkC7a(honest(), nil, from, worldEndMS))

	talk := consumerTalk()
	passes(t, "honest world", checkC7b(honest(), from, worldEndMS, talk, consumerHazard))
	shorter := append([]obs(nil), honest()...)
	for i := range shorter {
		if o := &shorter[i]; o.answered() {
			o.endMS = min(o.endMS, o.acceptMS+20*minuteMS)
		}
	}
	fails(t, "talks cut at 20 minutes", "C7b", checkC7b(shorter, from, worldEndMS, talk, consumerHazard))
}

func TestDropControls(t *testing.T) {
	talk := consumerTalk()
	passes(t, "honest world", checkC9(honest(), talk, consumerHazard))
	passes(t, "a hazard", checkC9(dropped(talk, 12_400, consumerHazard), talk, consumerHazard))
	fails(t, "twice the hazard", "C9 share", checkC9(dropped(talk, 12_400, 2*consumerHazard), talk, consumerHazard))
	fails(t, "no drops", "C9 share", checkC9(dropped(talk, 12_400, 1e-12), talk, consumerHazard))
	coin, r, p := dropped(talk, 12_400, 1e-12), random(7), cutProbability(talk, consumerHazard)
	for i := range coin {
		if r.Float64() < p {
			coin[i].result = interrupt
		}
	}
	fails(t, "a coin per call", "C9 mean natural duration", checkC9(coin, talk, consumerHazard))
}

func TestPoolControls(t *testing.T) {
	ln := lognormal{1, 1}
	calls := pool(10, 100_000, 7, ln, false, 1)
	passes(t, "lognormal holding", checkC5(calls, 10, 7, scv(ln)))
	passes(t, "exponential holding", checkC5(pool(10, 100_000, 7, exponential{1}, false, 2), 10, 7, 1))
	fails(t, "one agent more", "C5 busy share", checkC5(pool(11, 100_000, 7, ln, false, 3), 10, 7, scv(ln)))
	fails(t, "a tenth more load", "C5 busy share", checkC5(pool(10, 100_000, 7.7, ln, false, 4), 10, 7, scv(ln)))
	for i := range calls { // a queue instead of loss
		calls[i].result = normalEnd
	}
	fails(t, "callers who wait", "C5 busy share", checkC5(calls, 10, 7, scv(ln)))
	fails(t, "a pool never full", "C5 tolerance", checkC5(calls, 50, 20, scv(ln)))

	each := map[string]float64{"a0": .3, "a1": .3, "a2": .3, "a3": .3}
	passes(t, "pinned agents", checkC5b(pool(4, 7_000, 4*.3, ln, true, 5), each))
	fails(t, "agents who share", "C5b", checkC5b(pool(4, 7_000, 4*.3, ln, false, 6), each))
}

func TestBusyControls(t *testing.T) {
	const from = epochMS + 2*hourMS
	passes(t, "honest world", checkC6(honest(), from, worldEndMS))
	fails(t, "busy by a coin", "C6 busy", checkC6(tossing(), from, worldEndMS))
	fails(t, "callees who ring though occupied", "C6 busy", checkC6(hearing(), from, worldEndMS))
}
