// The oracle judges call traffic without knowing how it was made: laws in
// closed form or by quadrature (law, ring, queue, people), statistics (stat),
// and one check for each property the traffic model promises (check*). Every
// check runs in the control tests over a correct sample, which must pass, and
// over wrong ones, which must not.
package traffic_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// obs is one call attempt as an outsider sees it.
type obs struct {
	intent     uint64
	attempt    int  // 1 for the first of its intent
	fresh      bool // an intent of its own, not a redial, call-back or session follow-up
	caller     string
	callee     string
	video      bool
	result     string
	calleeIdle bool // at startMS
	startMS    int64
	ringEndMS  int64 // startMS if the callee was busy
	acceptMS   int64 // 0 if never
	endMS      int64 // when both users are free again
	naturalMS  int64 // how long the talk would last uncut; 0 if never accepted
}

// The words of obs.result.
const (
	normalEnd = "normal_end"
	interrupt = "interrupt"
	reject    = "reject"
	cancel    = "cancel"
	notAnswer = "not_answer"
	callBusy  = "call_busy"
)

func (o obs) answered() bool { return o.result == normalEnd || o.result == interrupt }

func (o obs) rang() bool { return o.result != callBusy }

// first is an attempt that starts a fresh intent.
func (o obs) first() bool { return o.fresh && o.attempt == 1 }

func isResult(word string) func(obs) bool { return func(o obs) bool { return o.result == word } }

// where keeps the attempts that pass.
func where(calls []obs, keep func(obs) bool) []obs {
	var kept []obs
	for _, o := range calls {
		if keep(o) {
			kept = append(kept, o)
		}
	}
	return kept
}

// between keeps the attempts that start in [from, to), to drop a warm-up.
func between(calls []obs, from, to int64) []obs {
	return where(calls, func(o obs) bool { return from <= o.startMS && o.startMS < to })
}

// starts are the sorted start times.
func starts(calls []obs) []int64 {
	times := make([]int64, 0, len(calls))
	for _, o := range calls {
		times = append(times, o.startMS)
	}
	slices.Sort(times)
	return times
}

// naturals are the natural durations of the answered calls in seconds.
func naturals(calls []obs) []float64 {
	var s []float64
	for _, o := range calls {
		if o.answered() {
			s = append(s, float64(o.naturalMS)/1000)
		}
	}
	return s
}

// answerTimes are the ring times of the answered calls in seconds.
func answerTimes(calls []obs) []float64 {
	var s []float64
	for _, o := range calls {
		if o.answered() {
			s = append(s, float64(o.ringEndMS-o.startMS)/1000)
		}
	}
	return s
}

// outgoing are the call counts of the first attempts by caller, with a zero
// for each of the users who did not call.
func outgoing(calls []obs, users int) []int {
	byCaller := map[string]int{}
	for _, o := range calls {
		if o.first() {
			byCaller[o.caller]++
		}
	}
	values := make([]int, users)
	for i, caller := range sortedKeys(byCaller) {
		values[i] = byCaller[caller]
	}
	return values
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// within fails unless the two agree; not-a-number never does.
func within(quantity string, found, expected, tolerance float64) error {
	if math.Abs(found-expected) <= tolerance {
		return nil
	}
	return fmt.Errorf("%s: expected %.6g, found %.6g, tolerance %.3g", quantity, expected, found, tolerance)
}

// below fails unless a statistic that is 0 for a perfect fit stays below
// its critical value.
func below(quantity string, found, critical float64) error {
	if found <= critical {
		return nil
	}
	return fmt.Errorf("%s: expected at most %.5g, found %.6g", quantity, critical, found)
}

// above fails unless a quantity reaches its least value.
func above(quantity string, found, least float64) error {
	if found >= least {
		return nil
	}
	return fmt.Errorf("%s: expected at least %.5g, found %.6g", quantity, least, found)
}

// fits fails if counts and probabilities differ more than chance allows.
func fits(quantity string, observed []int, probabilities []float64) error {
	statistic, dof := chiSquare(observed, probabilities)
	return below(quantity, statistic, chiSquareCritical(alpha, dof))
}

// enough fails on a sample too small for its check to bite.
func enough(quantity string, n, least int) error {
	if n >= least {
		return nil
	}
	return fmt.Errorf("%s: expected at least %d, found %d: too few to judge", quantity, least, n)
}
