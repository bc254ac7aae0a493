package features_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// fewListener lets so many connections in at once, idle ones counted.
type fewListener struct {
	net.Listener
	places chan struct{}
}

func (l *fewListener) Accept() (net.Conn, error) {
	l.places <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &fewConn{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

type fewConn struct {
	net.Conn
	leave func()
}

func (c *fewConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// A receiver that serves few connections at once, and is asked over them what it
// stored, is judged as one that serves many.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	for atOnce, generation := range map[int]wire.Generation{1: wire.V1, 2: wire.V4} {
		t.Run(fmt.Sprint(atOnce), func(t *testing.T) {
			t.Parallel() // it waits more than it works
			s, shared := againstFew(t, reference(t), atOnce)
			s.Generation, s.Tags = generation, ofEachClause(t, "@clause-duplicate-at-once", "@clause-calls-at-once-acknowledged", "@clause-ack-means-stored")
			measured := false
			s.Acknowledged = func(r *delivery.Request) {
				unlessStalled(t, func() (wrong []string) {
					if served := shared.MeasureLimit(r, 8); served != atOnce {
						wrong = append(wrong, fmt.Sprintf("%d connections at once were found, want %d", served, atOnce))
					}
					return wrong
				})
				measured = true
			}
			wantPassed(t, s, func(*report.Result) bool { return true })
			if !measured {
				t.Error("how many connections are served was not measured")
			}
		})
	}
}

// The suite finds that by itself if its options are made from strings.
func TestFewConnectionsForURL(t *testing.T) {
	t.Parallel()
	unlessStalled(t, func() (wrong []string) {
		s, _ := againstFew(t, reference(t), 1)
		o, err := features.ForURL(s.Target.URL, features.Timeout(longest))
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		rep, err := features.Run(t.Context(), features.Suite{Options: *o, Tags: "@clause-v1-result-cancel-acknowledged", Note: func(text string) { said += text }})
		if err != nil {
			t.Fatal(err)
		}
		for i := range rep.Scenarios {
			if r := &rep.Scenarios[i]; r.Status != report.Passed {
				wrong = append(wrong, fmt.Sprintf("%s: %s: %s", r.Name, r.Status, r.Message))
			}
		}
		if !strings.Contains(said, "the receiver serves only 1 connection at once") {
			wrong = append(wrong, fmt.Sprintf("it says %q", said))
		}
		return wrong
	})
}

// againstFew is the suite for a receiver that serves so many connections at once.
func againstFew(t *testing.T, h http.Handler, atOnce int) (features.Suite, *post.Connections) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Listener = &fewListener{server.Listener, make(chan struct{}, atOnce)}
	server.Start()
	t.Cleanup(server.Close)
	target := harness.Endpoint(t, server.URL+"/callback")
	shared := post.NewConnections(&post.Options{Timeout: longest})
	t.Cleanup(shared.Close)
	p, err := probe.New(probe.Options{URL: server.URL + "/calls/{CallId}", Connections: shared, Timeout: longest})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return features.Suite{Options: features.Options{
		Restart: func(context.Context) error { return nil }, Minute: time.Millisecond,
		Target: target, NewSender: func() run.Sender { return untimed{shared.Sender()} }, Seed: 7, Run: "test", Probe: p, Poll: longest,
	}}, shared
}
