package session_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/wire"
)

// A call that is rejected after three seconds, as a test of an app backend plays
// it: time moves on when the test says so, and no faster than the backend answers.
func Example() {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL.Query().Get("command"))
		io.WriteString(w, `{"ErrorCode":0,"ErrorMessage":"Success"}`)
	}))
	defer backend.Close()

	epoch := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	s, err := session.Start(session.Config{
		Engine: sim.Config{Run: journal.Run{Seed: 1, Epoch: epoch, Token: "example"}},
		Paused: true, Timeout: time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	if err := reject(context.Background(), s, backend.URL); err != nil {
		fmt.Println(err)
		return
	}
	s.State(func(st *journal.State) {
		fmt.Println(st.Totals.Acked, "of", st.Totals.Callbacks, "callbacks acknowledged, after", st.Now.Sub(epoch))
	})
	// Output:
	// caller_start_call
	// call_end
	// 2 of 2 callbacks acknowledged, after 3s
}

func reject(ctx context.Context, s *session.Session, url string) error {
	endpoint, err := delivery.ParseEndpoint(url)
	if err != nil {
		return err
	}
	words := []wire.Word{wire.CallerStartCall, wire.StatusReject}
	if err := s.Do(sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: endpoint, Words: words}, nil); err != nil {
		return err
	}
	var id string
	alice := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	if err := s.Do(sim.Place{Setup: alice, Generation: wire.V1}, func(step []sim.Effect) { id = sim.Placed(step) }); err != nil {
		return err
	}
	if err := s.Advance(ctx, 3*time.Second); err != nil {
		return err
	}
	if err := s.Do(sim.Act{Call: id, Action: call.Action{Do: call.DoReject, By: "bob"}}, nil); err != nil {
		return err
	}
	return s.Settle(ctx)
}

// A call that is known in advance, played to its end as fast as can be, with a
// sender that acknowledges everything.
func ExampleRun() {
	epoch := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "Web", IP: "127.0.0.1"}}
	plan, err := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&setup)
	if err != nil {
		fmt.Println(err)
		return
	}
	st, err := session.Run(context.Background(), session.Config{
		Engine: sim.Config{Run: journal.Run{Seed: 1, Epoch: epoch, Token: "example"}},
		Pace:   run.Instant, NewSender: func() run.Sender { return run.Acknowledging{} },
		Source: &run.List{{At: epoch, Input: sim.Place{Setup: setup, Generation: wire.V1, Plan: plan}}},
		Watch: func(st *journal.State, e *journal.Event) error {
			if f, ok := e.Data.(*journal.Fact); ok {
				fmt.Println(e.At.Sub(epoch), f.Sentence(st.Call(e.Call)))
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(st.Placed, "call,", st.Live, "alive")
	// Output:
	// 0s alice starts the call
	// 0s bob's phone rings
	// 3s bob answers
	// 12s alice hangs up
	// 12s the call is over: normal_end after 9s
	// 1 call, 0 alive
}
