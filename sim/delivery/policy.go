package delivery

import (
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// Policy is how answers of a generation are judged and attempts repeated.
type Policy struct {
	Rule  Rule
	Waits []time.Duration // before the second attempt, the third, and so on
}

// DefaultTimeout is the default of how long an attempt waits for its answer, in wall
// time.
const DefaultTimeout = 2 * time.Second

// retryWaits is 60130's "Retry interval: 0s, 1s, 1s, 2s, 3s, 5s".
var retryWaits = []time.Duration{0, time.Second, time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second}

// PolicyOf returns the policy of a generation (V1 or V4) in a dialect.
func PolicyOf(g wire.Generation, d *wire.Dialect) Policy {
	v1 := Policy{Rule: V1, Waits: retryWaits}
	if d.Attempts == "6" { // then the 0 s is the wait before the first attempt
		v1.Waits = retryWaits[1:]
	}
	if g == wire.V1 {
		return v1
	}
	p := Policy{Rule: V4}
	if d.V4Ack == "strict" {
		p.Rule = V4Strict
	}
	if d.V4Retry == "v1" {
		p.Waits = v1.Waits
	}
	return p
}

// Attempts returns the maximum number of attempts of a delivery.
func (p Policy) Attempts() int { return 1 + len(p.Waits) }

// Then is what follows an attempt.
type Then uint8

// What follows an attempt.
const (
	ThenAcked Then = iota
	ThenRetry
	ThenAbandoned
	ThenWithdrawn // a retry would follow, but the registration was deleted meanwhile
)

var thenWords = [...]string{"acked", "retry", "abandoned", "withdrawn"}

func (t Then) String() string { return thenWords[t] }

// Next returns what follows the n-th attempt, from 1, which ended at a time with a
// verdict. For a retry it also returns when it is due: the wait counts from the end of
// the failed attempt.
func (p Policy) Next(n int, v Verdict, ended call.Instant) (Then, call.Instant) {
	switch {
	case v.Acked():
		return ThenAcked, 0
	case n > len(p.Waits):
		return ThenAbandoned, 0
	}
	return ThenRetry, ended.Add(p.Waits[n-1])
}
