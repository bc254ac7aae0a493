package traffic_test

import (
	"errors"
	"fmt"
	"math"
)

// checkC10 tests how unequal lognormal activity makes the users' numbers of
// outgoing calls (zeros included), by top-fifth share and Gini coefficient.
func checkC10(outgoing []int, sigma float64) error {
	n := len(outgoing)
	if err := enough("C10 users", n, 2_000); err != nil {
		return err
	}
	c := counts{total(outgoing) / float64(n), sigma}
	tolerance := 0.02 * math.Sqrt(10_000/float64(n)) // 4 deviations, measured
	return errors.Join(
		within("C10 top-fifth share of outgoing calls", topShare(outgoing, 0.2), c.topShare(0.2), tolerance),
		within("C10 Gini coefficient of outgoing calls", gini(outgoing), c.gini(), tolerance),
	)
}

// callsForRanks is how many calls show a user's favourite contact beyond doubt.
const callsForRanks = 100

// checkC11 tests the favourite contact's share of the calls of busy callers
// against Zipf's law over k contacts. It needs no contact lists: the favourite
// is whom the user calls most.
func checkC11(calls []obs, k int, exponent float64) error {
	byCaller := map[string]map[string]int{}
	for _, o := range calls {
		if o.first() {
			if byCaller[o.caller] == nil {
				byCaller[o.caller] = map[string]int{}
			}
			byCaller[o.caller][o.callee]++
		}
	}
	favourite, pooled := 0, 0
	for _, callees := range byCaller {
		most, sum := 0, 0
		for _, n := range callees {
			most, sum = max(most, n), sum+n
		}
		if sum >= callsForRanks {
			favourite, pooled = favourite+most, pooled+sum
		}
	}
	p := zipf(k, exponent)[0]
	return errors.Join(
		enough("C11 calls of busy callers", pooled, 10_000),
		within("C11 share of the favourite contact", float64(favourite)/float64(pooled), p, binomialTolerance(p, pooled)),
	)
}

// checkC11Ranks tests the ranks 1..k that fresh calls chose.
func checkC11Ranks(ranks []int, k int, exponent float64) error {
	seen := make([]int, k)
	for _, rank := range ranks {
		if rank < 1 || rank > k {
			return fmt.Errorf("C11: expected ranks 1 to %d, found %d", k, rank)
		}
		seen[rank-1]++
	}
	return errors.Join(
		enough("C11 calls", len(ranks), 10_000),
		fits("C11 chi-square of the contact ranks", seen, zipf(k, exponent)),
	)
}

// redials follow from how likely each result is to be tried again.
type redials struct {
	after   map[string]float64 // by result; none for those absent
	limit   int                // attempts per intent at most
	untilMS int64              // intents begun later may be cut off by the end of the run
}

// judged are the intents whose attempts are all in view.
func (r redials) judged(calls []obs) [][]obs {
	var lists [][]obs
	for _, list := range byIntent(calls) {
		if list[0].startMS < r.untilMS {
			lists = append(lists, list)
		}
	}
	return lists
}

// checkC12 tests how often each result is redialled and, over all of them, how
// many attempts intents take.
func checkC12(calls []obs, r redials) error {
	tried, again, variance := map[string]int{}, map[string]int{}, 0.0
	lists := r.judged(calls)
	errs := []error{enough("C12 intents", len(lists), 10_000)}
	longest, attempts, expected := 0, 0, 0.0
	for _, list := range lists {
		longest, attempts, expected = max(longest, len(list)), attempts+len(list), expected+1
		for i, o := range list[:min(len(list), r.limit-1)] {
			w := r.after[o.result]
			expected, variance = expected+w, variance+w*(1-w)
			tried[o.result]++
			if i+1 < len(list) {
				again[o.result]++
			}
		}
	}
	for _, result := range sortedKeys(tried) {
		n, w := tried[result], r.after[result]
		errs = append(errs, within("C12 redialled after "+result, float64(again[result])/float64(n), w, binomialTolerance(w, n)))
	}
	n := float64(len(lists))
	errs = append(errs,
		below("C12 most attempts of an intent", float64(longest), float64(r.limit)),
		within("C12 attempts per intent", float64(attempts)/n, expected/n, sigmas*math.Sqrt(variance)/n))
	return errors.Join(errs...)
}

// checkC12Mean tests attempts per intent against (1-q^M)/(1-q), for runs where
// each attempt is repeated with the same probability q.
func checkC12Mean(calls []obs, r redials, q float64) error {
	lists := r.judged(calls)
	attempts := 0
	for _, list := range lists {
		attempts += len(list)
	}
	expected, deviation := attemptsPerIntent(q, r.limit)
	return errors.Join(
		enough("C12 intents", len(lists), 10_000),
		within("C12 attempts per intent, q constant", float64(attempts)/float64(len(lists)), expected, standardError(deviation, len(lists))),
	)
}

// checkC12Gaps tests the pauses between an attempt with that result and the
// next one.
func checkC12Gaps(calls []obs, r redials, result string, pause law) error {
	var gaps []float64
	for _, list := range r.judged(calls) {
		for i := 1; i < len(list); i++ {
			if list[i-1].result == result {
				gaps = append(gaps, float64(list[i].startMS-list[i-1].endMS)/1000)
			}
		}
	}
	return errors.Join(
		enough("C12 pauses after "+result, len(gaps), 300),
		below("C12 KS distance of the pauses after "+result, ksDistance(gaps, pause.cdf), ksCritical(len(gaps))),
	)
}
