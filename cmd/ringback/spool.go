package main

import (
	"fmt"
	"io"
	"sync"
)

// spool prints from a goroutine of its own, so that a terminal that was stopped
// holds nobody up. What it cannot keep is left out, and it says so.
type spool struct {
	out  io.Writer
	done chan struct{}
	err  error // of the first write that failed, once it is done

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
	if len(s.lines)+len(b) > mostSpooled {
		s.lost++
		return len(b), nil
	}
	s.lines = append(s.lines, b...)
	s.more.Signal()
	return len(b), nil
}

// run prints until the spool is closed. Each text is changed by edit first.
func (s *spool) run(edit func(string) string) {
	defer close(s.done)
	for {
		s.mu.Lock()
		for len(s.lines) == 0 && !s.closed {
			s.more.Wait()
		}
		text, lost := string(s.lines), s.lost
		s.lines, s.lost = s.lines[:0], 0
		s.mu.Unlock()
		if text == "" {
			return
		}
		if lost > 0 {
			text += fmt.Sprintf("... %d lines are left out: they came faster than they could be printed\n", lost)
		}
		if _, err := io.WriteString(s.out, edit(text)); err != nil && s.err == nil {
			s.err = err // and go on: the simulation does not depend on being watched
		}
	}
}

// close prints what is left.
func (s *spool) close() error {
	s.mu.Lock()
	s.closed = true
	s.more.Signal()
	s.mu.Unlock()
	<-s.done
	return s.err
}
