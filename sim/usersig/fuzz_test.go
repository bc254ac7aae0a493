package usersig_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/usersig"
)

// Whatever comes in a query: no panic, a reason in words, and what is
// understood can be signed and understood again.
func FuzzParse(f *testing.F) {
	f.Add(node)
	f.Add(sign(f, key, usersig.Claims{SDKAppID: app, Identifier: "alice", Time: 1, Expire: 2, Userbuf: []byte{}}))
	f.Add(pack(f, plain, 0)[:40])
	f.Add("eJw1 tEKgjAYBeB3")
	f.Fuzz(func(t *testing.T, sig string) { again(t, sig) })
}

// The same for what is inside, which a fuzzer does not find through zlib.
func FuzzDocument(f *testing.F) {
	f.Add(plain, 6)
	f.Add(`{"TLS.ver":"2.0","TLS.identifier":"<\u2028>","TLS.sdkappid":0,"TLS.time":-1,"TLS.expire":9e9,"TLS.userbuf":"AP8=","TLS.sig":null}`, 0)
	f.Fuzz(func(t *testing.T, doc string, level int) {
		again(t, pack(t, doc, max(-2, min(level, 9))))
	})
}

func again(t *testing.T, sig string) {
	c, err := usersig.Parse(sig)
	if err != nil {
		if reason(err) != "malformed" || c != nil {
			t.Fatalf("%+v, %v", c, err)
		}
		return
	}
	// In our JSON an identifier may take six times the room, where
	// encoding/json escapes what another hand did not.
	if len(c.Identifier) > 1<<10 || len(c.Userbuf) > 1<<10 {
		return
	}
	ours := sign(t, key, *c)
	back, err := usersig.Parse(ours)
	if err != nil {
		t.Fatal(err)
	}
	if err := usersig.Check(key, ours, c.SDKAppID, c.Identifier, c.Until()); err != nil {
		t.Fatal(err)
	}
	c.Sig = back.Sig
	if diff := cmp.Diff(c, back); diff != "" {
		t.Fatalf("claims (-want +got):\n%s", diff)
	}
}
