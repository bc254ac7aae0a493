package simapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"ringback/sim/journal"
)

// StreamEvent is one event of the journal, or one client event: what a phone
// sees. Besides these fields it has those of its kind.
type StreamEvent struct {
	Seq  uint64 `json:"seq,omitempty"`
	At   string `json:"t" jsonschema:"simulated time"`
	Kind string `json:"kind" jsonschema:"a fact like accepted; callback, attempt, answer; registered, unregistered, faults, refused, released, withdrawn, clock, reset; client_event"`
	Call string `json:"call,omitempty" jsonschema:"the CallId"`
}

func (b *backend) eventRoute() route {
	return route{
		method: http.MethodGet, path: "/sim/v1/events", status: http.StatusOK, streams: []string{mediaSSE, mediaLines}, out: reflect.TypeFor[StreamEvent](), headers: ofRun,
		summary: "Follow what happens: server-sent events, or NDJSON if the Accept header asks for application/x-ndjson",
		query:   eventQuery,
		handle:  b.events,
	}
}

// eventQuery is what a reader of events can ask for.
var eventQuery = []param{
	{name: "Last-Event-ID", in: "header", about: "go on behind this event; 0 is the beginning. New events only, if left out"},
	{name: "after", in: "query", about: "the same, for those who cannot send the header"},
	{name: "call", in: "query", about: "only events of this call: " + callForms},
	{name: "kind", in: "query", about: "only these kinds, separated by commas", words: "kind", list: true},
	{name: "follow", in: "query", about: "false: end when there is nothing more", words: "boolean"},
}

// The media types of a stream.
const (
	mediaSSE   = "text/event-stream"
	mediaLines = "application/x-ndjson"
)

const (
	// flushEvery is how often a stream is written to, at most: events in quick
	// succession go out together.
	flushEvery = 10 * time.Millisecond
	// pingEvery is how often a quiet stream shows that it is alive.
	pingEvery = 15 * time.Second
	// maxBatch is how many events are written at once.
	maxBatch = 500
)

// stream is one reader of events. It has no queue: it reads the log at its own
// speed, so a slow one holds up no one.
type stream struct {
	backend *backend
	request *http.Request
	out     http.ResponseWriter
	control *http.ResponseController
	at      journal.Cursor
	sse     bool
	follow  bool
	call    string
	kinds   []string
	buffer  []byte
}

func (b *backend) events(w http.ResponseWriter, r *http.Request) {
	s, err := b.newStream(w, r)
	if err == nil {
		err = s.start()
	}
	if err != nil {
		WriteProblem(w, problemOf(err))
		return
	}
	if r.Method == http.MethodHead {
		return
	}
	b.Readers(1)
	defer b.Readers(-1)
	s.run()
}

func (b *backend) newStream(w http.ResponseWriter, r *http.Request) (*stream, error) {
	kind, ok := preferred(r.Header.Values("Accept"), mediaSSE, mediaLines)
	if !ok {
		return nil, NewProblem(http.StatusNotAcceptable, KindAccept, "Accept: it excludes both %s and %s", mediaSSE, mediaLines)
	}
	q := r.URL.Query()
	of, err := b.ofCall(q.Get("call"))
	if err != nil {
		return nil, err
	}
	s := &stream{
		backend: b, request: r, out: w, control: http.NewResponseController(w),
		sse: kind == mediaSSE, follow: q.Get("follow") != "false", call: of,
	}
	if k := q.Get("kind"); k != "" {
		s.kinds = strings.Split(k, ",")
	}
	id := cmp.Or(r.Header.Get("Last-Event-ID"), q.Get("after"))
	b.Session.State(func(st *journal.State) { s.at, err = b.place(id, st, s.follow) })
	if err != nil {
		return nil, err
	}
	return s, nil
}

// place is where in the log a reader begins: behind the event of an id. With "", one
// who follows begins at the end, and one who does not with the oldest event.
func (b *backend) place(id string, st *journal.State, follow bool) (at journal.Cursor, err error) {
	switch {
	case id == "" && follow:
		return b.Log.Last(), nil
	case id == "":
		return b.Log.Oldest(), nil
	}
	if at, err = journal.ParseCursor(id); err != nil {
		return at, wrong("Last-Event-ID", b.Log.Last().String(), "%v", err)
	}
	if at.Seq > st.Seq {
		return at, wrong("Last-Event-ID", b.Log.Last().String(), "%s is ahead of the latest event, %d; is it of another run?", at, st.Seq)
	}
	return at, nil
}

// start finds out whether the log reaches back far enough, and answers.
func (s *stream) start() error {
	var oldest journal.Cursor
	s.backend.Session.State(func(*journal.State) { oldest = s.backend.Log.Oldest() })
	if _, ok := s.after(0); !ok {
		p := NewProblem(http.StatusGone, KindGone, "events up to %s are no longer kept", oldest)
		p.Oldest = oldest.String()
		return p
	}
	kind := mediaLines
	if s.sse {
		kind = mediaSSE
	}
	s.out.Header().Set("Content-Type", kind)
	s.out.Header().Set("Cache-Control", "no-store")
	s.backend.nameRun(s.out.Header())
	s.out.WriteHeader(http.StatusOK)
	if s.sse {
		s.buffer = append(s.buffer, "retry: 1000\n\n"...)
	}
	return nil
}

// run writes until the reader is gone, does not keep up, or the server ends.
func (s *stream) run() {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	ctx := s.request.Context()
	for s.flush() {
		changed := s.backend.Session.Changed()
		lines, ok := s.after(maxBatch)
		switch {
		case !ok: // it fell behind further than the log reaches back
			s.backend.Dropped()
			return
		case len(lines) > 0:
			s.write(lines)
			continue
		case !s.follow:
			return
		}
		select {
		case <-changed:
			pause(ctx, flushEvery)
		case <-ping.C:
			if s.sse {
				s.buffer = append(s.buffer, ":\n\n"...)
			}
		case <-ctx.Done():
			return
		case <-s.backend.Closing:
			return
		case <-s.backend.Session.Done():
			return
		}
	}
}

// after are so many lines at most behind those that were written; it is false if the
// log does not reach back to them.
func (s *stream) after(limit int) (lines []journal.Line, ok bool) {
	s.backend.Session.State(func(*journal.State) { lines, ok = s.backend.Log.After(s.at, limit) })
	return lines, ok
}

func (s *stream) write(lines []journal.Line) {
	for i := range lines {
		l := &lines[i]
		s.at = l.At
		if s.call != "" && l.Call != s.call || s.kinds != nil && !slices.Contains(s.kinds, l.Kind) {
			continue
		}
		if s.sse {
			s.buffer = fmt.Appendf(s.buffer, "id: %s\nevent: %s\ndata: ", l.At, l.Kind)
		}
		s.buffer = append(s.buffer, l.Text...)
		if s.sse {
			s.buffer = append(s.buffer, '\n')
		}
	}
}

// flush sends what is written. A reader that takes nothing for too long is
// dropped.
func (s *stream) flush() bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.backend.StuckAfter)) // a recorder in a test has none
	_, err := s.out.Write(s.buffer)
	if err == nil {
		err = s.control.Flush()
	}
	if s.buffer = s.buffer[:0]; err == nil {
		return true
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.backend.Dropped()
	}
	return false
}

// pause gives events that come in quick succession the time to do so.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
