package explore

import (
	"sync/atomic"
	"testing"

	"ringback/sim/delivery"
	"ringback/sim/run"
)

// lacking is a sender that this machine has no file left for after some attempts.
type lacking struct {
	run.Sender
	left *atomic.Int64
}

func (s lacking) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if s.left.Add(-1) < 0 {
		*a = delivery.Answer{Failure: delivery.OwnFault, Detail: "socket: too many open files; raise ulimit -n"}
		return
	}
	s.Sender.Send(r, t, a)
}

// What this machine lacks ends an exploration without a verdict, in its first
// call as later on. It is no finding.
func TestOwnFault(t *testing.T) {
	for _, attempts := range []int64{0, 200} {
		m := newMemory()
		cfg := config(t, m)
		var left atomic.Int64
		left.Store(attempts)
		cfg.NewSender = func() run.Sender { return lacking{m.sender(), &left} }
		r, err := Run(t.Context(), cfg)
		if delivery.AsOwnFault(err) == nil || len(r.Findings) > 0 {
			t.Errorf("after %d attempts: error %v, %d findings", attempts, err, len(r.Findings))
		}
	}
}
