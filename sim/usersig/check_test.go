package usersig_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"ringback/sim/usersig"
)

// reason is the word for an error of this package, "ok" for none.
func reason(err error) string {
	var e *usersig.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &e):
		return e.Reason.String()
	}
	return err.Error()
}

// Each reason, and which one comes first where several hold.
func TestCheck(t *testing.T) {
	good := usersig.Claims{SDKAppID: app, Identifier: "alice", Time: 1000, Expire: 100}
	changed := func(change func(*usersig.Claims)) usersig.Claims {
		c := good
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		claims usersig.Claims
		key    string
		now    int64
		want   string
	}{
		"good":                    {good, key, 1000, "ok"},
		"the last second":         {good, key, 1100, "ok"},
		"before it was issued":    {good, key, 1, "ok"},
		"a second late":           {good, key, 1101, "expired: the UserSig expired 1s ago, at 1970-01-01T00:18:20Z"},
		"days late":               {good, key, 1100 + 3*86400, "expired: the UserSig expired 3 days ago, at 1970-01-01T00:18:20Z"},
		"as late as can be":       {good, key, math.MaxInt64, "expired: the UserSig expired ages ago, at 1970-01-01T00:18:20Z"},
		"never good":              {changed(func(c *usersig.Claims) { c.Expire = -60 }), key, 1000, "expired: the UserSig was never good: it expires 1m0s before it was issued"},
		"good before the epoch":   {changed(func(c *usersig.Claims) { c.Time = -1000 }), key, -900, "ok"},
		"no end, no overflow":     {changed(func(c *usersig.Claims) { c.Expire = math.MaxInt64 }), key, math.MaxInt64, "ok"},
		"long over, no overflow":  {changed(func(c *usersig.Claims) { c.Time, c.Expire = math.MinInt64, -1 }), key, 1000, "expired: the UserSig was never good: it expires 0s before it was issued"},
		"before all time":         {changed(func(c *usersig.Claims) { c.Time = math.MinInt64 }), key, 0, "expired: the UserSig expired ages ago, at Unix second -9223372036854775708"},
		"another key":             {good, key + "0", 1000, "signature_mismatch: the key did not sign these claims: another key did, or they were changed since"},
		"the key in capitals":     {good, strings.ToUpper(key), 1000, "signature_mismatch: the key did not"},
		"no key":                  {good, "", 1000, "signature_mismatch: the key did not"},
		"another key and expired": {good, "x", 9000, "signature_mismatch: the key did not"},
		"another user":            {changed(func(c *usersig.Claims) { c.Identifier = "bob" }), "x", 9000, `identifier_mismatch: the UserSig is for user "bob", want "alice"`},
		"another case":            {changed(func(c *usersig.Claims) { c.Identifier = "Alice" }), key, 1000, `identifier_mismatch: the UserSig is for user "Alice", want "alice"`},
		"a user with tricks":      {changed(func(c *usersig.Claims) { c.Identifier = "\x1b[2J\n" }), key, 1000, `identifier_mismatch: the UserSig is for user "\x1b[2J\n", want "alice"`},
		"a user without end":      {changed(func(c *usersig.Claims) { c.Identifier = strings.Repeat("a", 999) }), key, 1000, `identifier_mismatch: the UserSig is for user "` + strings.Repeat("a", 60) + `"..., want "alice"`},
		"another app":             {changed(func(c *usersig.Claims) { c.SDKAppID, c.Identifier = 5, "bob" }), "x", 9000, "app_mismatch: the UserSig is for app 5, want 1400000001"},
	} {
		t.Run(name, func(t *testing.T) {
			signed := test.key
			if strings.Contains(test.want, "signature") || test.key == "x" {
				signed = key
			}
			err := usersig.Check(test.key, sign(t, signed, test.claims), app, "alice", test.now)
			got := reason(err)
			if err != nil {
				got += ": " + err.Error()
			}
			if got != test.want && (!strings.HasPrefix(got, test.want) || test.want == "ok") {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	if got := reason(usersig.Check("x", "x", 1, "bob", 9000)); got != "malformed" {
		t.Errorf("all of it wrong: %s", got)
	}
}

// Whoever changes a claim and keeps the signature is found out.
func TestTampered(t *testing.T) {
	const good = `{"TLS.ver":"2.0","TLS.identifier":"administrator","TLS.sdkappid":1400000001,"TLS.time":1735689600,"TLS.expire":86400,` +
		`"TLS.sig":"fLTRxq0Tn87NaIg5M5phhXUuoSUA8zo+aOism30AoUo="}`
	for change, want := range map[string]string{
		` -> `:                                  "ok",
		`{ -> {"TLS.other":[{"a":null}],`:       "ok", // not signed, and nobody reads it
		`"2.0" -> "\u0032.0"`:                   "ok",
		`1735689600 -> 1735689601`:              "signature_mismatch",
		`86400 -> 86401`:                        "signature_mismatch",
		`86400 -> 864000`:                       "signature_mismatch",
		`86400, -> 86400,"TLS.userbuf":"",`:     "signature_mismatch",
		`86400, -> 86400,"TLS.userbuf":"AA==",`: "signature_mismatch",
		`Uo= -> Up=`:                            "signature_mismatch", // equal bits
		`Uo= -> Uo`:                             "signature_mismatch",
		`fLTR -> `:                              "signature_mismatch",
		`"fLTRxq0Tn87NaIg5M5phhXUuoSUA8zo+aOism30AoUo=" -> ""`:                  "signature_mismatch",
		`"administrator" -> "root","TLS.identifier":"administrator"`:            "ok", // the last of several keys counts, as in most parsers
		`"administrator" -> "administrator","TLS.identifier":"root"`:            "identifier_mismatch",
		`"administrator" -> "administrator\nTLS.sdkappid:1400000001"`:           "identifier_mismatch",
		`"TLS.sdkappid":1400000001 -> "TLS.sdkappid":1400000002`:                "app_mismatch",
		`"TLS.identifier":"administrator" -> "tls.identifier":"administrator"`:  "malformed",
		`"TLS.identifier":"administrator" -> "TLS.identifier":"administrator\u`: "malformed",
	} {
		from, to, _ := strings.Cut(change, " -> ")
		sig := pack(t, strings.Replace(good, from, to, 1), 6)
		if got := reason(usersig.Check(key, sig, app, "administrator", 1735689600)); got != want {
			t.Errorf("%s: %s, want %s", change, got, want)
		}
	}
}

func TestUntil(t *testing.T) {
	for _, test := range []struct{ time, expire, want int64 }{
		{1000, 100, 1100},
		{1000, -100, 900},
		{math.MaxInt64, 1, math.MaxInt64},
		{math.MaxInt64 - 1, 1, math.MaxInt64},
		{math.MaxInt64, math.MinInt64, -1},
		{math.MinInt64, math.MaxInt64, -1},
		{math.MinInt64, -1, math.MinInt64},
		{math.MinInt64, math.MinInt64, math.MinInt64},
	} {
		c := usersig.Claims{Time: test.time, Expire: test.expire}
		if got := c.Until(); got != test.want {
			t.Errorf("%d + %d: %d, want %d", test.time, test.expire, got, test.want)
		}
	}
}

// The words hold neither the key nor what it signs.
func TestErrorsKeepTheSecret(t *testing.T) {
	for _, text := range []string{node, sign(t, "another", nodeClaims), node[:20], ""} {
		for _, now := range []int64{1735689600, math.MaxInt64} {
			err := usersig.Check(key, text, app, "administrator", now)
			if err != nil && (strings.Contains(err.Error(), key[:16]) || strings.Contains(err.Error(), nodeClaims.Sig[:16])) {
				t.Errorf("%v", err)
			}
		}
	}
}

// No UserSig is good for an empty key, even one that was signed with it.
func TestEmptyKey(t *testing.T) {
	h := hmac.New(sha256.New, nil)
	fmt.Fprint(h, "TLS.identifier:alice\nTLS.sdkappid:1400000001\nTLS.time:1000\nTLS.expire:100\n")
	sig := pack(t, strings.Replace(plain, `"x"`, `"`+base64.StdEncoding.EncodeToString(h.Sum(nil))+`"`, 1), 6)
	if got := reason(usersig.Check("", sig, app, "alice", 1000)); got != "signature_mismatch" {
		t.Error(got)
	}
	if _, err := usersig.Sign("", *plainClaims); err == nil {
		t.Error("signed without a key")
	}
}

// What could not be read again is not signed.
func TestSignRefuses(t *testing.T) {
	for want, c := range map[string]usersig.Claims{
		"not UTF-8":         {Identifier: "\xff"},
		"want up to 8192":   {Identifier: strings.Repeat("a", 8<<10)},
		"bytes, want up to": {Userbuf: make([]byte, 7<<10)},
	} {
		if sig, err := usersig.Sign(key, c); err == nil || !strings.Contains(err.Error(), want) || sig != "" {
			t.Errorf("want %s, got %q, %v", want, sig, err)
		}
	}
}

func TestWhen(t *testing.T) {
	for unix, want := range map[int64]string{
		0:             "1970-01-01T00:00:00Z",
		1735689600:    "2025-01-01T00:00:00Z",
		-62135596800:  "0001-01-01T00:00:00Z",
		-62135596801:  "Unix second -62135596801",
		253402300799:  "9999-12-31T23:59:59Z",
		253402300800:  "Unix second 253402300800",
		math.MaxInt64: "Unix second 9223372036854775807",
	} {
		if got := usersig.When(unix); got != want {
			t.Errorf("%d: %s, want %s", unix, got, want)
		}
	}
}
