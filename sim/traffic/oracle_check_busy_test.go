package traffic_test

import (
	"errors"
	"fmt"
	"math"
)

// checkC5 tests an agent pool that loses calls when full: the busy share is
// Erlang B of the offered load A = rate*(E[ring] + p_ans*E[connected]). Blocked
// calls come in bunches, so the tolerance needs the variance inflation factor.
// Redials off, warm-up dropped.
func checkC5(calls []obs, servers int, erlangs, holdingSCV float64) error {
	n := len(calls)
	b := erlangB(servers, erlangs)
	tolerance := math.Sqrt(blockingVIF(servers, erlangs, holdingSCV)) * binomialTolerance(b, n)
	return errors.Join(
		enough("C5 attempts", n, 20_000),
		below("C5 tolerance, relative to the busy share", tolerance/b, 0.65),
		within(fmt.Sprintf("C5 busy share of %d agents at %.2f erlang", servers, erlangs), busyShare(calls), b, tolerance),
	)
}

func busyShare(calls []obs) float64 {
	return float64(len(where(calls, isResult(callBusy)))) / float64(len(calls))
}

// checkC5b tests callers pinned to one agent each: every agent is M/G/1/1 and
// busy with probability a/(1+a), a its own offered load. For one server the
// variance inflation is 1 exactly.
func checkC5b(calls []obs, erlangs map[string]float64) error {
	busy, expected, variance := 0.0, 0.0, 0.0
	for _, o := range calls {
		p := singleServer(erlangs[o.callee])
		expected += p
		variance += p * (1 - p)
		if o.result == callBusy {
			busy++
		}
	}
	return errors.Join(
		enough("C5b attempts", len(calls), 7_000),
		within("C5b attempts that met a busy agent", busy, expected, sigmas*math.Sqrt(variance)),
	)
}

// pair is a caller and callee in either order.
type pair struct{ a, b string }

func pairOf(a, b string) pair { return pair{min(a, b), max(a, b)} }

// load is how much of a time each user, and each pair together, was occupied.
type load struct {
	user map[string]float64
	pair map[pair]float64
}

func measure(calls []obs, from, to int64) load {
	l := load{map[string]float64{}, map[pair]float64{}}
	for _, o := range calls {
		if !o.rang() {
			continue
		}
		share := float64(max(0, min(o.endMS, to)-max(o.startMS, from))) / float64(to-from)
		l.user[o.caller] += share
		l.user[o.callee] += share
		l.pair[pairOf(o.caller, o.callee)] += share
	}
	return l
}

// checkC6 tests how often fresh attempts met a busy callee, against the callee's
// measured load without the caller's own part (pairBusy). Flat profile, for
// loads are averages over [from, to); fresh attempts, for redials chase a busy
// line and meet it again 1.4 times as often.
func checkC6(calls []obs, from, to int64) error {
	l := measure(calls, from, to)
	busy, predicted := 0, 0.0
	for _, o := range between(calls, from, to) {
		if !o.first() {
			continue
		}
		predicted += pairBusy(l.user[o.callee], l.pair[pairOf(o.caller, o.callee)])
		if o.result == callBusy {
			busy++
		}
	}
	// The ratio's deviation was measured as .04 at 600 busy attempts.
	tolerance := 0.18 * math.Sqrt(600/predicted)
	return errors.Join(
		enough("C6 predicted busy attempts", int(predicted), 400),
		within("C6 busy fresh attempts over predicted", float64(busy)/predicted, 1, tolerance),
	)
}
