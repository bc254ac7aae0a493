package usersig_test

import (
	"errors"
	"fmt"
	"time"

	"ringback/sim/usersig"
)

func Example() {
	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	issued := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	sig, err := usersig.Sign(key, usersig.Claims{SDKAppID: 1400000001, Identifier: "administrator", Time: issued, Expire: 3600})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(usersig.Check(key, sig, 1400000001, "administrator", issued+3600))

	err = usersig.Check(key, sig, 1400000001, "administrator", issued+2*3600)
	var wrong *usersig.Error
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Reason)
		fmt.Println(wrong)
	}
	// Output:
	// <nil>
	// expired
	// the UserSig expired 1h0m0s ago, at 2026-01-01T01:00:00Z
}
