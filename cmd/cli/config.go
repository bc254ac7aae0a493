package cli

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Config is the common flags, parsed and checked: how a command runs with a receiver.
type Config struct {
	Run         journal.Run // New fills in one without a token
	Generation  wire.Generation
	Endpoint    *delivery.Endpoint
	Pace        run.Pace
	Order       sim.Order
	Dialect     *wire.Dialect // nil: the default
	TLS         *tls.Config
	Allow       []netip.Prefix
	users       map[string]string
	Timeout     time.Duration // of an attempt, in wall time; 0: the default
	App         uint32
	AnyIDs      bool
	Timings     bool
	Heartbeat   time.Duration     // after which a silent phone is offline; 0: the default
	Sign        string            // token that signs requests; empty: they are not signed
	Connections *post.Connections // of all senders of the run; made by New
}

// New completes a config: fields that are not set get the values that the flags have by
// default.
func New(c Config) *Config {
	if c.Run.Token == "" {
		c.Run = newRun()
	}
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	c.Timeout, c.Heartbeat = cmp.Or(c.Timeout, delivery.DefaultTimeout), cmp.Or(c.Heartbeat, sim.HeartbeatExpiry)
	c.Connections = post.NewConnections(&post.Options{Timeout: c.Timeout, TLS: c.TLS, Allow: c.Allow})
	return &c
}

// newRun makes a run that begins now, with a seed and a token that no other run has.
func newRun() journal.Run {
	return journal.Run{
		V: journal.Version, Version: Version, Seed: uint64(rand.Uint32()), Epoch: call.At(time.Now().Truncate(time.Second)), Token: text.SixLetters(rand.Uint64()),
		Flags: map[string]string{},
	}
}

// Session is a run with the receiver, in which no user is in two calls at once.
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

// OwnSender makes a sender that does not share its connections, if the receiver serves
// many.
func (s *Config) OwnSender() run.Sender { return s.Connections.Unshared() }

// Connecting makes a sender that only tests whether a receiver takes a connection.
func (s *Config) Connecting() *post.Sender {
	return post.New(&post.Options{Timeout: s.Timeout, TLS: s.TLS, Allow: s.Allow})
}

// IDs returns a function from the names that a command makes up to the ids to send, ""
// where --user-map has none. Without a map it is nil: the names are the ids.
func (s *Config) IDs() func(name string) string {
	if len(s.users) == 0 {
		return nil
	}
	return func(name string) string { return s.users[name] }
}

// User returns the id to send for a name.
func (s *Config) User(name string) string {
	if id, ok := s.users[name]; ok {
		return id
	}
	return name
}

// KnowsFirst checks that --user-map has ids for the users of the first call.
func (s *Config) KnowsFirst(people ...string) error {
	if len(s.users) == 0 {
		return nil
	}
	var missing, hint []string
	for i, name := range people {
		if s.users[name] == "" {
			missing = append(missing, name)
			hint = append(hint, "--user-map "+text.Shell(fmt.Sprintf("%s=%d", name, 10001+i)))
		}
	}
	if missing == nil {
		return nil
	}
	return Usage(fmt.Errorf("--user-map: has no id for %s; %s are in the first call, so each needs one", strings.Join(missing, ", "), strings.Join(people, " and ")), AsTyped+strings.Join(hint, " "))
}

// strictUserMap is the help of --user-map where only users in the map take part.
const strictUserMap = "`alice=10001`: the id to send for a name; repeatable, or a file of such lines. No one else calls or is called then"

// CheckFaults checks the values of --fault.
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
