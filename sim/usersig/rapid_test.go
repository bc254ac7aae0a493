package usersig_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/usersig"
)

var anyClaims = rapid.Custom(func(t *rapid.T) usersig.Claims {
	c := usersig.Claims{
		SDKAppID:   rapid.Uint32().Draw(t, "app"),
		Identifier: rapid.StringN(0, 32, -1).Draw(t, "identifier"),
		Time:       rapid.Int64().Draw(t, "time"),
		Expire:     rapid.Int64().Draw(t, "expire"),
	}
	if rapid.Bool().Draw(t, "userbuf?") {
		c.Userbuf = rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "userbuf")
	}
	return c
})

// What is signed is good until its end, with the key that signed it alone, and
// says what was signed.
func TestSigned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, c := rapid.StringN(1, 80, -1).Draw(t, "key"), anyClaims.Draw(t, "claims")
		sig := sign(t, key, c)
		now := rapid.Int64().Draw(t, "now")
		want := "ok"
		if now > c.Until() {
			want = "expired"
		}
		if got := reason(usersig.Check(key, sig, c.SDKAppID, c.Identifier, now)); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if got := reason(usersig.Check(key+"x", sig, c.SDKAppID, c.Identifier, c.Until())); got != "signature_mismatch" {
			t.Fatalf("with another key: %s", got)
		}
		got, err := usersig.Parse(sig)
		if err != nil {
			t.Fatal(err)
		}
		c.Sig = got.Sig
		if diff := cmp.Diff(&c, got); diff != "" {
			t.Fatalf("claims (-want +got):\n%s", diff)
		}
	})
}

// A UserSig with one other character is not good, unless the character holds
// nothing but bits that deflate ignores: then it says the same.
func TestFlipped(t *testing.T) {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-_"
	for _, sig := range []string{node, sign(t, key, nodeClaims)} {
		same := 0
		for i := range sig {
			for j := range signs {
				if sig[i] == signs[j] {
					continue
				}
				flipped := sig[:i] + signs[j:j+1] + sig[i+1:]
				if usersig.Check(key, flipped, app, "administrator", 1735689600) != nil {
					continue
				}
				same++
				got, err := usersig.Parse(flipped)
				if diff := cmp.Diff(&nodeClaims, got); diff != "" || err != nil {
					t.Fatalf("%q for character %d: error %v, claims (-want +got):\n%s", signs[j], i, err, diff)
				}
			}
		}
		if most := 16; same > most {
			t.Errorf("%d of %d changes do not matter, want up to %d", same, len(sig)*(len(signs)-1), most)
		}
	}
}

// Each change of the claims needs another signature.
func TestDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyClaims.Draw(t, "a"), anyClaims.Draw(t, "b")
		if rapid.Bool().Draw(t, "close") { // differ in one thing only
			c := a
			switch rapid.IntRange(0, 4).Draw(t, "thing") {
			case 0:
				c.SDKAppID = b.SDKAppID
			case 1:
				c.Identifier = b.Identifier
			case 2:
				c.Time = b.Time
			case 3:
				c.Expire = b.Expire
			case 4:
				c.Userbuf = b.Userbuf
			}
			b = c
		}
		one, err := usersig.Parse(sign(t, key, a))
		if err != nil {
			t.Fatal(err)
		}
		two, err := usersig.Parse(sign(t, key, b))
		if err != nil {
			t.Fatal(err)
		}
		if (one.Sig == two.Sig) != cmp.Equal(a, b) {
			t.Fatalf("signatures %s and %s for\n%+v\n%+v", one.Sig, two.Sig, a, b)
		}
	})
}
