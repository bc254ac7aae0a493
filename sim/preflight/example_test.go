package preflight_test

import (
	"context"
	"fmt"

	"ringback/sim/preflight"
	"ringback/sim/wire"
)

// How the call is played is up to the caller; here no connection is made.
func Example() {
	_, err := preflight.Run(context.Background(), preflight.Config{
		Dialect: wire.Default(),
		Play: func(context.Context, preflight.Trial, func(*preflight.Call) error) error {
			return preflight.ErrUnreachable
		},
	})
	fmt.Println(err)
	// Output:
	// the receiver cannot be reached: no connection was ever made
}
