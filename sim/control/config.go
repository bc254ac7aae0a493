package control

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/wire"
)

// App is an application of the console: its SDKAppID and secret key.
type App = rest.App

// PlannedError is an error that the REST API answers with though nothing is
// wrong: see [Backend.PlanErrors].
type PlannedError = rest.PlannedError

// Problem is an error of the simulation API.
type Problem = simapi.Problem

// Config is what a backend needs. Only an app is a must.
type Config struct {
	Apps      []App
	NewSender func() run.Sender // makes the attempts; nil means post.New with Timeout

	Run             journal.Run // seed, epoch and token; a journal that goes on keeps its own
	Dialect         *wire.Dialect
	Pace            run.Pace // 0 means real, or that of a journal that goes on
	Paused          bool     // time stands still until it is resumed or advanced
	Order           sim.Order
	Timeout         time.Duration // of an attempt; see [session.Config]
	HeartbeatExpiry time.Duration // 0 means [sim.HeartbeatExpiry]
	Admins          []string      // who may call the REST API; nil means administrator and admin
	AnyIDs          bool          // allow user ids that CallKit would refuse
	NoRateLimit     bool
	// AllowHosts are names that the Host of a request may have, besides localhost.
	// On loopback, Host must be localhost, a loopback address or one of these names.
	// Elsewhere, it may be anything if there are no names here, or else any address,
	// localhost, or one of the names.
	AllowHosts []string
	// Token is what requests to the simulation API and to /metrics must bring, as
	// Authorization: Bearer TOKEN; see [CheckToken]. Empty: they need none.
	Token   string
	Timings bool   // journal how long answers took
	Sign    string // token that signs callbacks; empty: they are not signed

	// Traffic makes a source of an app's calls that come by themselves, from a time on, at
	// a rate as of [session.Traffic]; nil means that there are none. They come from the
	// start if TrafficOn says so, or when the simulation API asks for them. Under
	// [run.Instant] they would never end.
	Traffic   func(r journal.Run, app uint32, from call.Instant, rate float64) (run.Source, error)
	TrafficOn bool

	// Journal is a file to go on from and to write to; "" keeps nothing. Sandboxes that
	// clients make keep theirs in a folder beside it, whose name ends in .d.
	Journal string
	// MaxSandboxes is how many sandboxes may be beside the first; 0 means 16.
	MaxSandboxes int
	// CompactAt is the size in bytes from which a journal is cut down to what
	// still matters; 0 means 64 MiB.
	CompactAt int64
	// Watch sees each event with the state right after it; both are valid only
	// during the call, and it must not call the backend, which waits for it.
	Watch func(*journal.State, *journal.Event)
	// Warn gets warnings for the operator; may be nil.
	Warn func(format string, args ...any)
	// StuckAfter is how long a reader of a stream may take nothing; 0 means 10 s.
	StuckAfter time.Duration
}

// Defaults.
const (
	defaultCompactAt  = 64 << 20
	defaultStuckAfter = 10 * time.Second
	// DefaultSandboxes is how many sandboxes may be beside the first.
	DefaultSandboxes = 16
)

var errNoApp = errors.New("control.Config.Apps: want at least one")

// ErrEndless is what a backend with traffic says to the pace instant.
var ErrEndless = session.ErrEndless

func (c *Config) complete() error {
	if len(c.Apps) == 0 {
		return errNoApp
	}
	for i, a := range c.Apps {
		switch {
		case a.Key == "":
			return fmt.Errorf("app %d: has no secret key", a.ID)
		case slices.ContainsFunc(c.Apps[:i], func(o App) bool { return o.ID == a.ID }):
			return fmt.Errorf("app %d: is there twice", a.ID)
		}
	}
	if c.Token != "" {
		if err := CheckToken(c.Token); err != nil {
			return fmt.Errorf("control.Config.Token: %w", err)
		}
	}
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	if c.Admins == nil {
		c.Admins = []string{"administrator", "admin"}
	}
	if c.Run.Epoch == 0 {
		c.Run.Epoch = call.At(time.Now().Truncate(time.Second))
	}
	if warn := c.Warn; warn != nil { // sandboxes warn at the same time
		var one sync.Mutex
		c.Warn = func(format string, args ...any) {
			one.Lock()
			defer one.Unlock()
			warn(format, args...)
		}
	}
	c.StuckAfter = cmp.Or(c.StuckAfter, defaultStuckAfter)
	c.MaxSandboxes = cmp.Or(c.MaxSandboxes, DefaultSandboxes)
	c.CompactAt = cmp.Or(c.CompactAt, defaultCompactAt)
	return nil
}

// passTime lets time pass as a journal that goes on says, unless the
// configuration does.
func (c *Config) passTime(past *journal.Clock) {
	if past != nil && c.Pace == 0 {
		if p, err := run.ParsePace(past.Pace); err == nil {
			c.Pace = p
		}
	}
	if c.Pace == 0 {
		c.Pace = run.Real
	}
	c.Paused = c.Paused || past != nil && past.Paused
}

func (c *Config) warn(format string, args ...any) {
	if c.Warn != nil {
		c.Warn(format, args...)
	}
}

// betweenWarnings is the least time between warnings about what lasts.
const betweenWarnings = 10 * time.Second

// ownFault warns of attempts that this machine could not make.
func (c *Config) ownFault() func(*delivery.OwnFaultError) {
	var warned time.Time
	return func(own *delivery.OwnFaultError) {
		if now := time.Now(); warned.IsZero() || now.Sub(warned) >= betweenWarnings {
			warned = now
			c.warn("an attempt waits until this machine can make it, and does not count against the receiver: %s", own.Detail)
		}
	}
}

// warnOnce makes a hook that warns the first time the simulated time slips.
func warnOnce(warn func(format string, args ...any)) func(time.Duration) {
	var once sync.Once
	return func(time.Duration) {
		once.Do(func() {
			warn("what is due takes longer than the pace leaves for it, so the simulated time waits; want a slower pace")
		})
	}
}
