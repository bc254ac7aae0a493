package traffic_test

import (
	"strconv"
	"testing"
)

func TestActivityControls(t *testing.T) {
	passes(t, "lognormal activity", checkC10(activity(counts{28, 1.2}, 10_000), 1.2))
	passes(t, "the same, seldom", checkC10(activity(counts{4, 1.2}, 10_000), 1.2))
	for name, sigma := range map[string]float64{"equal users": 0, "users too equal": 1, "users too unequal": 1.4} {
		calls := activity(counts{28, sigma}, 10_000)
		fails(t, name, "C10 top-fifth", checkC10(calls, 1.2))
		fails(t, name, "C10 Gini", checkC10(calls, 1.2))
	}
	seen := outgoing(honest(), 2000)
	if n := len(where(honest(), obs.first)); int(total(seen)) != n {
		t.Errorf("outgoing calls sum to %g, not %d", total(seen), n)
	}
	passes(t, "honest world", checkC10(seen, 1.2))
}

func activity(c counts, users int) []int {
	r, calls := random(1), make([]int, users)
	for i := range calls {
		calls[i] = poisson(r, c.rate().draw(r))
	}
	return calls
}

func TestContactControls(t *testing.T) {
	passes(t, "Zipf contacts", checkC11(contacts(1), 20, 1))
	fails(t, "uniform contacts", "C11 share", checkC11(contacts(0), 20, 1))
	fails(t, "a steeper law", "C11 share", checkC11(contacts(1.2), 20, 1))
	ranks := func(exponent float64) []int {
		r, sums, list := random(2), cumulative(zipf(20, exponent)), make([]int, 10_000)
		for i := range list {
			list[i] = pick(r, sums) + 1
		}
		return list
	}
	passes(t, "Zipf ranks", checkC11Ranks(ranks(1), 20, 1))
	fails(t, "uniform ranks", "C11 chi-square", checkC11Ranks(ranks(0), 20, 1))
	fails(t, "a steeper law", "C11 chi-square", checkC11Ranks(ranks(1.1), 20, 1))
	fails(t, "a 21st contact", "expected ranks", checkC11Ranks([]int{21}, 20, 1))
}

// contacts are the calls of a hundred busy callers.
func contacts(exponent float64) []obs {
	r, sums := random(3), cumulative(zipf(20, exponent))
	var calls []obs
	for i := range 20_000 {
		calls = append(calls, obs{
			fresh: true, attempt: 1, caller: "u" + strconv.Itoa(i%100), callee: "c" + strconv.Itoa(pick(r, sums)),
		})
	}
	return calls
}

// habits are the redials of the consumer preset.
func habits() redials {
	return redials{
		after: map[string]float64{callBusy: .55, notAnswer: .30, cancel: .25, reject: .10, interrupt: .60},
		limit: 4, untilMS: epochMS + dayMS,
	}
}

// redialling draws intents whose attempts end in the results with the shares
// of the preset, busy a fixed one, and are tried again as told.
func redialling(r redials, pause law, intents int) []obs {
	rng := random(4)
	results := []string{normalEnd, interrupt, notAnswer, cancel, reject, callBusy}
	sums := cumulative([]float64{.694, .012, .075, .125, .053, .041})
	var calls []obs
	for i := range intents {
		at := epochMS + int64(i)
		for attempt := 1; ; attempt++ {
			o := obs{intent: uint64(i), attempt: attempt, result: results[pick(rng, sums)], startMS: at, endMS: at + 1}
			calls = append(calls, o)
			if attempt == r.limit || rng.Float64() >= r.after[o.result] {
				break
			}
			at = o.endMS + int64(1000*pause.draw(rng))
		}
	}
	return calls
}

func TestRedialControls(t *testing.T) {
	right, pause := habits(), lognormal{120, 1}
	calls := redialling(right, pause, 30_000)
	q := .55*.041 + .30*.075 + .25*.125 + .10*.053 + .60*.012
	passes(t, "the preset", checkC12(calls, right))
	passes(t, "the preset", checkC12Mean(calls, right, q))
	passes(t, "pauses", checkC12Gaps(calls, right, callBusy, pause))
	fails(t, "longer pauses", "C12 KS", checkC12Gaps(calls, right, callBusy, lognormal{180, 1}))
	fails(t, "pauses that vary less", "C12 KS", checkC12Gaps(calls, right, callBusy, lognormal{120, .7}))

	eager := habits()
	eager.after[notAnswer] = .60
	calls = redialling(eager, pause, 30_000)
	fails(t, "eager redials", "C12 redialled after not_answer", checkC12(calls, right))
	fails(t, "eager redials", "C12 attempts per intent", checkC12(calls, right))
	fails(t, "eager redials", "q constant", checkC12Mean(calls, right, q))
	chatty := habits()
	chatty.after[normalEnd] = .01
	fails(t, "redials of good calls", "C12 redialled after normal_end", checkC12(redialling(chatty, pause, 30_000), right))
	tireless := habits()
	tireless.limit = 5
	fails(t, "a fifth attempt", "C12 most attempts", checkC12(redialling(tireless, pause, 30_000), right))
}

func TestGroupControls(t *testing.T) {
	p := inviteeRing().solve().answer
	passes(t, "the preset", checkC13(meetings(p, 4000, false), meetingSizes(), p))
	fails(t, "fewer who join", "C13 mean", checkC13(meetings(.78, 4000, false), meetingSizes(), p))
	fails(t, "fewer who join", "C13 chi-square of the numbers", checkC13(meetings(.78, 4000, false), meetingSizes(), p))
	fails(t, "all or nobody", "C13 meetings nobody joined", checkC13(meetings(p, 4000, true), meetingSizes(), p))
	fails(t, "sizes all alike", "C13 chi-square of the sizes", checkC13(meetings(p, 4000, false), evenSizes(), p))
	fails(t, "more than were asked", "C13: 3 joined", checkC13([]meeting{{3, 3}}, meetingSizes(), p))
	fails(t, "a meeting of ten", "of a size that exists", checkC13Sizes(append(meetings(p, 4000, false), meeting{10, 1}), meetingSizes()))

	end := epochMS + 30*dayMS
	passes(t, "participants", checkC13Little(stays(1), epochMS, end, perSecond, legs, 600))
	fails(t, "participants who linger", "C13 mean participants", checkC13Little(stays(1.2), epochMS, end, perSecond, legs, 600))
}

func evenSizes() map[int]float64 {
	even := map[int]float64{}
	for size := range meetingSizes() {
		even[size] = 1.0 / 7
	}
	return even
}

// meetings draws sizes and who joins: each invitee alone, or all together.
func meetings(p float64, n int, together bool) []meeting {
	r, list := random(5), make([]meeting, n)
	sizes := meetingSizes()
	keys := sortedKeys(sizes)
	var weights []float64
	for _, size := range keys {
		weights = append(weights, sizes[size])
	}
	sums := cumulative(weights)
	for i := range list {
		list[i].size = keys[pick(r, sums)]
		all := r.Float64() < p
		for range list[i].size - 1 {
			if together && all || !together && r.Float64() < p {
				list[i].joined++
			}
		}
	}
	return list
}

// The group traffic of the stays: 200 meetings a day of four.
const (
	perSecond = 200 / 86_400.0
	legs      = 4.0
)

func stays(factor float64) []stay {
	r := random(6)
	var list []stay
	for i, at := range poissonTimes(200, 30, flat, 7) {
		length := factor * 600 * r.ExpFloat64()
		for range int(legs) {
			list = append(list, stay{uint64(i), at, at + int64(1000*length)})
		}
	}
	return list
}
