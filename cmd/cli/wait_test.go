package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
)

func TestAwaitConnection(t *testing.T) {
	refused := delivery.Answer{Failure: delivery.Refused, Detail: "127.0.0.1:3000"}
	for name, test := range map[string]struct {
		answers []delivery.Answer // of one connection after the other; the last goes on
		took    time.Duration
		says    bool
		own     bool
	}{
		"there at once":   {[]delivery.Answer{{}}, 0, false, false},
		"there later":     {[]delivery.Answer{refused, {Failure: delivery.NoAddress}, {Failure: delivery.BadTLS}, {}}, 600 * time.Millisecond, true, false},
		"never there":     {[]delivery.Answer{refused}, 30 * time.Second, true, false},
		"guarded":         {[]delivery.Answer{{Failure: delivery.Guarded}}, 0, false, false},
		"stopped":         {[]delivery.Answer{refused, {Failure: delivery.Stopped}}, 200 * time.Millisecond, true, false},
		"a fault of ours": {[]delivery.Answer{refused, {Failure: delivery.OwnFault, Detail: "no files"}}, 200 * time.Millisecond, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				var stderr bytes.Buffer
				began, n := time.Now(), 0
				err := AwaitConnection(ctx, &stderr, "http://127.0.0.1:3000/cb", 30*time.Second, func(a *delivery.Answer) {
					*a = test.answers[min(n, len(test.answers)-1)]
					n++
				})
				if own := new(delivery.OwnFaultError); errors.As(err, &own) != test.own || err != nil && !test.own {
					t.Errorf("error %v", err)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
				if lines := strings.Count(stderr.String(), "waiting for http://127.0.0.1:3000/cb, at most 30s: "); lines != map[bool]int{true: 1}[test.says] {
					t.Errorf("it says %q", stderr.String())
				}
			})
		})
	}
}
