package record_test

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/fixtures/hostile"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/record"
	"ringback/sim/recording"
)

// below are verdicts on what is below HTTP. A proxy, which is there and speaks TLS
// well, can only close its side then.
var below = []string{"refused", "unreachable", "tls", "no_address", "guarded"}

// TestHostile puts a proxy in front of each hostile receiver: the sender judges it as it
// does without one.
func TestHostile(t *testing.T) {
	for _, r := range hostile.All() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			behind(t, r)
		})
		if !r.TLS {
			t.Run(r.Name+" over TLS", func(t *testing.T) {
				t.Parallel()
				secure := r
				secure.TLS = true
				behind(t, secure)
			})
		}
	}
}

func behind(t *testing.T, r hostile.Receiver) {
	patience, attempts := 20*time.Second, 3
	if slices.Contains(r.Want, "timeout") {
		patience, attempts = 100*time.Millisecond, 2
	}
	server, err := r.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c, scheme := record.Config{Address: hostOf(t, server.URL)}, "http"
	options := &post.Options{Timeout: patience}
	if r.TLS {
		scheme, c.TLS = "https", &tls.Config{RootCAs: server.Roots}
		c.Serve, options.TLS = certificate(t)
	}
	p := start(t, c)
	s := post.New(options)
	defer s.Close()
	e := harness.Endpoint(t, scheme+"://"+p.addr+"/callback")
	request := delivery.Freeze(e, []byte("command=call_end"), []byte(`{"CallId":"c1"}`))
	unseen := 0 // at most: sent on a connection whose reset was under way
	for range attempts {
		var a delivery.Answer
		s.Send(request, delivery.Transport{}, &a)
		got := delivery.Judge(delivery.V1, &a)
		want := r.Want
		if slices.ContainsFunc(want, func(w string) bool { return slices.Contains(below, w) }) {
			want = append(slices.Clone(want), "closed")
		}
		if got.Word() == "reset" || got.Word() == "closed" {
			unseen++
		}
		if !slices.Contains(want, got.Word()) {
			t.Errorf("judged %s behind a proxy, want %s: %s", got.Word(), strings.Join(want, " or "), got.Reason())
		}
	}
	s.Close()
	server.Close()
	list := p.stopped(t)
	impatient := slices.Contains(r.Want, "timeout") // a slow machine sends nothing within that time
	if (len(list) > attempts || len(list) < attempts-unseen) && !impatient {
		t.Errorf("%d exchanges were recorded, want %d, of which %d may be lost", len(list), attempts, unseen)
	}
	for _, e := range list {
		t.Log(e.Answer.Outcome, e.Answer.Detail, e.Answer.Latency)
		whole := !e.Unfinished && string(e.Body) == `{"CallId":"c1"}` && e.Call == "c1"
		if e.Answer.Outcome == recording.Unknown || !whole && !impatient {
			t.Errorf("recorded: %+v", e)
		}
	}
}
