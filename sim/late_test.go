package sim_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Whatever an engine accepts, however wild its times, its journal can be read
// again, and nothing is due after the end of simulated time.
func TestJournalOfWildTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := config()
		cfg.Run.Epoch = call.At(time.Date(rapid.SampledFrom([]int{1971, 2026, 9000, 9998}).Draw(t, "year"), 12, 31, 23, 0, 0, 0, time.UTC))
		wild := rapid.OneOf(rapid.Int64Range(0, int64(time.Hour)), rapid.Int64Range(0, 1<<63-1))
		cfg.HeartbeatExpiry = time.Duration(wild.Draw(t, "heartbeat")) + 1
		e, reader := sim.New(cfg), journal.NewReader(journal.Keep)
		read := func(fx []sim.Effect) {
			for i := range fx {
				line, err := fx[i].Event.AppendLine(nil)
				if err != nil {
					t.Fatal(err)
				}
				event, err := journal.ParseLine(line)
				if err == nil {
					err = reader.Apply(event)
				}
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
			}
		}
		read(e.Begin())
		now := cfg.Run.Epoch
		var sends []sim.Send
		step := func(in sim.Input) {
			fx, err := e.Step(now, in)
			if now > call.Latest && !errors.Is(err, call.ErrTooLate) {
				t.Fatalf("at %d, %T gives %v", now, in, err)
			}
			for i := range fx {
				if fx[i].Send != nil {
					sends = append(sends, *fx[i].Send)
				}
			}
			read(fx)
		}
		to, _ := delivery.ParseEndpoint("http://127.0.0.1:9080/cb")
		step(sim.Register{App: 1400000001, Generation: wire.Both, Endpoint: to, Typed: true, Words: wire.AllWords()})
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				if now <= call.Latest { // a loop's clock goes no further
					now = now.Add(time.Duration(wild.Draw(t, "later")))
				}
			case 1:
				amount := time.Duration(wild.Draw(t, "amount")).String()
				step(sim.SetFaults{On: []string{rapid.SampledFrom([]string{"delay", "late", "skew"}).Draw(t, "fault") + "=" + amount}})
			case 2:
				setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}
				plan := []call.Step{
					{After: call.Span(time.Second), Action: call.Action{Do: call.DoAccept, By: "bob"}},
					{After: call.Span(wild.Draw(t, "talk")), Action: call.Action{Do: call.DoHangUp, By: "alice"}},
				}
				step(sim.Place{Setup: setup, Generation: wire.Both, Plan: plan})
			case 3:
				for len(sends) > 0 {
					s := sends[0]
					sends = sends[1:]
					step(sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &delivery.Answer{Connected: true, Failure: delivery.TimedOut}})
				}
			case 4:
				step(sim.Clock{Pace: "real"})
			case 5:
				if at, ok := e.Next(); ok {
					if at > call.Latest {
						t.Fatalf("something is due at %d", at)
					}
					now = max(now, at)
					step(sim.Tick{})
				}
			}
		}
	})
}
