package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ringback/sim/journal"
)

// Tail tells what was not handed on of a journal.
type Tail struct {
	Cut     int64 // bytes of a torn tail
	Skipped int   // lines of kinds that this version does not know
}

// Read hands the events of a journal that somebody else may be writing to
// fold, in order. A torn tail is left out: its step may yet become whole.
func Read(r io.Reader, fold func(*journal.Event) error) (Tail, error) {
	p := newPass(r, fold)
	err := p.run()
	name := ""
	if file, ok := r.(interface{ Name() string }); ok {
		name = file.Name()
	}
	return p.tail, named(name, err)
}

// pass goes over a journal once. It holds the events of a step back until the
// last one is there.
type pass struct {
	lines *lines
	fold  func(*journal.Event) error
	step  []held
	whole int64  // where the last whole step ends, with the blank lines behind it
	seq   uint64 // of the latest event
	begun bool   // there was a step
	tail  Tail

	released uint64 // seq of the latest event in a whole step
}

// held is a line of the step that is being read.
type held struct {
	line  int
	seq   uint64
	event *journal.Event // nil if this version does not know its kind
}

func newPass(r io.Reader, fold func(*journal.Event) error) *pass {
	return &pass{lines: newLines(r), fold: fold}
}

func (p *pass) run() error {
	there, err := p.header()
	for there && err == nil {
		var l line
		if l, err = p.next(); err != nil || l == nil {
			return err
		}
		err = p.take(l)
	}
	return err
}

// header hands on the first line, if it is there.
func (p *pass) header() (there bool, err error) {
	l, err := p.next()
	if err != nil || l == nil {
		return false, err
	}
	e, err := journal.ParseLine(l)
	if err == nil && (e.Seq != 0 || e.More) {
		err = errors.New("want a header without seq and more")
	}
	if err == nil {
		err = p.fold(e)
	}
	if err != nil {
		return false, p.at(p.lines.n, err)
	}
	p.whole = p.lines.end
	return true, nil
}

// next is the next whole line, or nil at the end, of which it takes note.
func (p *pass) next() (line, error) {
	l, err := p.lines.next()
	switch {
	case errors.Is(err, io.EOF), err == nil && !l.whole():
		if len(p.step) == 0 {
			p.whole = p.lines.end - int64(len(l))
		}
		p.tail.Cut = p.lines.end - p.whole
		return nil, nil
	case errors.Is(err, errLong):
		return nil, p.at(p.lines.n, err)
	}
	return l, err
}

// at is an error about a line.
func (p *pass) at(n int, err error) error { return fmt.Errorf("line %d: %w", n, err) }

func (p *pass) take(l line) error {
	h, more, err := parse(l)
	if err == nil && p.begun {
		err = p.follows(&h, p.seq+1)
	}
	if err != nil {
		return p.at(p.lines.n, err)
	}
	h.line = p.lines.n
	p.step = append(p.step, h)
	if more {
		return nil
	}
	return p.release()
}

// parse reads a line. If the kind is unknown there is no event, but the line
// may still be the last one of its step, or not.
func parse(l line) (h held, more bool, err error) {
	l = bytes.TrimSuffix(l, []byte("\n"))
	e, err := journal.ParseLine(l)
	switch {
	case err != nil && !json.Valid(l):
		return h, false, fmt.Errorf("want an event in JSON: %w", err)
	case err != nil:
		return h, false, err
	case e != nil:
		if _, header := e.Data.(*journal.Run); header {
			return h, false, errors.New("another header: a journal has one")
		}
		return held{seq: e.Seq, event: e}, e.More, nil
	}
	var head struct {
		Seq  uint64 `json:"seq"`
		More bool   `json:"more"`
	}
	err = json.Unmarshal(l, &head)
	return held{seq: head.Seq}, head.More, err
}

// follows checks that no line is missing, doubled or out of order.
func (p *pass) follows(h *held, want uint64) error {
	if h.seq != want {
		return fmt.Errorf("seq %d: want %d: lines are missing, doubled or out of order", h.seq, want)
	}
	if p.begun && h.snapshot() {
		return errors.New("a snapshot: only the first step of a journal may be one")
	}
	p.seq = want
	return nil
}

func (h *held) snapshot() bool {
	if h.event == nil {
		return false
	}
	_, is := h.event.Data.(*journal.Snapshot)
	return is
}

// first checks the first step's numbers: they begin with 1, unless the step is
// what a compaction left, which has the number of the last event in it.
func (p *pass) first() error {
	from, rise := uint64(1), uint64(1)
	if p.step[len(p.step)-1].snapshot() {
		from, rise = p.step[0].seq, 0
	}
	for i := range p.step {
		if err := p.follows(&p.step[i], from+uint64(i)*rise); err != nil {
			return p.at(p.step[i].line, err)
		}
	}
	p.begun = true
	return nil
}

// release hands on the events of a step that is whole.
func (p *pass) release() error {
	if !p.begun {
		if err := p.first(); err != nil {
			return err
		}
	}
	for _, h := range p.step {
		if h.event == nil {
			p.tail.Skipped++
			continue
		}
		if err := p.fold(h.event); err != nil {
			return p.at(h.line, err)
		}
	}
	clear(p.step) // a snapshot's events are many
	p.step, p.whole, p.released = p.step[:0], p.lines.end, p.seq
	return nil
}
