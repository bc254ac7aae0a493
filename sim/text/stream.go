package text

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Stream cleans the output of a program, piece by piece, as a last line of defense. Line
// breaks stay, so that text within a line must be cleaned with [Line] before.
//
// Output in JSON stays JSON of the same value, since characters are escaped as in a JSON
// string.
type Stream struct {
	// Colors allows the escape sequences of this program's colors, and no others.
	Colors bool
	// GitHub escapes what the runner of GitHub Actions would take for a workflow
	// command.
	GitHub bool

	buf    []byte
	held   []byte // the beginning of a character or of a sequence
	column column
	start  column // of a line
	hashes int    // that stand before this
}

// column is where in a line a stream is, as far as a workflow command goes.
type column uint8

const (
	margin column = iota // nothing but space yet
	colon                // one colon
	within
)

// The sequences of this program: styles, and on a screen that it draws what moves
// and erases.
var (
	colors = []string{"0", "1", "2", "31", "32", "33", "36"}
	moves  = "AJK"
)

// maxSequence is how long a sequence of this program is at most.
const maxSequence = 12

// Clean is a piece of what is printed, safe to print, until the next piece. What
// ends in the middle of a character, or of a color, waits for that.
func (s *Stream) Clean(piece []byte) []byte {
	if len(s.held) == 0 && s.plain(piece) == len(piece) {
		return piece
	}
	return s.clean(piece, false)
}

// Draw is Clean for a piece that moves on the screen and erases, all by this
// program.
func (s *Stream) Draw(piece []byte) []byte { return s.clean(piece, true) }

// Command is Clean for whole lines that are meant as workflow commands.
func (s *Stream) Command(lines []byte) []byte {
	s.column, s.start = within, within
	b := s.clean(lines, false)
	s.column, s.start = margin, margin
	return b
}

// Flush is what still waits, at the end.
func (s *Stream) Flush() (b []byte) {
	for _, c := range s.held {
		b = AppendEscaped(b, utf8.RuneError, string([]byte{c}))
	}
	s.held = nil
	return b
}

func (s *Stream) clean(b []byte, draws bool) []byte {
	s.buf = s.append(s.buf[:0], b, draws)
	return s.buf
}

func (s *Stream) append(dst, b []byte, draws bool) []byte {
	if len(s.held) > 0 {
		b = append(s.held, b...)
		s.held = nil
	}
	for len(b) > 0 {
		n := s.plain(b)
		dst, b = append(dst, b[:n]...), b[n:]
		if len(b) == 0 {
			break
		}
		if b[0] == '\x1b' && (s.Colors || draws) {
			size, whole := sequence(b, draws)
			if !whole {
				s.held = slices.Clone(b)
				break
			}
			dst, b = append(dst, b[:size]...), b[size:]
			if size > 0 {
				continue
			}
		}
		if !utf8.FullRune(b) {
			s.held = slices.Clone(b)
			break
		}
		r, size := utf8.DecodeRune(b)
		dst = s.character(dst, r, b[:size], draws)
		b = b[size:]
	}
	return dst
}

// plain is how many bytes at the beginning can be printed as they are.
func (s *Stream) plain(b []byte) int {
	if s.GitHub {
		return 0
	}
	for i := 0; i < len(b); i++ {
		for len(b)-i >= 8 && printable8(binary.LittleEndian.Uint64(b[i:])) {
			i += 8 // byte by byte, simulate would spend a fifth of its time here
		}
		if i < len(b) && (b[i] < ' ' || b[i] > '~') && b[i] != '\n' && b[i] != '\t' {
			return i
		}
	}
	return len(b)
}

// printable8 reports whether eight bytes are all between a space and a tilde.
func printable8(x uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	below := (x - ' '*ones) &^ x // a high bit where a byte is less, or borrowed from
	above := x + ones            // a high bit where a byte is DEL
	return (x|below|above)&highs == 0
}

// character writes one, out if need be.
func (s *Stream) character(dst []byte, r rune, raw []byte, draws bool) []byte {
	if draws && r == '\r' {
		s.column, s.hashes = margin, 0
		return append(dst, '\r')
	}
	escape := r == utf8.RuneError && len(raw) == 1 || r != '\n' && r != '\t' && Unprintable(r)
	if s.GitHub {
		escape = s.command(r, escape)
	}
	if escape {
		return AppendEscaped(dst, r, string(raw))
	}
	return append(dst, raw...)
}

// command follows a line as the runner reads it: a command is two colons behind
// nothing but space, or ##[ anywhere. It compares as people do, so that a
// character which can't be seen is no obstacle. The character that would make the
// text a command is written out.
func (s *Stream) command(r rune, escape bool) bool {
	if r == '\n' {
		s.column, s.hashes = s.start, 0
		return false
	}
	ignored := !escape && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	switch {
	case ignored && (s.column != within || s.hashes > 0):
		escape = true
	case r == ':' && s.column == colon, r == '[' && s.hashes > 1:
		escape = true
	}
	switch {
	case escape:
		s.column, s.hashes = within, 0
	case r == ':' && s.column == margin:
		s.column, s.hashes = colon, 0
	case r == '#':
		s.column = within
		s.hashes++
	case s.column == margin && unicode.IsSpace(r):
	default:
		s.column, s.hashes = within, 0
	}
	return escape
}

// sequence is how long the sequence is that a text begins with, if it is one of
// this program's; whole is false if it may become one.
func sequence(b []byte, draws bool) (size int, whole bool) {
	rest, ok := bytes.CutPrefix(b, []byte("\x1b["))
	if !ok {
		return 0, len(b) > 1
	}
	n := 0
	for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
		n++
	}
	switch {
	case n+len("\x1b[") >= maxSequence:
		return 0, true
	case n == len(rest):
		return 0, false
	case rest[n] == 'm' && slices.Contains(colors, string(rest[:n])), draws && bytes.IndexByte([]byte(moves), rest[n]) >= 0:
		return len("\x1b[") + n + 1, true
	}
	return 0, true
}
