package control

import (
	"io"
	"slices"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/store"
)

// engine makes the simulator: a new one, or the one whose journal goes on.
func (b *Backend) engine() (*sim.Engine, error) {
	cfg := sim.Config{
		Run: b.cfg.Run, Dialect: b.cfg.Dialect, Order: b.cfg.Order, HeartbeatExpiry: b.cfg.HeartbeatExpiry,
		Exclusive: true, Timings: b.cfg.Timings, Hosts: true, Keep: journal.Keep,
	}
	if b.cfg.Journal == "" {
		return sim.New(cfg), nil
	}
	st := journal.NewState(journal.Keep)
	file, err := store.Open(b.cfg.Journal, func(e *journal.Event) error {
		if err := st.Apply(e); err != nil {
			return err
		}
		return b.fold(e, nil)
	})
	if err != nil {
		return nil, err
	}
	b.file = file
	if st.Run.V == 0 { // an empty file
		return sim.New(cfg), nil
	}
	b.cfg.Run, b.cfg.Dialect = st.Run, st.Dialect
	return sim.Restore(cfg, st)
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
		if err := b.fold(&step[i].Event, b.lines[from:b.ends[i]]); err != nil {
			return err
		}
		from = b.ends[i]
	}
	if b.awaited {
		close(b.changed)
		b.changed, b.awaited = make(chan struct{}), false
	}
	return nil
}

// fold takes an event into the state and into the log. One that was read from a
// file comes without its line, and is no news.
func (b *Backend) fold(e *journal.Event, line []byte) (err error) {
	if err := b.state.Apply(e); err != nil {
		return err
	}
	news := line != nil
	if news {
		b.metrics.note(e)
	}
	switch d := e.Data.(type) {
	case *journal.Registered:
		b.hide(b.state.Target(d.App, d.Generation).Endpoint.URL)
	case *journal.Snapshot:
		for i := range d.Targets {
			b.hide(d.Targets[i].URL)
		}
		b.log.Skip(e.Seq)
		return nil
	case *journal.SavedCall:
		for i := range d.Deliveries {
			b.hide(d.Deliveries[i].Address)
		}
		return nil
	case *journal.Run, *journal.SavedRecord:
		return nil
	}
	if !news {
		if line, err = e.AppendLine(nil); err != nil {
			return err
		}
	}
	at := journal.Cursor{Seq: e.Seq}
	b.log.Append(journal.Line{At: at, Kind: e.Kind(), Call: e.Call, Text: []byte(b.mask.Hide(string(line)))})
	for _, ev := range b.state.ClientEvents(e) {
		text, err := journal.AppendClientEvent(nil, e, &ev)
		if err != nil {
			return err
		}
		at.Sub++
		b.log.Append(journal.Line{At: at, Kind: journal.KindClientEvent, Call: e.Call, Text: text})
	}
	if news && b.cfg.Watch != nil {
		b.cfg.Watch(b.state, e)
	}
	return nil
}

// mostSecrets is how many addresses with secrets are remembered. Only one that
// changes with every registration has more.
const mostSecrets = 1000

// hide keeps the secrets of a configured URL out of what readers see from now on.
func (b *Backend) hide(url string) {
	if delivery.NewMask(url) == nil || slices.Contains(b.secrets, url) {
		return
	}
	if len(b.secrets) == mostSecrets {
		b.secrets = b.secrets[1:]
	}
	b.secrets = append(b.secrets, url)
	b.mask = delivery.NewMask(b.secrets...)
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
