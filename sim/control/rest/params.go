package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/text"
)

// fields are the values of a JSON object, taken out one by one until one is
// wrong. A map of raw values, not a struct: encoding/json would fill that from
// keys in any letter case, and the documents say that names are case-sensitive
// (60138, 68926). Unknown keys are ignored, and of a key that is
// there twice the last counts.
type fields struct {
	within string // where the object is, like "CallInfo.", for the words
	keys   map[string]json.RawMessage
	wrong  *wrongField
}

// wrongField is the first field that is wrong.
type wrongField struct {
	name    string
	why     string
	account bool // of a wrong type, where an account belongs (60015)
}

// readFields reads a JSON object.
func readFields(body []byte) (*fields, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("the body is empty, want a JSON object, at least {}")
	}
	keys, err := readObject(body)
	if err != nil {
		return nil, err
	}
	return &fields{keys: keys, wrong: new(wrongField)}, nil
}

func readObject(text []byte) (keys map[string]json.RawMessage, err error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the body is not UTF-8")
	}
	err = json.Unmarshal(text, &keys)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("the body is not JSON: %v at byte %d", err, syntax.Offset)
	case err != nil || keys == nil: // null makes no map, and no error
		return nil, fmt.Errorf("the body is %s, want a JSON object", jsonhttp.Kind(bytes.TrimSpace(text)))
	}
	return keys, nil
}

func (f *fields) bad(key, format string, args ...any) {
	if f.wrong.name == "" {
		f.wrong.name, f.wrong.why = f.within+key, fmt.Sprintf(format, args...)
	}
}

// has reports whether an optional field is there. Null counts as absent: many
// clients write it for what they leave out.
func (f *fields) has(key string) bool {
	raw, ok := f.keys[key]
	return ok && string(raw) != "null"
}

// need is the value of a field that must be there, or nil.
func (f *fields) need(key string) json.RawMessage {
	raw, ok := f.keys[key]
	if !ok {
		f.bad(key, "is missing%s", f.lookalike(key))
	}
	return raw
}

// lookalike finds the key that was probably meant to be key.
func (f *fields) lookalike(key string) string {
	for _, k := range slices.Sorted(maps.Keys(f.keys)) {
		if strings.EqualFold(k, key) {
			return fmt.Sprintf("; there is %s, but names are case-sensitive", k)
		}
	}
	return ""
}

// text takes a text that must not be empty.
func (f *fields) text(key string) string {
	s := f.anyText(key)
	if s == "" {
		f.bad(key, "is empty")
	}
	return s
}

func (f *fields) anyText(key string) (s string) {
	raw := f.need(key)
	if raw != nil && !readText(raw, &s) {
		f.bad(key, "is %s, want a text", jsonhttp.Kind(raw))
	}
	return s
}

// readText reads a JSON text, and nothing else into one.
func readText(raw json.RawMessage, s *string) bool {
	return raw[0] == '"' && json.Unmarshal(raw, s) == nil
}

// list takes a list that must not be empty.
func (f *fields) list(key string) (list []json.RawMessage) {
	raw := f.need(key)
	switch {
	case raw == nil:
	case raw[0] != '[' || json.Unmarshal(raw, &list) != nil:
		f.bad(key, "is %s, want a list", jsonhttp.Kind(raw))
	case len(list) == 0:
		f.bad(key, "is empty, want at least one")
	}
	return list
}

// texts takes a list of texts that must not be empty.
func (f *fields) texts(key string) []string {
	list := f.list(key)
	texts := make([]string, len(list))
	for i, raw := range list {
		if !readText(raw, &texts[i]) {
			f.bad(key, "its entry %d is %s, want a text", i+1, jsonhttp.Kind(raw))
		}
	}
	return texts
}

// account takes the id of a user, which a number must not be (60015).
func (f *fields) account(key string) string {
	f.noNumber(key, f.keys[key])
	return f.text(key)
}

// accounts takes a list of ids.
func (f *fields) accounts(key string) []string {
	for _, raw := range f.list(key) {
		f.noNumber(key, raw)
	}
	return f.texts(key)
}

func (f *fields) noNumber(key string, raw json.RawMessage) {
	if raw != nil && jsonhttp.Kind(raw) == "a number" && f.wrong.name == "" {
		f.bad(key, "has the number %s, want a text", shownJSON(raw))
		f.wrong.account = true
	}
}

// object takes an object; what is wrong in it is wrong here too.
func (f *fields) object(key string) *fields {
	in := &fields{within: f.within + key + ".", wrong: f.wrong}
	raw := f.need(key)
	if raw != nil && (raw[0] != '{' || json.Unmarshal(raw, &in.keys) != nil) {
		f.bad(key, "is %s, want an object", jsonhttp.Kind(raw))
	}
	return in
}

// number takes a whole number.
func (f *fields) number(key string, minimum, maximum int64) int64 {
	raw := f.need(key)
	if raw == nil {
		return minimum
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < minimum || n > maximum {
		f.bad(key, "is %s, want a whole number from %d to %d", shownJSON(raw), minimum, maximum)
	}
	return n
}

// numberOr takes a whole number if there is one.
func (f *fields) numberOr(key string, otherwise, minimum, maximum int64) int64 {
	if !f.has(key) {
		return otherwise
	}
	return f.number(key, minimum, maximum)
}

// seconds takes a time, which may be any second up to the year 5138. Whatever
// is later was meant as milliseconds.
func (f *fields) seconds(key string) int64 {
	const maximum = 99_999_999_999
	n := f.number(key, 0, math.MaxInt64)
	if n > maximum {
		f.bad(key, "is %d, want seconds since 1970, not milliseconds", n)
	}
	return n
}

// oneOf takes a text that is one of some words, if there is one. An empty text
// counts as absent.
func (f *fields) oneOf(key string, words []string) string {
	if !f.has(key) {
		return ""
	}
	s := f.anyText(key)
	if s != "" {
		f.among(key, s, words)
	}
	return s
}

// word takes a text that is one of some words.
func (f *fields) word(key string, words ...string) string {
	s := f.text(key)
	f.among(key, s, words)
	return s
}

func (f *fields) among(key, s string, words []string) {
	if !slices.Contains(words, s) {
		f.bad(key, "is %s, want one of %s", text.Quote(s, maxShown), strings.Join(words, ", "))
	}
}

// maxShown is how many bytes of a value an error shows.
const maxShown = 100

// shownJSON shows a number as it is, anything else by its nature.
func shownJSON(raw []byte) string {
	if jsonhttp.Kind(raw) != "a number" || len(raw) > maxShown {
		return jsonhttp.Kind(raw)
	}
	return string(raw)
}
