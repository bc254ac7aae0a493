package calibrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ringback/sim/recording"
	"ringback/sim/text"
)

// maxEntry is the maximum size of one line or entry, so that a file that is something
// else does not fill the memory.
const maxEntry = 64 << 20

// skip passes over the rest of a value whose first token was read.
func skip(dec *json.Decoder, token json.Token) error {
	for depth := 0; ; {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if token, err = dec.Token(); err != nil {
			return err
		}
	}
}

// readArray hands on the entries of an array that is the value of keys in objects.
func readArray(r io.Reader, what string, keys []string, read func(*json.Decoder) (*recording.Exchange, error), add func(*recording.Exchange) error) error {
	at := &lineReader{r: r, line: 1}
	dec := json.NewDecoder(at)
	fail := func(place string, err error) error {
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			err = fmt.Errorf("the %s ends here, before its last bracket: it was cut short", what)
		case errors.As(err, &syntax):
			err = fmt.Errorf("no JSON: %w", err)
		}
		return fmt.Errorf("line %d: %s%w", at.lineOf(dec.InputOffset()), place, err)
	}
	open := json.Delim('{')
	for i, key := range append(keys, "") {
		if key == "" {
			open = '['
		}
		switch token, err := dec.Token(); {
		case err != nil:
			return fail("", err)
		case token != open:
			return fail("", fmt.Errorf("%s: want %v", keys[i-1], open))
		}
		if err := seek(dec, at, key); err != nil {
			return fail("", err)
		}
	}
	name := keys[len(keys)-1]
	for n := 0; dec.More(); n++ {
		at.from = dec.InputOffset() + gap(dec.Buffered())
		at.lineOf(at.from)
		e, err := read(dec)
		if err != nil {
			return fail(fmt.Sprintf("%s[%d]: ", name, n), err)
		}
		e.Line = at.line
		if err := add(e); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fail("", err)
	}
	return nil
}

// gap is how many bytes stand before the next value.
func gap(r io.Reader) (n int64) {
	var c [1]byte
	for {
		if _, err := r.Read(c[:]); err != nil || !strings.Contains(", \t\r\n", string(c[:])) {
			return n
		}
		n++
	}
}

// seek passes over the keys of an object before one.
func seek(dec *json.Decoder, at *lineReader, want string) error {
	for want != "" {
		key, err := dec.Token()
		switch {
		case err != nil:
			return err
		case key == want:
			return nil
		case key == json.Delim('}'):
			return missing(want, "the list of requests")
		}
		at.from = dec.InputOffset()
		value, err := dec.Token()
		if err == nil {
			err = skip(dec, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lineReader counts the lines of what is read through it, and refuses entries that are
// too long.
type lineReader struct {
	r     io.Reader
	n     int64   // bytes read
	from  int64   // where the latest entry begins
	feeds []int64 // offsets of line feeds that were not counted yet
	line  int     // of the offset that was asked for last
}

func (l *lineReader) Read(p []byte) (int, error) {
	if l.n-l.from > maxEntry {
		return 0, errTooLong
	}
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			l.feeds = append(l.feeds, l.n+int64(i))
		}
	}
	l.n += int64(n)
	return n, err
}

var errTooLong = fmt.Errorf("longer than %d MiB, the maximum of one entry", maxEntry>>20)

// lineOf is the line of an offset, which is not smaller than that of the call before.
func (l *lineReader) lineOf(offset int64) int {
	n := 0
	for n < len(l.feeds) && l.feeds[n] < offset {
		n++
	}
	l.line += n
	l.feeds = l.feeds[n:]
	return l.line
}

func missing(key, about string) error { return fmt.Errorf("%s is missing: want %s", key, about) }

// parseTime reads RFC 3339.
func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, errors.New("is missing: want a time like 2026-01-01T00:00:00.000Z")
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return at, fmt.Errorf("%s: want a time like 2026-01-01T00:00:00.000Z", text.Quote(s, 40))
	}
	return at, nil
}

// parseEpoch reads seconds or milliseconds since 1970.
func parseEpoch(s string) (time.Time, error) {
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || !(n > 0 && n < 1e14):
		return time.Time{}, fmt.Errorf("%s: want a time like 2026-01-01T00:00:00.000Z, or seconds or milliseconds since 1970", text.Quote(s, 40))
	case n < 1e11:
		return time.UnixMicro(int64(n * 1e6)), nil
	}
	return time.UnixMicro(int64(n * 1e3)), nil
}
