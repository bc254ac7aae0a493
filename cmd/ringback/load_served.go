package main

import (
	"sync/atomic"

	"ringback/cmd/cli"
	"ringback/sim/delivery"
	"ringback/sim/run"
	"ringback/sim/text"
)

// servedConnections counts the connections of a load whose attempts were answered, and those that
// only ever timed out, so that a receiver that serves few connections at once is named.
// Package load plays no call before its load, with which that could be measured.
type servedConnections struct{ answered, silent atomic.Int64 }

// counting returns senders that are counted.
func (s *servedConnections) counting(next func() run.Sender) func() run.Sender {
	return func() run.Sender { return &servedSender{Sender: next(), served: s} }
}

// servedSender is used by one goroutine, like each sender, but for Close.
type servedSender struct {
	run.Sender
	served           *servedConnections
	answered, silent bool
}

func (s *servedSender) Send(r *delivery.Request, to delivery.Transport, a *delivery.Answer) {
	s.Sender.Send(r, to, a)
	switch {
	case s.answered:
	case a.Failure == delivery.NoFailure:
		s.answered = true
		s.served.answered.Add(1)
		if s.silent {
			s.served.silent.Add(-1)
		}
	case a.Failure == delivery.TimedOut && !s.silent:
		s.silent = true
		s.served.silent.Add(1)
	}
}

// warn says that a receiver seems to serve few connections, if some were answered and at
// least as many never.
func (s *servedConnections) warn(w cli.Env) {
	answered, silent := s.answered.Load(), s.silent.Load()
	if answered == 0 || answered > cli.EnoughConnections || silent < answered {
		return
	}
	text.Fprintf(w.Stderr, `ringback: warning: the receiver seems to serve only few connections at once: it answered over %d of them, and nothing over %d, where all attempts timed out.
  %s
`, answered, silent, cli.ServeEach)
}
