package features_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// direct hands each request to a receiver of this process as its server would, byte for
// byte the same, which costs a third of a connection's work. What a fault does to a
// connection is done to one, by the sender that it has for that.
type direct struct {
	run.Sender
	h       http.Handler
	request bytes.Reader
	buffer  *bufio.Reader
	body    bytes.Buffer // of the answer
}

func newDirect(h http.Handler, over run.Sender) *direct {
	return &direct{Sender: over, h: h, buffer: bufio.NewReader(nil)}
}

func (s *direct) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.request.Reset(r.Bytes())
	s.buffer.Reset(&s.request)
	req, err := http.ReadRequest(s.buffer)
	if err != nil || !t.Plain() {
		s.Sender.Send(r, t, a)
		return
	}
	req.RemoteAddr = "127.0.0.1:1"
	s.body.Reset()
	w := directAnswer{header: http.Header{}, body: &s.body}
	*a = delivery.Answer{Connected: true}
	if aborts(func() { s.h.ServeHTTP(&w, req) }) {
		a.Failure = delivery.Closed
		return
	}
	w.WriteHeader(http.StatusOK)
	a.Status, a.Location, a.Encoding, a.Body = w.status, w.header.Get("Location"), w.header.Get("Content-Encoding"), s.body.Bytes()
	if len(a.Body) > 64<<10 { // as post.Options has it
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
		judged := func(change func(*features.Suite)) (all []string) {
			s := prompt(t, startVariant(t, v))
			s.Tags, s.Level, s.Concurrency = tags, "should", 1
			change(&s)
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
		without, over := judged(func(*features.Suite) {}), judged(overConnections(t))
		if diff := cmp.Diff(over, without); diff != "" || len(over) < 2 {
			t.Errorf("%s: %d lines (-over connections +without):\n%s", name, len(over), diff)
		}
	}
}

// overConnections has a suite send all that it sends over connections.
func overConnections(t testing.TB) func(*features.Suite) {
	return func(s *features.Suite) { patient(t, &s.Options, nil) }
}
