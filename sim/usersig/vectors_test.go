package usersig_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/usersig"
)

const (
	app = 1400000001
	key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// node is a UserSig that the vendor's npm package made with key.
const node = "eJw1ytEKgjAYBeB3*W8LmalzDbzwMrCCnNDtYFN-wm1tK6To3QOtc3e*c94gmjZ5ag8cdgmB7dJRaROxx4WlmtBgiF5G63*HoG7SOVTA05ysSdcl4qSBp2VWULanhKyqZ4deA2c0-1PAATj0jbjMdyIMK0-yMBTHwo3jtXvYtqvZy27kGcOUkdp2toLPF8LVNGs_"

var nodeClaims = usersig.Claims{
	SDKAppID: app, Identifier: "administrator", Time: 1735689600, Expire: 86400,
	Sig: "fLTRxq0Tn87NaIg5M5phhXUuoSUA8zo+aOism30AoUo=",
}

func TestNodeVector(t *testing.T) {
	got, err := usersig.Parse(node)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&nodeClaims, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	for _, now := range []int64{0, 1735689600, 1735689600 + 86400} {
		if err := usersig.Check(key, node, app, "administrator", now); err != nil {
			t.Errorf("at %d: %v", now, err)
		}
	}
}

// The HMAC does not depend on how the rest is written.
func TestSignedHMAC(t *testing.T) {
	for want, c := range map[string]usersig.Claims{
		nodeClaims.Sig: nodeClaims,
		"KlZVaNiHu3B6jjlJn5bdRzkEa+zChhCX6Q4XByt2e50=": {SDKAppID: 88888888, Identifier: "alice", Time: 1704856873, Expire: 604800},
	} {
		got, err := usersig.Parse(sign(t, key, c))
		c.Sig = want
		if diff := cmp.Diff(&c, got); diff != "" || err != nil {
			t.Errorf("error %v, claims (-want +got):\n%s", err, diff)
		}
	}
}

// The bytes of a UserSig of our own: they are promised to stay.
func TestSignedBytes(t *testing.T) {
	const want = "eAEBrgBR-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoiYWRtaW5pc3RyYXRvciIsIlRMUy5zZGthcHBpZCI6MTQw" +
		"MDAwMDAwMSwiVExTLnRpbWUiOjE3MzU2ODk2MDAsIlRMUy5leHBpcmUiOjg2NDAwLCJUTFMuc2lnIjoiZkxUUnhxMFRuODdOYUln" +
		"NU01cGhoWFV1b1NVQTh6bythT2lzbTMwQW9Vbz0ifcLVNGs_"
	if got := sign(t, key, nodeClaims); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What the vendor's npm package makes is accepted with the claims that it was
// told, and the other way round: the same claims get the same HMAC from us.
func TestNPM(t *testing.T) {
	var vectors []struct {
		Key          string
		SDKAppID     uint32
		Identifier   string
		Time, Expire int64
		Userbuf      []byte
		Sig          string
	}
	data, err := os.ReadFile("testdata/npm.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 40 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		c := usersig.Claims{SDKAppID: v.SDKAppID, Identifier: v.Identifier, Time: v.Time, Expire: v.Expire, Userbuf: v.Userbuf}
		if err := usersig.Check(v.Key, v.Sig, v.SDKAppID, v.Identifier, c.Until()); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if reason(usersig.Check(v.Key+"x", v.Sig, v.SDKAppID, v.Identifier, c.Until())) != usersig.SignatureMismatch.String() {
			t.Errorf("%+v: another key is accepted", c)
		}
		got, err := usersig.Parse(v.Sig)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		ours, err := usersig.Parse(sign(t, v.Key, c))
		if diff := cmp.Diff(got, ours); diff != "" || err != nil {
			t.Errorf("error %v, claims (-npm +ours):\n%s", err, diff)
		}
		c.Sig = got.Sig
		if mac, err := base64.StdEncoding.DecodeString(got.Sig); err != nil || len(mac) != 32 {
			t.Errorf("%+v: the HMAC has %d bytes, %v", c, len(mac), err)
		}
		if diff := cmp.Diff(&c, got); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
	}
}

func sign(t rapid.TB, key string, c usersig.Claims) string {
	t.Helper()
	sig, err := usersig.Sign(key, c)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}
