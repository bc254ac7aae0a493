package features

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ringback/features/report"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/secret"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Options say which receiver is judged, and how. [ForURL] makes them from strings. Target or
// Targets is required; the zero value of all other fields does.
type Options struct {
	// The receiver.
	Target *delivery.Endpoint
	// Targets are what the receiver registered, where it did so itself; Target is
	// not used then.
	Targets    []Target
	App        uint32          // its SDKAppID; 0 means 1400000001
	Generation wire.Generation // whose callbacks it takes; 0 means both
	CallTypes  string          // of calls that it takes: single, group or all (also if empty); scenarios with others are left out
	Words      wire.Words      // that it subscribes to; 0 means all
	Subscribe  string          // Words as they were typed, for reports; without Targets, "" means a list of Words
	Sign       string          // token that signs requests, for a receiver that checks that; empty: they are not signed
	// User is the id to send for a name, "" if there is none; nil: the name. With one,
	// scenarios about the ids themselves are skipped, and those with someone who has none.
	User   func(name string) string
	AnyIDs bool // users may have ids that CallKit does not allow

	// Probe asks what the receiver stored. Without one, scenarios that need it are
	// skipped.
	Probe *probe.Probe
	// Poll is how long a receiver that is behind may store nothing new; 0 means 1 s.
	// [probe.Options.Wait] bounds how long it may be behind.
	Poll time.Duration
	// SkipUnjudged, for [Register], skips a scenario that asks what the receiver
	// stored when there is no Probe, or the Probe does not show it. Otherwise it
	// fails.
	SkipUnjudged bool
	// Restart restarts the receiver and waits until it takes connections again. No other
	// scenario of [Run] plays meanwhile. Without it, scenarios that need it are skipped,
	// and so is one for which it returns [ErrNotRestarted].
	Restart func(context.Context) error
	// Minute is how long scenarios wait in real time for a minute of the receiver's own
	// clock; 0 means that they are skipped.
	Minute time.Duration

	// How callbacks are made and sent.
	Seed      uint64       // of what is drawn: equal seeds, epochs and runs make equal bytes
	Epoch     call.Instant // when simulated time begins; 0 means now
	Run       string       // token in all ids, to which scenarios add a part of their own; empty means a random one
	Dialect   *wire.Dialect
	Order     sim.Order
	Heartbeat time.Duration     // expiry of a silent phone's; 0 means [sim.HeartbeatExpiry]
	Timeout   time.Duration     // of an attempt, which NewSender must keep; 0 means 2 s
	NewSender func() run.Sender // makes the attempts; nil means [post.New] with Timeout
	// OwnSender makes senders that share no connection, for scenarios with concurrent
	// callbacks; nil means NewSender.
	OwnSender func() run.Sender

	// Journal, if set, is called when a scenario begins to play, with a name like
	// a file's that no other scenario has, and gets its journal step by step. A
	// write that fails is not the scenario's fault: Journal's maker must remember it.
	Journal func(scenario string) io.WriteCloser
	Timings bool // journals have how long answers took

	version     string
	inGo        bool              // the options come from Go, not from flags
	connections *post.Connections // of the senders that ForURL makes; nil: of others
	keepIDs     bool              // the dialect of ForURL says what CallIds are like
	asWritten   bool              // users have their names for ids
	readable    bool              // the receiver takes no UUID for a CallId, so that others are sent
	late        bool              // the receiver falls behind the more it acknowledges
	callees     []string          // of the call of the pre-flight: one, or two of a group call
	throttle    *run.Throttle     // of a suite of [Run]; nil: nothing limits attempts at once
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

// shown returns the first address without its secrets; "" if there is none yet.
func (o *Options) shown() string {
	if at := o.targets()[0].Endpoint; at != nil {
		return at.Shown()
	}
	return ""
}

// hide returns a text without the secrets of the receiver's addresses.
func (o *Options) hide(text string) string {
	for _, t := range o.targets() {
		if t.Endpoint != nil { // check says so
			text = t.Endpoint.Hide(text)
		}
	}
	if o.Sign != "" {
		var token secret.Set
		token.AddValue(o.Sign)
		text = token.Hide(text)
	}
	if o.Probe != nil {
		text = o.Probe.Hide(text)
	}
	return text
}

// hideOf returns a text from an address without its secrets; the address may have a query
// for one scenario.
func (o *Options) hideOf(at *delivery.Endpoint, text string) string { return o.hide(at.Hide(text)) }

// named is what a flag is called for whoever runs the suite.
func (o *Options) named(flag string) string { return report.Named(flag, o.inGo) }

// check names the option that is wrong.
func (o *Options) check() error {
	switch {
	case o.Targets == nil && o.Target == nil:
		return errors.New("features.Options.Target is missing: want the receiver's address, as features.ForURL(\"http://127.0.0.1:3000/callback\") sets it")
	case o.Targets != nil && len(o.Targets) == 0:
		return errors.New("features.Options.Targets is empty: want a registration, or nil and a Target")
	case o.Timeout < 0:
		return fmt.Errorf("features.Options.Timeout is %s: want more than 0, or 0 for 2s", o.Timeout)
	case o.Minute < 0:
		return fmt.Errorf("features.Options.Minute is %s: want more than a minute, or 0 to skip what waits", o.Minute)
	case o.Poll < 0:
		return fmt.Errorf("features.Options.Poll is %s: want more than 0, or 0 for 1s", o.Poll)
	}
	for i, t := range o.Targets {
		if t.Endpoint == nil {
			return fmt.Errorf("features.Options.Targets[%d].Endpoint is missing: want the receiver's address", i)
		}
	}
	if err := checkCallTypes(o.CallTypes); err != nil {
		return fmt.Errorf("features.Options.CallTypes is %w", err)
	}
	return nil
}

// needs skips a scenario that needs a callback which the receiver does not take.
func (o *Options) needs(w wire.Word) error {
	switch {
	case o.Words.Has(w):
		return nil
	case o.Subscribe != "":
		return skipped("the receiver takes no %s, by %s", w, o.named("--subscribe"))
	}
	return skipped("the receiver did not register for %s", w)
}

// needsUnknown skips a scenario that sends an undocumented command, unless the receiver
// takes all.
func (o *Options) needsUnknown() error {
	switch {
	case o.Words == wire.Every:
		return nil
	case o.Subscribe != "":
		return skipped("unknown commands are not sent under %s", o.named("--subscribe"))
	}
	return skipped("the receiver registered for some callbacks only, so unknown commands are not sent")
}

// strangers returns those of the people who have no id.
func (o *Options) strangers(names ...string) (list []string) {
	for _, name := range names {
		if o.User(name) == "" {
			list = append(list, name)
		}
	}
	return list
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
	switch {
	case o.Words == wire.Every:
		o.Subscribe = ""
	case o.Subscribe == "" && o.Targets == nil:
		var words []string
		for _, w := range o.Words.List() {
			words = append(words, w.String())
		}
		o.Subscribe = strings.Join(words, ",")
	}
	if o.Dialect == nil {
		o.Dialect = wire.Default()
	}
	if o.Run == "" {
		o.Run = text.SixLetters(rand.Uint64())
	}
	if o.Epoch == 0 {
		o.Epoch = call.At(time.Now().Truncate(time.Second))
	}
	if o.Timeout == 0 {
		o.Timeout = delivery.DefaultTimeout
	}
	if o.NewSender == nil {
		options := &post.Options{Timeout: o.Timeout}
		o.NewSender = func() run.Sender { return post.New(options) }
	}
	if o.OwnSender == nil {
		o.OwnSender = o.NewSender
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.User == nil {
		o.User, o.asWritten = func(name string) string { return name }, true
	}
}

// ErrNotRestarted is returned by [Options.Restart] if it may have restarted nothing: the
// scenario would judge something else then, and is skipped.
var ErrNotRestarted = errors.New("nothing shows that the receiver was restarted")

// AllCallTypes are what [Options.CallTypes] chooses among.
var AllCallTypes = []string{"single", "group", "all"}

// checkCallTypes checks a word of [Options.CallTypes].
func checkCallTypes(word string) error {
	if word == "" || slices.Contains(AllCallTypes, word) {
		return nil
	}
	return fmt.Errorf("%q: want %s", word, strings.Join(AllCallTypes, ", "))
}
