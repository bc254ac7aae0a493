package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"ringback/sim/wire"
)

// Message is what a callback says, before its bytes are frozen. Each attempt
// and each copy then has the same bytes.
type Message struct {
	Word        wire.Word
	Query       []byte // the callback's own parameters, behind those of the configured URL
	Body        []byte
	ContentType string
}

// Rewriter changes what a callback says. It may change the bytes in place.
type Rewriter interface {
	Rewrite(*Message)
}

// param finds the value of the first parameter that has one of the names.
func (m *Message) param(names ...string) (from, to int, ok bool) {
	for to < len(m.Query) {
		from, to = to, to+len(m.Query[to:])
		if i := bytes.IndexByte(m.Query[from:], '&'); i >= 0 {
			to = from + i
		}
		if name, _, found := bytes.Cut(m.Query[from:to], []byte("=")); found && slices.Contains(names, string(name)) {
			return from + len(name) + 1, to, true
		}
		to++
	}
	return 0, 0, false
}

// splice puts text in the place of b[from:to].
func splice(b []byte, from, to int, text string) []byte {
	return slices.Replace(b, from, to, []byte(text)...)
}

// value is a string, a number, true, false or null of a body: its key, the key
// that holds its object, "" at the top, and where it stands.
type value struct {
	in, key  string
	from, to int
}

// values are those of a JSON body, in order; none if it is not JSON (any
// more). They are found by tokens, so text that looks like JSON is no value.
func values(body []byte) (list []value) {
	type level struct {
		in, key string
		object  bool
		isKey   bool // the next token of the object is a key
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // numbers may have any size
	stack := []level{{}}
	for {
		before := dec.InputOffset()
		token, err := dec.Token()
		if err != nil {
			if errors.Is(err, io.EOF) && len(stack) == 1 {
				return list
			}
			return nil
		}
		top := &stack[len(stack)-1]
		switch token {
		case json.Delim('{'), json.Delim('['):
			top.isKey = top.object
			stack = append(stack, level{in: top.key, key: top.key, object: token == json.Delim('{'), isKey: token == json.Delim('{')})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			continue
		}
		if top.isKey {
			top.key, top.isKey = token.(string), false
			continue
		}
		top.isKey = top.object
		to := int(dec.InputOffset())
		text := bytes.TrimLeft(body[before:to], " \t\r\n,:")
		list = append(list, value{top.in, top.key, to - len(text), to})
	}
}
