package run_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// diary is a sender that notes when attempts begin, and takes its time.
type diary struct {
	took time.Duration
	from time.Time

	mu    sync.Mutex
	lines []string
}

func (d *diary) Send(r *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	d.mu.Lock()
	d.lines = append(d.lines, fmt.Sprintf("%s %s", time.Since(d.from), r.Body()[len(`{"UserId":"`):][:5]))
	d.mu.Unlock()
	time.Sleep(d.took) // of the bubble
	run.Acknowledging{}.Send(r, delivery.Transport{}, a)
}

func (*diary) Close() {}

// Attempts of one moment begin in the order of the engine, once the clock is
// moved: each when the one before is answered, or has had its head start.
// Copies go at once.
func TestInOrder(t *testing.T) {
	endpoint := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
	for _, test := range []struct {
		took   time.Duration
		faults []string
		want   []string
	}{
		{time.Millisecond, nil, []string{"0s alice", "1ms carol", "2ms heidi"}},
		{time.Second, nil, []string{"0s alice", "5ms carol", "10ms heidi"}},
		{time.Second, []string{"race=1"}, []string{"0s alice", "0s alice", "5ms carol", "5ms carol", "10ms heidi", "10ms heidi"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := &diary{took: test.took, from: time.Now()}
			l := run.New(run.Config{
				Engine: sim.New(sim.Config{Run: journal.Run{Epoch: epoch}, Dialect: readable()}), Pace: run.Instant, Paused: true, Linger: true, InOrder: true, NewSender: func() run.Sender { return d },
			})
			ended := make(chan error, 1)
			go func() { ended <- l.Run(t.Context()) }()
			do := func(in sim.Input) {
				if err := l.Do(in, nil); err != nil {
					t.Fatal(err)
				}
			}
			do(sim.Register{App: 1, Generation: wire.V1, Endpoint: endpoint, Typed: true, Words: []wire.Word{wire.CallerStartCall}})
			do(sim.SetFaults{On: test.faults})
			for _, who := range []string{"alice", "carol", "heidi"} {
				do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1, Caller: who, Callees: []string{"bob"}, Device: phone}})
			}
			synctest.Wait()
			if len(d.lines) > 0 {
				t.Errorf("sent before the clock was moved: %q", d.lines)
			}
			if err := l.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(d.lines, test.want) {
				t.Errorf("attempts that take %s: %q, want %q", test.took, d.lines, test.want)
			}
			l.Finish(t.Context())
			<-ended
		})
	}
}
