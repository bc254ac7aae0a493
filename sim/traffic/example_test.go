package traffic_test

import (
	"fmt"
	"time"

	"ringback/fixtures"
	"ringback/sim/call"
	"ringback/sim/traffic"
)

// The first calls of two thousand people on a Monday.
func Example() {
	text, _ := fixtures.Preset("consumer")
	model, err := traffic.Parse(text)
	if err != nil {
		panic(err)
	}
	epoch := call.At(time.Date(2026, 1, 5, 18, 0, 0, 0, time.UTC))
	generator, err := traffic.New(model, traffic.Options{Seed: 42, Epoch: epoch})
	if err != nil {
		panic(err)
	}
	n := 0
	for c := range generator.Calls() {
		fmt.Println(c.Start, c.Caller.ID, c.Media, c.Callees[0].ID, c.Result)
		if n++; n == 3 {
			break
		}
	}
	// Output:
	// 2026-01-05T18:00:07.692Z giovanni-11x audio america-120 reject
	// 2026-01-05T18:00:18.336Z allen-6i audio alexzander-5z normal_end
	// 2026-01-05T18:00:19.223Z gonzalo-4z audio april-50 normal_end
}
