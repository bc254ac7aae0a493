package rest

import (
	"fmt"
	"sync"

	"ringback/sim"
	"ringback/sim/journal"
)

// backend is what commands act on.
type backend struct {
	Config
	configure sync.Mutex // held from looking at a registration to changing it
}

// odd has the journal say, once, that a request is taken which is not as the
// documents have it.
func (b *backend) odd(about, format string, args ...any) {
	w := journal.Warned{About: about, Text: fmt.Sprintf(format, args...)}
	var news bool
	b.Session.State(func(s *journal.State) { news = s.IsNew(w) })
	if news {
		_ = b.Session.Do(sim.Warn(w), nil) // one that cannot be written fails the request, if that changes anything
	}
}
