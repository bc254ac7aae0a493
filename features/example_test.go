package features_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"ringback/features"
	"ringback/fixtures/receiver"
	"ringback/sim/delivery"
)

// The suite judges a receiver from a Go test. To run steps in a godog suite of your own,
// see [features.Register].
func Example() {
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	server := httptest.NewServer(r)
	defer server.Close()

	target, err := delivery.ParseEndpoint(server.URL + "/callback")
	if err != nil {
		fmt.Println(err)
		return
	}
	rep, err := features.Run(context.Background(), features.Suite{
		Options: features.Options{Target: target, Seed: 7, Timeout: time.Minute},
		Tags:    "@clause-v1-result-cancel-acknowledged",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range rep.Scenarios {
		fmt.Println(s.Status, s.Name)
	}
	fmt.Println(rep.Verdict())
	// Output:
	// passed A status callback of cancel is acknowledged
	// pass
}
