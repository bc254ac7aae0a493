package control

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/secret"
	"ringback/sim/store"
)

// recorder takes in what happens: into the journal's file, if there is one, into what
// readers see, and into the metrics.
type recorder struct {
	cfg     *Config
	metrics *metrics

	file      *store.File // nil: no journal
	resumed   bool        // the file held a run, which goes on
	compactAt int64       // size at which the file is compacted next
	lines     []byte      // of the step's events that are not in the log yet

	// Guarded by the session's state: see [session.Session.State].
	state *journal.State
	log   *journal.Log
}

func newRecorder(cfg *Config, m *metrics) *recorder {
	r := &recorder{cfg: cfg, metrics: m, compactAt: cfg.CompactAt, state: journal.NewReader(journal.Keep), log: journal.NewLog(journal.Keep)}
	r.state.Secrets = new(secret.Set)
	for _, a := range cfg.Apps {
		r.state.Secrets.AddApp(fmt.Sprintf("%d:%s", a.ID, a.Key))
	}
	r.state.Secrets.AddValue(cfg.Sign)
	r.state.Secrets.AddValue(cfg.Token)
	return r
}

// close closes the file.
func (r *recorder) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// tail says what was cut off the journal, and what of it was not understood.
func (r *recorder) tail() store.Tail {
	if r.file == nil {
		return store.Tail{}
	}
	return r.file.Tail()
}

// recall reads the journal that goes on into what readers see, and returns the state
// of its run for the engine; nil if there is none.
func (r *recorder) recall() (*journal.State, error) {
	if r.cfg.Journal == "" {
		return nil, nil
	}
	st := journal.NewState(journal.Keep)
	file, err := store.Open(r.cfg.Journal, func(e *journal.Event) error {
		if err := errors.Join(st.Apply(e), sim.CheckFaults(e)); err != nil {
			return err
		}
		if err := r.state.Apply(e); err != nil {
			return err
		}
		return r.publish(e, nil)
	})
	if err != nil {
		return nil, err
	}
	r.file = file
	st.Skip(file.Seq())
	r.state.Skip(file.Seq())
	if st.Run.V == 0 { // an empty file
		return nil, nil
	}
	r.cfg.Run, r.cfg.Dialect, r.resumed = st.Run, st.Dialect, true
	r.warnOfSigned()
	return st, nil
}

// warnOfSigned warns of registrations of a journal that no one could make now.
func (r *recorder) warnOfSigned() {
	if r.cfg.Sign == "" {
		return
	}
	for _, t := range r.state.Targets {
		if err := t.Endpoint.Signable(); err != nil {
			r.cfg.warn("app %d: the address that the journal has for its %s callbacks %v", t.App, t.Generation, err)
		}
	}
}

// append takes in the lines of a step.
func (r *recorder) append(lines []byte) error {
	r.lines = lines
	if r.file == nil {
		return nil
	}
	return r.file.Append(lines)
}

// watch takes in the next event of a step.
func (r *recorder) watch(st *journal.State, e *journal.Event) error {
	end := bytes.IndexByte(r.lines, '\n') + 1
	line := r.lines[:end]
	r.lines = r.lines[end:]
	if err := r.publish(e, line); err != nil {
		return err
	}
	r.metrics.note(e)
	if r.cfg.Watch != nil {
		r.cfg.Watch(st, e)
	}
	if !e.More {
		r.compact()
	}
	return nil
}

// publish takes an event into the log as readers get it: as its line is, unless there
// is something to hide. A line that is nil is made.
func (r *recorder) publish(e *journal.Event, line []byte) (err error) {
	switch e.Data.(type) {
	case *journal.Snapshot:
		r.log.Skip(e.Seq)
		return nil
	case *journal.Run, *journal.SavedCall, *journal.SavedRecord:
		return nil
	}
	text := bytes.Clone(line)
	if masked := r.told(r.state.Masked(e)); masked != e || line == nil {
		if text, err = masked.AppendLine(nil); err != nil {
			return err
		}
	}
	at := journal.Cursor{Seq: e.Seq}
	r.log.Append(journal.Line{At: at, Kind: e.Kind(), Call: e.Call, Text: text})
	for _, ev := range r.state.ClientEvents(e) {
		if text, err = journal.AppendClientEvent(nil, e, &ev); err != nil {
			return err
		}
		at.Sub++
		r.log.Append(journal.Line{At: at, Kind: journal.KindClientEvent, Call: e.Call, Text: text})
	}
	return nil
}

// told is a masked event with what readers get beyond the journal: where callbacks go,
// of which it has the path alone if the operator typed it, and how long an answer took.
func (r *recorder) told(e *journal.Event) *journal.Event {
	more := *e
	switch d := e.Data.(type) {
	case *journal.Registered:
		c := *d
		c.URL = r.state.Target(d.App, d.Generation).Endpoint.Shown()
		more.Data = &c
	case *journal.Answer:
		if d.Took == 0 || d.TookUS != 0 {
			return e
		}
		c := *d
		c.TookUS = d.Took.Microseconds()
		more.Data = &c
	default:
		return e
	}
	return &more
}

// compact writes the journal anew when it has grown for long enough: what is
// over is left out.
func (r *recorder) compact() {
	if r.file == nil || r.file.Size() < r.compactAt {
		return
	}
	err := r.file.Compact(func(w io.Writer) error {
		line, err := (&journal.Event{At: r.state.Run.Epoch, Data: &r.state.Run}).AppendLine(nil)
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		for e := range r.state.Snapshot() {
			if line, err = e.AppendLine(line[:0]); err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.cfg.warn("the journal cannot be cut down, so it goes on growing: %v", err)
	}
	r.compactAt = max(r.cfg.CompactAt, 4*r.file.Size())
}
