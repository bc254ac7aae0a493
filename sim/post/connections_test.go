package post_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/fixtures/hostile"
	"ringback/sim/delivery"
	"ringback/sim/post"
)

// few is a receiver that serves only so many connections at once.
func few(t *testing.T, atOnce int) (*hostile.Server, *delivery.Request) {
	r := hostile.Good()
	r.AtOnce = atOnce
	server := start(t, r)
	return server, to(t, server, `{"CallId":"c1"}`)
}

// Whatever its senders do at once, no idle connection of one keeps the receiver
// from another.
func TestSharedConnectionsBlockNobody(t *testing.T) {
	for _, atOnce := range []int{1, 2, 0} {
		_, request := few(t, atOnce)
		shared := post.NewConnections(&post.Options{Timeout: 30 * time.Second})
		defer shared.Close()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				s := shared.Sender()
				defer s.Close()
				for range 20 {
					wantOneOf(t, send(s, request), []string{"acked"})
				}
			})
		}
		group.Wait()
	}
}

// A sender takes up the connection of another one.
func TestSharedConnectionsAreUsedAgain(t *testing.T) {
	server, request := few(t, 0)
	shared := post.NewConnections(&post.Options{Timeout: 30 * time.Second})
	defer shared.Close()
	const senders = 10
	for range senders {
		s := shared.Sender()
		wantOneOf(t, send(s, request), []string{"acked"})
		s.Close()
	}
	if n := server.Accepted(); n == senders { // on a busy machine some may have been idle for too long
		t.Errorf("%d connections, want one for all", n)
	}
}

// While a new connection waits for its answer no other one is kept, unless the receiver
// is known to serve that many.
func TestSharedConnectionsAreKept(t *testing.T) {
	for served, want := range map[int]int64{0: 3, 1: 3, 2: 2, 8: 2} {
		var dialed atomic.Int64
		arrived, answer := make(chan string), map[string]chan bool{"a": make(chan bool), "b": make(chan bool)}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if wait := answer[string(body)]; wait != nil {
				arrived <- string(body)
				<-wait
			}
		}))
		server.Config.ConnState = func(_ net.Conn, now http.ConnState) {
			if now == http.StateNew {
				dialed.Add(1)
			}
		}
		server.Start()
		defer server.Close()
		shared := post.NewConnections(&post.Options{Timeout: 30 * time.Second})
		defer shared.Close()
		shared.Serves(served)
		at := harness.Endpoint(t, server.URL)
		send := func(body string) {
			s := shared.Sender()
			defer s.Close()
			var a delivery.Answer
			if s.Send(delivery.Freeze(at, nil, []byte(body)), delivery.Transport{}, &a); a.Failure != delivery.NoFailure {
				t.Errorf("%s: %v %s", body, a.Failure, a.Detail)
			}
		}
		var a, b sync.WaitGroup
		a.Go(func() { send("a") })
		<-arrived
		b.Go(func() { send("b") })
		<-arrived
		began := time.Now()
		answer["a"] <- true
		a.Wait()
		send("c") // while b waits
		took := time.Since(began)
		answer["b"] <- true
		b.Wait()
		release, alone, err := shared.Reserve(t.Context()) // as a probe does
		if err != nil || alone {
			t.Errorf("the receiver serves %d: a probe is alone: %t, %v", served, alone, err)
		}
		release()
		if n := dialed.Load(); n != want && took < time.Second/2 { // on a busy machine the connection may have been idle for too long
			t.Errorf("the receiver serves %d: %d connections, want %d", served, n, want)
		}
	}
}

// A sender of its own keeps its connection whatever others do, unless the receiver
// serves a few only: then it shares them.
func TestOwnConnections(t *testing.T) {
	server, request := few(t, 0)
	shared := post.NewConnections(&post.Options{Timeout: 30 * time.Second})
	defer shared.Close()
	own := shared.Unshared()
	defer own.Close()
	const attempts = 20
	for range attempts {
		wantOneOf(t, send(own, request), []string{"acked"})
		other := shared.Sender()
		wantOneOf(t, send(other, request), []string{"acked"})
		other.Close()
	}
	if n := server.Accepted(); n == 2*attempts { // as above
		t.Errorf("%d connections, want one for the sender and one for the others", n)
	}
	_, request = few(t, 1)
	shared = post.NewConnections(&post.Options{Timeout: 30 * time.Second})
	defer shared.Close()
	shared.Limit(1)
	for range 3 { // each waits for the one before to close what it has
		own := shared.Unshared()
		defer own.Close()
		wantOneOf(t, send(own, request), []string{"acked"})
	}
}

// What is limited goes on one after the other, and whoever borrows a connection
// is served while others have idle ones.
func TestSharedConnectionsLimited(t *testing.T) {
	_, request := few(t, 1)
	shared := post.NewConnections(&post.Options{Timeout: 30 * time.Second})
	defer shared.Close()
	if _, alone, _ := shared.Reserve(t.Context()); alone {
		t.Error("nothing is limited, want no room made")
	}
	shared.Limit(1)
	s := shared.Sender()
	defer s.Close()
	for range 3 {
		wantOneOf(t, send(s, request), []string{"acked"})
		giveBack, alone, err := shared.Reserve(t.Context())
		if err != nil || !alone {
			t.Fatalf("alone %v, %v", alone, err)
		}
		other := post.New(&post.Options{Timeout: 30 * time.Second})
		wantOneOf(t, send(other, request), []string{"acked"})
		other.Close()
		giveBack()
	}
}

// How many connections a receiver serves at once is found out, and only that.
func TestServed(t *testing.T) {
	for name, want := range map[string]int{
		"good": 0, "one_connection": 1, "two_connections": 2, "one_connection_idling_out": 1, "silent": 0, "close_second": 0,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait
			r, ok := hostile.Find(name)
			if !ok {
				r = hostile.Good()
			}
			// Attempts may take longer than connections idle, the measuring may not.
			patience := 30 * time.Second
			if name == "silent" {
				patience = 50 * time.Millisecond
			}
			server := start(t, r)
			request := to(t, server, `{"CallId":"c1"}`)
			var shared *post.Connections
			n := -1
			for try := 0; n != want && try < 5; try++ { // a machine that stalls for a second spoils one
				shared = post.NewConnections(&post.Options{Timeout: patience})
				defer shared.Close()
				n = shared.MeasureLimit(request, 4)
			}
			if n != want {
				t.Errorf("%d connections at once, want %d", n, want)
			}
			if want > 0 {
				s := shared.Sender()
				defer s.Close()
				began := time.Now()
				wantOneOf(t, send(s, request), []string{"acked"})
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("an attempt took %s: the measuring left a connection open", took)
				}
			}
		})
	}
}
