package cli

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

// Config is what the common flags come to.
type Config struct {
	Run         journal.Run
	Generation  wire.Generation
	Endpoint    *delivery.Endpoint
	Pace        run.Pace
	Order       sim.Order
	Dialect     *wire.Dialect
	TLS         *tls.Config
	Allow       []netip.Prefix
	users       map[string]string
	Timeout     time.Duration
	App         uint32
	AnyIDs      bool
	Timings     bool
	Heartbeat   time.Duration
	Sign        string            // token that signs requests; empty: they are not signed
	Connections *post.Connections // of all senders of the run
}

// Session is a run with the receiver, of calls in which nobody is twice at once.
func (s *Config) Session() session.Config {
	return session.Config{
		Engine: sim.Config{
			Run: s.Run, Dialect: s.Dialect, Order: s.Order, Exclusive: true, HeartbeatExpiry: s.Heartbeat, Timings: s.Timings, Sign: s.Sign,
		},
		Pace: s.Pace, Timeout: s.Timeout, NewSender: s.Sender,
	}
}

// Sender makes one of the run's senders.
func (s *Config) Sender() run.Sender { return s.Connections.Sender() }

// OwnSender makes one that keeps a connection for itself, if the receiver serves
// many.
func (s *Config) OwnSender() run.Sender { return s.Connections.Unshared() }

// Connecting makes one that is to see only whether a receiver takes a connection.
func (s *Config) Connecting() *post.Sender {
	return post.New(&post.Options{Timeout: s.Timeout, TLS: s.TLS, Allow: s.Allow})
}

// IDs makes the ids to send for names that a command thinks up, "" where the map has
// none; nil if there is no map, so that they are the names.
func (s *Config) IDs() func(name string) string {
	if len(s.users) == 0 {
		return nil
	}
	return func(name string) string { return s.users[name] }
}

// User is the id to send for a name.
func (s *Config) User(name string) string {
	if id, ok := s.users[name]; ok {
		return id
	}
	return name
}

// KnowsFirst wants ids for those who take part in the first call.
func (s *Config) KnowsFirst(command string, people ...string) error {
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
	return Usage(fmt.Errorf("--user-map: has no id for %s: want those of %s at least, who are in the first call", missing, strings.Join(people, ", ")), command+hint.String())
}

// StrictUserMap is the help of a flag by which no one is called who is not in the map.
const StrictUserMap = "`alice=10001`: the id to send for a name; repeatable, or a file of such lines. No one else calls or is called then"

// CheckFaults reads faults as the engine will.
func (s *Config) CheckFaults(on []string) error {
	for _, spec := range on {
		f, err := fault.Parse(spec)
		if err != nil {
			return badFault(spec, err)
		}
		if err := f.CheckSigned(s.Sign != ""); err != nil {
			return Usage(fmt.Errorf("--fault: %w", err), AsTyped+"--sign @token.txt")
		}
	}
	return nil
}
