package cli

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// RegisterWait adds the flag of commands that may be started before their
// receiver.
func (c *Flags) RegisterWait(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&c.wait, "wait", 0, "max time to wait until the receiver takes a connection, in wall time")
}

// AwaitReceivers waits until each endpoint takes a connection, TLS included, but no
// longer than --wait in total. If one does not, the command will find that itself.
func (c *Flags) AwaitReceivers(ctx context.Context, w Env, s *Config, endpoints ...*delivery.Endpoint) error {
	if c.wait <= 0 {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	sender := s.Connecting()
	defer sender.Close()
	defer context.AfterFunc(waiting, sender.Close)()
	for _, e := range endpoints {
		connect := func(a *delivery.Answer) { sender.Connect(e, a) }
		if err := AwaitConnection(waiting, w.Stderr, e.Shown(), c.wait, connect); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// betweenConnections is the time between two attempts to connect.
const betweenConnections = 200 * time.Millisecond

// AwaitConnection tries to connect until that works or the context ends, which is no
// error, and prints what it waits for. It gives up at once on an address that the dial
// guard refuses, and on a fault of this machine.
func AwaitConnection(ctx context.Context, stderr io.Writer, target string, within time.Duration, connect func(*delivery.Answer)) error {
	said := false
	for {
		var a delivery.Answer
		connect(&a)
		switch a.Failure {
		case delivery.NoFailure, delivery.Guarded, delivery.Stopped:
			return nil
		case delivery.OwnFault:
			return &delivery.OwnFaultError{Detail: a.Detail}
		}
		if !said {
			said = true
			v := delivery.Judge(delivery.V1, &a)
			text.Fprintf(stderr, "waiting for %s, at most %s: %s\n", target, within, v.Reason())
		}
		again := time.NewTimer(betweenConnections)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil
		}
	}
}
