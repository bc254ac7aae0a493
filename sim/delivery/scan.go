package delivery

import (
	"encoding/json"
	"errors"
	"strings"
)

// An answer is read with a scanner of our own: it must allocate nothing, since
// a load generator judges every answer, and it must tell apart what
// encoding/json folds together (keys that differ in case, garbage behind the
// object). A fuzz target holds it against encoding/json.

type kind uint8

const (
	kindNone kind = iota
	kindInteger
	kindNumber // with a fraction or an exponent
	kindString
	kindOther
)

// token is where a value stands in the body.
type token struct {
	kind     kind
	from, to int
}

func (t token) of(b []byte) []byte { return b[t.from:t.to] }

// answerTokens are the values of the top-level keys that matter. As in most
// parsers the last of several equal keys wins.
type answerTokens struct {
	code, action, info, message token
	nearly                      token // a key that is ErrorCode in other letters' case
}

var (
	errEmpty     = errors.New("empty")
	errNotJSON   = errors.New("not JSON")
	errNotObject = errors.New("not an object")
	errTrailing  = errors.New("trailing bytes")
)

const maxDepth = 1000

type scanner struct {
	b []byte
	i int
}

func scanAnswer(b []byte) (answerTokens, error) {
	var t answerTokens
	s := scanner{b: b}
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

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

func (s *scanner) eat(c byte) bool {
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// object scans an object; t, if not nil, takes the values of its keys.
func (s *scanner) object(t *answerTokens, depth int) bool {
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
			t.note(s.b, key, val)
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

func (t *answerTokens) note(b []byte, key, val token) {
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
			t.nearly = key
		}
	}
}

func (s *scanner) array(depth int) bool {
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

func (s *scanner) value(depth int) (token, bool) {
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

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i >= len(w) && string(s.b[s.i:s.i+len(w)]) == w {
		s.i += len(w)
		return true
	}
	return false
}

func (s *scanner) str() bool {
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

// escape checks what follows a backslash and stops on its last byte.
func (s *scanner) escape() bool {
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

func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

func (s *scanner) number() (kind, bool) {
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
