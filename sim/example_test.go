package sim_test

import (
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// The loop that a caller of the engine writes: here without a network, without
// goroutines, and with a time that jumps to whatever comes next. Its receiver
// fails once.
func Example() {
	epoch := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	plan, err := sim.Outcome{Result: call.Reject, Ring: 3 * time.Second}.Plan(&setup)
	if err != nil {
		fmt.Println(err)
		return
	}
	endpoint, err := delivery.ParseEndpoint("http://receiver.invalid/callback")
	if err != nil {
		fmt.Println(err)
		return
	}
	inputs := []sim.Input{
		sim.Register{App: setup.App, Generation: wire.V1, Endpoint: endpoint, Words: []wire.Word{wire.StatusReject}},
		sim.Place{Setup: setup, Generation: wire.V1, Plan: plan},
	}

	l := loop{engine: sim.New(sim.Config{Run: journal.Run{Seed: 1, Epoch: epoch, Token: "example"}, Keep: journal.Keep}), now: epoch}
	l.run(inputs)
	t := l.engine.State().Totals
	fmt.Println(t.Acked, "of", t.Callbacks, "callbacks acknowledged at attempt", t.Attempts)
	// Output:
	// 0s run
	// 0s registered
	// 0s started
	// 0s ringing
	// 3s rejected
	// 3s ended
	// 3s callback
	// 3s attempt
	// 3s answer: HTTP 503, the receiver failed
	// 3s attempt
	// 3s answer: HTTP 200 and ErrorCode 0
	// 1 of 1 callbacks acknowledged at attempt 2
}

type loop struct {
	engine *sim.Engine
	now    call.Instant
	queue  []sim.Send
}

func (l *loop) run(inputs []sim.Input) {
	l.absorb(l.engine.Begin()) // the journal's header
	for _, in := range inputs {
		l.step(in)
	}
	for {
		if len(l.queue) > 0 { // each attempt is made, and its answer is an input
			s := l.queue[0]
			l.queue = l.queue[1:]
			answer := send(&s)
			l.step(sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &answer})
			continue
		}
		at, due := l.engine.Next() // a loop that follows a clock would wait until then
		if !due {
			return
		}
		l.now = at
		l.step(sim.Tick{})
	}
}

func (l *loop) step(in sim.Input) {
	effects, err := l.engine.Step(l.now, in)
	l.absorb(effects) // also with an error: what was due by now happened
	if err != nil {
		fmt.Println("refused:", err)
	}
}

// absorb journals a step, and then queues what it wants sent.
func (l *loop) absorb(effects []sim.Effect) {
	for i := range effects {
		e := &effects[i].Event
		text := e.Kind()
		if a, ok := e.Data.(*journal.Answer); ok {
			text += ": " + a.Verdict.Reason()
		}
		fmt.Println(e.At.Sub(l.engine.State().Run.Epoch), text)
	}
	for i := range effects {
		if effects[i].Send != nil {
			l.queue = append(l.queue, *effects[i].Send)
		}
	}
}

// send makes an attempt, in place of post.Sender.
func send(s *sim.Send) delivery.Answer {
	if s.Attempt == 1 {
		return delivery.Answer{Connected: true, Status: 503}
	}
	return delivery.Answer{Connected: true, Status: 200, Body: []byte(`{"ErrorCode":0}`)}
}
