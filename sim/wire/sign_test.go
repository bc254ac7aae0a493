package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/wire"
)

// The vector that the vendor publishes for the sister products.
func TestPublishedSignature(t *testing.T) {
	got := string(wire.AppendSignature([]byte("OptPlatform=iOS&"), "xxxxyyyy", 1669872112))
	const want = "OptPlatform=iOS&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The time of a signature can be changed without the signature.
func TestSetSignedAt(t *testing.T) {
	for query, want := range map[string]string{
		"a=1&Sign=x&RequestTime=7":    "a=1&Sign=x&RequestTime=1669872112",
		"RequestTime=7&Sign=x&b=%26&": "RequestTime=1669872112&Sign=x&b=%26&",
		"a=1":                         "a=1",
	} {
		if got := string(wire.SetSignedAt([]byte(query), 1669872112)); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

// A signature can be found in a query, and taken out of it, wherever it stands.
func TestUnsigned(t *testing.T) {
	for signed, want := range map[string]string{
		"a=1&Sign=x&RequestTime=7":        "a=1",
		"RequestTime=7&Sign=x":            "",
		"Sign=x&a=1&RequestTime=7&b=%26&": "a=1&b=%26&",
	} {
		at, ok := wire.SignedAt([]byte(signed))
		if got := string(wire.Unsigned([]byte(signed))); got != want || at != 7 || !ok {
			t.Errorf("%s: signed at %d (%t), without it %s", signed, at, ok, got)
		}
	}
	for _, not := range []string{"", "a=1", "RequestTime", "RequestTime=", "RequestTime=x", "xRequestTime=1"} {
		if at, ok := wire.SignedAt([]byte(not)); ok {
			t.Errorf("%q: signed at %d", not, at)
		}
	}
}
