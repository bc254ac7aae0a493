package delivery

import (
	"encoding/json"
	"errors"
	"strings"
)

// Answers are parsed by a parser of our own, not by encoding/json, because load judges
// every answer, so that it must not allocate, and because it has to distinguish what
// encoding/json does not: keys that differ in case, and bytes after the object. A fuzz
// test compares it with encoding/json.

type kind uint8

const (
	kindNone kind = iota
	kindInteger
	kindNumber // with a fraction or an exponent
	kindString
	kindOther
)

// token is the position of a value in the body.
type token struct {
	kind     kind
	from, to int
}

func (t token) of(b []byte) []byte { return b[t.from:t.to] }

// answerTokens holds the values of the top-level keys that matter. Of equal keys the
// last one counts, as in most parsers.
type answerTokens struct {
	code, action, info, message token
	wrongCase                   token // a key that differs from ErrorCode in case only
}

var (
	errEmpty     = errors.New("empty")
	errNotJSON   = errors.New("not JSON")
	errNotObject = errors.New("not an object")
	errTrailing  = errors.New("trailing bytes")
)

const maxDepth = 1000

type ackParser struct {
	b []byte
	i int
}

func parseAck(b []byte) (answerTokens, error) {
	var t answerTokens
	s := ackParser{b: b}
	s.space()
	if s.i == len(b) {
		return t, errEmpty
	}
	object := b[s.i] == '{'
	var ok bool
	if object {
		ok = s.object(&t, 0)
	} else {
		_, ok = s.value(0)
	}
	if !ok {
		return t, errNotJSON
	}
	s.space()
	switch {
	case s.i < len(b) && object:
		return t, errTrailing
	case s.i < len(b):
		return t, errNotJSON
	case !object:
		return t, errNotObject
	}
	return t, nil
}

func (s *ackParser) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

func (s *ackParser) eat(c byte) bool {
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// object parses an object and assigns its values to t, if that is not nil.
func (s *ackParser) object(t *answerTokens, depth int) bool {
	if depth > maxDepth || !s.eat('{') {
		return false
	}
	s.space()
	if s.eat('}') {
		return true
	}
	for {
		s.space()
		key := token{kind: kindString, from: s.i}
		if s.i == len(s.b) || s.b[s.i] != '"' || !s.str() {
			return false
		}
		key.to = s.i
		s.space()
		if !s.eat(':') {
			return false
		}
		s.space()
		val, ok := s.value(depth + 1)
		if !ok {
			return false
		}
		if t != nil {
			t.assign(s.b, key, val)
		}
		s.space()
		if s.eat('}') {
			return true
		}
		if !s.eat(',') {
			return false
		}
	}
}

func (t *answerTokens) assign(b []byte, key, val token) {
	name := b[key.from+1 : key.to-1]
	for _, c := range name {
		if c == '\\' { // an escaped key is rare enough to allocate for
			var plain string
			_ = json.Unmarshal(key.of(b), &plain)
			name = []byte(plain)
			break
		}
	}
	switch string(name) {
	case "ErrorCode":
		t.code = val
	case "ActionStatus":
		t.action = val
	case "ErrorInfo":
		t.info = val
	case "ErrorMessage":
		t.message = val
	default:
		if len(name) == len("ErrorCode") && strings.EqualFold(string(name), "ErrorCode") {
			t.wrongCase = key
		}
	}
}

func (s *ackParser) array(depth int) bool {
	if depth > maxDepth || !s.eat('[') {
		return false
	}
	s.space()
	if s.eat(']') {
		return true
	}
	for {
		s.space()
		if _, ok := s.value(depth + 1); !ok {
			return false
		}
		s.space()
		if s.eat(']') {
			return true
		}
		if !s.eat(',') {
			return false
		}
	}
}

func (s *ackParser) value(depth int) (token, bool) {
	t := token{kind: kindOther, from: s.i}
	if s.i == len(s.b) {
		return t, false
	}
	ok := false
	switch c := s.b[s.i]; {
	case c == '"':
		t.kind, ok = kindString, s.str()
	case c == '{':
		ok = s.object(nil, depth)
	case c == '[':
		ok = s.array(depth)
	case c == '-' || '0' <= c && c <= '9':
		t.kind, ok = s.number()
	default:
		ok = s.word("true") || s.word("false") || s.word("null")
	}
	t.to = s.i
	return t, ok
}

func (s *ackParser) word(w string) bool {
	if len(s.b)-s.i >= len(w) && string(s.b[s.i:s.i+len(w)]) == w {
		s.i += len(w)
		return true
	}
	return false
}

func (s *ackParser) str() bool {
	for s.i++; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return true
		case c < 0x20:
			return false
		case c == '\\':
			s.i++
			if s.i == len(s.b) || !s.escape() {
				return false
			}
		}
	}
	return false
}

// escape parses what follows a backslash, up to its last byte but not beyond.
func (s *ackParser) escape() bool {
	switch s.b[s.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			s.i++
			if s.i == len(s.b) || !isHex(s.b[s.i]) {
				return false
			}
		}
		return true
	}
	return false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *ackParser) digits() bool {
	from := s.i
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

func (s *ackParser) number() (kind, bool) {
	k := kindInteger
	s.eat('-')
	if !s.eat('0') && !s.digits() {
		return k, false
	}
	if s.eat('.') {
		k = kindNumber
		if !s.digits() {
			return k, false
		}
	}
	if s.eat('e') || s.eat('E') {
		k = kindNumber
		if !s.eat('+') {
			s.eat('-')
		}
		if !s.digits() {
			return k, false
		}
	}
	return k, true
}
