package main

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// setup is what the common flags come to.
type setup struct {
	run         journal.Run
	generation  wire.Generation
	endpoint    *delivery.Endpoint
	pace        run.Pace
	order       sim.Order
	dialect     *wire.Dialect
	tls         *tls.Config
	allow       []netip.Prefix
	users       map[string]string
	timeout     time.Duration
	app         uint32
	anyIDs      bool
	timings     bool
	heartbeat   time.Duration
	sign        string            // token that signs requests; empty: they are not signed
	connections *post.Connections // of all senders of the run
}

// session is a run with the receiver, of calls in which nobody is twice at once.
func (s *setup) session() session.Config {
	return session.Config{
		Engine: sim.Config{
			Run: s.run, Dialect: s.dialect, Order: s.order, Exclusive: true, HeartbeatExpiry: s.heartbeat, Timings: s.timings, Sign: s.sign,
		},
		Pace: s.pace, Timeout: s.timeout, NewSender: s.sender,
	}
}

// sender makes one of the run's senders.
func (s *setup) sender() run.Sender { return s.connections.Sender() }

// ownSender makes one that keeps a connection for itself, if the receiver serves
// many.
func (s *setup) ownSender() run.Sender { return s.connections.Unshared() }

// connecting makes one that is to see only whether a receiver takes a connection.
func (s *setup) connecting() *post.Sender {
	return post.New(&post.Options{Timeout: s.timeout, TLS: s.tls, Allow: s.allow})
}

// ids makes the ids to send for names that a command thinks up, "" where the map has
// none; nil if there is no map, so that they are the names.
func (s *setup) ids() func(name string) string {
	if len(s.users) == 0 {
		return nil
	}
	return func(name string) string { return s.users[name] }
}

// user is the id to send for a name.
func (s *setup) user(name string) string {
	if id, ok := s.users[name]; ok {
		return id
	}
	return name
}

// knowsFirst wants ids for those who take part in the first call.
func (s *setup) knowsFirst(command string, people ...string) error {
	if len(s.users) == 0 {
		return nil
	}
	var hint strings.Builder
	missing := ""
	for i, name := range people {
		id := s.users[name]
		if id == "" {
			missing, id = cmp.Or(missing, name), fmt.Sprint(10001+i)
		}
		hint.WriteString(" --user-map " + text.Shell(name+"="+id))
	}
	if missing == "" {
		return nil
	}
	return usage(fmt.Errorf("--user-map: has no id for %s: want those of %s at least, who are in the first call", missing, strings.Join(people, ", ")), command+hint.String())
}

// strictUserMap is the help of a flag by which no one is called who is not in the map.
const strictUserMap = "`alice=10001`: the id to send for a name; repeatable, or a file of such lines. No one else calls or is called then"

// checkFaults reads faults as the engine will.
func (s *setup) checkFaults(on []string) error {
	for _, spec := range on {
		f, err := fault.Parse(spec)
		if err != nil {
			return badFault(spec, err)
		}
		if err := f.CheckSigned(s.sign != ""); err != nil {
			return usage(fmt.Errorf("--fault: %w", err), asTyped+"--sign @token.txt")
		}
	}
	return nil
}
