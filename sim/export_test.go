package sim

import "ringback/sim/call"

// Name gives the n-th call its ids as placing it does.
func (e *Engine) Name(n uint64) (id, room string) {
	s := call.Setup{Number: n}
	e.names.give(&s, e.cfg.Dialect)
	return s.ID, s.Room
}
