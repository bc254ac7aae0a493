package secret

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// short is the max length in bytes of a value that is hidden only after its key.
const short = 4

// The min length of a word that is within no other word by chance: of letters and digits
// only, and of any characters.
const (
	mixed = 8
	long  = 16
)

// ordinary are the common words of protocols, callbacks and calls, which identify no one.
var ordinary = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range []string{
		"true", "false", "null", "ringback", "callback", "callbacks", "callkit", "tencent", "localhost", "127.0.0.1",
		"application/json", "no-cache", "bearer", "basic", "token", "digest", "close", "keep-alive",
	} {
		words[w] = true
	}
	for _, w := range wire.AllWords() {
		words[strings.ToLower(w.String())], words[strings.ToLower(w.Event())] = true, true
	}
	for _, w := range call.Words() {
		words[w] = true
	}
	return words
}()

// Set is a collection of secrets. The zero value is empty and ready for use; a nil Set
// acts like an empty one. It is safe for concurrent use as long as nothing is added.
type Set struct {
	words []word // longest first
	keyed []keyed
	own   map[string]bool // in lower case
}

// word is a value that is secret as a whole word or, if it is loose, within longer words,
// too.
type word struct {
	text  string
	lower string // the text in lower case
	loose bool
}

func (w word) digits() bool { return digits(w.text) }

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
		s.insert(w.text, w.loose)
	}
	for _, k := range other.keyed {
		s.insertKeyed(k)
	}
	for w := range other.own {
		s.AddOwn(w)
	}
}

// AddOwn adds words that the program itself prints, like the names and values of its
// flags. A secret with such a value is hidden only after its key, whichever is added
// first.
func (s *Set) AddOwn(words ...string) {
	if s.own == nil {
		s.own = map[string]bool{}
	}
	for _, w := range words {
		s.own[strings.ToLower(w)] = true
	}
}

// says reports whether a word is ordinary, or one of AddOwn.
func (s *Set) says(w string) bool { return s.saysLower(strings.ToLower(w)) }

func (s *Set) saysLower(w string) bool { return ordinary[w] || s.own[w] }

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
			s.insert(base64.StdEncoding.EncodeToString([]byte(v)), true)
		}
	}
}

// AddHeader adds the value of a header line, Name: value, or the whole line if it has
// another form.
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

// AddApp adds the key of an app as the command line has it: SDKAPPID:KEY, perhaps with
// :nopackage behind it. The path of SDKAPPID:@FILE is not secret.
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

// AddToken adds a key or a token as the command line has it. The path of @FILE is not
// secret.
func (s *Set) AddToken(text string) {
	if !strings.HasPrefix(text, "@") {
		s.AddValue(text)
	}
}

// AddAny adds the secrets that a text has when read as a URL, as SDKAPPID:KEY, and as a
// header line, for text that was typed in the wrong place.
func (s *Set) AddAny(text string) {
	name, value, ok := strings.Cut(text, ":")
	switch {
	case strings.Contains(text, "://"):
		s.AddURL(text)
	case !ok:
	case len(name) >= minAppID && len(name) <= maxAppID && digits(name):
		s.AddApp(text)
	case strings.HasPrefix(value, " ") && secretHeader(name):
		s.AddHeader(text)
	}
}

// AddValue adds a text that is a secret as a whole. One of up to 4 bytes adds
// nothing.
func (s *Set) AddValue(value string) { s.add("", value) }

func (s *Set) add(key, value string) {
	value = strings.TrimSpace(value)
	for range rounds { // as typed, and as a receiver reads it
		s.insertKeyed(keyed{key, value})
		if len(value) > short && !strings.EqualFold(key, "sdkappid") && !s.says(value) && s.insert(value, distinct(value)) {
			s.insertBase64(value)
		}
		plain, _, changed := decode(value, nil)
		if !changed {
			return
		}
		value = plain
	}
}

// insertBase64 adds the part that is the same in the base64 of every text with the value:
// the characters at its ends depend on the text.
func (s *Set) insertBase64(value string) {
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := enc.EncodeToString(append(make([]byte, before), value...))
			s.insert(text[(before*8+5)/6:(before+len(value))*8/6], true)
		}
	}
}

// distinct reports whether a value is too unusual to be within another word by chance.
func distinct(value string) bool {
	letter := strings.ContainsFunc(value, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' })
	return letter && (len(value) >= long || len(value) >= mixed && strings.ContainsAny(value, "0123456789"))
}

// insert adds a word, and reports whether it is a new one.
func (s *Set) insert(text string, loose bool) bool {
	i, found := slices.BinarySearchFunc(s.words, text, func(a word, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a.text)), cmp.Compare(a.text, b))
	})
	if !found {
		s.words = slices.Insert(s.words, i, word{text, strings.ToLower(text), loose})
	} else if loose {
		s.words[i].loose = true
	}
	return !found
}

func (s *Set) insertKeyed(k keyed) {
	if k.key != "" && k.value != "" && !slices.Contains(s.keyed, k) {
		s.keyed = append(s.keyed, k)
	}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// How many digits SDKAppIDs have.
const (
	minAppID = 8
	maxAppID = 10
)

// secretHeader reports whether a header of that name holds a secret.
func secretHeader(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "apikey":
		return true
	}
	dash := strings.LastIndexByte(name, '-')
	last := name[dash+1:]
	return dash > 0 && !strings.ContainsAny(name, " \t") && slices.Contains([]string{"token", "key", "auth", "secret", "authorization", "password", "session", "signature"}, last)
}
