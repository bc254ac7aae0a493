package store

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/text"
)

// Tail says what of a journal was not passed on.
type Tail struct {
	Cut      int64              // bytes of a torn tail
	Skipped  int                // lines of kinds that this version does not know
	Recorded *recording.Summary // what a recording shows of all that is in it; nil for a journal
}

// String says it in words; empty if there is nothing to say.
func (t Tail) String() string {
	var parts []string
	if t.Cut > 0 {
		parts = append(parts, fmt.Sprintf("its end is torn, %d bytes are left out", t.Cut))
	}
	if t.Skipped > 0 {
		parts = append(parts, text.Count(t.Skipped, "line")+" of kinds that this version does not know left out")
	}
	if t.Recorded != nil {
		parts = append(parts, t.Recorded.Notes()...)
	}
	return strings.Join(parts, "; ")
}

// Read passes the events of a journal to fold, in order. Another process may be writing
// it: a torn tail is left out, since its step may yet become whole.
//
// A recording is read as the journal that its sender might have kept; see
// [recording.Events].
func Read(r io.Reader, fold func(*journal.Event) error) (Tail, error) {
	name := ""
	if file, ok := r.(interface{ Name() string }); ok {
		name = file.Name()
	}
	b := bufio.NewReaderSize(r, bufferSize)
	if begin, _ := b.Peek(headerSize); recording.Begins(begin) {
		s, err := recording.Events(recording.NewReader(b), fold)
		return Tail{Cut: s.Flaws.Torn, Skipped: s.Flaws.Unknown, Recorded: &s}, namedAs("recording", name, err)
	}
	p := newPass(b, fold)
	err := p.run()
	if errors.Is(err, errNoJournal) {
		err = errNeither
	}
	return p.tail, named(name, err)
}

// headerSize is enough of a file to see what it is.
const headerSize = 64

// pass reads a journal once. It holds back the events of a step until the step is whole.
type pass struct {
	lines  *lines
	parser journal.Parser
	fold   func(*journal.Event) error
	step   []held
	whole  int64  // where the last whole step ends, with the blank lines behind it
	seq    uint64 // of the latest event
	begun  bool   // there was a step
	tail   Tail

	released uint64 // seq of the latest event in a whole step
}

// held is a line of the step that is being read.
type held struct {
	line  int
	seq   uint64
	kind  string
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

// header passes on the first line, if there is one.
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
		} else if h := p.step[0]; !p.begun && h.seq != 1 { // a compaction replaces the file as a whole or not at all
			return nil, p.at(h.line, fmt.Errorf("seq %d: want 1, or a snapshot, but its last line is missing", h.seq))
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
	h, more, err := p.parse(l)
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
func (p *pass) parse(l line) (h held, more bool, err error) {
	l = bytes.TrimSuffix(l, []byte("\n"))
	e, err := p.parser.Parse(l)
	switch {
	case err != nil && !json.Valid(l):
		return h, false, fmt.Errorf("want an event in JSON: %w", err)
	case err != nil:
		return h, false, err
	case e != nil:
		if _, header := e.Data.(*journal.Run); header {
			return h, false, errors.New("another header: a journal has one")
		}
		return held{seq: e.Seq, kind: e.Kind(), event: e}, e.More, nil
	}
	var head struct {
		Seq  uint64 `json:"seq"`
		Kind string `json:"kind"`
		More bool   `json:"more"`
	}
	err = json.Unmarshal(l, &head)
	return held{seq: head.Seq, kind: head.Kind}, head.More, err
}

// follows checks that no line is missing, doubled or out of order.
func (p *pass) follows(h *held, want uint64) error {
	if h.seq != want {
		return fmt.Errorf("seq %d: want %d: lines are missing, doubled or out of order", h.seq, want)
	}
	if p.begun && h.snapshot() != nil {
		return errors.New("a snapshot: only the first step of a journal may be one")
	}
	p.seq = want
	return nil
}

// snapshot is the line's snapshot, or nil if it is of another kind.
func (h *held) snapshot() *journal.Snapshot {
	if h.event == nil {
		return nil
	}
	s, _ := h.event.Data.(*journal.Snapshot)
	return s
}

// first checks the first step's numbers: they begin with 1, unless the step is
// what a compaction left, which has the number of the last event in it.
func (p *pass) first() error {
	from, rise := uint64(1), uint64(1)
	last := len(p.step) - 1
	snapshot := p.step[last].snapshot()
	if snapshot != nil {
		from, rise = p.step[0].seq, 0
	}
	for i := range p.step {
		if err := p.follows(&p.step[i], from+uint64(i)*rise); err != nil {
			return p.at(p.step[i].line, err)
		}
	}
	p.begun = true
	if snapshot != nil {
		return p.complete(p.step[:last], snapshot)
	}
	return nil
}

// complete checks that no line before a snapshot is missing or doubled: they all
// have its number. Earlier versions did not count them.
func (p *pass) complete(saved []held, s *journal.Snapshot) error {
	type key struct{ kind, call string }
	seen := map[key]bool{}
	counts := map[string]int{}
	for i := range saved {
		h := &saved[i]
		if counts[h.kind]++; h.event == nil || h.event.Call == "" {
			continue
		}
		k := key{h.kind, h.event.Call}
		if seen[k] {
			return p.at(h.line, fmt.Errorf("%s: call %q has one already: lines are doubled", k.kind, k.call))
		}
		seen[k] = true
	}
	if s.Saved != nil && !maps.Equal(s.Saved, counts) {
		return p.at(p.lines.n, fmt.Errorf("saved: want %s before it, but there are %s: lines are missing or doubled", inWords(s.Saved), inWords(counts)))
	}
	return nil
}

// inWords lists how many lines there are of each kind.
func inWords(counts map[string]int) string {
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	return cmp.Or(strings.Join(list, ", "), "none")
}

// release passes on the events of a step that is whole.
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
