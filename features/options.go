package features

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Options say which receiver is judged, and how. Target and NewSender are a must.
type Options struct {
	Target *delivery.Endpoint
	// Targets are the addresses of each generation's callbacks, where a receiver
	// has several; Target is for the others.
	Targets    map[wire.Generation]*delivery.Endpoint
	NewSender  func() run.Sender // makes the attempts, like post.New
	App        uint32            // 0 means 1400000001
	Generation wire.Generation   // whose callbacks the receiver takes; 0 means both
	Words      wire.Words        // that it subscribes to; 0 means all
	Dialect    *wire.Dialect
	Seed       uint64
	Epoch      call.Instant // 0 means now
	Run        string       // token in all ids; scenarios add a part of their own
	Timeout    time.Duration
	Order      sim.Order
	Heartbeat  time.Duration // expiry of a silent phone's; 0 means [sim.HeartbeatExpiry]
	AnyIDs     bool
	User       func(name string) string // the id to send for a name; nil: the name

	// Probe asks what the receiver stored. Without one, scenarios that need it
	// are skipped.
	Probe *probe.Probe
	// Poll is how long a receiver may take to store what it acknowledged; 0
	// means 1 s.
	Poll time.Duration
}

const defaultApp = 1400000001

func (o *Options) complete() {
	if o.App == 0 {
		o.App = defaultApp
	}
	if o.Generation == 0 {
		o.Generation = wire.Both
	}
	if o.Words == 0 {
		o.Words = wire.Every
	}
	if o.Dialect == nil {
		o.Dialect = wire.Default()
	}
	if o.Epoch == 0 {
		o.Epoch = call.At(time.Now().Truncate(time.Second))
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.User == nil {
		o.User = func(name string) string { return name }
	}
}
