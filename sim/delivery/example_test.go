package delivery_test

import (
	"fmt"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// A v1 callback is acknowledged by HTTP 200 with the integer ErrorCode 0, and retried
// otherwise.
func Example() {
	policy := delivery.PolicyOf(wire.V1, wire.Default())
	for _, body := range []string{`{"ErrorCode":0,"ErrorMessage":""}`, `{"ErrorCode":"0"}`} {
		verdict := delivery.Judge(policy.Rule, &delivery.Answer{Connected: true, Status: 200, Body: []byte(body)})
		fmt.Println(verdict.Acked(), verdict.Reason())
	}
	fmt.Println(policy.Attempts(), "attempts, with waits of", policy.Waits)
	// Output:
	// true HTTP 200 and ErrorCode 0
	// false ErrorCode is the string "0", want the integer 0
	// 7 attempts, with waits of [0s 1s 1s 2s 3s 5s]
}
