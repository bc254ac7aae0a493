package replay

import (
	"context"
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

// Pick says which of a journal's callbacks are meant.
type Pick struct {
	Generation wire.Generation // 0: both
	Calls      []string        // CallIds; none: all
}

func (p *Pick) call(id string) bool { return len(p.Calls) == 0 || slices.Contains(p.Calls, id) }

func (p *Pick) generation(g wire.Generation) bool { return p.Generation == 0 || p.Generation&g != 0 }

// Recording is a journal that was read to its end and found good.
type Recording struct {
	Run       journal.Run // its header
	Calls     uint64      // that have a callback to send
	Callbacks uint64      // to send: those that a fault never let out do not count
	First     call.Instant
	Last      call.Instant // when the last callback is made
	Tail      store.Tail   // what is left out of it

	name string
	file io.ReaderAt
	size int64
	pick Pick
}

// Open reads the first size bytes of a journal. An error names the line.
func Open(ctx context.Context, name string, file io.ReaderAt, size int64, pick Pick) (r *Recording, err error) {
	r = &Recording{name: name, file: file, size: size, pick: pick}
	tape := newTape(pick)
	unseen := slices.Clone(pick.Calls)
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
		return nil, fmt.Errorf("%s: is empty, want a journal", name)
	case len(unseen) > 0:
		return nil, fmt.Errorf("%s: has no callbacks of a call %q", name, unseen[0])
	case r.Callbacks == 0:
		return nil, fmt.Errorf("%s: has no callbacks to send", name)
	}
	return r, nil
}

// Span is how long the callbacks take at the pace real, without the retries of
// the last ones.
func (r *Recording) Span() time.Duration { return r.Last.Sub(r.First) }

// read hands the journal's events to fold, in order, until the context ends.
func (r *Recording) read(ctx context.Context, fold func(*journal.Event) error) (store.Tail, error) {
	return store.Read(pages{io.NewSectionReader(r.file, 0, r.size), ctx, r.name}, fold)
}

// pages are a journal's bytes under its name, while a context lasts.
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

// ahead is how many events are read before they are asked for.
const ahead = 1024

// events reads the journal's events ahead, since reading one takes longer than
// what an engine does with it. Next returns one after the other, and what went
// wrong as the last one's error; stop ends the reading.
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
