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
	// Targets are what the receiver registered, where it did so itself; Target is
	// not used then.
	Targets    []Target
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

// Target is a registration: some callbacks, and where they go.
type Target struct {
	Generation wire.Generation // whose API registered it
	Endpoint   *delivery.Endpoint
	Words      wire.Words
}

// targets are where callbacks go.
func (o *Options) targets() []Target {
	if o.Targets != nil {
		return o.Targets
	}
	return []Target{{wire.V1, o.Target, v1Words}, {wire.V4, o.Target, wire.Every &^ v1Words}}
}

// v1Words are the words of v1.
var v1Words = func() (set wire.Words) {
	for _, w := range wire.AllWords() {
		if w.Generation() == wire.V1 {
			set = set.With(w)
		}
	}
	return set
}()

// shown is the first address without its secrets; "" if there is none yet.
func (o *Options) shown() string {
	if at := o.targets()[0].Endpoint; at != nil {
		return at.Shown()
	}
	return ""
}

// hide is a text without the secrets of the receiver's addresses.
func (o *Options) hide(text string) string {
	for _, t := range o.targets() {
		text = t.Endpoint.Hide(text)
	}
	if o.Probe != nil {
		text = o.Probe.Hide(text)
	}
	return text
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
