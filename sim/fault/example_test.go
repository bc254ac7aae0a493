package fault_test

import (
	"fmt"

	"ringback/sim/fault"
	"ringback/sim/wire"
)

func Example() {
	f, err := fault.Parse("duplicate=2@call_end")
	if err != nil {
		fmt.Println(err)
		return
	}
	const seed, call, number = 7, 1, 1
	for _, word := range []wire.Word{wire.StatusNormalEnd, wire.InviteUser} {
		var plan fault.Plan
		hit := f.Apply(&plan, word, seed, call, number)
		fmt.Println(word, hit, plan.Copies)
	}
	// Output:
	// normal_end true 2
	// invite_user false 0
}
