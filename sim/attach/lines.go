package attach

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"

	"ringback/sim/journal"
)

// maxLine is the max length of a line of the server's.
const maxLine = 64 << 20

// lines reads whole lines, up to the end or to one that is cut off.
type lines struct {
	from *bufio.Reader
	line []byte
}

func newLines(from io.Reader) *lines { return &lines{from: bufio.NewReaderSize(from, 256<<10)} }

// next returns the next line without its line feed, valid until the next one.
func (l *lines) next() ([]byte, error) {
	l.line = l.line[:0]
	for {
		part, err := l.from.ReadSlice('\n')
		if l.line = append(l.line, part...); len(l.line) > maxLine {
			return nil, errors.New("the server sends a line that is too long")
		}
		switch {
		case err == nil:
			return bytes.TrimSuffix(l.line, []byte("\n")), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.line) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}

// more reports whether a line can be read without waiting, as far as is known.
func (l *lines) more() bool {
	waiting, _ := l.from.Peek(l.from.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

// sse reads the journal's events of a stream of server-sent events. An event counts
// once the empty line behind it is there.
type sse struct {
	lines *lines
	data  []byte
}

// next returns the next event; nil if what came is none, like a sign of life.
func (s *sse) next() (*journal.Event, error) {
	line, err := s.lines.next()
	if err != nil {
		return nil, err
	}
	if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
		s.data = append(s.data[:0], data...)
	}
	if len(line) > 0 || len(s.data) == 0 {
		return nil, nil
	}
	e, err := parse(s.data)
	s.data = s.data[:0]
	return e, err
}

// parse reads an event; nil if it is of a kind that is not known.
func parse(line []byte) (*journal.Event, error) {
	e, err := journal.ParseLine(line)
	if err != nil {
		return nil, refused("the server sends what can't be read: %v", err)
	}
	if e != nil {
		if a, ok := e.Data.(*journal.Answer); ok { // streams say how long it took
			a.Took = time.Duration(a.TookUS) * time.Microsecond
		}
	}
	return e, nil
}
