package replay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim/replay"
	"ringback/sim/wire"
)

// What was signed goes out again with the signatures that it has, or fresh with new
// ones, or fresh with none. What a fault forged is forged again.
func TestSignedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := calls("stale_sign@normal_end", "wrong_sign=missing@cancel", "wrong_sign@reject", "duplicate@call_end")
		s.sign = "xxxxyyyy"
		then := time.Now().Unix()
		lines := record(t, s, newBackend(acknowledges))
		time.Sleep(time.Hour)
		now := time.Now().Unix()
		fresh := func(sign string) func(*replay.Config) {
			return func(c *replay.Config) {
				c.Fresh, c.Sign = &replay.Fresh{Token: "now", Epoch: epoch.Add(time.Hour)}, sign
			}
		}
		for _, test := range []struct {
			name   string
			change []func(*replay.Config)
			token  string
			at     int64
		}{
			{name: "verbatim", token: "xxxxyyyy", at: then},
			{name: "fresh", change: []func(*replay.Config){fresh("")}},
			{name: "fresh and signed", change: []func(*replay.Config){fresh("otherword")}, token: "otherword", at: now},
		} {
			b := newBackend(acknowledges)
			r := again(t, lines, b, test.change...)
			if r.sum.LeftOut+r.sum.NotSent > 0 {
				t.Errorf("%s: %+v", test.name, r.sum)
			}
			var got, want []string
			for _, text := range b.got {
				target, body, _ := strings.Cut(text, " ")
				got = append(got, signatureIn(target, test.token))
				is := "none"
				switch {
				case test.token == "" || strings.Contains(body, `"CallResult":"cancel"`) && strings.Contains(target, "command=call_end"):
				case strings.Contains(body, `"CallResult":"normal_end"`) && strings.Contains(target, "command=call_end"):
					is = fmt.Sprint("good ", test.at-120)
				case strings.Contains(body, `"CallResult":"reject"`) && strings.Contains(target, "command=call_end"):
					is = fmt.Sprint("wrong ", test.at)
				default:
					is = fmt.Sprint("good ", test.at)
				}
				want = append(want, is)
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	})
}

// signatureIn says whether a request is signed with a token, and when.
func signatureIn(target, token string) string {
	_, query, _ := strings.Cut(target, "?")
	at, ok := wire.SignedAt([]byte(query))
	if !ok {
		return "none"
	}
	pairs := strings.Split(query, "&")
	for want := range strings.SplitSeq(string(wire.AppendSignature(nil, token, at)), "&") {
		if !slices.Contains(pairs, want) {
			return fmt.Sprint("wrong ", at)
		}
	}
	return fmt.Sprint("good ", at)
}

// The same bytes cannot be signed anew.
func TestSignIsForFresh(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	to := harness.Endpoint(t, "http://here/")
	if _, err := replay.Play(t.Context(), open(t, lines, replay.Pick{}), replay.Config{Endpoint: to, Sign: "x"}); err == nil || !strings.Contains(err.Error(), "Sign") {
		t.Errorf("%v, want one that names the field", err)
	}
}
