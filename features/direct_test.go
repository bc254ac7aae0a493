package features_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/run"
)

// direct hands each request to a receiver of this process as its server would, byte for
// byte the same, which costs a third of a connection's work. What a fault does to a
// connection is done to one, by the sender that it has for that.
type direct struct {
	run.Sender
	h       http.Handler
	timeout time.Duration
	*exchange
}

// exchange is what direct and a handler share until that returns.
type exchange struct {
	request bytes.Reader
	buffer  *bufio.Reader
	body    bytes.Buffer // of the answer
}

func newDirect(h http.Handler, over run.Sender, timeout time.Duration) *direct {
	return &direct{over, h, timeout, newExchange()}
}

func newExchange() *exchange { return &exchange{buffer: bufio.NewReader(nil)} }

func (s *direct) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.request.Reset(r.Bytes())
	s.buffer.Reset(&s.request)
	req, err := http.ReadRequest(s.buffer)
	if err != nil || !t.Plain() {
		s.Sender.Send(r, t, a)
		return
	}
	ctx, hangUp := context.WithTimeout(context.Background(), s.timeout)
	defer hangUp()
	req = req.WithContext(ctx)
	req.RemoteAddr = "127.0.0.1:1"
	s.body.Reset()
	w := directAnswer{header: http.Header{}, body: &s.body}
	*a = delivery.Answer{Connected: true}
	aborted := make(chan bool, 1)
	go func() { aborted <- aborts(func() { s.h.ServeHTTP(&w, req) }) }()
	select {
	case <-ctx.Done():
		a.Failure, s.exchange = delivery.TimedOut, newExchange()
		return
	case yes := <-aborted:
		if yes {
			a.Failure = delivery.Closed
			return
		}
	}
	w.WriteHeader(http.StatusOK)
	a.Status, a.Location, a.Encoding, a.Body = w.status, w.header.Get("Location"), w.header.Get("Content-Encoding"), s.body.Bytes()
	if len(a.Body) > post.DefaultMaxPart {
		a.Failure, a.Body = delivery.TooLarge, nil
	}
}

// aborts reports whether a handler closes the connection instead of answering.
func aborts(serve func()) (yes bool) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			yes = true
		}
	}()
	serve()
	return false
}

type directAnswer struct {
	header http.Header
	status int
	body   *bytes.Buffer
}

func (w *directAnswer) Header() http.Header { return w.header }

func (w *directAnswer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *directAnswer) Write(data []byte) (int, error) {
	if w.WriteHeader(http.StatusOK); w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(data)
}

// A receiver is judged the same over connections and without: by what it answers, where
// it redirects to, and that it answers nothing.
func TestDirect(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	for name, tags := range map[string]string{
		"answers_204":        "@clause-v1-result-stored",
		"redirects_to_slash": "@clause-v1-result-stored",
		"dies_of_oversized":  "@after-v4-callbacks-of-4-mib-the-next-call-is-acknowledged",
		"errorcode_string":   "@clause-v4-ack-errorcode-integer",
	} {
		v, _ := broken.Find(name)
		judged := func(direct bool) (all []string) {
			h := startVariant(t, v)
			s := prompt(t, h)
			patient(t, &s.Options, nil)
			if over := s.NewSender; direct {
				s.NewSender = func() run.Sender { return untimed{newDirect(h, over(), longest)} }
			}
			s.Tags, s.Level, s.Concurrency = tags, "should", 1
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for i := range rep.Scenarios {
				r := &rep.Scenarios[i]
				all = append(all, fmt.Sprint(r.Name, ": ", r.Status))
				for _, f := range r.Findings { // of which a connection that was used before is one more
					if all[len(all)-1] != f.Cause {
						all = append(all, f.Cause)
					}
				}
			}
			return all
		}
		without, over := judged(true), judged(false)
		if diff := cmp.Diff(over, without); diff != "" || len(over) < 2 {
			t.Errorf("%s: %d lines (-over connections +without):\n%s", name, len(over), diff)
		}
	}
}

// A receiver of this process that never answers ends its suite, and not all tests when
// their time is over: who judges it then says which one it was.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	deadlocks := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { select {} })
	s := against(t, reference(t))
	over := s.NewSender
	s.NewSender = func() run.Sender { return untimed{newDirect(deadlocks, over(), time.Millisecond)} }
	if _, err := features.Run(t.Context(), s); delivery.AsOwnFault(err) == nil || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("%v, want that no answer came", err)
	}
}

// overConnections has a suite send all that it sends over connections.
func overConnections(t testing.TB) func(*features.Suite) {
	return func(s *features.Suite) { patient(t, &s.Options, nil) }
}
