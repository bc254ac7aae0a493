package features_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Tests in parallel wait more than they work, for what must not appear: eight of
// them leave two cores something to do.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("8")
	}
	m.Run()
}

// against is the suite for a receiver of this process, which is asked what it
// stored at /calls. What must appear there is waited for as long as it takes.
func against(t testing.TB, h http.Handler) features.Suite {
	t.Helper()
	return suiteFor(t, h, probe.Options{Wait: 5 * longest})
}

// prompt is [against] for a receiver that is wrong, and that has stored what it ever
// stores of a callback when it answers it. What is not there then never comes: it is
// asked for once, and not waited for in vain.
func prompt(t testing.TB, h http.Handler) features.Suite {
	t.Helper()
	s := suiteFor(t, h, probe.Options{Wait: noTime})
	s.Poll = noTime
	return s
}

// noTime is over once it is looked at. 0 would mean the usual time.
const noTime = time.Nanosecond

func suiteFor(t testing.TB, h http.Handler, o probe.Options) features.Suite {
	t.Helper()
	server := harness.Serve(t, h)
	target := harness.Endpoint(t, server.URL+"/callback")
	o.URL, o.Timeout = server.URL+"/calls/{CallId}", longest
	p, err := probe.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	options := features.Options{
		Target: target, Seed: 7, Run: "test", Probe: p, Poll: longest,
		Restart: func(context.Context) error { return nil }, Minute: time.Millisecond,
	}
	patient(t, &options, h)
	return features.Suite{Options: options}
}

// patient sets senders that wait for an answer as long as it takes, and hold against
// no receiver how long that was: it may be this machine that is slow. That an answer
// takes too long is for TestSlowAnswers. They share connections, like those of verify,
// to a receiver that serves any number; with a handler, what needs no connection is
// handed to that, but not to soak: what a server makes of the answers of each receiver is
// tried then.
func patient(t testing.TB, o *features.Options, h http.Handler) {
	shared := post.NewConnections(&post.Options{Timeout: longest})
	shared.Serves(1000)
	t.Cleanup(shared.Close)
	o.NewSender = func() run.Sender { return untimed{shared.Sender()} }
	o.OwnSender = func() run.Sender { return untimed{shared.Unshared()} }
	if h != nil && os.Getenv("RINGBACK_SOAK") == "" {
		o.NewSender = func() run.Sender { return untimed{newDirect(h, shared.Sender(), longest)} }
	}
}

type untimed struct{ run.Sender }

func (s untimed) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.Sender.Send(r, t, a)
	if a.Took = 0; a.Failure == delivery.TimedOut { // which ends the suite, and so the test says whose it was
		*a = delivery.Answer{Failure: delivery.OwnFault, Detail: "no answer came as long as a test waits"}
	}
}

// longest is how long a receiver that is right may take: a busy machine must not
// look like one that hangs.
const longest = time.Minute

// brief is how long what must appear is waited for where it does not, with receivers
// that are wrong and store some of it after they answered. For others see [prompt].
const brief = 300 * time.Millisecond

func reference(t testing.TB) *receiver.Receiver {
	t.Helper()
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// ofEachClause selects the first scenario of each clause in each generation, but for
// crowds, which cost as much as half of the others, and all scenarios of more tags; to
// soak, it selects the whole suite. So much shows that an option, or a way of a receiver,
// leaves each clause judged: all scenarios are played by [TestReferencePasses] and
// [TestFeatures].
func ofEachClause(t testing.TB, more ...string) string {
	if len(seeds()) > 1 {
		return ""
	}
	tags := more
	held := map[string]bool{}
	for _, s := range listed(t) {
		first := false
		for _, id := range s.Clauses {
			first = first || !held[id+generationOf(s)]
		}
		if !first || isCrowd(s.Name) {
			continue
		}
		for _, id := range s.Clauses {
			held[id+generationOf(s)] = true
		}
		tags = append(tags, "@"+features.Slug(s.Name))
	}
	return "(" + strings.Join(tags, " or ") + ")"
}

// isCrowd reports whether a scenario plays a hundred calls at once or more.
func isCrowd(name string) bool {
	return strings.Contains(name, " 100 ") || strings.Contains(name, " 200 ")
}

// sameUnderRace skips what plays the same concurrent code as other tests, with other
// data, where the race detector makes it ten times as long.
func sameUnderRace(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("plays what others play, with other data")
	}
}

// The reference receiver passes, whatever the order, over connections. With the first
// seed it does so in one generation and then in the other.
func TestReferencePasses(t *testing.T) {
	t.Parallel()
	for _, seed := range append(seeds()[1:], 1_000_000_007) {
		s := against(t, reference(t))
		overConnections(t)(&s)
		s.Seed = seed
		if testing.Short() { // godog plays those of v4
			s.Generation = wire.V1
		}
		wantPassed(t, s, func(*report.Result) bool { return true })
	}
}

// However the sender spells what a member did, the reference passes.
func TestReferencePassesInOtherSpellings(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	for _, choices := range [][]string{{"accept_action=Answer", "hangup_action=Hang Up"}, {"hangup_action=HangUp", "invite_actions=Invited"}} {
		s := against(t, reference(t))
		s.Dialect, s.Generation, s.Tags = wire.Default(), wire.V4, ofEachClause(t)
		for _, choice := range choices {
			if err := s.Dialect.Set(choice); err != nil {
				t.Fatal(err)
			}
		}
		wantPassed(t, s, func(*report.Result) bool { return true })
	}
}

// A receiver that takes connections and answers nothing is judged at once, not
// by each scenario in turn.
func TestSilentReceiver(t *testing.T) {
	s := against(t, reference(t))
	s.NewSender, s.OwnSender = func() run.Sender { return silent{} }, nil
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Scenarios) != 1 || rep.Verdict() != "fail" || !strings.Contains(rep.Scenarios[0].Message, "answers nothing") {
		t.Errorf("%d scenarios, %s", len(rep.Scenarios), rep.Verdict())
	}
}

// silent is what a sender meets at a receiver that takes connections alone.
type silent struct{}

func (silent) Close() {}

func (silent) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{Connected: true, Failure: delivery.TimedOut, Took: 20 * time.Millisecond}
}

// acknowledging takes its time for each answer.
type acknowledging struct {
	run.Acknowledging
	took time.Duration
}

func (s acknowledging) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.Acknowledging.Send(r, t, a)
	a.Took = s.took
}

// An answer may take 2 s, and not longer.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]report.Status{2 * time.Second: report.Passed, 2*time.Second + 1: report.Failed} {
		s := against(t, reference(t))
		s.Probe, s.Tags = nil, "@clause-ack-within-timeout"
		s.NewSender, s.OwnSender = func() run.Sender { return acknowledging{took: took} }, nil
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Scenarios) != 2 {
			t.Errorf("%d scenarios, want one of each generation", len(rep.Scenarios))
		}
		for i := range rep.Scenarios {
			if r := &rep.Scenarios[i]; r.Status != want {
				t.Errorf("%s, with answers that took %s: is %s: %s", r.Name, took, r.Status, r.Message)
			}
		}
	}
}

// A receiver of one generation is judged by its scenarios alone.
func TestReferencePassesInOneGeneration(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		s := against(t, reference(t))
		s.Generation, s.Tags = g, ofEachClause(t)
		rep := wantPassed(t, s, func(*report.Result) bool { return true })
		for i := range rep.Scenarios {
			if got := generationOf(rep.Scenarios[i]); got != g.String() {
				t.Errorf("%s: %s is among those of %s", rep.Scenarios[i].Name, got, g)
			}
		}
	}
}

// A receiver that knows users by other ids is not asked about ids.
func TestReferencePassesWithAUserMap(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	s := against(t, reference(t))
	s.Tags = ofEachClause(t)
	s.User = func(name string) string { return "u-" + name }
	wantPassed(t, s, func(r *report.Result) bool {
		return !slices.ContainsFunc(r.Clauses, func(id string) bool {
			return strings.Contains(id, "user-id") || strings.HasPrefix(id, "v4-user-account-")
		})
	})
}

// Without a probe, what takes one is left out, and nothing else.
func TestReferencePassesWithoutAProbe(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	s := against(t, reference(t))
	s.Probe, s.Tags = nil, ofEachClause(t)
	wantPassed(t, s, func(r *report.Result) bool {
		return !slices.ContainsFunc(fixtures.Clauses(), func(c fixtures.Clause) bool { return c.Probe && slices.Contains(r.Clauses, c.ID) })
	})
}

// Answers that are longer than what a journal's reader keeps of them are judged
// whole, and shown as what they are the beginning of.
func TestLongAnswers(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	long := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			var answer map[string]any
			if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code != http.StatusOK {
				w.WriteHeader(got.Code)
				_, _ = w.Write(got.Body.Bytes())
				return
			}
			for _, key := range []string{"ErrorMessage", "ErrorInfo"} {
				if _, there := answer[key]; there {
					answer[key] = "x" + strings.Repeat("長", 3000)
				}
			}
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
	s := against(t, long(reference(t)))
	s.Probe, s.Tags = nil, ofEachClause(t)
	rep := wantPassed(t, s, func(r *report.Result) bool {
		return !slices.ContainsFunc(fixtures.Clauses(), func(c fixtures.Clause) bool { return c.Probe && slices.Contains(r.Clauses, c.ID) })
	})
	shown := 0
	for i := range rep.Scenarios {
		for _, m := range rep.Scenarios[i].History {
			if m.Exchange != nil && m.Whole > 9000 && len(m.Answer) <= delivery.MaxAnswer && utf8.ValidString(m.Answer) {
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("no answer is the beginning of a longer one")
	}
	s = against(t, long(variant(t, "errorcode_string")))
	s.Tags = "@clause-v1-event-start-acknowledged"
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var terminal, page bytes.Buffer
	if err := errors.Join(rep.WriteTerminal(&terminal, report.TerminalOptions{}), rep.WriteHTML(&page)); err != nil {
		t.Fatal(err)
	}
	const want = `first \d+ of 9\d\d\d bytes`
	for name, got := range map[string]string{"terminal": terminal.String(), "page": page.String()} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: no %s", name, want)
		}
	}
}

// Who leaves out what the documents show and nothing depends on is told so once in
// each generation, and judged by all else.
func TestNeedlessKeysWarn(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	needless := regexp.MustCompile(`,"Error(Info|Message)":"[^"]*"`)
	without := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			body := needless.ReplaceAll(got.Body.Bytes(), nil)
			w.WriteHeader(got.Code)
			_, _ = w.Write(body)
		})
	}
	warned := func(h http.Handler, v4Ack, tags string) (names []string, rep *report.Report) {
		s := against(t, without(h))
		s.Dialect, s.Tags = wire.Default(), tags
		if err := s.Dialect.Set("v4_ack=" + v4Ack); err != nil {
			t.Fatal(err)
		}
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rep.Scenarios {
			if r := &rep.Scenarios[i]; r.Status == report.Warned {
				names = append(names, r.Name)
			}
		}
		return names, rep
	}
	names, rep := warned(reference(t), "http200", ofEachClause(t))
	if diff := cmp.Diff([]string{"A v1 answer has an ErrorMessage", "A v4 answer has an ErrorInfo"}, names); diff != "" || rep.Verdict() != "pass" {
		t.Errorf("%s (-want +got):\n%s", rep.Verdict(), diff)
	}
	if _, rep := warned(variant(t, "counts_duplicates"), "http200", "@clause-duplicate-stored-once"); rep.Verdict() != "fail" {
		t.Errorf("a receiver that counts repetitions, too: %s, want fail", rep.Verdict())
	}
	if _, rep := warned(reference(t), "strict", "@clause-v4-command-end-call-acknowledged"); rep.Verdict() != "fail" {
		t.Errorf("v4_ack=strict: %s, want fail: the sender wants all of the answer", rep.Verdict())
	}
}

// What a receiver did not register for is left out, by the name of a callback that it
// lacks, and nothing is held against it. What is about any end is judged by one that it takes.
func TestReferencePassesWithFewWords(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	for _, words := range [][]string{
		{"normal_end"},
		{"cancel"},
		{"interrupt", "reject", "Call.CallbackAfterEndCall"},
		{"caller_start_call", "callee_accept_call"},
		{"Call.CallbackAfterEndCall"},
		{"Call.CallbackAfterMemberChanged"},
		{"Call.CallbackAfterStartCall", "reject"},
	} {
		s := against(t, reference(t))
		var err error
		if s.Words, err = wire.ParseWords(words); err != nil {
			t.Fatal(err)
		}
		s.Generation, s.Tags = s.Words.List()[0].Generation(), ofEachClause(t)
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Errorf("%v: %v", words, err)
			continue
		}
		ends := slices.ContainsFunc(s.Words.List(), wire.Word.Status)
		for i := range rep.Scenarios {
			r := &rep.Scenarios[i]
			wants := r.Status == report.Passed || r.Status == report.Skipped && !(ends && slices.Contains(r.Tags, "@any-end"))
			if lacks, ok := strings.CutPrefix(r.Message, "the receiver takes no "); ok && slices.Contains(words, strings.TrimSuffix(lacks, ", by --subscribe")) || !wants {
				t.Errorf("%v: %s:%d %s: is %s at %q: %s", words, r.File, r.Line, r.Name, r.Status, r.Step, r.Message)
			}
		}
		if rep.Count(report.Passed) == 0 {
			t.Errorf("%v: no scenario passed", words)
		}
	}
}

// wantPassed runs a suite that must pass where it can be judged, and be left
// out elsewhere.
func wantPassed(t *testing.T, s features.Suite, judged func(*report.Result) bool) *report.Report {
	t.Helper()
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rep.Scenarios {
		r, want := &rep.Scenarios[i], report.Skipped
		if judged(r) {
			want = report.Passed
		}
		if r.Status != want {
			t.Errorf("%s:%d %s: is %s at %q, want %s: %s", r.File, r.Line, r.Name, r.Status, r.Step, want, r.Message)
		}
	}
	return rep
}
