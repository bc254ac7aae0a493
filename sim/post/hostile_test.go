package post_test

import (
	"crypto/tls"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"ringback/fixtures/harness"
	"ringback/fixtures/hostile"
	"ringback/sim/delivery"
	"ringback/sim/post"
)

// TestHostile lets a sender meet each hostile receiver, plain and over TLS,
// and a good one after that.
func TestHostile(t *testing.T) {
	good := start(t, secured(hostile.Good()))
	for _, r := range hostile.All() {
		t.Run(r.Name, func(t *testing.T) { meet(t, r, good) })
		if !r.TLS {
			t.Run(r.Name+" over TLS", func(t *testing.T) { meet(t, secured(r), good) })
		}
	}
}

func meet(t *testing.T, r hostile.Receiver, good *hostile.Server) {
	attempts, patience := 5, 10*time.Second
	if slices.Contains(r.Want, "timeout") {
		attempts, patience = 2, 50*time.Millisecond
	}
	server := start(t, r)
	s := newSender(t, patience, good)
	request := to(t, server, `{"CallId":"c1"}`)
	for range attempts {
		a := send(s, request)
		t.Log(delivery.Judge(delivery.V1, a).Word(), "-", delivery.Judge(delivery.V1, a).Reason())
		wantOneOf(t, a, r.Want)
		if a.Failure != delivery.NoFailure && a.Body != nil || len(a.Body) > post.DefaultMaxPart {
			t.Errorf("a body of %d bytes with the failure %q", len(a.Body), a.Failure)
		}
	}
	if n := server.Requests(); n > attempts {
		t.Errorf("%d attempts put %d requests before the receiver", attempts, n)
	}
	if n := server.Accepted(); n > attempts {
		t.Errorf("%d attempts made %d connections", attempts, n)
	} else if read := server.Requests(); !r.Keep && n < read {
		t.Errorf("%d requests over %d connections, want a new one for each", read, n)
	}

	request = to(t, good, `{"CallId":"c2"}`)
	for n := 0; ; n++ {
		a := send(s, request)
		if a.Failure == delivery.TimedOut && n < 20 {
			continue // the patience is short, the machine may be busy
		}
		wantOneOf(t, a, []string{"acked"})
		break
	}
}

// TestForgedLater: once the bytes are there, whatever came between two
// requests must not be taken for the answer to the second one.
func TestForgedLater(t *testing.T) {
	for _, secure := range []bool{false, true} {
		r, _ := hostile.Find("forged_later")
		r.TLS = secure
		r.Pace = 20 * time.Microsecond // before a sender that does not look would be done with its next request
		server := start(t, r)
		s := newSender(t, 10*time.Second, server)
		request := to(t, server, `{"CallId":"c1"}`)
		for n := range 20 {
			if v := delivery.Judge(delivery.V1, send(s, request)); v.Word() != "error_code" {
				t.Fatalf("TLS %v: attempt %d is judged %s: %s", secure, n, v.Word(), v.Reason())
			}
			until(t, "the receiver is done", server.Idle)
		}
	}
}

// TestDeaf sends more than the system takes on behalf of a receiver that does
// not read.
func TestDeaf(t *testing.T) {
	r, _ := hostile.Find("deaf")
	server := start(t, r)
	request := to(t, server, strings.Repeat(" ", 12<<20))
	for patience := 50 * time.Millisecond; ; patience *= 4 { // a busy machine may not have begun to send
		a := send(newSender(t, patience, server), request)
		wantOneOf(t, a, r.Want)
		if strings.Contains(a.Detail, "sending, ") {
			return
		}
		if patience > 30*time.Second {
			t.Fatalf("the detail is %q, want it to say how much was sent", a.Detail)
		}
	}
}

// TestHostileLeavesNothing makes many attempts against each receiver. With
// RINGBACK_SOAK=1 it is a thousand, and the figures are logged.
func TestHostileLeavesNothing(t *testing.T) {
	attempts, senders := 10, 5
	if os.Getenv("RINGBACK_SOAK") != "" {
		attempts = 1000
	}
	for _, r := range hostile.All() {
		t.Run(r.Name, func(t *testing.T) {
			patience := 10 * time.Second
			if slices.Contains(r.Want, "timeout") {
				patience = 20 * time.Millisecond
			}
			r.Pace = min(r.Pace, patience*3/2)
			siege(t, r, patience, 1, 1) // what is made only once is made here

			before := take(t)
			siege(t, r, patience, attempts, senders)
			until(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before.goroutines })
			after := take(t)
			each := (after.allocated - before.allocated) / uint64(attempts)
			t.Logf("%d attempts: goroutines %d to %d, open files %d to %d, heap %d to %d KB, %d KB allocated an attempt, both sides",
				attempts, before.goroutines, after.goroutines, before.files, after.files, before.heap>>10, after.heap>>10, each>>10)
			if after.files > before.files {
				t.Errorf("%d files are open, want %d", after.files, before.files)
			}
			if after.heap > before.heap+4<<20 {
				t.Errorf("the heap went from %d to %d bytes", before.heap, after.heap)
			}
			if each > 3<<19 {
				t.Errorf("each attempt allocates %d bytes, want less than 1.5 MB", each)
			}
		})
	}
}

// siege makes attempts by several senders at once.
func siege(t *testing.T, r hostile.Receiver, patience time.Duration, attempts, senders int) {
	server, err := r.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	request := to(t, server, `{"CallId":"c1"}`)
	var wg sync.WaitGroup
	for n := range senders {
		wg.Go(func() {
			s := post.New(&post.Options{Timeout: patience, TLS: &tls.Config{RootCAs: server.Roots}})
			defer s.Close()
			for range (attempts + n) / senders {
				wantOneOf(t, send(s, request), r.Want)
			}
		})
	}
	wg.Wait()
}

// figures are what must not grow.
type figures struct {
	goroutines, files int
	heap, allocated   uint64
}

func take(t *testing.T) figures {
	runtime.GC()
	runtime.GC() // pools give up what they hold only at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Logf("open files are not counted: %v", err)
	}
	return figures{runtime.NumGoroutine(), len(files), m.HeapInuse, m.TotalAlloc}
}

func secured(r hostile.Receiver) hostile.Receiver {
	r.TLS = true
	return r
}

func start(t *testing.T, r hostile.Receiver) *hostile.Server {
	t.Helper()
	s, err := r.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func newSender(t *testing.T, patience time.Duration, trusted *hostile.Server) *post.Sender {
	s := post.New(&post.Options{Timeout: patience, TLS: &tls.Config{RootCAs: trusted.Roots}})
	t.Cleanup(s.Close)
	return s
}

func to(t *testing.T, s *hostile.Server, body string) *delivery.Request {
	t.Helper()
	e := harness.Endpoint(t, s.URL+"/callback")
	return delivery.Freeze(e, []byte("command=call_end"), []byte(body))
}

func send(s *post.Sender, r *delivery.Request) *delivery.Answer {
	var a delivery.Answer
	s.Send(r, delivery.Transport{}, &a)
	return &a
}

// wantOneOf checks the verdict, and that its reason is made for people.
func wantOneOf(t *testing.T, a *delivery.Answer, words []string) {
	t.Helper()
	v := delivery.Judge(delivery.V1, a)
	if !slices.Contains(words, v.Word()) {
		t.Errorf("judged %s, want %s: %s", v.Word(), strings.Join(words, " or "), v.Reason())
	}
	reason := v.Reason()
	if a.Failure != delivery.NoFailure && a.Detail == "" || !strings.Contains(reason, " ") ||
		strings.ContainsFunc(reason, func(c rune) bool { return !unicode.IsPrint(c) }) {
		t.Errorf("judged %s without words: %q", v.Word(), reason)
	}
	for _, jargon := range []string{"%!", "EOF", "i/o timeout", "deadline exceeded", "use of closed", "broken pipe"} {
		if strings.Contains(reason, jargon) {
			t.Errorf("the reason %q says %q", reason, jargon)
		}
	}
}

// until polls for what comes soon.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	if !harness.Poll(30*time.Second, done) {
		t.Fatalf("waited 30s until %s", what)
	}
}
