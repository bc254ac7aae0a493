package journal

import (
	"bytes"
	"slices"
)

// Clone returns a copy that stays valid after the engine's next step. Immutable parts,
// such as a request's bytes, are shared.
func (e *Event) Clone() *Event {
	c := *e
	switch d := e.Data.(type) {
	case *Fact:
		f := *d
		f.Users = slices.Clone(d.Users)
		if d.Setup != nil { // folding it writes the id into it
			s := *d.Setup
			f.Setup = &s
		}
		c.Data = &f
	case *Callback:
		cb := *d
		if cb.Request != nil { // its bytes are frozen
			cb.URL, cb.Body = cb.Request.Target(), cb.Request.Body()
		}
		c.Data = &cb
	case *Answer:
		a := *d
		a.Body, a.Head, a.Seen = bytes.Clone(d.Body), bytes.Clone(d.Head), bytes.Clone(d.Seen)
		c.Data = &a
	case *Attempt:
		a := *d
		a.URL = bytes.Clone(d.URL)
		c.Data = &a
	case *Refused:
		r := *d
		r.Action.Users = slices.Clone(d.Action.Users)
		c.Data = &r
	case *Released:
		r := *d
		c.Data = &r
	}
	return &c
}
