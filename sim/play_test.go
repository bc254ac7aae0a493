package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

const epoch = harness.Epoch

var phone = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

// readable is the default dialect but for its CallIds, which a test can name.
func readable() *wire.Dialect {
	d := wire.Default()
	d.CallID = "readable"
	return d
}

func config() sim.Config {
	return sim.Config{
		Run:       journal.Run{Version: "test", Seed: 1, Epoch: epoch, Token: "test"},
		Dialect:   readable(),
		Exclusive: true,
		Keep:      journal.Keep,
	}
}

func endpoint(t testing.TB, url string) *delivery.Endpoint {
	t.Helper()
	e := harness.Endpoint(t, url)
	return e
}

// player steps an engine through simulated time, without HTTP: each attempt is
// answered at once.
type player struct {
	t      testing.TB
	engine *sim.Engine
	now    call.Instant
	answer func(*sim.Send) delivery.Answer
	lines  []string // the journal
	sends  []sim.Send
	sent   map[uint64]string // the bytes of each delivery's latest attempt
	rules  bool              // in random histories nobody asks for what CallKit would not do
	twin   *twin             // nil for an engine that was restored
}

func ok(*sim.Send) delivery.Answer {
	return delivery.Answer{Status: 200, Connected: true, Body: []byte(`{"ErrorCode":0,"ErrorMessage":"Success"}`)}
}

func newPlayer(t testing.TB, cfg sim.Config) *player {
	p := &player{t: t, engine: sim.New(cfg), now: cfg.Run.Epoch, answer: ok, twin: newTwin(t, cfg)}
	begin := p.engine.Begin()
	p.twin.follow(begin, p.twin.engine.Begin())
	p.note(begin)
	p.do(registration(t))
	return p
}

// network answers as a receiver does that acknowledges what reaches it whole,
// and sees of it what the transport lets through.
func network(s *sim.Send) delivery.Answer {
	switch t := s.Transport; {
	case t.Reset:
		return delivery.Answer{Connected: true, Failure: delivery.Reset, Detail: "by a fault"}
	case t.HangUp:
		return delivery.Answer{Connected: true, Failure: delivery.Closed, Detail: "by a fault"}
	case t.LoseTail > 0:
		return delivery.Answer{Connected: true, Status: 400}
	}
	return ok(s)
}

// wallAt is what a clock on the wall says, in seconds, at a simulated time.
func wallAt(at call.Instant) int64 { return 1e9 + at.Sub(epoch).Milliseconds()/1000 }

// registration is where a player's callbacks go.
func registration(t testing.TB) sim.Register {
	return sim.Register{App: 1400000001, Generation: wire.Both, Endpoint: endpoint(t, "http://127.0.0.1:9080/cb"), Typed: true, Words: wire.AllWords()}
}

// note takes in effects: events to the journal, attempts to the list.
func (p *player) note(fx []sim.Effect) {
	p.t.Helper()
	for i := range fx {
		line, err := fx[i].Event.AppendLine(nil)
		if err != nil {
			p.t.Fatal(err)
		}
		p.lines = append(p.lines, string(line))
		if s := fx[i].Send; s != nil {
			p.sends = append(p.sends, *s)
			text, last := string(s.Request.Bytes()), p.sent[s.Delivery]
			if last != "" && last != text && len(fx[i].Event.Data.(*journal.Attempt).URL) == 0 {
				p.t.Fatalf("attempt %d of %d has other bytes than the one before:\n%s\n%s", s.Attempt, s.Delivery, last, text)
			}
			if p.sent == nil {
				p.sent = map[uint64]string{}
			}
			p.sent[s.Delivery] = text
		}
	}
}

func (p *player) step(in sim.Input) ([]sim.Effect, error) {
	p.t.Helper()
	p.engine.Wall(wallAt(p.now))
	fx, err := p.engine.Step(p.now, in)
	switch in.(type) {
	case sim.Duplicate, sim.Replay: // of callbacks that the twin may have forgotten
		p.twin = nil
	}
	if p.twin != nil {
		p.twin.step(p.now, in, fx, err != nil)
	}
	p.note(fx)
	return fx, err
}

func (p *player) try(in sim.Input) error {
	_, err := p.step(in)
	return err
}

func (p *player) do(in sim.Input) {
	p.t.Helper()
	if err := p.try(in); err != nil {
		p.t.Fatalf("%T: %v", in, err)
	}
}

// next is when something is due.
func (p *player) next() (at call.Instant, more bool) {
	at, more = p.engine.Next()
	if p.twin != nil {
		p.twin.next(at, more)
	}
	return at, more
}

// settle answers what is in flight.
func (p *player) settle() {
	p.t.Helper()
	for len(p.sends) > 0 {
		s := p.sends[0]
		p.sends = p.sends[1:]
		a := p.answer(&s)
		err := p.try(sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &a})
		d := p.engine.State().Deliveries[s.Delivery]
		if err != nil && d != nil && !d.State.Settled() { // neither forgotten by a reset nor given up
			p.t.Fatal(err)
		}
	}
}

// until plays until a time.
func (p *player) until(at call.Instant) {
	p.t.Helper()
	p.settle()
	for next, more := p.next(); more && next <= at; next, more = p.next() {
		p.now = max(p.now, next)
		p.do(sim.Tick{})
		p.settle()
	}
	p.now = at
}

// finish plays until nothing is left to do.
func (p *player) finish() {
	p.t.Helper()
	p.settle()
	for next, more := p.next(); more; next, more = p.next() {
		p.until(next)
	}
}

// journal is the journal as text.
func (p *player) journal() string { return strings.Join(p.lines, "") }

// transcript tells lines of the journal to a person: facts with their time, callbacks,
// attempts and answers. The whole of it has callbacks as they go over the wire, but
// leaves out first attempts and acknowledgements.
func (p *player) transcript(lines []string, whole bool) string {
	p.t.Helper()
	var b strings.Builder
	for _, l := range lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			p.t.Fatal(err)
		}
		at := fmt.Sprintf("+%.3f", e.At.Sub(epoch).Seconds())
		switch d := e.Data.(type) {
		case *journal.Fact:
			fmt.Fprintf(&b, "%s %s\n", at, factText(d))
		case *journal.Refused:
			fmt.Fprintf(&b, "%s refused: %s\n", at, d.Why)
		case *journal.Callback:
			fmt.Fprintf(&b, "%s   #%d %s%s\n", at, d.Delivery, d.Word, callbackText(d))
			if whole {
				fmt.Fprintf(&b, "          %s\n          %s\n", d.URL, visible(d.Body))
			}
		case *journal.Released:
			fmt.Fprintf(&b, "%s   #%d goes on%s\n", at, d.Delivery, dueText(d.Due))
		case *journal.Attempt:
			switch {
			case !whole:
				fmt.Fprintf(&b, "%s   #%d attempt %d%s\n", at, d.Delivery, d.Attempt, p.hostText(d.Delivery))
			case d.Attempt > 1:
				fmt.Fprintf(&b, "%s   #%d attempt %d\n", at, d.Delivery, d.Attempt)
			}
		case *journal.Answer:
			switch {
			case d.Then != delivery.ThenAcked:
				fmt.Fprintf(&b, "%s   #%d %s: %s\n", at, d.Delivery, d.Then, d.Verdict.Reason())
			case !whole:
				fmt.Fprintf(&b, "%s   #%d acked\n", at, d.Delivery)
			}
		case *journal.Dropped:
			fmt.Fprintf(&b, "%s   #%d dropped\n", at, d.Delivery)
		case *journal.GivenUp:
			fmt.Fprintf(&b, "%s   #%d given up\n", at, d.Delivery)
		case *journal.Withdrawn:
			fmt.Fprintf(&b, "%s   #%d withdrawn\n", at, d.Delivery)
		case *journal.Warned:
			fmt.Fprintf(&b, "%s warned about %s: %s\n", at, d.About, d.Text)
		case *journal.DialectSet:
			fmt.Fprintf(&b, "%s dialect %v\n", at, d.Set)
		case *journal.Drained:
			fmt.Fprintf(&b, "%s drained\n", at)
		}
	}
	return b.String()
}

// hostText says where a delivery goes, if that is not where most do.
func (p *player) hostText(id uint64) string {
	if d := p.engine.State().Deliveries[id]; d != nil && d.Request.Endpoint.Host != "127.0.0.1:9080" {
		return " to " + d.Request.Endpoint.Host
	}
	return ""
}

func callbackText(d *journal.Callback) string {
	s := ""
	if d.CopyOf != 0 {
		s += fmt.Sprintf(", a copy of #%d", d.CopyOf)
	}
	s += dueText(d.Due)
	if d.State == delivery.Dropped {
		s += ", lost"
	}
	if d.Hold != delivery.NoHold {
		s += fmt.Sprintf(", held back until the %s", d.Hold)
	}
	if d.Faults != nil {
		harm, _ := json.Marshal(d.Faults)
		s += " " + string(harm)
	}
	return s
}

func dueText(due call.Instant) string {
	if due == 0 {
		return ""
	}
	return fmt.Sprintf(", due at +%.3f", due.Sub(epoch).Seconds())
}

// visible shows bytes that are not UTF-8.
func visible(b []byte) string {
	return string(bytes.ReplaceAll(b, []byte("\xff"), []byte(`<FF>`)))
}

func factText(d *journal.Fact) string {
	parts := []string{d.Kind.String()}
	if d.By != "" {
		parts = append(parts, "by "+d.By)
	}
	if d.Users != nil {
		parts = append(parts, "users "+strings.Join(d.Users, ","))
	}
	if d.Setup != nil {
		parts = append(parts, "to "+strings.Join(d.Setup.Callees, ","), d.Setup.Kind.String(), d.Setup.Media.String())
	}
	if d.Result != call.NoResult {
		parts = append(parts, d.Result.String())
	}
	return strings.Join(parts, " ")
}

// place places a call of an outcome.
func (p *player) place(g wire.Generation, r call.Result, callees ...string) {
	p.t.Helper()
	s := call.Setup{App: 1400000001, Caller: "alice", Callees: callees, Device: phone}
	if len(callees) > 1 {
		s.Kind = call.Group
	}
	plan, err := sim.Outcome{Result: r, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&s)
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(sim.Place{Setup: s, Generation: g, Plan: plan})
}
