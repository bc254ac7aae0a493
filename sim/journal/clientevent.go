package journal

import (
	"encoding/json"

	"ringback/sim/call"
	"ringback/sim/phone"
	"ringback/sim/wire"
)

// ClientEvents returns what an event makes the phones see, in the state right after it:
// nothing, unless it is a fact.
func (s *State) ClientEvents(e *Event) (list []wire.ClientEvent) {
	f, ok := e.Data.(*Fact)
	if !ok {
		return nil
	}
	c := s.Call(e.Call)
	seen := phone.See(nil, &c.Call, e.At, &f.Fact)
	for i := range seen {
		if ev, ok := s.Dialect.ClientEvent(&c.Call, &seen[i]); ok {
			list = append(list, ev)
		}
	}
	return list
}

// KindClientEvent is the kind of a line with a client event. It is not an event of the
// journal; readers of journals skip it.
const KindClientEvent = "client_event"

// AppendClientEvent appends a client event as a line of JSON.
func AppendClientEvent(b []byte, e *Event, ev *wire.ClientEvent) ([]byte, error) {
	data, err := json.Marshal(struct {
		At   call.Instant `json:"t"`
		Kind string       `json:"kind"`
		Call string       `json:"call"`
		*wire.ClientEvent
	}{e.At, KindClientEvent, e.Call, ev})
	return append(append(b, data...), '\n'), err
}
