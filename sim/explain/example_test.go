package explain_test

import (
	"fmt"

	"ringback/sim/delivery"
	"ringback/sim/explain"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// A receiver has answered the first attempt of a callback with HTTP 503.
func ExampleTry() {
	state := journal.NewReader(journal.Keep)
	state.Dialect = wire.Default()
	address, err := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	if err != nil {
		fmt.Println(err)
		return
	}
	verdict := delivery.Judge(delivery.V1, &delivery.Answer{Status: 503, Connected: true})
	callback := &delivery.Delivery{
		Generation: wire.V1, State: delivery.Waiting, Attempts: 1, Request: delivery.Restore(address, nil, nil),
		Tries: []delivery.Try{{Attempt: 1, Verdict: &verdict}},
	}
	fmt.Println(explain.Try(state, callback, 0))
	// Output:
	// HTTP 503, the receiver failed; v1 retries after [0] 1 1 2 3 5 s (Tencent doc 60130)
}
