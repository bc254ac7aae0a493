package fault

import (
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
	return wire.Parameter(m.Query, names...)
}

// splice puts text in the place of b[from:to].
func splice(b []byte, from, to int, text string) []byte {
	return slices.Replace(b, from, to, []byte(text)...)
}

// values are those of a JSON body, in order; none if it is not JSON (any more).
func values(body []byte) []wire.Value {
	list, whole := wire.Values(body)
	if !whole {
		return nil
	}
	return list
}
