package fault

import (
	"errors"
	"strings"

	"ringback/sim/wire"
)

// UnknownCommand names a command that no document knows, in the query, and in
// the body where that names one.
//
// A good receiver stores nothing and changes no call. It may acknowledge the
// callback, so that what the vendor adds one day is not sent seven times.
type UnknownCommand struct{ Name string }

// Apply adds the change.
func (f UnknownCommand) Apply(p *Plan) { p.rewrite(f) }

// Rewrite changes the command in the query and in the body.
func (f UnknownCommand) Rewrite(m *Message) {
	if from, to, ok := m.param("command", "CallbackCommand"); ok {
		m.Query = splice(m.Query, from, to, f.Name)
	}
	for _, v := range values(m.Body) {
		if v.In == "" && (v.Key == "Event" || v.Key == "CallbackCommand") {
			m.Body = splice(m.Body, v.From, v.To, `"`+f.Name+`"`)
			return
		}
	}
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func parseUnknownCommand(amount string) (Fault, error) {
	var known wire.Word
	switch {
	case strings.Trim(amount, letters+"_.") != "" || len(amount) > 64:
		return nil, errors.New("want a name of up to 64 letters, digits, _ and ., like unknown_command=call_paused")
	case amount == "call_end" || known.UnmarshalText([]byte(amount)) == nil:
		return nil, errors.New("want a command that no document knows, like unknown_command=call_paused")
	}
	return UnknownCommand{amount}, nil
}
