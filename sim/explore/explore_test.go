package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/wire"
)

// A receiver that is right is found right: what the engine's state says is what
// its callbacks told.
func TestGoodReceiver(t *testing.T) {
	budget := histories(150)
	for _, g := range []wire.Generation{wire.V1, wire.V4, wire.Both} {
		cfg := config(t, newMemory())
		cfg.Generation, cfg.Budget = g, budget
		r := mustRun(t, cfg)
		for _, f := range r.Findings {
			t.Errorf("%s: %s\n%s", g, f.Violation.Text(), f.Feature(1))
		}
		if r.Executions != budget || r.Shrinking != 0 {
			t.Errorf("%s: %d executions, %d to shrink", g, r.Executions, r.Shrinking)
		}
	}
}

// Who ends a call of two in v1 by an event that carries its result is right. Who ends
// a group call by the hang-up of one is not.
func TestEndByEvent(t *testing.T) {
	for single, right := range map[bool]bool{true: true, false: false} {
		m, ended := newMemory(), map[string]bool{}
		m.refuse = func(_ *memory, l *letter) string {
			ended[l.id] = ended[l.id] || !l.v4 && l.single == single && l.result != ""
			return ""
		}
		m.show = func(_ *memory, id string, s *probe.Stored) {
			if ended[id] {
				s.Count = max(s.Count, 1)
			}
		}
		cfg := config(t, m)
		cfg.Generation, cfg.Budget, cfg.Findings = wire.V1, histories(200), 1
		r := mustRun(t, cfg)
		if (len(r.Findings) == 0) != right {
			t.Errorf("calls of two: %v: %d findings, right is %v", single, len(r.Findings), right)
		}
		for _, f := range r.Findings {
			if f.Violation.Kind != EndEarly {
				t.Errorf("calls of two: %v: %s\n%s", single, f.Violation.Text(), f.Feature(1))
			}
		}
	}
}

// A finding of a clause that only should hold warns, and keeps none that counts from
// being found.
func TestLevels(t *testing.T) {
	levelOf := func(_ string, g wire.Generation) string {
		if g == wire.V1 {
			return "should"
		}
		return "must"
	}
	for _, test := range []struct {
		level      string
		generation wire.Generation
		want       string // the levels found
		broken     bool
	}{
		{"must", wire.V1, "should", false},
		{"should", wire.V1, "should", true},
		{"", wire.V4, "must", true},
		{"must", wire.Both, "must should", true},
	} {
		m := newMemory()
		m.store = func(m *memory, l *letter) { m.put(m.row(l.id), l) } // counts what comes again
		cfg := config(t, m)
		cfg.Generation, cfg.Budget, cfg.Level, cfg.LevelOf = test.generation, 150, test.level, levelOf
		r := mustRun(t, cfg)
		found := map[string]bool{}
		for _, f := range r.Findings {
			found[f.Level] = true
			if want := "@" + f.Level + " "; !strings.Contains(string(f.Feature(1)), want) {
				t.Errorf("%s: no tag %s in\n%s", test.level, want, f.Feature(1))
			}
		}
		if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); got != test.want || r.Broken() != test.broken {
			t.Errorf("from %q on, %s: found %q, broken %v; want %q, %v", test.level, test.generation, got, r.Broken(), test.want, test.broken)
		}
	}
}

// last is the latest call that a memory has stored something of.
func (m *memory) last(id string) bool {
	return m.calls[id] != nil && m.calls[id].order == len(m.calls)-1
}

// when is a text if something is so.
func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

// Each way to be wrong is found, told by its clause, and shrunk.
func TestOracles(t *testing.T) {
	for name, test := range map[string]struct {
		wrong  func(*memory)
		kind   Kind
		clause string // v? is the generation's
		steps  int    // at most
	}{
		"refuses what comes again": {
			func(m *memory) {
				m.refuse = func(m *memory, l *letter) string { return when(m.seen[l.key()], "duplicate") }
			}, Refused, "duplicate-acknowledged", 5,
		},
		"refuses what comes late": {
			func(m *memory) {
				youngest := map[string]int64{}
				m.refuse = func(_ *memory, l *letter) string {
					late := l.at < youngest[l.id]
					youngest[l.id] = max(youngest[l.id], l.at)
					return when(late, "out of order")
				}
			}, Refused, "late-acknowledged", 7,
		},
		"refuses cancellations": {
			func(m *memory) {
				m.refuse = func(_ *memory, l *letter) string { return when(strings.EqualFold(l.result, "cancel"), "what?") }
			}, Refused, "v?-ack-errorcode-integer", 4,
		},
		"counts what comes again": {
			func(m *memory) { m.store = func(m *memory, l *letter) { m.put(m.row(l.id), l) } },
			EndTwice, "duplicate-stored-once", 6,
		},
		"ends a call at the first hang-up": {
			func(m *memory) {
				hungUp := map[string]bool{}
				m.refuse = func(_ *memory, l *letter) string {
					hungUp[l.id] = hungUp[l.id] || strings.HasSuffix(l.command, "_call_end")
					return ""
				}
				m.show = func(_ *memory, id string, s *probe.Stored) {
					if hungUp[id] {
						s.Count = 1
					}
				}
			}, EndEarly, "v1-hang-up-not-the-end", 6,
		},
		"stores no ends": {
			func(m *memory) { m.show = func(_ *memory, _ string, s *probe.Stored) { s.Count = 0 } },
			EndMissing, "ack-means-stored", 5,
		},
		"takes what follows a start for a repetition": {
			func(m *memory) {
				m.store = func(m *memory, l *letter) {
					if m.calls[l.id] == nil {
						m.take(l)
					}
				}
			}, EndMissing, "distinct-of-one-call", 5,
		},
		"keeps one call": {
			func(m *memory) {
				m.show = func(m *memory, id string, s *probe.Stored) {
					if !m.last(id) {
						s.Count = 0
					}
				}
			}, EndMissing, "calls-at-once-apart", 6,
		},
		"takes every end for a normal one": {
			func(m *memory) {
				m.show = func(_ *memory, _ string, s *probe.Stored) { normal := "NormalEnd"; s.Result = &normal }
			}, WrongResult, "v?-result-stored", 4,
		},
		"counts ringing as talk": {
			func(m *memory) {
				m.show = func(_ *memory, _ string, s *probe.Stored) {
					if s.Duration != nil {
						longer := *s.Duration + 3
						s.Duration = &longer
					}
				}
			}, WrongTalk, "v1-duration-from-answer", 5,
		},
		"takes bob for the caller": {
			func(m *memory) { m.show = func(_ *memory, _ string, s *probe.Stored) { bob := "bob"; s.Caller = &bob } },
			WrongCaller, "v1-caller-stored", 4,
		},
		"lets no one leave": {
			func(m *memory) {
				m.store = func(m *memory, l *letter) {
					before := map[string]seat{}
					for u, s := range m.row(l.id).members {
						if s.in {
							before[u] = s
						}
					}
					m.take(l)
					maps.Copy(m.row(l.id).members, before)
				}
			}, WrongMembers, "v1-members-after-change", 6,
		},
		"leaves people in a call that is over": {
			func(m *memory) {
				m.show = func(_ *memory, _ string, s *probe.Stored) {
					if s.Count > 0 {
						s.Members = []string{"bob"}
					}
				}
			}, MembersLeft, "members-none-after-end", 5,
		},
		"fails those who call when others had faults": {
			func(m *memory) {
				m.refuse = func(_ *memory, l *letter) string { return when(l.caller == "erin", "what happened?") }
			}, NotGoingOn, "bad-input-survived", 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			test.wrong(m)
			r := mustRun(t, config(t, m))
			if len(r.Findings) == 0 {
				t.Fatalf("nothing was found in %d executions", r.Executions)
			}
			f := r.Findings[0]
			want := strings.Replace(test.clause, "v?", f.History.Generation.String(), 1)
			if f.Violation.Kind != test.kind || f.Clause != want {
				t.Errorf("%s of %s, want %s of %s", f.Violation.Kind, f.Clause, test.kind, want)
			}
			if f.Flaky() || f.NumSteps() > test.steps {
				t.Errorf("%d steps, want %d at most; shown %d times", f.NumSteps(), test.steps, f.Shown)
			}
			t.Logf("execution %d, %d tried\n%s\n%s", f.Execution, f.Tried, f.Violation.Text(), f.Feature(1))
		})
	}
}

// The same seed finds, shrinks and says the same.
func TestSameAgain(t *testing.T) {
	find := func(token string) string {
		m := newMemory()
		m.store = func(m *memory, l *letter) { m.put(m.row(l.id), l) }
		cfg := config(t, m)
		cfg.Run.Token, cfg.Run.Epoch, cfg.Findings, cfg.Budget = token, cfg.Run.Epoch.Add(1e12), 3, 100
		data, err := json.MarshalIndent(mustRun(t, cfg), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first := find("monday")
	if diff := cmp.Diff(first, find("tuesday")); diff != "" {
		t.Errorf("(-first +again):\n%s", diff)
	}
	if strings.Contains(first, "monday") {
		t.Error("the report has the run's token")
	}
}

// What is found of calls of one type is told by calls of that type, and the other type
// was not to be reached.
func TestCallTypes(t *testing.T) {
	for _, types := range []string{"single", "group"} {
		m := newMemory()
		m.store = func(m *memory, l *letter) { m.put(m.row(l.id), l) }
		cfg := config(t, m)
		cfg.CallTypes, cfg.Budget = types, 100
		r := mustRun(t, cfg)
		if len(r.Findings) == 0 {
			t.Errorf("%s: nothing was found", types)
		}
		for _, f := range r.Findings {
			for _, p := range f.History.placed() {
				if got := p.Setup().Kind; !slices.Contains(kindsOf(types), got) {
					t.Errorf("%s: is told by a call of type %s\n%s", types, got, f.Feature(1))
				}
			}
		}
		for _, reach := range r.Reach {
			for name := range reach.Reached {
				if other := map[string]string{"single": "group ", "group": "single "}[types]; strings.HasPrefix(name, other) {
					t.Errorf("%s: %s was reached", types, name)
				}
			}
			if want := map[string]int{"states": 3, "transitions": map[string]int{"single": 19, "group": 29}[types]}[reach.What]; want != 0 && reach.Total != want {
				t.Errorf("%s: %d %s, want %d", types, reach.Total, reach.What, want)
			}
		}
	}
}

// A receiver that takes some callbacks only gets no others, from the first history on,
// and what is found of it says which it takes.
func TestWords(t *testing.T) {
	for _, names := range [][]string{
		{"normal_end"},
		{"call_busy"},
		{"interrupt"},
		{"caller_start_call", "callee_accept_call"},
		{"Call.CallbackAfterEndCall"},
		{"Call.CallbackAfterMemberChanged", "reject"},
	} {
		words, err := wire.ParseWords(names)
		if err != nil {
			t.Fatal(err)
		}
		cfg := config(t, newMemory())
		cfg.Words, cfg.Budget = words, histories(100)
		if g := words.List()[0].Generation(); len(names) == 1 {
			if _, end := (&explorer{cfg: &cfg}).baseline(g).tells(); !end {
				t.Errorf("%v: the first history ends as none of them", names)
			}
		}
		r := mustRun(t, cfg)
		for _, f := range r.Findings {
			t.Errorf("%v: %s\n%s", names, f.Violation.Text(), f.Feature(1))
		}
		for _, reach := range r.Reach {
			if reach.What == "callbacks" && (reach.Total != len(names) || len(reach.Reached) != len(names)) {
				t.Errorf("%v: reached %v, %d of them are to be", names, reach.Reached, reach.Total)
			}
		}

		m := newMemory()
		m.answer = func(_ *memory, _ *letter, a *delivery.Answer) { a.Status = 500 }
		cfg = config(t, m)
		cfg.Words = words
		f := mustRun(t, cfg).Findings[0]
		if want := "And the receiver subscribes to "; !strings.Contains(string(f.Feature(1)), want) {
			t.Errorf("%v: no %q in\n%s", names, want, f.Feature(1))
		}
	}
	cfg := config(t, newMemory())
	cfg.Words, cfg.Generation = cfg.Words.With(wire.AfterEndCall), wire.V1
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "Config.Words") {
		t.Errorf("words of another generation: %v", err)
	}
}

// Shrinking takes no more executions than it may.
func TestShrinkBudget(t *testing.T) {
	for _, budget := range []int{0, 1, 7, 200} {
		m := newMemory()
		m.refuse = func(m *memory, l *letter) string { return when(m.seen[l.key()], "duplicate") }
		cfg := config(t, m)
		cfg.Shrink = budget
		f := mustRun(t, cfg).Findings[0]
		if f.Tried > budget {
			t.Errorf("%d executions, may take %d", f.Tried, budget)
		}
		if budget == 200 && f.Tried == budget {
			t.Error("200 executions were not enough")
		}
	}
}

// What does not show each time is said to be flaky, and the search goes on.
func TestFlaky(t *testing.T) {
	m := newMemory()
	n := 0
	m.refuse = func(_ *memory, l *letter) string {
		if !l.ends() || l.result != "reject" && l.result != "Reject" {
			return ""
		}
		n++
		return when(n%20 < 8, "not now") // seven attempts and one more
	}
	cfg := config(t, m)
	cfg.Generation, cfg.Budget = wire.V1, histories(300)
	r := mustRun(t, cfg)
	if len(r.Findings) == 0 {
		t.Fatal("nothing was found")
	}
	f := r.Findings[0]
	if !f.Flaky() || r.Executions < cfg.Budget {
		t.Errorf("shown in %d of %d, the search ended after %d executions", f.Shown, Reruns, r.Executions)
	}
	if want := fmt.Sprintf("Flaky: it showed in %d of 3 plays more.\n", f.Shown); !strings.Contains(string(f.Feature(1)), want) {
		t.Errorf("the feature does not say %q:\n%s", want, f.Feature(1))
	}
}

// A second end that appears only later is found at the end, and waited for when
// it is shrunk.
func TestSecondEndLater(t *testing.T) {
	m := newMemory()
	came, asked := map[string]int{}, map[string]int{}
	m.refuse = func(_ *memory, l *letter) string {
		if l.ends() {
			came[l.id]++
		}
		return ""
	}
	m.show = func(_ *memory, id string, s *probe.Stored) {
		if asked[id]++; came[id] > 1 && asked[id] > 1 {
			s.Count = 2
		}
	}
	cfg := config(t, m)
	cfg.Budget = 40
	r := mustRun(t, cfg)
	if len(r.Findings) != 1 {
		t.Fatalf("%d findings", len(r.Findings))
	}
	if f := r.Findings[0]; f.Violation.Kind != EndTwice || f.Flaky() || f.NumSteps() > 6 {
		t.Errorf("%s, shown %d times\n%s", f.Violation.Kind, f.Shown, f.Feature(1))
	}
}

// Phones that are offline sooner, or much later, make other histories.
func TestHeartbeat(t *testing.T) {
	for _, heartbeat := range []time.Duration{2 * time.Second, sim.PlatformExpiry} {
		cfg := config(t, newMemory())
		cfg.Heartbeat, cfg.Budget = heartbeat, histories(200)
		for _, f := range mustRun(t, cfg).Findings {
			t.Errorf("%s: %s\n%s", heartbeat, f.Violation.Text(), f.Feature(1))
		}
	}
}

// One that never took a plain call is not said to be unable to go on.
func TestNothingToGoOnWith(t *testing.T) {
	m := newMemory()
	m.refuse = func(*memory, *letter) string { return "no" }
	cfg := config(t, m)
	cfg.Probe, cfg.Findings, cfg.Shrink, cfg.Budget = nil, 100, 0, histories(300)
	r := mustRun(t, cfg)
	if len(r.Findings) == 0 {
		t.Fatal("nothing was found")
	}
	for _, f := range r.Findings {
		if f.Violation.Kind != Refused {
			t.Errorf("%s: %s\n%s", f.Violation.Kind, f.Violation.Text(), f.Feature(1))
		}
	}
}

// A receiver that breaks for good ends the search: what follows says nothing.
func TestDown(t *testing.T) {
	m := newMemory()
	dead := false
	m.hook = func(m *memory, r *delivery.Request) bool {
		dead = dead || len(m.calls) > 30
		return dead
	}
	r := mustRun(t, config(t, m))
	if !r.Down || len(r.Findings) != 1 || r.Executions == 300 {
		t.Fatalf("down %t, %d findings, %d executions", r.Down, len(r.Findings), r.Executions)
	}
	if f := r.Findings[0]; !f.Fatal || f.Flaky() || f.Tried > 0 {
		t.Errorf("fatal %t, flaky %t; a dead receiver was asked %d times", f.Fatal, f.Flaky(), f.Tried)
	} else if f.Clause != "ack-within-timeout" {
		t.Errorf("%s is blamed, want that no answer came", f.Clause)
	}
}

func TestNoReceiver(t *testing.T) {
	m := newMemory()
	m.hook = func(*memory, *delivery.Request) bool { return true }
	if _, err := Run(t.Context(), config(t, m)); !errors.Is(err, preflight.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	m = newMemory()
	m.show = func(_ *memory, _ string, s *probe.Stored) { *s = probe.Stored{} }
	if _, err := Run(t.Context(), config(t, m)); !errors.Is(err, preflight.ErrBlindProbe) {
		t.Errorf("%v", err)
	}
}

// A probe that cannot be understood is no verdict.
func TestProbeErrors(t *testing.T) {
	m := newMemory()
	cfg := config(t, m)
	cfg.Probe, cfg.Budget = &mute{memory: m}, 50
	r := mustRun(t, cfg)
	if len(r.Findings) != 0 || r.ProbeErrors == 0 || r.ProbeError == "" {
		t.Errorf("%d findings, %d probe errors: %s", len(r.Findings), r.ProbeErrors, r.ProbeError)
	}
}

// errMute is what a probe returns that reaches no server.
var errMute = func() error {
	p, err := probe.New(probe.Options{URL: "http://127.0.0.1:1/{CallId}"})
	if err != nil {
		panic(err)
	}
	_, err = p.Ask(context.Background(), "x")
	return err
}()

// A receiver that acknowledges first and stores later is right, however long nothing that
// it shows grows: what it does not show is missing only once a call behind it is there. One that
// loses what it acknowledges is not waited for each time.
func TestStoresLater(t *testing.T) {
	for _, loses := range []bool{false, true} {
		m := newMemory()
		var queue []*letter
		waits := 0
		first := "" // of the pre-flight, which must be seen
		m.store = func(m *memory, l *letter) {
			if first == "" {
				first = l.id
			}
			if l.id == first {
				m.take(l)
				return
			}
			queue = append(queue, l)
		}
		m.catchUp = func() {
			waits++
			m.mu.Lock()
			defer m.mu.Unlock()
			for _, l := range queue {
				if !loses {
					m.take(l)
				}
			}
			queue = nil
		}
		cfg := config(t, m)
		cfg.Budget = 60
		cfg.Poll = time.Nanosecond
		r := mustRun(t, cfg)
		if (len(r.Findings) > 0) != loses || loses && (waits != 1 || r.Findings[0].Violation.Kind != EndMissing) || !loses && waits < 50 {
			t.Errorf("loses is %v: %d findings, %d waits", loses, len(r.Findings), waits)
			for _, f := range r.Findings {
				t.Error(f.Violation.Text())
			}
		}
	}
}

// mute is a probe that works for a while.
type mute struct {
	*memory
	asked int
}

func (p *mute) Until(ctx context.Context, id string, within time.Duration, wanted func(probe.Stored) bool, behind func(context.Context), _ ...string) (probe.Stored, bool, error) {
	if p.asked++; p.asked > 3 {
		return probe.Stored{}, false, errMute
	}
	return p.memory.Until(ctx, id, within, wanted, behind)
}

// Without a probe only answers are judged.
func TestStatusOnly(t *testing.T) {
	m := newMemory()
	m.store = func(*memory, *letter) {}
	cfg := config(t, m)
	cfg.Probe, cfg.Budget = nil, 50
	if r := mustRun(t, cfg); len(r.Findings) != 0 || r.Probe {
		t.Errorf("%d findings", len(r.Findings))
	}
}

// Who stops an exploration gets what it found so far.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cfg := config(t, newMemory())
	cfg.Progress = func(done int) {
		if done == 5 {
			cancel()
		}
	}
	r, err := Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) || r == nil || r.Executions != 5 {
		t.Errorf("%v, %v", r, err)
	}
}

// What was found but not played again to the end is not called flaky for it.
func TestStoppedInTheMiddle(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := newMemory()
	found := ""
	m.refuse = func(m *memory, l *letter) string {
		if !m.seen[l.key()] {
			return ""
		}
		execution := l.id[:strings.LastIndex(l.id, "-")]
		if found == "" {
			found = execution
		}
		if execution != found { // it is played again
			cancel()
		}
		return "duplicate"
	}
	r, err := Run(ctx, config(t, m))
	if !errors.Is(err, context.Canceled) || len(r.Findings) != 1 {
		t.Fatalf("%v, %d findings", err, len(r.Findings))
	}
	if f := r.Findings[0]; !f.Interrupted || f.Flaky() || f.Shown == Reruns {
		t.Errorf("cut %t, flaky %t, shown %d times", f.Interrupted, f.Flaky(), f.Shown)
	}
}

func Example() {
	backend := newMemory()
	backend.store = func(m *memory, l *letter) { m.put(m.row(l.id), l) } // adds whatever comes
	endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	report, err := Run(context.Background(), Config{
		Run: journal.Run{Seed: 1, Epoch: epoch, Token: "monday"}, App: 1400000001, Endpoint: endpoint, NewSender: backend.sender, Probe: backend, Generation: wire.V1, Budget: 100, Shrink: 100, Findings: 1,
	})
	if err != nil {
		panic(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Violation.Text())
		fmt.Println(strings.Join(f.Scenario(), "\n"))
	}
	// Output:
	// 2 end records are stored, want one
	// Given the callbacks are v1
	// And the faults are "duplicate@call_end"
	// When alice calls bob
	// And at 1s alice cancels
	// Then one end is stored
}
