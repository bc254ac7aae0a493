package replay_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/replay"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/wire"
)

const app = 1400000001

var (
	epoch = harness.Epoch
	phone = &call.Device{Platform: "iOS", IP: "127.0.0.1"}
)

// backend is a receiver without a network. It answers by what it is sent and by
// how often that came before.
type backend struct {
	answer func(body string, before int) delivery.Answer

	mu   sync.Mutex
	seen map[string]int
	got  []string // path, query and body of all that came
}

func newBackend(answer func(body string, before int) delivery.Answer) *backend {
	return &backend{answer: answer, seen: map[string]int{}}
}

func (b *backend) Send(r *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := string(r.Target()) + " " + string(r.Body())
	b.got = append(b.got, text)
	*a = b.answer(string(r.Body()), b.seen[text])
	a.Connected = true
	b.seen[text]++
}

func (*backend) Close() {}

// acknowledges everything, in either generation.
func acknowledges(string, int) delivery.Answer {
	return delivery.Answer{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
}

// stumbles over the words that a text names: so many times each.
func stumbles(over string, times int) func(string, int) delivery.Answer {
	return func(body string, before int) delivery.Answer {
		if strings.Contains(body, over) && before < times {
			return delivery.Answer{Status: 500, Body: []byte("oops")}
		}
		return acknowledges(body, before)
	}
}

// story is a run to be recorded.
type story struct {
	token   string
	epoch   call.Instant
	dialect []string
	order   sim.Order
	target  string
	sign    string
	inputs  run.List
}

// calls is a story of a call of each outcome, a second apart, in both generations.
func calls(faults ...string) story {
	s := story{token: "then", epoch: epoch, target: "http://staging/cb?token=s3cret"}
	s.do(0, sim.SetFaults{On: faults})
	for i, result := range sim.Outcomes {
		for j, g := range []wire.Generation{wire.V1, wire.V4} {
			callees := []string{"bob", "carol"}[:1+i%2]
			s.place(time.Duration(2*i+j)*time.Second, g, result, callees...)
		}
	}
	return s
}

func (s *story) do(after time.Duration, in sim.Input) {
	s.inputs = append(s.inputs, run.Timed{At: s.epoch.Add(after), Input: in})
}

func (s *story) place(after time.Duration, g wire.Generation, result call.Result, callees ...string) {
	setup := call.Setup{App: app, Caller: "alice", Callees: callees, Device: phone}
	if len(callees) > 1 {
		setup.Kind = call.Group
	}
	plan, err := sim.Outcome{Result: result, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&setup)
	if err != nil {
		panic(err)
	}
	s.do(after, sim.Place{Setup: setup, Generation: g, Plan: plan})
}

// record plays a story and returns its journal.
func record(t testing.TB, s story, b *backend) []byte {
	t.Helper()
	d := wire.Default()
	d.CallID = "readable" // so that tests can name calls, unless they want another
	for _, choice := range s.dialect {
		if err := d.Set(choice); err != nil {
			t.Fatal(err)
		}
	}
	e := harness.Endpoint(t, s.target)
	inputs := append(run.List{{At: s.epoch, Input: sim.Register{App: app, Generation: wire.Both, Endpoint: e, Typed: true, Words: wire.AllWords()}}}, s.inputs...)
	var lines []byte
	_, err := session.Run(context.Background(), session.Config{
		Engine: sim.Config{Run: journal.Run{Seed: 1, Epoch: s.epoch, Token: s.token}, Dialect: d, Order: s.order, Sign: s.sign},
		Pace:   run.Instant, Workers: 1, Source: &inputs,
		NewSender: func() run.Sender { return b },
		Journal:   write(&lines),
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func write(to *[]byte) func([]byte) error {
	return func(lines []byte) error {
		*to = append(*to, lines...)
		return nil
	}
}

func open(t testing.TB, lines []byte, pick replay.Pick) *replay.Recording {
	t.Helper()
	r, err := replay.Open(t.Context(), "then.ndjson", bytes.NewReader(lines), int64(len(lines)), pick)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// result is what a replay came to.
type result struct {
	sum     *replay.Summary
	differs []string
	journal []byte
}

// again sends a journal again, to another address.
func again(t testing.TB, lines []byte, b *backend, change ...func(*replay.Config)) (r result) {
	t.Helper()
	return send(t, open(t, lines, replay.Pick{}), b, change...)
}

func send(t testing.TB, rec *replay.Recording, b *backend, change ...func(*replay.Config)) (r result) {
	t.Helper()
	to := harness.Endpoint(t, "http://here/callbacks?key=k")
	cfg := replay.Config{
		Endpoint: to, Pace: run.Instant, Timeout: 2 * time.Second, Workers: 1, NewSender: func() run.Sender { return b },
		Journal: write(&r.journal),
		Differs: func(d *replay.Difference) error {
			r.differs = append(r.differs, d.Change.String()+" "+d.Call+" "+d.Word.String()+": "+d.Then.String()+" -> "+d.Now.String())
			return nil
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if r.sum, err = replay.Play(t.Context(), rec, cfg); err != nil {
		t.Fatal(err)
	}
	if s := r.sum; s.Sent != s.Same+s.AckedNow+s.RejectedNow+s.Otherwise+s.NotCompared {
		t.Errorf("the sum does not hold: %+v", s)
	}
	return r
}

// events are those of a journal without the header and the address. What is in
// one step, and the order of what happens in the same millisecond, is left out.
func events(lines []byte) string {
	_, rest, _ := strings.Cut(string(lines), "\n")
	rest = strings.NewReplacer("/cb?token=s3cret", "TARGET", "/callbacks?key=k", "TARGET", `,"more":true`, "").Replace(rest)
	rest = strings.NewReplacer("/cb?", "TARGET&", "/callbacks?", "TARGET&", "&token=s3cret", "", "&key=k", "").Replace(rest) // among sorted parameters
	list := strings.Split(rest, "\n")
	for i, l := range list {
		_, list[i], _ = strings.Cut(l, ",") // without its number
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
