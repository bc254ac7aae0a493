package control

import (
	"bytes"
	"errors"
	"io"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/store"
)

// recall reads the journal that goes on into what readers see, and returns the state
// of its run for the engine; nil if there is none.
func (b *Backend) recall() (*journal.State, error) {
	if b.cfg.Journal == "" {
		return nil, nil
	}
	st := journal.NewState(journal.Keep)
	file, err := store.Open(b.cfg.Journal, func(e *journal.Event) error {
		if err := errors.Join(st.Apply(e), sim.CheckFaults(e)); err != nil {
			return err
		}
		if err := b.state.Apply(e); err != nil {
			return err
		}
		return b.publish(e, nil)
	})
	if err != nil {
		return nil, err
	}
	b.file = file
	st.Skip(file.Seq())
	b.state.Skip(file.Seq())
	if st.Run.V == 0 { // an empty file
		return nil, nil
	}
	b.cfg.Run, b.cfg.Dialect, b.resumed = st.Run, st.Dialect, true
	b.warnOfSigned()
	return st, nil
}

// warnOfSigned warns of registrations of a journal that no one could make now.
func (b *Backend) warnOfSigned() {
	if b.cfg.Sign == "" {
		return
	}
	for _, t := range b.state.Targets {
		if err := t.Endpoint.Signable(); err != nil {
			b.warn("app %d: the address that the journal has for its %s callbacks %v", t.App, t.Generation, err)
		}
	}
}

// append takes in the lines of a step.
func (b *Backend) append(lines []byte) error {
	b.lines = lines
	if b.file == nil {
		return nil
	}
	return b.file.Append(lines)
}

// watch takes in the next event of a step.
func (b *Backend) watch(st *journal.State, e *journal.Event) error {
	end := bytes.IndexByte(b.lines, '\n') + 1
	line := b.lines[:end]
	b.lines = b.lines[end:]
	if err := b.publish(e, line); err != nil {
		return err
	}
	b.metrics.note(e)
	if b.cfg.Watch != nil {
		b.cfg.Watch(st, e)
	}
	if !e.More {
		b.cutDown()
	}
	return nil
}

// publish takes an event into the log as readers get it: as its line is, unless there
// is something to hide. A line that is nil is made.
func (b *Backend) publish(e *journal.Event, line []byte) (err error) {
	switch e.Data.(type) {
	case *journal.Snapshot:
		b.log.Skip(e.Seq)
		return nil
	case *journal.Run, *journal.SavedCall, *journal.SavedRecord:
		return nil
	}
	text := bytes.Clone(line)
	if masked := b.state.Masked(e); masked != e || line == nil {
		if text, err = masked.AppendLine(nil); err != nil {
			return err
		}
	}
	at := journal.Cursor{Seq: e.Seq}
	b.log.Append(journal.Line{At: at, Kind: e.Kind(), Call: e.Call, Text: text})
	for _, ev := range b.state.ClientEvents(e) {
		if text, err = journal.AppendClientEvent(nil, e, &ev); err != nil {
			return err
		}
		at.Sub++
		b.log.Append(journal.Line{At: at, Kind: journal.KindClientEvent, Call: e.Call, Text: text})
	}
	return nil
}

// cutDown writes the journal anew when it has grown for long enough: what is
// over is left out.
func (b *Backend) cutDown() {
	if b.file == nil || b.file.Size() < b.compact {
		return
	}
	err := b.file.Compact(func(w io.Writer) error {
		line, err := (&journal.Event{At: b.state.Run.Epoch, Data: &b.state.Run}).AppendLine(nil)
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		for e := range b.state.Snapshot() {
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
		b.warn("the journal cannot be cut down, so it goes on growing: %v", err)
	}
	b.compact = max(b.cfg.CompactAt, 4*b.file.Size())
}

func (b *Backend) warn(format string, args ...any) {
	if b.cfg.Warn != nil {
		b.cfg.Warn(format, args...)
	}
}
