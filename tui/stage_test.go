package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui"
	"ringback/tui/history"
)

const (
	epoch = call.Instant(1767225600000) // 2026-01-01T00:00:00Z
	app   = 1400000001
)

var device = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

// stage is a simulation without HTTP and without a clock of its own: a real
// engine, whose attempts are answered when the test says so.
type stage struct {
	t        testing.TB
	engine   *sim.Engine
	model    *tui.Model
	now      call.Instant
	answer   func(*sim.Send) delivery.Answer // nil: the receiver hangs
	sends    []sim.Send
	events   []*journal.Event
	history  []*journal.Event // all that happened
	clock    tui.Clock
	orders   []tui.Command // other than inputs
	over     error
	bytes    int64                         // of a journal that no one asked for
	stored   func(tui.Ask) *history.Stored // what the probe answers; nil: nothing
	told     []*history.Stored
	nextCall call.Instant
	asked    []string // calls about which the probe was asked
}

func ok(send *sim.Send) delivery.Answer {
	body := `{"ErrorCode":0,"ErrorMessage":"Success"}`
	if strings.Contains(string(send.Request.Target()), "CallbackCommand=") {
		body = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`
	}
	return delivery.Answer{Status: 200, Connected: true, Body: []byte(body), Took: 1200 * time.Microsecond}
}

func answers(status int, body string) func(*sim.Send) delivery.Answer {
	return func(*sim.Send) delivery.Answer {
		return delivery.Answer{Status: status, Connected: true, Body: []byte(body), Took: 4 * time.Millisecond}
	}
}

func fails(f delivery.Failure) func(*sim.Send) delivery.Answer {
	return func(*sim.Send) delivery.Answer { return delivery.Answer{Failure: f, Took: 300 * time.Microsecond} }
}

// callID is the id of a stage's n-th call.
func callID(n uint64) string {
	return sim.CallID(&journal.Run{Seed: 1, Token: "test"}, wire.Default(), n)
}

// newStage makes a run that registered its receiver, and its screen.
func newStage(t testing.TB, change ...func(*tui.Config)) *stage {
	cfg := tui.Config{
		App: app, Generation: wire.Both, Device: device, Target: "127.0.0.1:3000/cb", Traffic: "this run has no background calls", Keep: journal.Keep,
		Heartbeat: sim.HeartbeatExpiry,
	}
	for _, c := range change {
		c(&cfg)
	}
	s := &stage{
		t: t, now: epoch, answer: ok, clock: tui.Clock{Pace: "10x"},
		engine: sim.New(sim.Config{
			Run: journal.Run{Version: "test", Seed: 1, Epoch: epoch, Token: "test"}, Dialect: wire.Default(), Order: sim.Unordered, Exclusive: true,
			Keep: cfg.Keep,
		}),
	}
	at, err := delivery.ParseEndpoint("http://127.0.0.1:3000/cb?token=hush-hush")
	if err != nil {
		t.Fatal(err)
	}
	s.model = tui.New(s, cfg)
	s.take(s.engine.Begin())
	s.do(sim.Register{App: app, Generation: wire.Both, Endpoint: at, Typed: true, Words: wire.AllWords()})
	s.look()
	return s
}

func (s *stage) take(fx []sim.Effect) {
	for i := range fx {
		e := fx[i].Event.Clone()
		s.events, s.history = append(s.events, e), append(s.history, e)
		if fx[i].Send != nil {
			s.sends = append(s.sends, *fx[i].Send)
		}
	}
}

func (s *stage) do(in sim.Input) {
	s.t.Helper()
	fx, err := s.engine.Step(s.now, in)
	s.take(fx)
	if err != nil {
		s.t.Fatalf("%T: %v", in, err)
	}
}

// Watch hands over what happened.
func (s *stage) Watch() tui.Changes {
	c := tui.Changes{Events: s.events, Clock: s.clock, Over: s.over, Journal: s.bytes, Stored: s.told}
	s.told, c.NextCall = nil, s.nextCall
	s.events, c.Clock.Now = nil, s.now
	return c
}

// Do steps the engine, and keeps all other commands.
func (s *stage) Do(o tui.Command) (d tui.Done) {
	switch o := o.(type) {
	case tui.Ask:
		if s.asked = append(s.asked, o.Call); s.stored != nil {
			s.told = append(s.told, s.stored(o))
		}
		return d
	case tui.Feed:
		fx, err := s.engine.Step(s.now, o.Input)
		s.take(fx)
		return tui.Done{Call: sim.Placed(fx), Err: err}
	case tui.SetClock:
		switch o.Do {
		case tui.Pause:
			s.clock.Paused = true
		case tui.Step:
			s.clock.Paused = true
			if at, more := s.engine.Next(); more {
				s.pass(at.Sub(s.now))
			}
		case tui.Resume:
			s.clock.Paused = false
		case tui.SetPace:
			s.clock.Pace = o.Pace
		}
	case tui.Copy:
		d.Note = "copied, and written to " + o.Name
	case tui.Save:
		d.Note = "saved as " + o.Name
	}
	s.orders = append(s.orders, o)
	return d
}

// settle answers what is in flight.
func (s *stage) settle() {
	for len(s.sends) > 0 && s.answer != nil {
		send := s.sends[0]
		s.sends = s.sends[1:]
		a := s.answer(&send)
		fx, _ := s.engine.Step(s.now, sim.Answered{Delivery: send.Delivery, Attempt: send.Attempt, Answer: &a})
		s.take(fx)
	}
}

// pass plays for so long, and shows what came.
func (s *stage) pass(d time.Duration) {
	end := s.now.Add(d)
	s.settle()
	for at, more := s.engine.Next(); more && at <= end; at, more = s.engine.Next() {
		s.now = max(s.now, at)
		fx, _ := s.engine.Step(s.now, sim.Tick{})
		s.take(fx)
		s.settle()
	}
	s.now = end
	s.look()
}

// look lets the screen see what happened.
func (s *stage) look() { s.model.Update(s.model.Init()()) }

// press gives the screen keys, as headless scripts spell them, and shows what
// came of each.
func (s *stage) press(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		if err := tui.PlayStep(s.t.Context(), s.model, k, time.Millisecond); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) size(w, h int) { s.model.Update(tea.WindowSizeMsg{Width: w, Height: h}) }

// screen is the screen without colors.
func (s *stage) screen() string {
	lines := strings.Split(ansi.Strip(s.model.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// shows fails the test unless the screen has all these texts.
func (s *stage) shows(texts ...string) {
	s.t.Helper()
	screen := s.screen()
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			s.t.Fatalf("the screen does not show %q:\n%s", text, screen)
		}
	}
}

// place places a call of an outcome, alice and bob in the first one.
func (s *stage) place(g wire.Generation, r call.Result, caller string, callees ...string) {
	s.t.Helper()
	setup := call.Setup{App: app, Caller: caller, Callees: callees, Device: device}
	if len(callees) > 1 {
		setup.Kind, setup.Media = call.Group, call.Video
	}
	in := sim.Place{Generation: g}
	if r != call.NoResult {
		plan, err := sim.Outcome{Result: r, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&setup)
		if err != nil {
			s.t.Fatal(err)
		}
		in.Plan = plan
	}
	in.Setup = setup
	s.do(in)
	s.look()
}
