package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// Pick selects callbacks of a journal.
type Pick struct {
	Generation wire.Generation // 0: both
	Calls      []string        // what [journal.State.Named] takes; none: all
}

// CallError says what is wrong with one of the calls that were picked.
type CallError struct {
	Call string // as it was picked
	Why  error
}

func (e *CallError) Error() string { return fmt.Sprintf("call %q: %v", e.Call, e.Why) }

func (e *CallError) Unwrap() error { return e.Why }

func (p *Pick) call(id string) bool { return len(p.Calls) == 0 || slices.Contains(p.Calls, id) }

func (p *Pick) generation(g wire.Generation) bool { return p.Generation == 0 || p.Generation&g != 0 }

// Recording is a valid journal that was read to its end.
type Recording struct {
	Run       journal.Run // its header
	Calls     uint64      // that have a callback to send
	Callbacks uint64      // to send, without those that a fault dropped
	First     call.Instant
	Last      call.Instant // when the last callback is made
	Tail      store.Tail   // what was left out

	name string
	file io.ReaderAt
	size int64
	pick Pick
}

// Open reads the first size bytes of a journal. An error names the line.
func Open(ctx context.Context, name string, file io.ReaderAt, size int64, pick Pick) (r *Recording, err error) {
	r = &Recording{name: name, file: file, size: size, pick: pick}
	if err := r.find(ctx); err != nil {
		return nil, err
	}
	tape := newTape(r.pick)
	unseen := slices.Clone(r.pick.Calls)
	r.Tail, err = r.read(ctx, func(e *journal.Event) error {
		if run, ok := e.Data.(*journal.Run); ok {
			r.Run = *run
		}
		last := r.Callbacks
		err := tape.wind(e, func(s shot) {
			if s.callback == nil || s.callback.State == delivery.Dropped {
				return
			}
			if r.Callbacks == 0 {
				r.First = e.At
			}
			r.Callbacks++
			r.Last = e.At
		})
		if r.Callbacks > last {
			unseen = slices.DeleteFunc(unseen, func(id string) bool { return id == e.Call })
		}
		return err
	})
	r.Calls = tape.calls
	switch {
	case err != nil:
		return nil, err
	case r.Run.V == 0:
		return nil, fmt.Errorf("%s: is empty, want a journal or a recording", name)
	case len(unseen) > 0:
		return nil, fmt.Errorf("%s: %w", name, &CallError{unseen[0], errNoCallbacks})
	case r.Callbacks == 0:
		return nil, fmt.Errorf("%s: has no callbacks to send", name)
	}
	return r, nil
}

var errNoCallbacks = errors.New("has no callbacks to send")

// find replaces the names of the picked calls by their CallIds.
func (r *Recording) find(ctx context.Context) error {
	if len(r.pick.Calls) == 0 {
		return nil
	}
	lookups := make([]journal.Lookup, len(r.pick.Calls))
	for i, ref := range r.pick.Calls {
		lookups[i].Ref = journal.ParseRef(ref)
	}
	_, err := r.read(ctx, func(e *journal.Event) error {
		var number uint64
		switch d := e.Data.(type) {
		case *journal.Fact:
			if d.Setup == nil {
				return nil
			}
			number = d.Setup.Number
		case *journal.SavedCall:
			number = d.State.Number
		default:
			return nil
		}
		for i := range lookups {
			lookups[i].See(e.Call, number)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var ids []string
	for i := range lookups {
		id, err := lookups[i].Found()
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, &CallError{r.pick.Calls[i], err})
		}
		ids = append(ids, id)
	}
	r.pick.Calls = ids
	return nil
}

// Span is how long the callbacks take at the pace real, without the retries of
// the last ones.
func (r *Recording) Span() time.Duration { return r.Last.Sub(r.First) }

// read passes the journal's events to fold, in order, until the context ends.
func (r *Recording) read(ctx context.Context, fold func(*journal.Event) error) (store.Tail, error) {
	return store.Read(pages{io.NewSectionReader(r.file, 0, r.size), ctx, r.name}, fold)
}

// pages reads a journal's bytes until a context ends.
type pages struct {
	io.Reader
	ctx  context.Context
	name string
}

// Name is for errors.
func (p pages) Name() string { return p.name }

func (p pages) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// ahead is how many events are read in advance.
const ahead = 1024

// events reads the journal's events in advance, since reading one takes longer than the
// engine's step. next returns one after the other, the last one with the error, if any;
// stop ends the reading.
func (r *Recording) events(ctx context.Context) (next func() (e *journal.Event, err error, ok bool), stop func()) {
	ctx, stop = context.WithCancel(ctx)
	events, failed := make(chan *journal.Event, ahead), error(nil)
	go func() {
		defer close(events)
		_, failed = r.read(ctx, func(e *journal.Event) error {
			select {
			case events <- e:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return func() (*journal.Event, error, bool) {
		e, ok := <-events
		if !ok {
			return nil, failed, failed != nil
		}
		return e, nil, true
	}, stop
}
