package delivery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

const epoch = call.Instant(1767225600000) // 2026-01-01T00:00:00Z

var (
	good = delivery.Verdict{Class: delivery.Acknowledges, Status: 200}
	bad  = delivery.Verdict{Class: delivery.ErrorCode, Status: 200, Detail: "1"}
)

func dialect(t testing.TB, choices ...string) *wire.Dialect {
	t.Helper()
	d := wire.Default()
	for _, c := range choices {
		if err := d.Set(c); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func seconds(ns ...int) []time.Duration {
	var ds []time.Duration
	for _, n := range ns {
		ds = append(ds, time.Duration(n)*time.Second)
	}
	return ds
}

// The policies of the documents: 60130's retry intervals for v1, none for v4,
// and what the dialect makes of them.
func TestPolicyOf(t *testing.T) {
	seven, six := seconds(0, 1, 1, 2, 3, 5), seconds(1, 1, 2, 3, 5)
	for _, test := range []struct {
		generation wire.Generation
		choices    []string
		want       delivery.Policy
	}{
		{wire.V1, nil, delivery.Policy{Rule: delivery.V1, Waits: seven}},
		{wire.V1, []string{"attempts=7"}, delivery.Policy{Rule: delivery.V1, Waits: seven}},
		{wire.V1, []string{"attempts=6"}, delivery.Policy{Rule: delivery.V1, Waits: six}},
		{wire.V1, []string{"v4_retry=v1", "v4_ack=strict"}, delivery.Policy{Rule: delivery.V1, Waits: seven}},
		{wire.V4, nil, delivery.Policy{Rule: delivery.V4}},
		{wire.V4, []string{"attempts=6"}, delivery.Policy{Rule: delivery.V4}},
		{wire.V4, []string{"v4_retry=none", "v4_ack=http200"}, delivery.Policy{Rule: delivery.V4}},
		{wire.V4, []string{"v4_ack=strict"}, delivery.Policy{Rule: delivery.V4Strict}},
		{wire.V4, []string{"v4_retry=v1"}, delivery.Policy{Rule: delivery.V4, Waits: seven}},
		{wire.V4, []string{"v4_retry=v1", "attempts=6"}, delivery.Policy{Rule: delivery.V4, Waits: six}},
		{wire.V4, []string{"v4_retry=v1", "v4_ack=strict"}, delivery.Policy{Rule: delivery.V4Strict, Waits: seven}},
	} {
		got := delivery.PolicyOf(test.generation, dialect(t, test.choices...))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", test.generation, test.choices, diff)
		}
		if got.Attempts() != 1+len(test.want.Waits) {
			t.Errorf("%s %v: %d attempts", test.generation, test.choices, got.Attempts())
		}
	}
}

// The whole schedule of a receiver that never acknowledges, each attempt
// taking as long as it takes.
func TestSchedule(t *testing.T) {
	const took = 2 * time.Second
	for _, test := range []struct {
		generation wire.Generation
		choices    []string
		starts     []time.Duration // of the attempts, after the first
		abandoned  time.Duration
	}{
		{wire.V1, nil, seconds(0, 2, 5, 8, 12, 17, 24), 26 * time.Second},
		{wire.V1, []string{"attempts=6"}, seconds(0, 3, 6, 10, 15, 22), 24 * time.Second},
		{wire.V4, nil, seconds(0), 2 * time.Second},
		{wire.V4, []string{"v4_retry=v1"}, seconds(0, 2, 5, 8, 12, 17, 24), 26 * time.Second},
	} {
		p := delivery.PolicyOf(test.generation, dialect(t, test.choices...))
		var starts []time.Duration
		now, then := epoch, delivery.ThenRetry
		for n := 1; then == delivery.ThenRetry; n++ {
			starts = append(starts, now.Sub(epoch))
			ended := now.Add(took)
			if then, now = p.Next(n, bad, ended); then != delivery.ThenRetry {
				if then != delivery.ThenAbandoned || now != 0 || ended.Sub(epoch) != test.abandoned {
					t.Errorf("%s %v: %s at %s, due %d", test.generation, test.choices, then, ended.Sub(epoch), now)
				}
			}
		}
		if diff := cmp.Diff(test.starts, starts); diff != "" {
			t.Errorf("%s %v: attempts start at (-want +got):\n%s", test.generation, test.choices, diff)
		}
	}
}

// An acknowledgement ends a delivery at any attempt.
func TestNextAcked(t *testing.T) {
	p := delivery.PolicyOf(wire.V1, wire.Default())
	for n := 1; n <= p.Attempts(); n++ {
		if then, due := p.Next(n, good, epoch); then != delivery.ThenAcked || due != 0 {
			t.Errorf("attempt %d: %s, due %d", n, then, due)
		}
	}
}

// Whatever the answers: as many attempts as allowed, none after an
// acknowledgement, each wait counted from the end of the attempt before.
func TestAttempts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := delivery.Policy{Waits: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(0, 10_000).Draw(t, "ms")) * time.Millisecond
		}), 0, 10).Draw(t, "waits")}
		now := epoch
		for n := 1; ; n++ {
			if n > p.Attempts() {
				t.Fatalf("attempt %d of %d", n, p.Attempts())
			}
			ended := now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "took")) * time.Millisecond)
			v := rapid.SampledFrom([]delivery.Verdict{bad, bad, bad, good, {Class: delivery.NoAnswer, Failure: delivery.TimedOut}}).Draw(t, "verdict")
			then, due := p.Next(n, v, ended)
			switch {
			case v.Acked() != (then == delivery.ThenAcked):
				t.Fatalf("attempt %d was %s, then %s", n, v.Word(), then)
			case then == delivery.ThenAbandoned && n != p.Attempts():
				t.Fatalf("abandoned after %d of %d attempts", n, p.Attempts())
			case then == delivery.ThenRetry && due != ended.Add(p.Waits[n-1]):
				t.Fatalf("attempt %d ended at %s, the next is due at %s", n, ended, due)
			case then != delivery.ThenRetry && due != 0:
				t.Fatalf("%s, but due at %s", then, due)
			}
			if then != delivery.ThenRetry {
				return
			}
			now = due
		}
	})
}
