package secret

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

// short is the length in bytes up to which a value is hidden only behind its key.
const short = 4

// ordinary are words that say nothing of whom they come from.
var ordinary = []string{
	"true", "false", "null", "ringback", "callback", "callbacks", "callkit", "tencent", "localhost", "127.0.0.1",
	"application/json", "no-cache", "bearer", "basic", "token", "digest", "close", "keep-alive",
}

// Set is a collection of secrets. The zero value is empty and ready for use; a
// nil one hides what an empty one does. It is safe for concurrent use as long as
// nothing is added.
type Set struct {
	words []string // longest first
	keyed []keyed
}

// keyed is a value that is a secret only behind its key.
type keyed struct{ key, value string }

// Empty reports whether nothing was added.
func (s *Set) Empty() bool { return s == nil || len(s.words)+len(s.keyed) == 0 }

// AddSet adds all secrets of another set, which may be nil.
func (s *Set) AddSet(other *Set) {
	if other == nil {
		return
	}
	for _, w := range other.words {
		s.insert(w)
	}
	for _, k := range other.keyed {
		s.insertKeyed(k)
	}
}

// AddURL adds the user info and the values of the query of a URL, or of a path
// with a query. The URL can be malformed.
func (s *Set) AddURL(raw string) {
	p := split(raw)
	if p.hasUser {
		s.addUser(p.user)
	}
	if p.query == "" {
		return
	}
	for _, pair := range strings.FieldsFunc(p.query[1:], func(r rune) bool { return r == '&' || r == '#' }) {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			key, value = "", pair
		}
		for _, v := range strings.Split(value, place) {
			s.add(key, v)
		}
	}
}

// addUser adds user info, and the parts of it that an error may name.
func (s *Set) addUser(info string) {
	s.addEncoded(info)
	s.AddValue(info)
	user, password, ok := strings.Cut(info, ":")
	s.AddValue(user)
	s.AddValue(password)
	if ok {
		s.insertKeyed(keyed{user, password})
	}
	for _, part := range strings.FieldsFunc(info, func(r rune) bool { return strings.ContainsRune("/?#:@&=\\", r) }) {
		s.AddValue(part)
	}
}

// addEncoded adds user info as Basic authentication spells it, however short.
func (s *Set) addEncoded(info string) {
	if !strings.Contains(info, ":") {
		info += ":" // as Basic authentication has it
	}
	plain, _, _ := decode(info, nil)
	for _, v := range []string{info, strings.ReplaceAll(plain, " ", "+"), plain} {
		if v != ":" {
			s.insert(base64.StdEncoding.EncodeToString([]byte(v)))
		}
	}
}

// AddHeader adds the value of a header line, Name: value, and the whole line if
// it is none.
func (s *Set) AddHeader(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		s.AddValue(line)
		for _, word := range strings.Fields(line) {
			s.AddValue(word)
		}
		return
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	words := strings.Fields(value)
	if len(words) < 2 || !slices.ContainsFunc(words, func(w string) bool { return len(w) > short }) {
		s.add(name, value)
	}
	for i, word := range words {
		if i == 0 && len(words) > 1 && strings.EqualFold(name, "Authorization") {
			continue // the scheme
		}
		s.add(name, word)
		if _, v, ok := strings.Cut(strings.TrimRight(word, ";,"), "="); ok { // of a cookie, or of Digest
			s.AddValue(strings.Trim(v, `"`))
		}
	}
	if len(words) == 2 && strings.EqualFold(words[0], "Basic") {
		if plain, err := base64.StdEncoding.DecodeString(words[1]); err == nil {
			s.addUser(string(plain))
		}
	}
}

// AddApp adds the key of an app as the command line has it: SDKAPPID:KEY, perhaps
// with :nopackage behind it. The path of SDKAPPID:@FILE is none.
func (s *Set) AddApp(text string) {
	id, key, ok := strings.Cut(text, ":")
	switch {
	case !ok && !digits(text):
		s.AddToken(text)
		return
	case !digits(id):
		s.AddToken(id)
	}
	key, _ = strings.CutSuffix(key, ":nopackage")
	if strings.HasPrefix(key, "@") {
		return
	}
	s.add(id, key)
	for _, part := range strings.Split(key, ":") {
		s.AddValue(part)
	}
}

// AddToken adds a key or a token as the command line has it. The path of @FILE is
// none.
func (s *Set) AddToken(text string) {
	if !strings.HasPrefix(text, "@") {
		s.AddValue(text)
	}
}

// AddAny adds what a text has of the forms of a URL, of SDKAPPID:KEY and of a
// header line: the text may be anything, where it was typed in the wrong place.
func (s *Set) AddAny(text string) {
	name, value, ok := strings.Cut(text, ":")
	switch {
	case strings.Contains(text, "://"):
		s.AddURL(text)
	case !ok:
	case len(name) > short && digits(name):
		s.AddApp(text)
	case strings.HasPrefix(value, " ") && headerName(name):
		s.AddHeader(text)
	}
}

// AddValue adds a text that is a secret as a whole. One of up to 4 bytes adds
// nothing.
func (s *Set) AddValue(value string) { s.add("", value) }

func (s *Set) add(key, value string) {
	value = strings.TrimSpace(value)
	for range rounds { // as typed, and as a receiver reads it
		if len(value) <= short || strings.EqualFold(key, "sdkappid") || slices.Contains(ordinary, strings.ToLower(value)) {
			if key != "" && value != "" {
				s.insertKeyed(keyed{key, value})
			}
		} else if s.insert(value) {
			s.insertBase64(value)
		}
		plain, _, changed := decode(value, nil)
		if !changed {
			return
		}
		value = plain
	}
}

// insertBase64 adds what a value makes sure to be in any base64 of a text that
// has it: the characters around it depend on the text.
func (s *Set) insertBase64(value string) {
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := enc.EncodeToString(append(make([]byte, before), value...))
			s.insert(text[(before*8+5)/6 : (before+len(value))*8/6])
		}
	}
}

// insert adds a word, and reports whether it is a new one.
func (s *Set) insert(word string) bool {
	i, found := slices.BinarySearchFunc(s.words, word, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	if !found {
		s.words = slices.Insert(s.words, i, word)
	}
	return !found
}

func (s *Set) insertKeyed(k keyed) {
	if k.key != "" && k.value != "" && !slices.Contains(s.keyed, k) {
		s.keyed = append(s.keyed, k)
	}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func headerName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
}
