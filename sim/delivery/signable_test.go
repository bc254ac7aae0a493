package delivery_test

import (
	"errors"
	"testing"

	"ringback/sim/delivery"
)

// An address has a parameter of signatures however a receiver would decode it, and
// nothing that only looks like one.
func TestSignable(t *testing.T) {
	for address, want := range map[string][2]string{
		"http://x/cb":                                 {},
		"http://x/cb?token=Sign":                      {},
		"http://x/cb?sign=1&SignX=2&Request=3":        {},
		"http://x/Sign=1":                             {},
		"http://x/cb#?Sign=1":                         {},
		"http://x/cb?Sign=0":                          {"Sign", "http://x/cb"},
		"http://x/cb?Sign":                            {"Sign", "http://x/cb"},
		"http://x/cb?a=1&RequestTime=1&b=2":           {"RequestTime", "http://x/cb?a=1&b=2"},
		"http://x/cb?S%69gn=0&a=%26&RequestTime=1#no": {"Sign", "http://x/cb?a=%26"},
	} {
		err := at(t, address).Signable()
		var signed *delivery.SignedError
		switch got := errors.As(err, &signed); {
		case got != (want[0] != ""):
			t.Errorf("%s: got %v, want %q", address, err, want)
		case got && *signed != delivery.SignedError{Key: want[0], Without: want[1]}:
			t.Errorf("%s: got %+v, want %q", address, signed, want)
		}
	}
}
