package main

import (
	"testing"
	"time"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// Who called before a restart calls after it, on the same phone.
func TestBackgroundPeopleStay(t *testing.T) {
	source, err := cli.Background("traffic", "consumer", traffic.Feed{Generation: wire.Both}, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := journal.Run{Seed: 3, Epoch: call.At(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))}
	callers := func(from call.Instant) map[string]call.Device {
		list := map[string]call.Device{}
		src, err := source(r, 1, from, 0)
		if err != nil {
			t.Fatal(err)
		}
		for len(list) < 1000 {
			if _, more := src.Next(); !more {
				t.Fatal("the traffic ends")
			}
			in := src.Take().(*sim.Place)
			list[in.Setup.Caller] = *in.Setup.Device
		}
		return list
	}
	before, after := callers(r.Epoch), callers(r.Epoch.Add(26*time.Hour))
	same := 0
	for id, device := range after {
		if was, known := before[id]; known {
			if same++; was != device {
				t.Errorf("%s has %v, had %v", id, device, was)
			}
		}
	}
	if same < 600 {
		t.Errorf("only %d of 1000 callers are those from before", same)
	}
}

// patience is how long a test may wait for what must come: until just before its
// deadline, so that it can still say what did not.
func patience(t *testing.T) time.Duration {
	deadline, ok := t.Deadline()
	if !ok {
		return 24 * time.Hour
	}
	return max(0, time.Until(deadline)-5*time.Second)
}
