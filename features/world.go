package features

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"ringback/features/report"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/preflight"
	"ringback/sim/run"
	"ringback/sim/scenario"
	"ringback/sim/session"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// world is what one scenario has to itself: a simulator of its own, whose time moves
// only when the scenario says so.
type world struct {
	opts     *Options
	scenario string // names it in ids

	registered bool // in another suite: godog reports its result

	// What Given steps choose, before the simulator starts.
	generation wire.Generation
	words      wire.Words
	epoch      call.Instant
	suffix     string // of the target
	dialect    *wire.Dialect
	inTurn     bool // callbacks of one moment go out one after the other
	order      sim.Order
	kept       bool // it has connections of its own, and keeps them
	device     call.Device
	alike      bool // CallIds differ in their last characters alone
	placed     int  // calls with such an id
	acked      bool // it is about ends that were acknowledged: others say nothing

	// What its steps need, read before the first.
	strangers []string // who of those in it have no id
	unmapped  bool     // it was left out for them
	atOnce    int      // requests that are to meet at the receiver

	session *session.Session // nil before the start
	binding scenario.Binding // the scenario's calls by their names
	later   []laterEnd       // to be looked at again

	// What became of it.
	began   time.Time
	skipped string // why it was left out
	looked  bool   // whether the receiver told what it stored
	asks    bool   // whether it takes long and then asks what is stored
	saw     int    // how many callbacks and answers of the probe the current step looked at
	crowded bool   // whether it played several calls at once before the suite
	busy    int    // the HTTP status, 429 or 503, that one of these was answered with, and none before; or 0
	marks   int    // calls that were played behind it, to see that what it sent is stored
	marked  uint64 // its attempts before the last of them
	failed  string // the step that failed
	failure error

	file    string         // a name that no other scenario has
	journal io.WriteCloser // may be nil
	state   *journal.State // see read
	history []report.Moment
}

type worldKey struct{}

func worldOf(ctx context.Context) *world { return ctx.Value(worldKey{}).(*world) }

func newWorld(o *Options, sc *godog.Scenario) *world {
	d := *o.Dialect
	return &world{
		opts: o, scenario: token(sc), file: fileName(sc), generation: o.Generation, words: o.Words, epoch: o.Epoch, dialect: &d, order: o.Order,
		device: call.Device{Platform: "iOS", IP: "127.0.0.1"}, binding: scenario.Binding{App: o.App, AnyIDs: o.AnyIDs, User: o.User},
		state: journal.NewReader(journal.Keep), began: time.Now(),
		acked: slices.ContainsFunc(sc.Tags, func(t *messages.PickleTag) bool { return t.Name == "@clause-"+ackMeansStored }),
	}
}

// sender makes senders, at most so many (0 means the usual).
func (s *world) sender() (newSender func() run.Sender, most int) {
	if s.kept {
		return s.opts.OwnSender, keptConnections
	}
	return s.opts.NewSender, 0
}

// token is a part of ids that no other scenario has, and that this one has in
// every run: of its file, its name and its steps.
func token(sc *godog.Scenario) string {
	h := fnv.New64a()
	fmt.Fprintln(h, sc.Uri, sc.Name)
	for _, s := range sc.Steps {
		fmt.Fprintln(h, s.Text)
	}
	return text.SixLetters(h.Sum64())
}

// fileName is what a file of the scenario is called, without its ending: its
// name, as far as it is of letters and digits, and its token.
func fileName(sc *godog.Scenario) string {
	const maxName = 80
	words := strings.FieldsFunc(strings.ToLower(sc.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := ""
	for _, w := range words {
		if len(name)+len(w) > maxName {
			break
		}
		name += w + "-"
	}
	return name + token(sc)
}

// start starts the simulator, at the first thing that happens.
func (s *world) start() error {
	if s.session != nil {
		return nil
	}
	if err := cmp.Or(s.knows(), s.opts.fits(s.atOnce)); err != nil {
		return err
	}
	o := s.opts
	flags := map[string]string{"pace": run.Instant.String(), "order": s.order.String(), "timeout": o.Timeout.String()}
	newSender, workers := s.sender()
	// Ids and rooms follow from the scenario's own token, not from a count of the
	// suite, which would depend on who comes first. So rooms of two scenarios may be
	// alike, in one suite of a few thousand.
	cfg := session.Config{
		Engine: sim.Config{
			Run:     journal.Run{Flags: flags, V: journal.Version, Version: o.version, Seed: o.Seed, Epoch: s.epoch, Token: s.runToken()},
			Dialect: s.dialect, Order: s.order, HeartbeatExpiry: o.Heartbeat, Exclusive: true, Timings: o.Timings, Sign: o.Sign,
		},
		Pace: run.Instant, Paused: true, InOrder: s.inTurn, Timeout: o.Timeout, NewSender: newSender, Workers: workers,
		State: s.state, Watch: s.watch,
	}
	if o.Journal != nil {
		s.journal = o.Journal(s.file)
		cfg.Journal = func(lines []byte) error {
			_, _ = s.journal.Write(lines) // whoever made it remembers what fails
			return nil
		}
	}
	var err error
	if s.session, err = session.Start(cfg); err != nil {
		return err
	}
	return s.register()
}

// knows leaves the scenario out if someone in it has no id that the receiver would know.
func (s *world) knows() error {
	switch {
	case s.strangers == nil:
		return nil
	case s.registered:
		return s.cannotTell("features.Options.User has no id for " + s.strangers[0])
	}
	s.unmapped = true
	return skipped("--user-map has no id for %s", s.strangers[0])
}

// runToken is in all ids of the scenario.
func (s *world) runToken() string { return preflight.RunToken(s.opts.Run, s.scenario, s.opts.readable) }

// register says where callbacks go: those of each registration to its address.
func (s *world) register() error {
	for _, t := range s.opts.targets() {
		at, err := s.suffixed(t.Endpoint)
		if err != nil {
			return err
		}
		in := sim.Register{
			App: s.opts.App, Generation: t.Generation, Endpoint: at, Typed: !at.Learned, Words: (t.Words & s.words).List(),
		}
		if err := s.do(in); err != nil {
			return err
		}
	}
	return nil
}

// suffixed is an address, perhaps with a query of its own.
func (s *world) suffixed(at *delivery.Endpoint) (*delivery.Endpoint, error) {
	if s.suffix == "" {
		return at, nil
	}
	joint := "?"
	if strings.Contains(at.URL, "?") {
		joint = "&"
	}
	e, err := delivery.ParseEndpoint(at.URL + joint + s.suffix)
	if err == nil {
		e.Learned = at.Learned
	}
	return e, err
}

// ownFault is what this machine lacked for the scenario to be played or judged;
// nil if nothing. The simulator must have ended.
func (s *world) ownFault() error {
	var broke error
	if s.session != nil {
		broke = s.session.Err()
	}
	return cmp.Or(delivery.AsOwnFault(broke), delivery.AsOwnFault(s.failure))
}

// end stops the simulator.
func (s *world) end() {
	if s.session != nil {
		_ = s.session.Close() // see ownFault
	}
	if s.journal != nil {
		_ = s.journal.Close() // whoever made it remembers what fails
		s.journal = nil
	}
}

func (s *world) do(in sim.Input) error { return s.session.Do(in, nil) }

// watch keeps what happens, for the steps that judge and for the report.
func (s *world) watch(_ *journal.State, e *journal.Event) error {
	at := e.At.Sub(s.epoch)
	switch d := e.Data.(type) {
	case *journal.Fact:
		s.history = append(s.history, report.Moment{At: at, Fact: d.Sentence(s.state.Call(e.Call))})
	case *journal.Answer:
		s.keepWhole(d)
		s.history = append(s.history, report.Moment{At: at, Exchange: s.exchange(d)})
	}
	return nil
}

// keepWhole keeps all of an answer in its attempt, for the steps that judge it: a
// state keeps the beginning.
func (s *world) keepWhole(a *journal.Answer) {
	d := s.state.Deliveries[a.Delivery]
	if n := len(d.Tries); n > 0 && d.Tries[n-1].Bytes > 0 {
		d.Tries[n-1].Answer, d.Tries[n-1].Bytes = strings.ToValidUTF8(string(a.Body), "\ufffd"), 0
	}
}

// maxBody is the maximum length of a body that a report shows.
const maxBody = 64 << 10

func (s *world) exchange(a *journal.Answer) *report.Exchange {
	d := s.state.Deliveries[a.Delivery]
	at := d.Request.Endpoint
	x := &report.Exchange{
		Delivery: d.ID, CallID: d.CallID, Word: d.Word.String(), User: d.User, Attempt: a.Attempt, MaxAttempts: delivery.PolicyOf(d.Generation, s.dialect).Attempts(),
		URL: at.HideTarget(string(d.Request.Target())), Body: string(d.Request.Body()[:min(len(d.Request.Body()), maxBody)]),
		Status: a.Verdict.Status, Verdict: a.Verdict.Word(), Reason: s.opts.hideOf(at, a.Verdict.Reason()), Then: a.Then.String(), Took: a.Took,
	}
	if n := len(d.Request.Body()); n > len(x.Body) {
		x.Sent = n
	}
	if d.Faults != nil {
		x.Faults = d.Faults.Names
	}
	if n := len(d.Tries); n > 0 {
		t := &d.Tries[n-1]
		x.Answer = s.opts.hideOf(at, t.Answer)
		if start, cut := text.Cut(x.Answer, delivery.MaxAnswer); cut {
			x.Answer, x.Whole = start, len(x.Answer)
		}
		x.Good = d.Acknowledged(t)
		if v := d.Documented(t); a.Verdict.Acked() && !v.Acked() {
			x.Unlike = s.opts.hideOf(at, v.Reason())
		}
	}
	return x
}

// read looks at the state.
func (s *world) read(look func(*journal.State)) {
	if s.session == nil {
		look(s.state)
		return
	}
	s.session.State(look)
}

// now is the scenario's time.
func (s *world) now() time.Duration { return s.session.Now().Sub(s.epoch) }

// until lets time pass until a time of the scenario.
func (s *world) until(ctx context.Context, at time.Duration) error {
	if by := at - s.now(); by > 0 {
		return s.session.Advance(ctx, by)
	}
	return nil
}

func (s *world) users(names []string) (ids []string) {
	for _, n := range names {
		ids = append(ids, s.opts.User(n))
	}
	return ids
}

// settle lets time pass until all callbacks so far are acknowledged or given up.
func (s *world) settle(ctx context.Context) error {
	if err := s.start(); err != nil {
		return err
	}
	return s.session.Settle(ctx)
}

// laterEnd is how many ends of a call there must be at the end.
type laterEnd struct {
	call    string
	want    int
	finding *finding // if there are more
}

// keptConnections are as many as a scenario keeps for itself: more than a callback
// has copies, and not more than a receiver has to show that it serves.
const keptConnections = 8

// cannotTell is for a scenario that asks for what the probe does not show. The
// suite's report counts it as skipped; godog would call it passed, so there it
// fails unless [Options.SkipUnjudged] is set.
func (s *world) cannotTell(why string) error {
	if s.registered && !s.opts.SkipUnjudged {
		return &unjudged{why}
	}
	return skipped("%s", why)
}

// blind is for a scenario that asks what is stored where there is no probe.
func (s *world) blind() error {
	return s.cannotTell("it takes a look at what the receiver stored: " + s.probeHint())
}

// probeHint is how to say where the receiver shows what it stored.
func (s *world) probeHint() string {
	if s.registered {
		return "set features.Options.Probe"
	}
	return "--probe"
}
