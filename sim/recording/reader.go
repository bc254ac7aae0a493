package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// maxLine is the longest line that is read: a file without line feeds does not fill the
// memory.
const maxLine = 64 << 20

// Begins reports whether a file begins like a recording: b is its first line, or the
// first few hundred bytes of it.
func Begins(b []byte) bool {
	b = bytes.TrimPrefix(b, bom)
	rest, ok := bytes.CutPrefix(b, []byte(`{"v":`))
	rest = bytes.TrimLeft(rest, "0123456789")
	return ok && bytes.HasPrefix(rest, []byte(`,"kind":"recording"`))
}

var bom = []byte("\uFEFF")

// Flaws are what is wrong with a recording that could be read all the same.
type Flaws struct {
	Torn     int64 // bytes of a last line without its line feed, which is left out
	Joined   int   // further headers: recordings that were put together in one file
	Unknown  int   // lines of kinds that this version does not know
	Missing  int64 // numbers that no request has, from 1 to the largest
	Repeated int   // requests whose number is not larger than those before; they are left out
	Orphans  int   // answers whose request is missing, or that come twice; they are left out
	Lost     int64 // exchanges without an outcome, since the file ends or the recorder was killed
	Line     int   // where the first of these is; 0 if there is none
}

// Any reports whether there are flaws.
func (f Flaws) Any() bool { return f.Line != 0 }

// Reader reads a recording. An error names the line and is final.
type Reader struct {
	r       *bufio.Reader
	header  Header
	headers []Header // of all recordings so far
	flaws   Flaws
	line    int
	long    []byte
	room    []byte            // of the texts of a line
	words   map[string]string // texts that come again and again
	err     error             // of the file, io.EOF at its end

	base, last int64 // what is added to numbers of the present recording; the largest so far
	open       map[int64]*pending
	queue      []*pending // in the order of the requests, from the first that was not handed on
	late       []*pending // no longer in the queue, in that order
	size       int64      // bytes that the queue holds
	ready      []*Exchange
}

// pending is an exchange that has no end yet, or one that waits for those before it.
type pending struct {
	Exchange
	more bool // of its request
	done bool // with request and answer
	late bool // no longer in the queue
}

// At most so many exchanges and bytes wait for one before them; it comes behind them then.
const (
	maxQueue = 10_000
	maxBytes = 64 << 20
)

// maxWords is how many texts are kept that may come again.
const maxWords = 1000

// NewReader makes a reader of a recording.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 256<<10), open: map[int64]*pending{}, words: map[string]string{}}
}

// Header reads the first line, if it was not read before.
func (r *Reader) Header() (Header, error) {
	if r.line == 0 && r.err == nil {
		r.err = r.readHeader()
	}
	if r.header.V == 0 {
		return Header{}, r.err
	}
	return r.header, nil
}

// HeaderOf returns the header of the recording that an exchange is in: see
// [Exchange.Joined].
func (r *Reader) HeaderOf(e *Exchange) Header { return r.headers[e.Joined] }

// Flaws are those found so far.
func (r *Reader) Flaws() Flaws { return r.flaws }

// Lines is how many lines were read so far.
func (r *Reader) Lines() int { return r.line }

// Next returns the next exchange, or [io.EOF]. They come in the order of their requests,
// but for one that thousands of others would have to wait for: it comes once it has an
// end. The exchange is the caller's.
func (r *Reader) Next() (*Exchange, error) {
	if _, err := r.Header(); err != nil {
		return nil, err
	}
	for len(r.ready) == 0 {
		if r.err != nil {
			return nil, r.err
		}
		if r.err = r.step(); r.err != nil {
			r.giveUp()
		}
	}
	e := r.ready[0]
	r.ready = r.ready[1:]
	return e, nil
}

var errNoRecording = errors.New(`want a recording, whose first line is {"v":1,"kind":"recording",...}`)

func (r *Reader) readHeader() error {
	l, err := r.next()
	switch {
	case errors.Is(err, io.EOF):
		return r.at(errNoRecording)
	case err != nil:
		return err
	}
	return r.takeHeader(bytes.TrimPrefix(l, bom))
}

func (r *Reader) takeHeader(l []byte) error {
	var h struct {
		Header
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(l, &h); err != nil || h.Kind != "recording" {
		return r.at(errNoRecording)
	}
	if h.V != Version {
		return r.at(fmt.Errorf("recording format %d: this Ringback reads format %d", h.V, Version))
	}
	r.header = h.Header
	r.headers = append(r.headers, h.Header)
	return nil
}

func (r *Reader) at(err error) error { return fmt.Errorf("line %d: %w", max(r.line, 1), err) }

// next returns the next line that is not blank, without its line feed. One that lacks
// it is torn.
func (r *Reader) next() ([]byte, error) {
	for {
		l, err := r.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			l, err = r.rest(l)
		}
		switch {
		case errors.Is(err, io.EOF) && len(l) > 0:
			r.line++
			r.flaw()
			r.flaws.Torn = int64(len(l))
			return nil, io.EOF
		case err != nil:
			return nil, err
		}
		r.line++
		if l = bytes.TrimSpace(l); len(l) > 0 {
			return l, nil
		}
	}
}

func (r *Reader) rest(l []byte) ([]byte, error) {
	r.long = append(r.long[:0], l...)
	for {
		l, err := r.r.ReadSlice('\n')
		r.long = append(r.long, l...)
		if len(r.long) > maxLine {
			r.line++
			return nil, r.at(fmt.Errorf("it is longer than %d MiB, the most that is read", maxLine>>20))
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r.long, err
		}
	}
}

func (r *Reader) flaw() {
	if r.flaws.Line == 0 {
		r.flaws.Line = max(r.line, 1)
	}
}

func (r *Reader) step() error {
	l, err := r.next()
	if err != nil {
		return err
	}
	var e entry
	var ok bool
	if r.room, ok = e.scan(l, r.room); !ok {
		e = entry{}
		if err := json.Unmarshal(l, &e); err != nil {
			return r.at(errors.New("want a line of a recording in JSON"))
		}
	}
	switch {
	case e.Kind == "recording":
		return r.join(l)
	case e.Kind != "exchange" || e.Part != "request" && e.Part != "answer":
		r.flaws.Unknown++
		r.flaw()
		return nil
	case e.N < 1 || e.Cut < 0 || e.Latency < 0:
		return r.at(errors.New("want n from 1, and no negative numbers"))
	}
	e.N += r.base
	if e.Part == "request" {
		r.request(&e)
	} else {
		r.answer(&e)
	}
	r.hand()
	return nil
}

// join goes on with another recording in the same file.
func (r *Reader) join(l []byte) error {
	r.flaw()
	if err := r.takeHeader(l); err != nil {
		return err
	}
	r.giveUp()
	r.flaws.Joined++
	r.base = r.last
	return nil
}

func (r *Reader) request(e *entry) {
	p := r.open[e.N]
	switch {
	case p != nil && p.more:
		p.Head = append(p.Head, e.Head...)
	case e.N <= r.last:
		r.flaws.Repeated++
		r.flaw()
		return
	default:
		if gap := e.N - r.last - 1; gap > 0 {
			r.flaws.Missing += gap
			r.flaw()
		}
		r.last = e.N
		p = &pending{Exchange: Exchange{N: e.N, Line: r.line, Joined: r.flaws.Joined, At: e.At, Conn: e.Conn, Source: r.intern(e.Source), Head: bytes.Clone(e.Head)}}
		r.open[e.N] = p
		r.queue = append(r.queue, p)
	}
	r.grow(p, len(e.Head))
	p.more, p.Unfinished = e.More, e.More || e.Unfinished
	p.Cut += e.Cut
	if e.Generation != 0 {
		p.Callback = Callback{e.Generation, r.intern(e.Word), string(e.Call), r.intern(e.App)}
	}
	if e.Delivery != 0 {
		p.Delivery = e.Delivery + r.base
	}
	p.Body, p.Coded = r.body(p, p.Body, p.Coded, e)
	if !e.More && p.Answer.Outcome != Unknown {
		r.finish(p)
	}
}

// intern is a text as a string, made once for all lines that have it.
func (r *Reader) intern(b []byte) string {
	if s, ok := r.words[string(b)]; ok {
		return s
	}
	if len(r.words) >= maxWords {
		clear(r.words)
	}
	s := string(b)
	r.words[s] = s
	return s
}

// grow counts what the queue holds.
func (r *Reader) grow(p *pending, n int) {
	if !p.late {
		r.size += int64(n)
	}
}

// body adds what a line has of a body.
func (r *Reader) body(p *pending, body, coded []byte, e *entry) (b, c []byte) {
	r.grow(p, len(e.Body))
	if e.Coded == nil {
		return append(body, e.Body...), coded
	}
	r.grow(p, len(*e.Coded))
	if coded == nil {
		coded = []byte{}
	}
	return body, append(coded, *e.Coded...)
}

func (r *Reader) answer(e *entry) {
	p := r.open[e.N]
	if p == nil || p.Answer.Outcome != Unknown {
		r.flaws.Orphans++
		r.flaw()
		return
	}
	a := &p.Answer
	if a.Line == 0 {
		a.Line, a.At = r.line, e.At
	}
	if e.Latency != 0 {
		a.Latency = time.Duration(e.Latency) * time.Microsecond
	}
	a.Ended = e.At
	a.Head = append(a.Head, e.Head...)
	r.grow(p, len(e.Head))
	a.Cut += e.Cut
	a.Body, a.Coded = r.body(p, a.Body, a.Coded, e)
	if e.More {
		return
	}
	if a.Outcome, a.Detail = Outcome(r.intern(e.Outcome)), string(e.Detail); a.Outcome == Unknown {
		a.Outcome = Lost // no version writes that
	}
	if a.Outcome == Lost {
		r.flaws.Lost++
		r.flaw()
	}
	if !p.more || a.Outcome == Lost {
		r.finish(p)
	}
}

// finish closes an exchange, and hands on one that no others wait for.
func (r *Reader) finish(p *pending) {
	p.done = true
	delete(r.open, p.N)
	p.Answer.Interim, p.Answer.Head = SplitInterim(p.Answer.Head)
	if p.Coded != nil {
		p.Body, _ = Unchunk(p.Coded)
	}
	if p.Answer.Coded != nil {
		p.Answer.Body, _ = Unchunk(p.Answer.Coded)
	}
	if p.late {
		r.ready = append(r.ready, &p.Exchange)
	}
}

// hand hands on what has an end, in order.
func (r *Reader) hand() {
	for len(r.queue) > 0 {
		p := r.queue[0]
		if !p.done && len(r.queue) <= maxQueue && r.size <= maxBytes {
			return
		}
		r.queue = r.queue[1:]
		r.size -= p.bytes()
		if p.done {
			r.ready = append(r.ready, &p.Exchange)
			continue
		}
		p.late = true
		r.late = append(r.late, p)
		if len(r.late) > maxQueue { // no client has so many open
			r.lose(r.late[0])
			r.late = r.late[1:]
		}
	}
}

func (p *pending) bytes() int64 {
	n := len(p.Head) + len(p.Answer.Interim) + len(p.Answer.Head)
	for _, m := range [][2][]byte{{p.Body, p.Coded}, {p.Answer.Body, p.Answer.Coded}} {
		if m[1] != nil {
			n += len(m[1])
		} else {
			n += len(m[0])
		}
	}
	return int64(n)
}

// lose ends an exchange that has no end.
func (r *Reader) lose(p *pending) {
	if p.done {
		return
	}
	r.flaws.Lost++
	r.flaw()
	r.finish(p)
}

// giveUp hands on what has no end and will not get one.
func (r *Reader) giveUp() {
	for _, p := range slices.Concat(r.late, r.queue) {
		r.lose(p)
		if !p.late {
			r.ready = append(r.ready, &p.Exchange)
		}
	}
	r.late, r.queue, r.size = nil, nil, 0
}
