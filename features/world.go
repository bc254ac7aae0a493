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

// world is the state of one scenario: a simulator, whose time advances only when the
// scenario says so, and what it has observed.
type world struct {
	opts     *Options
	scenario string // names it in ids

	registered bool // in another suite: godog reports the result

	// What Given steps choose, before the simulator starts.
	generation wire.Generation
	words      wire.Words
	epoch      call.Instant
	suffix     string // of the target
	dialect    *wire.Dialect
	inTurn     bool // callbacks of one instant are sent one after the other
	order      sim.Order
	kept       bool // it keeps its own connections
	device     call.Device
	alike      bool // CallIds differ in their last characters alone
	placed     int  // calls with such an id
	acked      bool // it is about ends that were acknowledged

	// What its steps need, found before the first one is played.
	strangers []string // users in it without an id
	unmapped  bool     // it was skipped because of those
	atOnce    int      // requests that must arrive at the same time

	session *session.Session // nil before the start
	binding scenario.Binding // the scenario's calls by their names
	later   []laterEnd       // to be checked again

	// Its result.
	began   time.Time
	skipped string // why it was skipped
	looked  bool   // whether the receiver showed what it stored
	asks    bool   // whether it takes long and then asks what is stored
	saw     int    // how many callbacks and answers of the probe the current step looked at
	crowded bool   // whether it played several calls at once before the suite
	busy    int    // the HTTP status, 429 or 503, that one of these was answered with, and none before; or 0
	marks   int    // calls played behind it, to wait until what it sent is stored
	marked  uint64 // its attempts before the last of them
	failed  string // the step that failed
	failure error
	theirs  bool  // the failure is the finding of a step or hook that is not ours
	noted   error // of a step of ours, which may be within the current step
	broken  bool  // a step did not pass

	file    string         // a name that no other scenario has
	journal io.WriteCloser // may be nil
	state   *journal.State // see read
	history []report.Moment
}

type worldKey struct{}

func worldOf(ctx context.Context) *world { return ctx.Value(worldKey{}).(*world) }

// worldIn returns the world of a scenario, or nil before it has one.
func worldIn(ctx context.Context) *world {
	s, _ := ctx.Value(worldKey{}).(*world)
	return s
}

func newWorld(o *Options, sc *godog.Scenario) *world {
	d := *o.Dialect
	return &world{
		opts: o, scenario: token(sc), file: fileName(sc), generation: o.Generation, words: o.Words, epoch: o.Epoch, dialect: &d, order: o.Order,
		device: call.Device{Platform: "iOS", IP: "127.0.0.1"}, binding: scenario.Binding{App: o.App, AnyIDs: o.AnyIDs, User: o.User},
		state: journal.NewReader(journal.Keep), began: time.Now(),
		acked: slices.ContainsFunc(sc.Tags, func(t *messages.PickleTag) bool { return t.Name == "@clause-"+ackMeansStored }),
	}
}

// sender makes senders, at most n (0 means the default).
func (s *world) sender() (newSender func() run.Sender, most int) {
	if s.kept {
		return s.opts.OwnSender, keptConnections
	}
	return s.opts.NewSender, 0
}

// token is a part of ids that is unique to this scenario and the same in every run: a
// hash of its file, name and steps.
func token(sc *godog.Scenario) string {
	h := fnv.New64a()
	fmt.Fprintln(h, sc.Uri, sc.Name)
	for _, s := range sc.Steps {
		fmt.Fprintln(h, s.Text)
	}
	return text.SixLetters(h.Sum64())
}

// fileName is the name of the scenario's file without extension: the letters and digits
// of its name, and its token.
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

// start starts the simulator, when the first thing happens.
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
			_, _ = s.journal.Write(lines) // its maker keeps the error
			return nil
		}
	}
	var err error
	if s.session, err = session.Start(cfg); err != nil {
		return err
	}
	return s.register()
}

// knows skips the scenario if someone in it has no id for the receiver.
func (s *world) knows() error {
	switch {
	case s.strangers == nil:
		return nil
	case s.registered:
		return s.cannotTell("features.Options.User has no id for " + s.strangers[0])
	}
	s.unmapped = true
	return skipped("%s has no id for %s", s.opts.named("--user-map"), s.strangers[0])
}

// runToken is in all ids of the scenario.
func (s *world) runToken() string { return preflight.RunToken(s.opts.Run, s.scenario, s.opts.readable) }

// register registers the addresses for callbacks.
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

// suffixed returns an address, with the scenario's query if it has one.
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

// ownFault returns what this machine lacked to play or judge the scenario, or nil. The
// simulator must have ended.
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
		_ = s.journal.Close() // its maker keeps the error
		s.journal = nil
	}
}

func (s *world) do(in sim.Input) error { return s.session.Do(in, nil) }

// watch records events, for the steps that judge and for the report.
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

// keepWhole keeps the whole answer of an attempt, for the steps that judge it: a state
// keeps only the beginning.
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

// atOnceAcknowledged is the clause that a receiver breaks which has no room for several
// requests at once.
const atOnceAcknowledged = "calls-at-once-acknowledged"

// excuse attributes the failure to that clause alone if the receiver had no room for
// concurrent requests.
func (s *world) excuse(list []report.Finding) {
	for i := range list {
		if f := &list[i]; f.Busy && s.atOnce > 1 {
			f.Clauses, f.Told = []string{atOnceAcknowledged}, false
		}
	}
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

// keptConnections is how many connections a scenario keeps for itself: more than a
// callback has copies, and no more than a receiver must serve.
const keptConnections = 8

// cannotTell is the error of a scenario about something that the probe does not show. In
// the suite it is skipped. In godog, where it would count as passed, it fails unless
// [Options.SkipUnjudged] is set.
func (s *world) cannotTell(why string) error {
	if s.registered && !s.opts.SkipUnjudged {
		return &unjudged{why}
	}
	return skipped("%s", why)
}

// blind is the error of a scenario about what is stored if there is no probe.
func (s *world) blind() error {
	return s.cannotTell("it takes a look at what the receiver stored: " + s.opts.named("--probe"))
}
