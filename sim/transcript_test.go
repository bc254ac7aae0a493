package sim_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringback/fixtures/golden"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/scenario"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// A transcript is a file of testdata: inputs, and below them what the engine journals.
// make golden writes the lower parts anew.
//
//	alice calls bob
//	----
//	+0.000 started by alice to bob single audio
//	+0.000   #1 caller_start_call
//	...
//
// An input is a step, as a script has it, or one of the commands of [transcript.do].
// Nothing is answered until time passes: at a step's own time, or by until or finish.
func TestTranscripts(t *testing.T) {
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txt" {
			return err
		}
		name, _ := filepath.Rel("testdata", path)
		t.Run(filepath.ToSlash(name), func(t *testing.T) { golden.Compare(t, name, replay(t, path)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// replay plays the inputs of a transcript and writes it again, with what they make now.
func replay(t *testing.T, path string) string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	x := &transcript{}
	x.begin(newPlayer(t, config()))
	below := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		switch line := lines.Text(); {
		case below:
			below = line != ""
		case line == "----":
			below = true
			fmt.Fprintf(&b, "----\n%s\n", x.told())
		default:
			b.WriteString(line + "\n")
			if line != "" && !strings.HasPrefix(line, "#") {
				x.play(line)
			}
		}
	}
	return b.String()
}

// transcript is a player that is told what to do in words.
type transcript struct {
	*player
	binding scenario.Binding
	devices call.Devices
	rings   time.Duration
	plan    []call.Step     // of the next call
	whole   bool            // callbacks as they go over the wire
	text    strings.Builder // since it was told last
	seen    int             // lines of the journal
}

func (x *transcript) begin(p *player) {
	x.player, x.seen, x.whole, x.devices, x.rings = p, 2, false, nil, 0 // the header and the registration are always the same
	x.binding = scenario.Binding{App: 1400000001, Device: phone, Generation: wire.V1}
}

// told is what happened since it was asked last.
func (x *transcript) told() string {
	x.look()
	defer x.text.Reset()
	return x.text.String()
}

// look takes in what was journalled.
func (x *transcript) look() {
	x.text.WriteString(x.transcript(x.lines[x.seen:], x.whole))
	x.seen = len(x.lines)
}

func (x *transcript) play(line string) {
	x.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	in, known := x.do(word, strings.Fields(rest))
	if !known {
		o := x.operation(line)
		if at := epoch.Add(time.Duration(o.At)); at > x.now {
			x.until(at)
		}
		in = x.binding.Input(o.Do)
		if p, places := in.(sim.Place); places {
			p.Setup.Devices, p.Plan, x.plan = x.devices, x.plan, nil
			if x.rings > 0 {
				p.Setup.Extra = &call.Extra{Rings: call.Span(x.rings)}
			}
			in = p
		}
		fx := x.try(in)
		x.binding.Note(o.Do, sim.Placed(fx))
	} else if in != nil {
		x.try(in)
	}
}

// operation is a step of a script.
func (x *transcript) operation(step string) script.Operation {
	o, err := script.ParseStep(step, call.Span(x.now.Sub(epoch)))
	if err != nil {
		x.t.Fatalf("%s: %v", step, err)
	}
	return o
}

// try does an input, which may be refused.
func (x *transcript) try(in sim.Input) []sim.Effect {
	fx, err := x.step(in)
	x.look()
	if err != nil {
		fmt.Fprintf(&x.text, "error: %v\n", err)
	}
	return fx
}

// do does a command, or returns the input that it is.
func (x *transcript) do(word string, args []string) (in sim.Input, known bool) {
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	number := func(i int) uint64 {
		n, _ := strconv.ParseUint(arg(i), 10, 64)
		return n
	}
	generation := func(i int) (g wire.Generation) {
		if err := g.UnmarshalText([]byte(arg(i))); err != nil {
			x.t.Fatal(err)
		}
		return g
	}
	switch word {
	case "engine": // KEY=VALUE...: a new one; order, sign, run, keep, max_attempts, max_bytes, or a key of the dialect
		x.begin(newPlayer(x.t, x.config(args)))
	case "whole": // show callbacks as they go over the wire, and only attempts that fail
		x.whole = true
	case "device": // USER PLATFORM IP: of those who are called from now on
		x.devices = append(x.devices, call.Owned{User: arg(0), Device: &call.Device{Platform: arg(1), IP: arg(2)}})
	case "plan": // STEP: of the next call
		o := x.operation(strings.Join(args, " "))
		x.plan = append(x.plan, call.Step{After: o.At, Action: o.Do.(script.Act).Action})
	case "rings": // TIME: of calls from now on
		x.rings, _ = time.ParseDuration(arg(0))
	case "words": // of the callbacks so far, with those that are lost in brackets
		var words []string
		for _, d := range x.engine.State().DeliveriesAfter(0, "") {
			word := strings.TrimPrefix(d.Word.String(), "Call.Callback")
			if d.State == delivery.Dropped {
				word = "(" + word + ")"
			}
			words = append(words, word)
		}
		x.text.WriteString(strings.Join(words, " ") + "\n")
		x.seen = len(x.lines)
	case "receiver": // ok, network (what reaches it whole), failing N (attempts), or STATUS BODY: how attempts are answered
		x.answer = receiver(args)
	case "answer": // DELIVERY STATUS BODY: one that is in flight
		a := receiver(args[1:])(nil)
		in = sim.Answered{Delivery: number(0), Attempt: x.engine.State().Deliveries[number(0)].Attempts, Answer: &a}
		x.sends = without(x.sends, number(0))
	case "until": // TIME, like 3s
		d, err := time.ParseDuration(arg(0))
		if err != nil {
			x.t.Fatal(err)
		}
		x.until(epoch.Add(d))
	case "pass": // TIME: as much passes, and nothing is answered
		d, _ := time.ParseDuration(arg(0))
		x.now = x.now.Add(d)
		in = sim.Tick{}
	case "settle":
		x.settle()
	case "finish":
		x.finish()
	case "outcome": // GENERATION RESULT CALLEE...: alice's call, planned
		var r call.Result
		if err := r.UnmarshalText([]byte(arg(1))); err != nil {
			x.t.Fatal(err)
		}
		x.place(generation(0), r, args[2:]...)
	case "register": // GENERATION URL WORD...
		r := registration(x.t)
		r.Generation, r.Typed, r.Endpoint = generation(0), false, endpoint(x.t, arg(1))
		if len(args) > 2 {
			r.Words = nil
		}
		for _, a := range args[min(2, len(args)):] {
			var w wire.Word
			if err := w.UnmarshalText([]byte(a)); err != nil {
				x.t.Fatal(err)
			}
			r.Words = append(r.Words, w)
		}
		in = r
	case "faults": // FAULT...
		in = sim.SetFaults{On: args}
	case "unregister": // GENERATION
		in = sim.Unregister{App: 1400000001, Generation: generation(0)}
	case "retry":
		in = sim.RetryNow{Delivery: number(0)}
	case "give_up":
		in = sim.GiveUp{Delivery: number(0)}
	case "duplicate":
		in = sim.Duplicate{Delivery: number(0)}
	case "replay": // CALL
		in = sim.Replay{Call: arg(0)}
	case "dialect": // KEY=VALUE...
		in = sim.SetDialect{Set: args}
	case "warn": // ABOUT TEXT...
		in = sim.Warn{About: arg(0), Text: strings.Join(args[1:], " ")}
	case "drain":
		in = sim.Drain{}
	case "reset": // [registrations]
		in = sim.Reset{Registrations: arg(0) != ""}
	case "restore": // [snapshot]: another engine goes on from the journal
		st := rebuild(x.t, x.lines)
		if arg(0) == "snapshot" {
			st = rebuild(x.t, snapshot(x.t, st))
		}
		e, err := sim.Restore(config(), st)
		if err != nil {
			x.t.Fatal(err)
		}
		x.engine, x.twin = e, nil
	case "state":
		x.look()
		x.state()
	default:
		return nil, false
	}
	return in, true
}

func (x *transcript) config(args []string) sim.Config {
	cfg := config()
	for _, a := range args {
		key, value, _ := strings.Cut(a, "=")
		n, _ := strconv.Atoi(value)
		switch key {
		case "order":
			cfg.Order = map[string]sim.Order{"serial": sim.Serial, "none": sim.Unordered}[value]
		case "sign":
			cfg.Sign = value
		case "run":
			cfg.Run.Token = value
		case "keep":
			cfg.Keep = uint64(n)
		case "max_attempts":
			cfg.Limit.Attempts = n
		case "max_bytes":
			cfg.Limit.Bytes = n
		default:
			if err := cfg.Dialect.Set(a); err != nil {
				x.t.Fatal(err)
			}
		}
	}
	return cfg
}

func receiver(args []string) func(*sim.Send) delivery.Answer {
	switch args[0] {
	case "ok":
		return ok
	case "network":
		return network
	case "failing":
		n, _ := strconv.Atoi(args[1])
		return func(s *sim.Send) delivery.Answer {
			if s.Attempt <= n {
				return delivery.Answer{Status: 500, Connected: true}
			}
			return ok(s)
		}
	}
	status, _ := strconv.Atoi(args[0])
	body := []byte(strings.Join(args[1:], " "))
	return func(*sim.Send) delivery.Answer { return delivery.Answer{Status: status, Connected: true, Body: body} }
}

func without(sends []sim.Send, id uint64) (rest []sim.Send) {
	for _, s := range sends {
		if s.Delivery != id {
			rest = append(rest, s)
		}
	}
	return rest
}

// state says what is there.
func (x *transcript) state() {
	st := x.engine.State()
	for _, c := range st.CallsAfter(0) {
		fmt.Fprintf(&x.text, "%s %s\n", c.ID, strings.TrimSpace(c.Phase.String()+" "+c.Result.String()))
		for _, d := range st.DeliveriesAfter(0, c.ID) {
			fmt.Fprintf(&x.text, "  #%d %s: %s, attempts: %d\n", d.ID, d.Word, d.State, d.Attempts)
		}
	}
	for _, g := range st.Targets {
		fmt.Fprintf(&x.text, "registered %s %s", g.Generation, g.Endpoint.URL)
		if len(g.Listed) < len(wire.AllWords()) {
			fmt.Fprintf(&x.text, " for %v", g.Listed)
		}
		x.text.WriteString("\n")
	}
	for _, u := range x.engine.Upcoming(10) {
		fmt.Fprintf(&x.text, "next at +%.3f, %s: %s\n", u.At.Sub(epoch).Seconds(), u.Call, u.What)
	}
}
