package calibrate

import (
	"bytes"
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"ringback/sim/delivery"
	"ringback/sim/recording"
	"ringback/sim/secret"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Undocumented is something in callbacks that the documents do not have.
type Undocumented struct {
	What    string   `json:"what"` // word, field, type, value, header or parameter
	In      string   `json:"in"`   // which callbacks: v1 status, v1 event, a v4 command; v1 or v4 for what is no part of a body
	Name    string   `json:"name"` // the path of a field, like CallRecord.Extra or UserList[].Name
	Types   []string `json:"types,omitempty"`
	Example string   `json:"example"` // letters and digits masked, but for a value that is one word
	N       int64    `json:"n"`
	Place   Place    `json:"place"` // of the first
}

// maxUnknown is how many different things a report lists, and maxName how many bytes of a
// name.
const (
	maxUnknown = 300
	maxName    = 100
)

// others is the evidence of [Undocumented].
type others struct {
	found map[otherKey]*Undocumented
	more  int64 // times that one was found beyond these
}

type otherKey struct{ what, in, name, value string }

func newOthers() *others { return &others{found: map[otherKey]*Undocumented{}} }

func (u *others) end(*File) {}

func (u *others) add(f *File, e *recording.Exchange) {
	if e.Generation == 0 {
		return
	}
	if e.Delivery != 0 && e.Delivery != e.N { // it has the same bytes as the one before
		return
	}
	at := Place{f.Name, e.Line}
	g := e.Generation.String()
	u.query(g, e, f.Own, at)
	u.fields(g, e.Head, at)
	in := e.Word
	if e.Generation == wire.V1 {
		if in = "v1 status"; gjson.GetBytes(e.Body, "Event").Exists() {
			in = "v1 event"
		}
	} else if !v4Command.values[in] {
		u.note("word", g, in, "", wordOrMask(in), at)
		in = "other v4"
	}
	if root := gjson.ParseBytes(e.Body); root.IsObject() && delivery.ValidJSON(e.Body) {
		u.value(in, "", bodyOf(e), root, at, 0)
	}
}

func (u *others) query(g string, e *recording.Exchange, own []string, at Place) {
	for pair := range bytes.SplitSeq(e.Query(), []byte("&")) {
		name, value, hasValue := bytes.Cut(pair, []byte("="))
		known := queryValues[e.Generation][string(name)]
		switch {
		case len(name) == 0:
		case known == nil && slices.Contains(own, string(name)):
		case known == nil && !hasValue: // it may be a token
			u.note("parameter", g, secret.Mask, "", mask(unescape(name)), at)
		case known == nil:
			u.note("parameter", g, string(name), "", mask(unescape(value)), at)
		case known.values != nil && !known.values[string(value)]:
			if v := unescape(value); !known.values[v] {
				u.note("value", g, string(name), v, wordOrMask(v), at)
			}
		}
	}
}

func unescape(value []byte) string {
	if s, err := url.QueryUnescape(string(value)); err == nil {
		return s
	}
	return string(value)
}

func (u *others) fields(g string, head []byte, at Place) {
	_, rest, _ := bytes.Cut(head, []byte("\n"))
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(":"))
		if !ok {
			continue
		}
		var low [24]byte
		if lower := appendLower(low[:0], name); usualFields[string(lower)] {
			continue
		}
		u.note("header", g, string(name), "", mask(string(bytes.TrimSpace(value))), at)
	}
}

func appendLower(b, name []byte) []byte {
	for _, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// maxDepth is how deep values may be in each other that are looked at.
const maxDepth = 20

// value compares a value with what the documents say of it. What they do not have at
// all is one finding, whatever is in it.
func (u *others) value(in, path string, known *node, v gjson.Result, at Place, depth int) {
	kind := typeOf(v)
	if !strings.Contains(known.types, kind) {
		u.noteValue("type", in, path, v, kind, at)
		return
	}
	switch {
	case depth == maxDepth:
	case known.values != nil && !known.values[v.Str]:
		u.note("value", in, path, v.Str, wordOrMask(v.Str), at)
	case known.keys != nil:
		v.ForEach(func(key, value gjson.Result) bool {
			name := key.Str
			if path != "" {
				name = path + "." + name
			}
			if k := known.keys[key.Str]; k != nil {
				u.value(in, name, k, value, at, depth+1)
			} else {
				u.noteValue("field", in, name, value, typeOf(value), at)
			}
			return true
		})
	case known.each != nil:
		v.ForEach(func(_, value gjson.Result) bool {
			u.value(in, path+"[]", known.each, value, at, depth+1)
			return true
		})
	}
}

func typeOf(v gjson.Result) string {
	switch {
	case v.Type == gjson.String:
		return aString
	case v.Type == gjson.Number:
		return aNumber
	case v.IsObject():
		return anObject
	case v.IsArray():
		return anArray
	case v.Type == gjson.Null:
		return "null"
	}
	return "boolean"
}

func (u *others) noteValue(what, in, name string, v gjson.Result, kind string, at Place) {
	example := v.Str
	if v.Type != gjson.String {
		example = v.Raw
	}
	found := u.note(what, in, name, "", mask(example), at)
	if found != nil && !slices.Contains(found.Types, kind) {
		found.Types = append(found.Types, kind)
	}
}

func (u *others) note(what, in, name, value, example string, at Place) *Undocumented {
	in, name, value = text.Short(in, maxName), text.Short(name, maxName), text.Short(value, maxName)
	key := otherKey{what, in, name, value}
	found := u.found[key]
	if found == nil {
		if len(u.found) == maxUnknown {
			u.more++
			return nil
		}
		found = &Undocumented{What: what, In: strings.Clone(in), Name: strings.Clone(name), Example: example, Place: at}
		u.found[otherKey{what, strings.Clone(in), strings.Clone(name), strings.Clone(value)}] = found
	}
	found.N++
	return found
}

// list is what was found, in an order that does not depend on chance.
func (u *others) list() []Undocumented {
	list := []Undocumented{}
	order := []string{"word", "value", "type", "field", "parameter", "header"}
	for _, key := range slices.SortedFunc(maps.Keys(u.found), func(a, b otherKey) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.what), slices.Index(order, b.what)), cmp.Compare(a.in, b.in), cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	}) {
		list = append(list, *u.found[key])
	}
	return list
}

// maxExample is how many bytes of an example are shown.
const maxExample = 40

// mask is the form of a value: x for a letter, 9 for a digit, the rest as it is.
func mask(s string) string {
	start, cut := text.Cut(s, maxExample)
	m := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsUpper(r):
			return 'X'
		case r < ' ', r == unicode.ReplacementChar:
			return '?'
		case r > '~', unicode.IsLetter(r):
			return 'x'
		}
		return r
	}, start)
	if cut {
		m += "..."
	}
	return m
}

// wordOrMask is a value that should be one of a few words: as it is if it may be one.
func wordOrMask(s string) string {
	word := len(s) <= 32 && strings.IndexFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == '.')
	}) < 0
	if word {
		return s
	}
	return mask(s)
}
