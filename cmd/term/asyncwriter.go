// Package term prints what goes on for people at a terminal: the timeline of a run and
// the progress of a simulation, by a writer that a slow terminal does not block.
package term

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
)

// AsyncWriter prints from a goroutine of its own, so that a terminal that was stopped
// holds no one up. It keeps 4 MiB; lines beyond that are left out, and it says so.
type AsyncWriter struct {
	out  io.Writer
	done chan struct{}

	mu     sync.Mutex
	more   *sync.Cond
	lines  []byte
	lost   int
	closed bool
}

// maxWaiting is how many bytes wait to be printed.
const maxWaiting = 4 << 20

// NewAsyncWriter makes a writer to be run; see [AsyncWriter.Run].
func NewAsyncWriter(out io.Writer) *AsyncWriter {
	s := &AsyncWriter{out: out, done: make(chan struct{})}
	s.more = sync.NewCond(&s.mu)
	return s
}

// Write keeps whole lines until they can be printed.
func (s *AsyncWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return len(b), nil
	case len(s.lines)+len(b) > maxWaiting:
		s.lost += bytes.Count(b, []byte("\n"))
		return len(b), nil
	}
	s.lines = append(s.lines, b...)
	s.more.Signal()
	return len(b), nil
}

// Run prints until the writer is closed.
func (s *AsyncWriter) Run() {
	defer close(s.done)
	for {
		s.mu.Lock()
		for len(s.lines) == 0 && !s.closed {
			s.more.Wait()
		}
		text, lost := s.lines, s.lost
		s.lines, s.lost = nil, 0
		s.mu.Unlock()
		if len(text) == 0 {
			return
		}
		if lost > 0 {
			text = fmt.Appendf(text, "... %d lines are left out: they came faster than they could be printed\n", lost)
		}
		if _, err := s.out.Write(text); err != nil {
			s.mu.Lock()
			s.closed, s.lines = true, nil // no one reads any more; the simulation goes on
			s.mu.Unlock()
			return
		}
	}
}

// Close prints what is left, as long as the context lasts.
func (s *AsyncWriter) Close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.more.Signal()
	s.mu.Unlock()
	select {
	case <-s.done:
	case <-ctx.Done():
	}
}
