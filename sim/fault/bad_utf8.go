package fault

import (
	"slices"

	"ringback/sim/wire"
)

// BadUTF8 puts a byte that is never part of UTF-8 into a user id of the body,
// or into another text if it has none.
//
// A good receiver refuses the callback. One that replaces the byte must not
// store the id as another user's.
type BadUTF8 struct{}

// Apply adds the change.
func (f BadUTF8) Apply(p *Plan) { p.rewrite(f) }

// Rewrite changes the text.
func (BadUTF8) Rewrite(m *Message) {
	texts := slices.DeleteFunc(values(m.Body), func(v wire.Value) bool { return m.Body[v.From] != '"' })
	if len(texts) == 0 {
		return
	}
	i := max(0, slices.IndexFunc(texts, func(v wire.Value) bool {
		return v.Key == "UserId" || v.Key == "User_Account" || v.Key == "Caller_Account"
	}))
	at := texts[i].From + 1
	m.Body = splice(m.Body, at, at, "\xff")
}
