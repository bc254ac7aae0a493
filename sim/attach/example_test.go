package attach_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"ringback/sim"
	"ringback/sim/attach"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// A program places a call on a running ringback serve, acts as the phone that rings, and
// follows what comes of it.
func Example() {
	backend, err := control.New(control.Config{ // elsewhere: ringback serve
		Apps: []control.App{{ID: 1400000001, Key: "0123456789abcdef"}}, Run: journal.Run{Version: "2.0", Seed: 7, Token: "monday"}, Paused: true,
	})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer backend.Close(ctx)
	web := httptest.NewServer(backend)
	defer web.Close()

	server, err := attach.New(attach.Config{URL: web.URL})
	if err != nil {
		panic(err)
	}
	setup := call.Setup{Caller: "alice", Callees: []string{"bob"}}
	id, err := server.Do(ctx, sim.Place{Setup: setup, Generation: wire.Both})
	if err != nil {
		panic(err)
	}
	if _, err := server.Do(ctx, sim.Act{Call: id, Action: call.Action{Do: call.DoReject, By: "bob"}}); err != nil {
		panic(err)
	}

	state := journal.NewReader(journal.Keep)
	over := errors.New("the call is over")
	err = server.Follow(ctx, func(u attach.Update) error {
		if u.Anew {
			state = journal.NewReader(journal.Keep)
		}
		for _, e := range u.Events {
			if err := state.Apply(e); err != nil {
				return err
			}
			if f, ok := e.Data.(*journal.Fact); ok {
				fmt.Println(f.Kind)
			}
		}
		if c := state.Call(id); c != nil && c.Phase == call.Over {
			return over
		}
		return nil
	})
	fmt.Println(err)

	// Output:
	// started
	// ringing
	// rejected
	// ended
	// the call is over
}
