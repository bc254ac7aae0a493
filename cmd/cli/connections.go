package cli

import (
	"fmt"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// EnoughConnections is the max number of connections that FewConnections tries.
const EnoughConnections = 8

// ServeEach is the advice for a receiver that serves only a few connections at once.
const ServeEach = "Serve each connection in a thread or task of its own (Python: ThreadingHTTPServer), or close each after its answer (Connection: close)."

// FewConnections returns a function that measures, with an acknowledged request, whether
// a receiver serves only a few connections at once, warns of it, and limits the run to as
// many.
func (s *Config) FewConnections(w Env, limit int) func(*delivery.Request) {
	return func(acknowledged *delivery.Request) {
		n := s.Connections.MeasureLimit(acknowledged, limit)
		if n == 0 {
			return
		}
		connections, them := text.Count(n, "connection"), "those were"
		if n == 1 {
			them = "that was"
		}
		fmt.Fprintf(w.Stderr, `ringback: warning: the receiver serves only %s at once: it answered nothing on one more while %s idle, and answered as soon as there was room.
  In production the backend opens many connections and keeps them: callbacks will time out and be lost.
  %s
  This run goes on over %s; what is to come at once comes one after the other where that is too few.
`, connections, them, ServeEach, connections)
	}
}
