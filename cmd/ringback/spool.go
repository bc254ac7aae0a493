package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
)

// spool prints from a goroutine of its own, so that a terminal that was stopped
// holds nobody up. What it cannot keep is left out, and it says so.
type spool struct {
	out  io.Writer
	done chan struct{}

	mu     sync.Mutex
	more   *sync.Cond
	lines  []byte
	lost   int
	closed bool
}

// mostSpooled is how many bytes wait to be printed.
const mostSpooled = 4 << 20

func newSpool(out io.Writer) *spool {
	s := &spool{out: out, done: make(chan struct{})}
	s.more = sync.NewCond(&s.mu)
	return s
}

// Write keeps whole lines until they can be printed.
func (s *spool) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return len(b), nil
	case len(s.lines)+len(b) > mostSpooled:
		s.lost += bytes.Count(b, []byte("\n"))
		return len(b), nil
	}
	s.lines = append(s.lines, b...)
	s.more.Signal()
	return len(b), nil
}

// run prints until the spool is closed.
func (s *spool) run() {
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
			s.closed, s.lines = true, nil // nobody reads any more; the simulation goes on
			s.mu.Unlock()
			return
		}
	}
}

// close prints what is left, as long as the context lasts.
func (s *spool) close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.more.Signal()
	s.mu.Unlock()
	select {
	case <-s.done:
	case <-ctx.Done():
	}
}
