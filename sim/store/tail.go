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
	whole int64 // where the last whole step ends
	tail  Tail
}

// held is a line of the step that is being read.
type held struct {
	line  int
	event *journal.Event // nil if this version does not know its kind
}

func newPass(r io.Reader, fold func(*journal.Event) error) *pass {
	return &pass{lines: newLines(r), fold: fold}
}

func (p *pass) run() error {
	for {
		l, err := p.lines.next()
		switch {
		case errors.Is(err, io.EOF), err == nil && !l.whole():
			p.tail.Cut = p.lines.end - p.whole
			return nil
		case errors.Is(err, errLong):
			return p.at(p.lines.n, err)
		case err != nil:
			return err
		}
		if err := p.take(l); err != nil {
			return err
		}
	}
}

// at is an error about a line.
func (p *pass) at(n int, err error) error { return fmt.Errorf("line %d: %w", n, err) }

func (p *pass) take(l line) error {
	e, more, err := parse(l)
	if err != nil {
		return p.at(p.lines.n, err)
	}
	p.step = append(p.step, held{p.lines.n, e})
	if more {
		return nil
	}
	return p.release()
}

// parse reads a line. If the kind is unknown there is no event, but the line
// may still be the last one of its step, or not.
func parse(l line) (e *journal.Event, more bool, err error) {
	l = bytes.TrimSuffix(l, []byte("\n"))
	e, err = journal.ParseLine(l)
	switch {
	case err != nil && !json.Valid(l):
		return nil, false, fmt.Errorf("want an event in JSON: %w", err)
	case err != nil:
		return nil, false, err
	case e != nil:
		return e, e.More, nil
	}
	var head struct {
		More bool `json:"more"`
	}
	err = json.Unmarshal(l, &head)
	return nil, head.More, err
}

// release hands on the events of a step that is whole.
func (p *pass) release() error {
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
	p.step, p.whole = p.step[:0], p.lines.end
	return nil
}
