package simapi

import (
	"bytes"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"ringback/sim/journal"
)

func (b *backend) snapshotRoute() route {
	return route{
		method: http.MethodGet, path: "/sim/v1/snapshot", status: http.StatusOK, streams: []string{mediaLines}, out: reflect.TypeFor[JournalLine](),
		summary: "The journal so far, cut down to what still matters, as NDJSON; the stream of events goes on behind the seq of its last line",
		query:   []param{{name: "full", in: "query", about: "true: all events themselves, if they are all kept", words: "boolean"}},
		headers: append(ofRun, param{name: HeaderSeq, about: "of the latest event: the stream goes on behind it"}),
		handle:  b.snapshot,
	}
}

// JournalLine is a line of a journal. Besides these fields it has those of its kind.
type JournalLine struct {
	Seq  uint64 `json:"seq,omitempty"`
	At   string `json:"t,omitempty" jsonschema:"simulated time; the first line has none"`
	Kind string `json:"kind" jsonschema:"run in the first line: seed, epoch, run token and dialect. Then saved_call, saved_record and at the end snapshot; with full, the kinds of the stream, but for client_event"`
	Call string `json:"call,omitempty" jsonschema:"the CallId"`
}

// snapshot answers with events that fold into the state as it is. They are written
// into memory first: the state must not change meanwhile, however slowly the reader
// reads.
func (b *backend) snapshot(w http.ResponseWriter, r *http.Request) {
	var text bytes.Buffer
	var seq uint64
	var err error
	b.Session.State(func(s *journal.State) {
		seq = s.Seq
		if r.URL.Query().Get("full") != "true" || !b.writeAll(&text, s) {
			text.Reset()
			err = writeShown(&text, s)
		}
	})
	if err != nil {
		WriteProblem(w, problemOf(err))
		return
	}
	b.nameRun(w.Header())
	w.Header().Set(HeaderSeq, strconv.FormatUint(seq, 10))
	w.Header().Set("Content-Type", mediaLines)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	control := http.NewResponseController(w)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }() // the connection may go on
	for chunk := text.Next(64 << 10); len(chunk) > 0; chunk = text.Next(64 << 10) {
		_ = control.SetWriteDeadline(time.Now().Add(b.StuckAfter)) // a recorder in a test has none
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// writeAll writes the events themselves; it is false if some are not kept.
func (b *backend) writeAll(text *bytes.Buffer, s *journal.State) bool {
	lines, ok := b.Log.After(journal.Cursor{}, journal.Keep)
	if last := b.Log.Last(); !ok || last.Seq != s.Seq {
		return false
	}
	header, err := s.Masked(&journal.Event{At: s.Run.Epoch, Data: &s.Run}).AppendLine(nil)
	text.Write(header)
	for i := range lines {
		if lines[i].Kind != journal.KindClientEvent {
			text.Write(lines[i].Text)
		}
	}
	return err == nil
}

// writeShown writes what the events add up to.
func writeShown(text *bytes.Buffer, s *journal.State) error {
	var line []byte
	for e := range s.Shown() {
		var err error
		if line, err = e.AppendLine(line[:0]); err != nil {
			return err
		}
		text.Write(line)
	}
	return nil
}
