package recording

import (
	"time"
	"unicode/utf8"

	"ringback/sim/journal"
	"ringback/sim/wire"
)

// entry is a line.
type entry struct {
	N          int64           `json:"n"`
	At         time.Time       `json:"t"`
	Kind       string          `json:"kind"`
	Part       string          `json:"part"`
	More       bool            `json:"more"`
	Conn       int64           `json:"conn"`
	Source     journal.Text    `json:"source"`
	Generation wire.Generation `json:"generation"`
	Word       journal.Text    `json:"word"`
	Call       journal.Text    `json:"call"`
	App        journal.Text    `json:"sdkappid"`
	Delivery   int64           `json:"delivery"`
	Latency    int64           `json:"latency_us"`
	Head       journal.Text    `json:"head"`
	Body       journal.Text    `json:"body"`
	Coded      *journal.Text   `json:"coded"` // nil without the key
	Cut        int64           `json:"cut"`
	Outcome    journal.Text    `json:"outcome"`
	Detail     journal.Text    `json:"detail"`
	Unfinished bool            `json:"unfinished"`
}

// scan reads a line as this package writes it. If it is another one, or none, ok is false
// and e is not to be used: encoding/json, which takes four times as long, knows what it is.
// Texts are parts of the line, or of room, which is returned to be used again.
func (e *entry) scan(line, room []byte) (again []byte, ok bool) {
	s := scanner{line, room[:0]}
	ok = e.object(line, &s)
	return s.room, ok
}

func (e *entry) object(line []byte, s *scanner) (ok bool) {
	if !utf8.Valid(line) || !s.take('{') {
		return false
	}
	for {
		key, ok := s.key()
		if !ok || !e.value(key, s) {
			return false
		}
		if !s.take(',') {
			return s.take('}') && len(s.rest) == 0
		}
	}
}

// value reads the value of a key.
func (e *entry) value(key []byte, s *scanner) bool {
	switch string(key) {
	case "n":
		return s.number(&e.N)
	case "conn":
		return s.number(&e.Conn)
	case "delivery":
		return s.number(&e.Delivery)
	case "latency_us":
		return s.number(&e.Latency)
	case "cut":
		return s.number(&e.Cut)
	case "t":
		return s.time(&e.At)
	case "kind":
		return s.word(&e.Kind, "exchange")
	case "part":
		return s.word(&e.Part, "request") || s.word(&e.Part, "answer")
	case "more":
		return s.yes(&e.More)
	case "unfinished":
		return s.yes(&e.Unfinished)
	case "generation":
		var g string
		ok := s.word(&g, "v1") || s.word(&g, "v4")
		if e.Generation = wire.V1; g == "v4" {
			e.Generation = wire.V4
		}
		return ok
	case "source":
		return s.text(&e.Source)
	case "word":
		return s.text(&e.Word)
	case "call":
		return s.text(&e.Call)
	case "sdkappid":
		return s.text(&e.App)
	case "head":
		return s.text(&e.Head)
	case "body":
		return s.text(&e.Body)
	case "coded":
		e.Coded = new(journal.Text)
		return s.text(e.Coded)
	case "outcome":
		return s.text(&e.Outcome)
	case "detail":
		return s.text(&e.Detail)
	}
	return false
}

// scanner reads JSON without blanks.
type scanner struct{ rest, room []byte }

func (s *scanner) take(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// key reads a key and the colon behind it.
func (s *scanner) key() (key []byte, ok bool) {
	if !s.take('"') {
		return nil, false
	}
	for i, c := range s.rest {
		if c == '"' {
			key = s.rest[:i]
			s.rest = s.rest[i+1:]
			return key, s.take(':')
		}
		if !('a' <= c && c <= 'z' || c == '_') {
			break
		}
	}
	return nil, false
}

// word reads a string that can only be one.
func (s *scanner) word(to *string, want string) bool {
	n := len(want) + 2
	if len(s.rest) < n || s.rest[0] != '"' || s.rest[n-1] != '"' || string(s.rest[1:n-1]) != want {
		return false
	}
	*to, s.rest = want, s.rest[n:]
	return true
}

func (s *scanner) yes(to *bool) bool {
	if len(s.rest) < 4 || string(s.rest[:4]) != "true" {
		return false
	}
	*to, s.rest = true, s.rest[4:]
	return true
}

func (s *scanner) number(to *int64) bool {
	n, i := int64(0), 0
	for ; i < len(s.rest) && '0' <= s.rest[i] && s.rest[i] <= '9'; i++ {
		n = 10*n + int64(s.rest[i]-'0')
	}
	if i == 0 || i > 18 || i > 1 && s.rest[0] == '0' {
		return false
	}
	*to, s.rest = n, s.rest[i:]
	return true
}

// time reads a time as [appendStart] writes it.
func (s *scanner) time(to *time.Time) bool {
	const form = `"2006-01-02T15:04:05.000000Z"`
	if len(s.rest) < len(form) {
		return false
	}
	b := s.rest[:len(form)]
	for i, c := range []byte(form) {
		if digit := '0' <= c && c <= '9'; digit && (b[i] < '0' || b[i] > '9') || !digit && b[i] != c {
			return false
		}
	}
	num := func(from, to int) (n int) {
		for _, c := range b[from:to] {
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day, hour, minute, second := num(1, 5), num(6, 8), num(9, 11), num(12, 14), num(15, 17), num(18, 20)
	if month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return s.slowTime(b, to) // most months have more days, and time knows which
	}
	*to, s.rest = time.Date(year, time.Month(month), day, hour, minute, second, 1000*num(21, 27), time.UTC), s.rest[len(form):]
	return true
}

func (s *scanner) slowTime(b []byte, to *time.Time) bool {
	t, err := time.Parse(`"2006-01-02T15:04:05.000000Z"`, string(b))
	*to, s.rest = t, s.rest[len(b):]
	return err == nil
}

// text reads a string whose escapes are those of [appendText].
func (s *scanner) text(to *journal.Text) bool {
	if !s.take('"') {
		return false
	}
	end, escapes := 0, 0
	for {
		if end >= len(s.rest) || s.rest[end] < ' ' {
			return false
		}
		if s.rest[end] == '"' {
			break
		}
		if s.rest[end] == '\\' {
			escapes++
			end++
		}
		end++
	}
	raw := s.rest[:end:end]
	s.rest = s.rest[end+1:]
	if escapes == 0 {
		*to = raw
		return true
	}
	text, before, from := s.room, len(s.room), 0
	for i := 0; escapes > 0; i++ {
		if raw[i] != '\\' {
			continue
		}
		text = append(text, raw[from:i]...)
		escapes--
		i++
		switch c := raw[i]; c {
		case '"', '\\', '/':
			text = append(text, c)
		case 'r':
			text = append(text, '\r')
		case 'n':
			text = append(text, '\n')
		case 't':
			text = append(text, '\t')
		case 'u':
			if len(raw) < i+5 || raw[i+1] != '0' || raw[i+2] != '0' {
				return false
			}
			high, low := hex(raw[i+3]), hex(raw[i+4])
			if high > 7 || low > 15 {
				return false
			}
			text = append(text, high<<4|low)
			i += 4
		default:
			return false
		}
		from = i + 1
	}
	s.room = append(text, raw[from:]...)
	*to = s.room[before:len(s.room):len(s.room)]
	return true
}

// hex is the value of a digit, or 255.
func hex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
