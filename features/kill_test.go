package features_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/fixtures/golden"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
)

// judge runs scenarios against a variant. Those of some tags run one by one:
// what a variant mixes up must not depend on what else goes on.
func judge(t testing.TB, v broken.Variant, tags string) (failed []report.Result, err error) {
	t.Helper()
	return judgeSeed(t, v, tags, 7, tags == "")
}

func judgeSeed(t testing.TB, v broken.Variant, tags string, seed uint64, sideBySide bool) (failed []report.Result, err error) {
	t.Helper()
	defer place()()
	r, err := newRestartable(t, v)
	if err != nil {
		return nil, err
	}
	defer r.close()
	s := against(t, r)
	if len(v.Breaks) > 0 {
		s = againstWrong(t, r, v, brief)
	}
	if v.Name == "chunked" || v.Name == "http_1_0" { // which are ways to write to a connection
		overConnections(t)(&s)
	}
	s.Restart = r.restart
	s.Seed, s.Tags, s.Level = seed, tags, "should"
	s.Epoch = harness.Epoch // which talks reach over midnight must not depend on the time of day
	if !sideBySide {
		s.Concurrency = 1
	}
	if lateOrNever[v.Name] {
		impatient(&s)
	}
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		return nil, err
	}
	for i := range rep.Scenarios {
		if rep.Scenarios[i].Status == report.Failed {
			failed = append(failed, rep.Scenarios[i])
		}
	}
	return failed, nil
}

// againstWrong is the suite for a variant that is wrong. What it never stores is waited
// for only if it takes its time.
func againstWrong(t testing.TB, h http.Handler, v broken.Variant, wait time.Duration) features.Suite {
	t.Helper()
	if v.Delay == 0 {
		return prompt(t, h)
	}
	s := suiteFor(t, h, probe.Options{Wait: tolerant})
	s.Poll = wait
	return s
}

// restartable is a variant that can be ended and begun anew, with the same database.
type restartable struct {
	open func() (http.Handler, io.Closer, error)

	mu     sync.RWMutex
	h      http.Handler
	closer io.Closer
}

func newRestartable(t testing.TB, v broken.Variant) (*restartable, error) {
	t.Helper()
	c := receiver.Config{SDKAppID: "1400000001"}
	if v.Name == "forgets_at_restart" {
		c.DB = filepath.Join(t.TempDir(), "receiver.db")
	}
	r := &restartable{open: func() (http.Handler, io.Closer, error) { return v.New(c) }}
	var err error
	r.h, r.closer, err = r.open()
	return r, err
}

func (r *restartable) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.RLock()
	h := r.h
	r.mu.RUnlock()
	h.ServeHTTP(w, req)
}

// restart restarts a variant that has something to keep.
func (r *restartable) restart(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.closer.Close(); err != nil {
		return err
	}
	var err error
	r.h, r.closer, err = r.open()
	return err
}

func (r *restartable) close() { _ = r.closer.Close() }

// lateOrNever are variants that let a sender wait, for less time here than in
// life.
var lateOrNever = map[string]bool{"pushes_first": true, "locks_up_on_malformed": true}

const patience = 100 * time.Millisecond

// impatient has a suite wait for answers for no longer than patience once the receiver has
// acknowledged a call: before, a stall of this machine would end the suite without a verdict.
func impatient(s *features.Suite) {
	var acknowledged atomic.Bool
	s.Acknowledged = func(*delivery.Request) { acknowledged.Store(true) }
	patiently := s.NewSender
	s.NewSender = func() run.Sender {
		return &losingPatience{patiently(), post.New(&post.Options{Timeout: patience}), &acknowledged}
	}
	s.OwnSender = nil
}

// losingPatience is one sender, and from some time on another.
type losingPatience struct {
	run.Sender
	then run.Sender
	lost *atomic.Bool
}

func (s *losingPatience) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if s.lost.Load() {
		s.then.Send(r, t, a)
		return
	}
	s.Sender.Send(r, t, a)
}

func (s *losingPatience) Close() {
	s.Sender.Close()
	s.then.Close()
}

// byTiming are variants that may fail in different scenarios on machines of
// different speed.
var byTiming = map[string]bool{
	"loses_what_it_acknowledged": true, "duration_by_own_clock": true, "pushes_first": true, "locks_up_on_malformed": true,
	"looks_then_inserts_at_once": true, "serializable": true, "queue_of_twelve": true,
}

// breaking selects the scenarios of the clauses that a variant breaks.
func breaking(v broken.Variant) (tags string) {
	return "@clause-" + strings.Join(v.Breaks, " or @clause-")
}

// fatal are variants that never recover: each scenario meets a new one.
var fatal = map[string]bool{"dies_of_oversized": true, "locks_up_on_malformed": true}

// kills are those of some scenarios that a variant fails in. Where that is a matter
// of what meets, it has several chances.
func kills(t testing.TB, v broken.Variant, of string) (failed []report.Result, err error) {
	v.Delay *= 20 // what happens meanwhile must not depend on how busy this machine is
	switch v.Name {
	case "pushes_first":
		v.Delay = 2 * patience
	case "forgets_after_a_minute":
		v.Delay = time.Millisecond // which is a minute here
	case "queue_of_twelve":
		v.Delay /= 20 // the slower it is, the less it stores in time
	}
	tags := []string{of}
	if fatal[v.Name] {
		list, err := features.List(features.Suite{Tags: of})
		if err != nil {
			return nil, err
		}
		tags = nil
		for _, s := range list {
			tags = append(tags, "@"+features.Slug(s.Name))
		}
	}
	if v.Delay > 0 && !lateOrNever[v.Name] {
		tags = slices.Repeat(tags, 3)
	}
	for i, each := range sideBySide(len(tags), func(i int) ([]report.Result, error) { return judge(t, v, tags[i]) }) {
		if each.err != nil {
			return nil, fmt.Errorf("%s: %w", tags[i], each.err)
		}
		failed = append(failed, each.failed...)
	}
	slices.SortStableFunc(failed, func(a, b report.Result) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.CompactFunc(failed, func(a, b report.Result) bool { return a.Name == b.Name }), nil
}

// outcome is what came of one of several runs.
type outcome struct {
	failed []report.Result
	err    error
}

var places = make(chan struct{}, 16)

// place waits until a suite may begin that is played beside others, and returns
// what it calls at its end. A suite has hundreds of connections at times.
func place() (leave func()) {
	places <- struct{}{}
	return func() { <-places }
}

// sideBySide makes n runs. They wait more than they work.
func sideBySide(n int, judge func(i int) ([]report.Result, error)) []outcome {
	var group sync.WaitGroup
	all := make([]outcome, n)
	for i := range all {
		group.Go(func() { all[i].failed, all[i].err = judge(i) })
	}
	group.Wait()
	return all
}

// Each variant that counts fails in a scenario of a clause that it breaks, and
// the kill table says in which. The whole table takes a minute of a core, so that it
// is made to soak, and with make golden. Else each variant plays some scenarios that it
// failed in then: the one that the table names, and those that too few others fail in.
func TestBrokenReceiversFail(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred receivers")
	}
	t.Parallel()
	variants, plan := broken.List(), map[string]string{}
	whole := []string{"answers_204", "redirects_to_slash", "crashes_without_times"} // are judged by all scenarios, too
	if !golden.Rewriting() && len(seeds()) == 1 {
		whole, plan = nil, readKills(t, "kills.txt", `(?m)^(\S+) (.+)$`)
	}
	all := sideBySide(len(variants)+len(whole), func(i int) ([]report.Result, error) {
		if i < len(variants) {
			return kills(t, variants[i], cmp.Or(plan[variants[i].Name], breaking(variants[i])))
		}
		v, _ := broken.Find(whole[i-len(variants)])
		return judge(t, v, "")
	})
	everywhere := map[string][]report.Result{}
	for i, name := range whole {
		each := all[len(variants)+i]
		if each.err != nil {
			t.Errorf("%s: %v", name, each.err)
		}
		everywhere[name] = each.failed
	}
	for i, v := range variants {
		switch {
		case all[i].err != nil:
			t.Errorf("%s: %v", v.Name, all[i].err)
		case len(all[i].failed) == 0:
			t.Errorf("%s: it %s, and passes: want it to fail in a scenario of %s", v.Name, v.About, strings.Join(v.Breaks, ", "))
		}
	}
	if t.Failed() {
		return
	}
	wantAllCaught(t, variants, all, everywhere)
	if whole != nil {
		golden.Compare(t, "kills.md", killTable(variants, all, everywhere))
		golden.Compare(t, "kills.txt", killPlan(t, variants, all, everywhere))
		return
	}
	table := readKills(t, "kills.md", "(?m)^\\| `(\\w+)` \\| .* \\| (.+) \\|$")
	for i, v := range variants {
		want := strings.TrimSuffix(table[v.Name], ", and others")
		if !byTiming[v.Name] && !slices.ContainsFunc(all[i].failed, func(s report.Result) bool { return cell(s.Name) == want }) {
			t.Errorf("%s: passes %q, which the table names; make golden makes it anew", v.Name, want)
		}
	}
}

// readKills reads a file that the whole table was written to: something by the name of
// each variant.
func readKills(t *testing.T, file, line string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for _, m := range regexp.MustCompile(line).FindAllStringSubmatch(string(text), -1) {
		by[m[1]] = m[2]
	}
	return by
}

// killPlan says what variants play if not all: the first scenario that each fails in,
// and so many more that each scenario that must be caught is. What depends on timing
// plays all there is.
func killPlan(t *testing.T, variants []broken.Variant, all []outcome, everywhere map[string][]report.Result) string {
	t.Helper()
	plan, caught := make([][]string, len(variants)), map[string]bool{}
	play := func(i int, s report.Result) {
		caught[s.Name] = caught[s.Name] || catches(variants[i], s)
		plan[i] = append(plan[i], "@"+features.Slug(s.Name))
	}
	for i, v := range variants {
		if !byTiming[v.Name] {
			play(i, all[i].failed[0])
			continue
		}
		for _, s := range all[i].failed {
			caught[s.Name] = caught[s.Name] || catches(v, s)
		}
	}
	for i, v := range slices.Backward(variants) { // the first ones fail everywhere, and are sent all of it again
		for _, s := range slices.Concat(all[i].failed, everywhere[v.Name]) {
			if plan[i] != nil && s.Level == "must" && !caught[s.Name] && catches(v, s) {
				play(i, s)
			}
		}
	}
	var b strings.Builder
	for i, tags := range plan {
		if tags != nil {
			fmt.Fprintf(&b, "%s %s\n", variants[i].Name, strings.Join(tags, " or "))
		}
	}
	return b.String()
}

// wantAllCaught wants each must scenario to fail for a variant that counts:
// what nobody fails in shows nothing. In scenarios about a plain end, which
// variants that count get right, any variant will do. Some fail in many
// scenarios besides those of the clauses they break.
func wantAllCaught(t *testing.T, variants []broken.Variant, all []outcome, everywhere map[string][]report.Result) {
	t.Helper()
	caught := map[string]bool{}
	for i, v := range variants {
		for _, s := range slices.Concat(all[i].failed, everywhere[v.Name]) {
			caught[s.Name] = caught[s.Name] || catches(v, s)
		}
	}
	for _, s := range listed(t) {
		if s.Level == "must" && !caught[s.Name] {
			t.Errorf("%s:%d %s: no variant fails in it", s.File, s.Line, s.Name)
		}
	}
}

// plainEnds are clauses that nobody breaks who acknowledges plain ends.
var plainEnds = map[string]bool{
	"v1-result-normal-end-acknowledged": true, "v4-command-end-call-acknowledged": true, "v4-callee-list-with-caller": true,
}

// catches reports whether it shows something that a variant fails in a scenario.
func catches(v broken.Variant, s report.Result) bool {
	return v.Counting || s.Name == "An end with the result NormalEnd is acknowledged" ||
		slices.ContainsFunc(s.Clauses, func(id string) bool { return plainEnds[id] })
}

// killTable shows where variants are caught, and which variants show that a
// clause is looked after: those that say that they break it, or else others
// that fail in one of its scenarios. How many scenarios a variant fails in is
// not told: where calls take place at once that is not the same in each run.
func killTable(variants []broken.Variant, all []outcome, everywhere map[string][]report.Result) string {
	var b strings.Builder
	b.WriteString("| `--break` | a receiver that | fails in |\n|---|---|---|\n")
	breakers, others := map[string][]string{}, map[string][]string{}
	for i, v := range variants {
		for _, c := range fixtures.Clauses() {
			has := func(s report.Result) bool { return slices.Contains(s.Clauses, c.ID) }
			switch {
			case slices.Contains(v.Breaks, c.ID) && slices.ContainsFunc(all[i].failed, has):
				breakers[c.ID] = append(breakers[c.ID], "`"+v.Name+"`")
			case slices.ContainsFunc(everywhere[v.Name], has):
				others[c.ID] = append(others[c.ID], "`"+v.Name+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.Name, cell(v.About), cell(where(v, all[i].failed)))
	}
	b.WriteString("\n| clause | level | broken by |\n|---|---|---|\n")
	for _, c := range fixtures.Clauses() {
		if c.Extension != "" { // see TestSignsBroken
			continue
		}
		by := breakers[c.ID]
		if by == nil {
			by = others[c.ID]
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.ID, c.Levels.Words("both", false), strings.Join(by, ", "))
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// where says which scenario a variant fails in first.
func where(v broken.Variant, failed []report.Result) string {
	if byTiming[v.Name] {
		return "scenarios of `" + strings.Join(v.Breaks, "` or `") + "`"
	}
	text := failed[0].Name
	if len(failed) > 1 {
		text += ", and others"
	}
	return text
}

// Backends that are right in their own way pass: to soak, all scenarios with each of
// many seeds; else every eighth, and each style others than the one before it.
func TestStylesPass(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred receivers")
	}
	t.Parallel()
	styles, scenarios := broken.Styles(), listed(t)
	for _, seed := range seeds() {
		all := sideBySide(len(styles), func(i int) ([]report.Result, error) {
			v := styles[i]
			if v.Delay > 0 {
				v.Delay = 50 * time.Millisecond
			}
			var tags []string
			for j, s := range scenarios {
				if len(seeds()) > 1 || (i+j)%8 == 0 {
					tags = append(tags, "@"+features.Slug(s.Name))
				}
			}
			return judgeSeed(t, v, strings.Join(tags, " or "), seed, true)
		})
		for i, v := range styles {
			if all[i].err != nil {
				t.Errorf("%s, seed %d: %v", v.Name, seed, all[i].err)
			}
			for _, s := range all[i].failed {
				t.Errorf("%s, seed %d: %s:%d %s: fails at %q, though the receiver only %s: %s", v.Name, seed, s.File, s.Line, s.Name, s.Step, v.About, s.Message)
			}
		}
	}
}

// seeds are those that everybody who is right must pass with: one of them, or
// fifty to soak.
func seeds() []uint64 {
	list := []uint64{7}
	if os.Getenv("RINGBACK_SOAK") != "" {
		for seed := range uint64(49) {
			list = append(list, 100+seed)
		}
	}
	return list
}
