package simapi

import (
	"errors"
	"net/http"

	"ringback/sim/journal"
)

// callForms is what a request can call a call by. No # goes with the number: in a
// URL a fragment begins there.
const callForms = "its CallId, its number like 12, or the first 8 characters or more of its CallId"

func notNamed(ref string, err error) error {
	return NewProblem(http.StatusNotFound, KindNotFound, "call %q: %v", ref, err)
}

// named is the CallId of the call that a request means by a text.
func (b *backend) named(field, ref string) (id string, err error) {
	b.Session.State(func(s *journal.State) {
		var c *journal.Call
		if c, err = s.Named(ref); err == nil {
			id = c.ID
		}
	})
	var several *journal.AmbiguousError
	switch {
	case errors.As(err, &several):
		return "", wrong(field, several.First, "%q: %v", ref, err)
	case err != nil:
		return "", notNamed(ref, err)
	}
	return id, nil
}

// ofCall is the CallId that a filter means by a text; "" is any call.
func (b *backend) ofCall(ref string) (string, error) {
	if ref == "" {
		return "", nil
	}
	return b.named("call", ref)
}
