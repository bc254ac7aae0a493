package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// longest bounds the bytes of a line that is read, so that a file without line feeds does
// not fill the memory, and so also of one that is written.
const longest = 64 << 20

var (
	errLong      = fmt.Errorf("a line is longer than %d MiB, the most that is read", longest>>20)
	errNoJournal = errors.New("the first line is no journal's header")
	errNeither   = errors.New("the first line is no journal's header, nor a recording's")
)

// bom is the byte order mark that some editors put at the beginning of a file.
var bom = []byte("\uFEFF")

// line is a line with its line feed, valid until the next one is read.
type line []byte

// whole reports whether the line has its line feed.
func (l line) whole() bool { return bytes.HasSuffix(l, []byte("\n")) }

// blank reports whether the line has no content.
func (l line) blank() bool { return l.whole() && len(bytes.TrimRight(l, " \t\r\n")) == 0 }

// mayBegin reports whether the line is the first of a journal of any format version, or
// the torn beginning of one.
func (l line) mayBegin() bool {
	if !l.whole() {
		return l.tornHeader()
	}
	var h struct {
		V    int     `json:"v"`
		Kind string  `json:"kind"`
		Run  *string `json:"run"`
	}
	return json.Unmarshal(l, &h) == nil && h.V > 0 && h.Kind == "run" && h.Run != nil
}

// tornHeader reports whether the line is the beginning of a header. After a crash of the
// machine the rest may be NUL bytes.
func (l line) tornHeader() bool {
	const before, behind = `{"v":`, `,"kind":"run",`
	s := strings.TrimRight(string(l[:min(len(l), 100)]), "\x00")
	rest, ok := strings.CutPrefix(s, before)
	if !ok {
		return strings.HasPrefix(before, s)
	}
	rest = strings.TrimLeft(rest, "0123456789")
	return strings.HasPrefix(behind, rest) || strings.HasPrefix(rest, behind)
}

// lines reads lines.
type lines struct {
	r     *bufio.Reader
	n     int   // how many so far
	end   int64 // where the latest ends
	begun bool  // the header was read
	long  line  // the memory of those that are longer than the reader's
}

func newLines(r io.Reader) *lines {
	return &lines{r: bufio.NewReaderSize(r, bufferSize)}
}

const bufferSize = 64 << 10

// next returns the next line that is not blank, or [io.EOF]. Only the last may
// lack its line feed, and the first is a journal's.
func (l *lines) next() (line, error) {
	for {
		got, err := l.any()
		if err == nil && l.n == 1 {
			got = bytes.TrimPrefix(got, bom)
		}
		switch {
		case err == nil && got.blank():
			continue
		case !l.begun && (errors.Is(err, errLong) || err == nil && !got.mayBegin() || errors.Is(err, io.EOF) && l.n > 0):
			err = errNoJournal
		}
		l.begun = true
		return got, err
	}
}

// any returns the next line, whatever is in it.
func (l *lines) any() (line, error) {
	got, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		got, err = l.rest(got)
	}
	if len(got) > 0 {
		l.n++
		l.end += int64(len(got))
	}
	if len(got) > 0 && errors.Is(err, io.EOF) {
		err = nil // the end comes again
	}
	return got, err
}

// rest collects a line that is longer than the reader's memory.
func (l *lines) rest(got []byte) (line, error) {
	l.long = append(l.long[:0], got...)
	for {
		got, err := l.r.ReadSlice('\n')
		l.long = append(l.long, got...)
		if len(l.long) > longest {
			return l.long, errLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, err
		}
	}
}

// extent measures lines as they are written, in pieces of any size, and refuses lines
// that could not be read again.
type extent struct {
	size int64
	open int // bytes of a line whose line feed has not come yet
}

func (e *extent) add(p []byte) error {
	e.size += int64(len(p))
	for len(p) > 0 {
		n := bytes.IndexByte(p, '\n') + 1
		whole := n > 0
		if !whole {
			n = len(p)
		}
		if e.open += n; e.open > longest {
			return errLong
		}
		if whole {
			e.open = 0
		}
		p = p[n:]
	}
	return nil
}

// closed is an error unless what was written ends with a line.
func (e *extent) closed() error {
	if e.size == 0 || e.open > 0 {
		return errors.New("what is written does not end with a line feed")
	}
	return nil
}
