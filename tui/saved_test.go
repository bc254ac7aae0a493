package tui_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/features"
	"ringback/features/report"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
	"ringback/tui"
)

// backend is a receiver as a function of what it was sent so far.
type backend struct {
	kind    string
	timeout time.Duration
	mu      sync.Mutex
	seen    map[string]int // requests by their bytes
}

// backends are a good receiver, and others with one defect each.
var backends = []string{"good", "refuses copies", "fails at first", "hangs on one word", "answers a string", "takes anything", "knows one word less"}

func (b *backend) answer(r *delivery.Request, t delivery.Transport) delivery.Answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := string(r.Target()) + "\n" + string(r.Body())
	n := b.seen[key]
	b.seen[key]++
	status, body := 200, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ErrorMessage":""}`
	switch word := strings.Contains(key, "caller_start_call") || strings.Contains(key, "AfterStartCall"); {
	case b.kind == "takes anything":
	case !valid(r) || t.LoseTail > 0:
		status = 400
	case b.kind == "refuses copies" && n > 0, b.kind == "fails at first" && n == 0:
		status = 503
	case b.kind == "hangs on one word" && word && !t.Reset && !t.HangUp:
		return delivery.Answer{Failure: delivery.TimedOut, Connected: true, Took: b.timeout}
	case b.kind == "knows one word less" && word:
		status = 404
	case b.kind == "answers a string":
		body = strings.Replace(body, "0", `"0"`, 1)
	}
	if t.Reset || t.HangUp {
		return delivery.Answer{Failure: delivery.CutShort, Connected: true, Took: 4 * time.Millisecond}
	}
	return delivery.Answer{Status: status, Connected: true, Body: []byte(body), Took: 4 * time.Millisecond}
}

// valid reports whether a good receiver takes a callback.
func valid(r *delivery.Request) bool {
	t := strings.ToLower(string(r.Target()))
	return strings.Contains(t, "sdkappid=1400000001&") && strings.Contains(t, "command=") && json.Valid(r.Body()) && utf8.Valid(r.Body())
}

// Send makes a backend a sender that asks it.
func (b *backend) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	*a = b.answer(r, t)
}

// Close does nothing.
func (b *backend) Close() {}

// person plays a call at the screen. Attempts take time: 40 ms of the run's, as an
// answer after 4 ms does at a pace of 10x, or 20 s if they time out.
type person struct {
	*stage
	backend *backend
	landing []landing
}

type landing struct {
	at     call.Instant
	send   sim.Send
	answer delivery.Answer
}

// pass plays for so long.
func (p *person) pass(d time.Duration) {
	end := p.now.Add(d)
	for {
		for _, send := range p.sends {
			l := landing{send: send, answer: p.backend.answer(send.Request, send.Transport), at: p.now.Add(40 * time.Millisecond)}
			if l.answer.Failure == delivery.TimedOut {
				l.at = p.now.Add(20 * time.Second)
			}
			p.landing = append(p.landing, l)
		}
		p.sends = nil
		slices.SortStableFunc(p.landing, func(a, b landing) int { return cmp.Compare(a.at, b.at) })
		next, more := p.engine.Next()
		lands := len(p.landing) > 0 && (!more || p.landing[0].at <= next)
		if lands {
			next = p.landing[0].at
		}
		if !lands && !more || next > end {
			break
		}
		p.now = max(p.now, next)
		if !lands {
			p.do(sim.Tick{})
			continue
		}
		l := p.landing[0]
		p.landing = p.landing[1:]
		fx, _ := p.engine.Step(p.now, sim.Answered{Delivery: l.send.Delivery, Attempt: l.send.Attempt, Answer: &l.answer}) // refused if it was given up meanwhile
		p.take(fx)
	}
	p.now = end
	p.look()
}

// observed is what came of each callback: the words of all verdicts, for each word
// of callbacks, in no order, since callbacks of one moment have none.
type observed map[string][]string

func (o observed) add(word string, tries []string) {
	o[word] = append(o[word], strings.Join(tries, " "))
	slices.Sort(o[word])
}

// acks is how many callbacks of each word were acknowledged in the end, as
// documented.
func (o observed) acks() map[string]int {
	acks := map[string]int{}
	for word, list := range o {
		for _, tries := range list {
			if strings.HasSuffix(" "+tries, " acked") {
				acks[word]++
			}
		}
	}
	return acks
}

// handle has something done by hand, which may be refused. No one is so quick that
// they give up what is about to have an answer: in a scenario it has that already.
func (p *person) handle(in sim.Input) {
	if g, ok := in.(sim.GiveUp); ok && slices.ContainsFunc(p.landing, func(l landing) bool { return l.send.Delivery == g.Delivery && l.answer.Failure != delivery.TimedOut }) {
		return
	}
	p.Do(tui.Feed{Input: in})
}

// atScreen is what a person saw. What was given up under way had no answer.
func (p *person) atScreen() observed {
	st := journal.NewReader(journal.Keep)
	for _, e := range p.history {
		if err := st.Apply(e); err != nil {
			p.t.Fatal(err)
		}
	}
	o := observed{}
	for _, d := range st.DeliveriesAfter(0, "") {
		var tries []string
		for i := range d.Tries {
			t := &d.Tries[i]
			if t.Verdict == nil {
				continue
			}
			word := t.Verdict.Word()
			if t.Verdict.Acked() && !d.Acknowledged(t) {
				word = "unlike"
			}
			tries = append(tries, word)
		}
		if len(tries) > 0 {
			o.add(d.Word.String(), tries)
		}
	}
	return o
}

// lateAcks are the retries that were acknowledged of callbacks that no fault hit and
// no one gave up.
func (p *person) lateAcks() (list []int) {
	for _, d := range p.engine.State().Deliveries {
		if n := d.Attempts; n > 1 && d.State == delivery.Acked && d.Faults == nil && d.Last.Acked() {
			list = append(list, n)
		}
	}
	return list
}

// verified is what verify --features sees of a scenario, and how it is judged.
func verified(t interface {
	Helper()
	Fatal(...any)
}, text, kind string, seed uint64, timeout time.Duration,
) (observed, *report.Result) {
	t.Helper()
	at, err := delivery.ParseEndpoint("http://127.0.0.1:3000/cb?token=hush-hush")
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{kind: kind, timeout: timeout, seen: map[string]int{}}
	d := wire.Default()
	d.CallID = "readable" // its number tells the call from another one
	rep, err := features.Run(context.Background(), features.Suite{
		Options: features.Options{Target: at, Dialect: d, Seed: seed, Run: "again", Epoch: epoch, Timeout: timeout, NewSender: func() run.Sender { return b }},
		Level:   "should", // copies at once are no must
		Only:    true, Folders: []features.Folder{{Path: ".", Files: fstest.MapFS{"call-1.feature": {Data: []byte(text)}}}},
	})
	if err != nil {
		t.Fatal(err, text)
	}
	if len(rep.Scenarios) != 1 {
		t.Fatal(len(rep.Scenarios), text)
	}
	tries, words := map[uint64][]string{}, map[uint64]string{}
	for _, m := range rep.Scenarios[0].History {
		if x := m.Exchange; x != nil && strings.HasSuffix(x.CallID, "-0001") { // another one may show that the receiver goes on
			words[x.Delivery] = x.Word
			verdict := x.Verdict
			if x.Unlike != "" {
				verdict = "unlike"
			}
			tries[x.Delivery] = append(tries[x.Delivery], verdict)
		}
	}
	o := observed{}
	for id := range tries {
		o.add(words[id], tries[id])
	}
	return o, &rep.Scenarios[0]
}

// What is done by hand at the screen is in the scenario that S saves: with the same
// receiver, verify sees the same; with a good one it passes; and it fails with one
// whose defect showed. Where that depends on the timeout of verify, it says so.
func TestSavedByHand(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := &backend{kind: rapid.SampledFrom(backends).Draw(rt, "receiver"), timeout: delivery.DefaultTimeout, seen: map[string]int{}}
		p := &person{stage: newStage(t), backend: b}
		g := rapid.SampledFrom([]wire.Generation{wire.V1, wire.V4}).Draw(rt, "generation")
		if g == wire.V4 && rapid.Bool().Draw(rt, "v4 retries") {
			p.do(sim.SetDialect{Set: []string{"v4_retry=v1"}})
		}
		on := rapid.SampledFrom(faultsAlone).Draw(rt, "fault")
		if on != "" {
			p.do(sim.SetFaults{On: []string{on}})
		}
		p.place(g, rapid.SampledFrom(sim.Outcomes).Draw(rt, "outcome"), "alice", "bob")
		for range rapid.IntRange(1, 6).Draw(rt, "acts") {
			p.pass(time.Duration(rapid.IntRange(200, 8000).Draw(rt, "ms")) * time.Millisecond)
			id := rapid.Uint64Range(1, p.engine.State().Made+1).Draw(rt, "callback")
			p.handle(rapid.SampledFrom([]sim.Input{
				sim.Duplicate{Delivery: id}, sim.Replay{Call: callID(1)}, sim.RetryNow{Delivery: id}, sim.GiveUp{Delivery: id},
			}).Draw(rt, "by hand"))
		}
		p.pass(10 * time.Minute)
		text := saved(t, p.stage)
		seen := p.atScreen()
		if strings.Contains(on, "50%") { // another run hits others
			for seed := range uint64(5) {
				if _, good := verified(rt, text, "good", seed, delivery.DefaultTimeout); good.Status != report.Passed {
					rt.Fatalf("with the seed %d a good receiver fails: %s: %s\n%s", seed, good.Step, good.Message, text)
				}
			}
			for _, n := range p.lateAcks() {
				if note := fmt.Sprintf("was acknowledged by try %d", n); !strings.Contains(text, note) {
					rt.Fatalf("nothing says %q:\n%s", note, text)
				}
			}
			return
		}
		again, result := verified(rt, text, b.kind, 7, delivery.DefaultTimeout)
		if diff := gocmp.Diff(seen, again); diff != "" {
			rt.Fatalf("with %q verify sees something else (-screen +verify):\n%s\n%s", b.kind, diff, text)
		}
		longer, _ := verified(rt, text, b.kind, 7, 5*time.Second)
		if diff := gocmp.Diff(again, longer); diff != "" && !strings.Contains(text, "are right for verify --timeout 2s") {
			rt.Fatalf("with %q verify sees something else under a longer timeout, and nothing says so (-2s +5s):\n%s\n%s", b.kind, diff, text)
		}
		good, passed := verified(rt, text, "good", 7, delivery.DefaultTimeout)
		if passed.Status != report.Passed {
			rt.Fatalf("a good receiver fails: %s: %s\n%s", passed.Step, passed.Message, text)
		}
		if on == "unknown_command" || on == "content_type" { // a receiver may acknowledge or refuse
			return
		}
		caught := !gocmp.Equal(good.acks(), again.acks()) || on == "truncate" && b.kind == "takes anything"
		if caught != (result.Status == report.Failed) {
			rt.Fatalf("the defect %q showed: %t, and verify says %s: %s\n%s", b.kind, caught, result.Status, result.Message, text)
		}
	})
}

// faultsAlone are those that a person can switch on, one at a time.
var faultsAlone = []string{
	"", "", "", "delay=5s", "drop@callee_receive_call", "duplicate=2", "replay", "race", "reorder", "late=10s@caller_start_call", "lose_answer=2", "lose_answer=7", "reset",
	"truncate", "slow", "wrong_app", "no_query", "unknown_command", "unknown_field", "content_type", "bad_utf8", "malformed", "empty_body", "skew",
	"malformed:50%", "wrong_app:50%@call_end", "lose_answer=7:50%", "reset:50%", "drop=50%", "drop=100%", "delay:50%", "replay:50%", "race=2:50%", "unknown_command:50%", "reorder=50%",
	"malformed:50%@caller_start_call", "duplicate=2:50%", "drop=0%",
}
