package rest

import (
	"slices"
	"strings"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// register sends an app's callbacks of some words to an address that a client
// gave.
func (b *backend) register(app uint32, g wire.Generation, address *delivery.Endpoint, words []wire.Word) error {
	return b.Session.Do(sim.Register{App: app, Generation: g, Endpoint: address, Words: words}, nil)
}

func (b *backend) unregister(app uint32, g wire.Generation) error {
	return b.Session.Do(sim.Unregister{App: app, Generation: g}, nil)
}

// registration is what an app has registered with the API of a generation.
func (b *backend) registration(app uint32, g wire.Generation) (address string, words []wire.Word, ok bool) {
	b.Session.State(func(s *journal.State) {
		if t := s.Target(app, g); t != nil {
			address, words, ok = t.Endpoint.URL, slices.Clone([]wire.Word(t.Listed)), true
		}
	})
	return address, words, ok
}

// takeAddress takes a callback address. wrongScheme are the words for one that
// begins otherwise.
func takeAddress(b *backend, f *fields, key, wrongScheme string) *delivery.Endpoint {
	raw := f.text(key)
	if f.wrong.name != "" {
		return nil
	}
	at, err := delivery.ParseEndpoint(raw)
	if err == nil && b.Signed {
		err = at.Signable()
	}
	if err == nil {
		return at
	}
	lower := strings.ToLower(raw)
	if !strings.HasPrefix(lower, "http:") && !strings.HasPrefix(lower, "https:") {
		f.bad(key, "%s (%v)", wrongScheme, err)
	}
	f.bad(key, "%v", err)
	return nil
}

// takeWords takes a list of callback words. Doubles are dropped and the order is
// kept; refuse says why one is not wanted, if it is not.
func takeWords(f *fields, key string, refuse func(wire.Word) string) (list []wire.Word) {
	for _, name := range f.texts(key) {
		var w wire.Word
		if err := w.UnmarshalText([]byte(name)); err != nil {
			f.bad(key, "%v", err)
			return nil
		}
		if why := refuse(w); why != "" {
			f.bad(key, "%s", why)
			return nil
		}
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}
