package tui

import (
	"io"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// Tape is a journal that can be read from its beginning, any number of times.
type Tape interface {
	// Open begins to read it. The reader that was opened before is closed by then.
	Open() TapeReader
}

// TapeReader reads a tape once.
type TapeReader interface {
	// Next returns events that come next, valid for good. It waits for them, but not for
	// long: none means that they are still to come. [io.EOF] is the end so far, and
	// [ErrReplaced] means that the tape is another one now, to be opened again.
	Next() ([]*journal.Event, error)
	// Progress is how much was read, and how much there is, in any unit.
	Progress() (read, of int64)
	// Note is what is to be said of what was read, once the end was reached.
	Note() string
	Close()
}

// ErrReplaced means that a tape is to be read from its beginning again, like a file that
// was replaced.
const ErrReplaced = errorText("the file was replaced")

// Events are a tape in memory.
type Events []*journal.Event

// Open begins to read it.
func (e Events) Open() TapeReader { return &eventsReader{rest: e} }

type eventsReader struct{ rest Events }

func (r *eventsReader) Next() ([]*journal.Event, error) {
	if len(r.rest) == 0 {
		return nil, io.EOF
	}
	now := r.rest
	r.rest = nil
	return now, nil
}

func (r *eventsReader) Progress() (read, of int64) { return 1, 1 }
func (r *eventsReader) Note() string               { return "" }
func (r *eventsReader) Close()                     {}

// Position is where a recording stands.
type Position struct {
	From, To call.Instant // its first and last time, as far as it was read
	Read     float64      // the share of it that was read, while it is being read; else 1
	Ended    bool         // it stands at its end, and shows what is added there
}

// share is how far a time is between the first and the last, from 0 to 1.
func (p *Position) share(at call.Instant) float64 {
	if p.To <= p.From {
		return 1
	}
	return min(1, max(0, float64(at-p.From)/float64(p.To-p.From)))
}
