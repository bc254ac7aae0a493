package control

import (
	"bytes"
	"errors"
	"io"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/store"
)

// engine makes the simulator: a new one, or the one whose journal goes on.
func (b *Backend) engine() (*sim.Engine, error) {
	cfg := sim.Config{
		Run: b.cfg.Run, Dialect: b.cfg.Dialect, Order: b.cfg.Order, HeartbeatExpiry: b.cfg.HeartbeatExpiry,
		Exclusive: true, Timings: b.cfg.Timings, Hosts: true, Keep: journal.Keep, Sign: b.cfg.Sign,
	}
	if b.cfg.Journal == "" {
		return sim.New(cfg), nil
	}
	st := journal.NewState(journal.Keep)
	file, err := store.Open(b.cfg.Journal, func(e *journal.Event) error {
		if err := errors.Join(st.Apply(e), sim.CheckFaults(e)); err != nil {
			return err
		}
		return b.fold(e, nil)
	})
	if err != nil {
		return nil, err
	}
	b.file = file
	st.Skip(file.Seq())
	b.state.Skip(file.Seq())
	if st.Run.V == 0 { // an empty file
		return sim.New(cfg), nil
	}
	b.cfg.Run, b.cfg.Dialect, b.resumed = st.Run, st.Dialect, true
	b.warnOfSigned()
	return sim.Restore(cfg, st)
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

// record takes in the effects of a step: into the file, then into what readers
// see.
func (b *Backend) record(step []sim.Effect) error {
	b.lines, b.ends = b.lines[:0], b.ends[:0]
	for i := range step {
		var err error
		if b.lines, err = step[i].Event.AppendLine(b.lines); err != nil {
			return err
		}
		b.ends = append(b.ends, len(b.lines))
	}
	if b.file != nil {
		if err := b.file.Append(b.lines); err != nil {
			return err
		}
	}
	if err := b.publish(step); err != nil {
		return err
	}
	b.cutDown()
	return nil
}

func (b *Backend) publish(step []sim.Effect) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := 0
	for i := range step {
		e := &step[i].Event
		if err := b.fold(e, b.lines[from:b.ends[i]]); err != nil {
			return err
		}
		from = b.ends[i]
		b.metrics.note(e)
		if b.cfg.Watch != nil {
			b.cfg.Watch(b.state, e)
		}
	}
	if b.awaited {
		close(b.changed)
		b.changed, b.awaited = make(chan struct{}), false
	}
	return nil
}

// fold takes an event into the state, and into the log as readers get it: as its
// line is, unless there is something to hide. A line that is nil is made.
func (b *Backend) fold(e *journal.Event, line []byte) (err error) {
	if err := b.state.Apply(e); err != nil {
		return err
	}
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
