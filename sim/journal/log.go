package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Cursor is a position in a log: after the line of an event (Sub 0), or after the
// Sub-th of its client event lines. The zero Cursor is the beginning.
type Cursor struct {
	Seq uint64
	Sub int
}

func (c Cursor) compare(o Cursor) int {
	return cmp.Or(cmp.Compare(c.Seq, o.Seq), cmp.Compare(c.Sub, o.Sub))
}

// String returns the cursor in the form of stream ids, like 57 or 57.1.
func (c Cursor) String() string {
	if c.Sub == 0 {
		return strconv.FormatUint(c.Seq, 10)
	}
	return fmt.Sprintf("%d.%d", c.Seq, c.Sub)
}

// ParseCursor parses the form that [Cursor.String] writes.
func ParseCursor(s string) (c Cursor, err error) {
	seq, sub, more := strings.Cut(s, ".")
	if strings.Trim(seq+sub, "0123456789") != "" {
		return c, fmt.Errorf("event id %q: want one that a stream gave, like 57 or 57.1", s)
	}
	if c.Seq, err = strconv.ParseUint(seq, 10, 64); err == nil && more {
		c.Sub, err = strconv.Atoi(sub)
	}
	if err != nil || c.Sub < 0 {
		return Cursor{}, fmt.Errorf("event id %q: want one that a stream gave, like 57 or 57.1", s)
	}
	return c, nil
}

// Line is an event as readers get it.
type Line struct {
	At   Cursor
	Kind string
	Call string
	Text []byte // JSON with its line feed; not to be changed
}

// Log keeps the last lines of a journal for readers that follow it at their own speed. It
// is not safe for concurrent use.
type Log struct {
	max   int
	lines []Line
	gone  Cursor // of the last line that was dropped
}

// NewLog returns a log that keeps the last max lines.
func NewLog(max int) *Log { return &Log{max: max} }

// Append adds a line and drops the oldest ones beyond the maximum.
func (l *Log) Append(line Line) {
	l.lines = append(l.lines, line)
	if n := len(l.lines) - l.max; n > 0 {
		l.gone = l.lines[n-1].At
		clear(l.lines[:n])
		l.lines = l.lines[n:]
	}
}

// Skip drops all lines and continues after an event.
func (l *Log) Skip(seq uint64) { l.lines, l.gone = nil, Cursor{Seq: seq} }

// Last returns the position after the last line.
func (l *Log) Last() Cursor {
	if len(l.lines) == 0 {
		return l.gone
	}
	return l.lines[len(l.lines)-1].At
}

// Oldest returns the earliest position to read from without a gap.
func (l *Log) Oldest() Cursor { return l.gone }

// After returns up to n lines after a position; ok is false if lines in between were
// dropped. The lines stay valid while the log continues.
func (l *Log) After(c Cursor, n int) (lines []Line, ok bool) {
	if c.compare(l.gone) < 0 {
		return nil, false
	}
	i, found := slices.BinarySearchFunc(l.lines, c, func(l Line, c Cursor) int { return l.At.compare(c) })
	if found {
		i++
	}
	return slices.Clone(l.lines[i:min(len(l.lines), i+n)]), true
}
