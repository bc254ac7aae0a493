package features

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"ringback/features/report"
	"ringback/fixtures"
	"ringback/sim/delivery"
	"ringback/sim/preflight"
	"ringback/sim/run"
)

// Errors of [Run] when nothing can be judged.
var (
	ErrUnreachable = preflight.ErrUnreachable // no connection to the receiver was ever made
	ErrBlindProbe  = preflight.ErrBlindProbe  // the probe never saw a call that was acknowledged
)

// runner plays the selected scenarios of a suite.
type runner struct {
	*Suite
	catalog *catalog

	mu        sync.Mutex
	results   []report.Result
	failures  int                     // scenarios that failed so far
	notPlayed int                     // scenarios that were not begun because of those
	stop      context.CancelCauseFunc // ends the suite without a verdict
	over      <-chan struct{}         // closed by stop, or when the suite is interrupted
	looked    bool                    // whether anything that the probe showed was judged
	strangers []string                // users without ids, whose scenarios were skipped
	later     map[int][]laterEnd      // by result
	alone     bool                    // scenarios that must not play with others are playing
	cut       *world                  // the world of a scenario that was cut short because the receiver hangs, with an attempt that shows it; may be nil
}

// Run plays the suite. An error means that there is no verdict: [FileErrors] before
// anything is sent, a [*delivery.OwnFaultError] if this machine could not do its part. With
// that, [ErrUnreachable] and [ErrBlindProbe] there is a report all the same, whose verdict
// is none and whose Reason says why; with any other error there is none.
//
// If no scenario is selected, no one is contacted, and the report's verdict is none. A
// receiver that hangs ends the suite (see [run.Watchdog]): what was not played is skipped,
// and one more result, which failed, says so.
func Run(ctx context.Context, s Suite) (*report.Report, error) {
	began := time.Now()
	s.complete()
	cat, err := s.read()
	if err != nil {
		return nil, err
	}
	r := &runner{Suite: &s, catalog: cat, later: map[int][]laterEnd{}}
	if s.selected = len(cat.selected()); s.selected == 0 {
		return r.report(began), nil
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := s.checkFirstCall(); err != nil {
		return nil, err
	}
	ctx, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	r.over = ctx.Done()
	watchdog := &run.Watchdog{Timeout: s.Timeout, Warn: s.Hangs, Stop: r.stop}
	s.throttle = &run.Throttle{Timeout: s.Timeout}
	s.NewSender, s.OwnSender = s.throttle.Watch(watchdog.Watch(s.NewSender)), s.throttle.Watch(watchdog.Watch(s.OwnSender))
	silent, err := s.preflight(ctx)
	if err != nil {
		return r.unjudged(began, err)
	}
	if silent != nil { // each scenario would find the same, slowly
		silent.Rerun = s.Rerun(s.Tags)
		r.results = append(r.results, *silent)
		return r.report(began), nil
	}
	if s.late { // a scenario would not notice a delay that another causes
		r.Concurrency = 1
	}
	err = r.play(ctx)
	if hang := hangIn(err); hang != nil {
		r.hung(hang)
		return r.report(began), nil
	}
	if err == nil {
		if r.enough() {
			r.notPlayed = r.missing(report.Skipped, fmt.Sprintf("it was not played, by %s %d", r.named("--max-failures"), r.MaxFailures))
		} else {
			r.missing(report.Errored, "it was not played")
		}
		err = r.lookAgain(ctx)
	}
	if err != nil {
		return r.unjudged(began, err)
	}
	return r.report(began), nil
}

// unjudged returns the report of a suite that could not judge; nil if it was interrupted.
func (r *runner) unjudged(began time.Time, err error) (*report.Report, error) {
	if !errors.Is(err, ErrUnreachable) && !errors.Is(err, ErrBlindProbe) && delivery.AsOwnFault(err) == nil {
		return nil, err
	}
	r.results = nil
	rep := r.report(began)
	rep.Reason = r.hide(err.Error())
	return rep, err
}

// List returns the scenarios that would be run.
func List(s Suite) ([]report.Result, error) {
	s.complete()
	cat, err := s.read()
	if err != nil {
		return nil, err
	}
	return cat.selected(), nil
}

// play plays the scenarios side by side, and then one by one those that must be
// alone with the receiver.
func (r *runner) play(ctx context.Context) error {
	for _, r.alone = range []bool{false, true} {
		if !slices.ContainsFunc(r.catalog.order, r.plays) {
			continue
		}
		n := r.Concurrency
		if r.alone {
			n = 1
		}
		if err := r.playAtOnce(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// plays reports whether a scenario is to be played now. A crowd plays alone: with others
// it would be slower, and delay them.
func (r *runner) plays(e *entry) bool {
	return e.wanted && (e.restarts && r.Restart != nil || e.atOnce >= minCrowd) == r.alone
}

// playAtOnce lets godog run the scenarios, n at once. Its output is discarded: it knows
// neither levels nor what was sent.
func (r *runner) playAtOnce(ctx context.Context, n int) error {
	code := godog.TestSuite{
		Name: "ringback", ScenarioInitializer: r.scenario,
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, NoColors: true, Strict: true, Concurrency: n,
			Randomize: int64(r.Seed%1_000_000) + 1, FeatureContents: r.catalog.handOut(r.plays), DefaultContext: ctx,
		},
	}.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if code > 1 {
		return errors.New("the scenarios cannot be run")
	}
	return nil
}

func (r *runner) scenario(sc *godog.ScenarioContext) {
	if r.ended() || r.enough() { // before hooks of others do anything
		sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
			return ctx, skipped("the suite is over")
		})
		return
	}
	sc.Before(func(ctx context.Context, s *godog.Scenario) (context.Context, error) {
		stepsFor(sc, s)
		return ctx, nil
	})
	register(sc, &r.Options, r.Steps, r.record)
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, _ godog.StepResultStatus, err error) (context.Context, error) {
		if s := worldIn(ctx); s != nil && err != nil {
			s.fails(ctx, st, err)
		}
		return ctx, nil
	})
}

// ended reports whether the suite is over.
func (r *runner) ended() bool {
	select {
	case <-r.over:
		return true
	default:
		return false
	}
}

// record records the result of a scenario. err is that of its last step and of the hooks
// behind it.
func (r *runner) record(s *world, sc *godog.Scenario, err error) {
	entry := r.catalog.playing[keyOf(sc)]
	if s.failure == nil && s.skipped == "" && err != nil {
		s.failure, s.theirs = err, true
	}
	if own := s.ownFault(); own != nil { // neither this scenario nor later ones are judged
		r.stop(own)
	}
	if r.ended() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.cut == nil && s.session != nil && len(s.timedOut()) > 0 {
			r.cut = s
		}
		return
	}
	entry.ran = true
	res := entry.Result
	res.History, res.Took = s.history, time.Since(s.began)
	switch {
	case s.failure != nil:
		res.Step, res.Message, res.Findings = s.failed, r.hide(s.failure.Error()), findingsIn(s.failure, r.hide)
		s.excuse(res.Findings)
		if r.fail(&res); res.Findings == nil && !s.theirs { // nothing was found wrong with the receiver
			res.Status = report.Errored
		}
	case s.skipped != "":
		res.Status, res.Message = report.Skipped, r.hide(s.skipped)
	default:
		res.Status = report.Passed
	}
	res.Rerun = r.Rerun(entry.Tag)
	r.mu.Lock()
	defer r.mu.Unlock()
	if res.Status == report.Failed {
		r.failures++
	}
	r.looked = r.looked || s.looked
	if s.unmapped {
		r.strangers = append(r.strangers, s.strangers...)
	}
	if len(s.later) > 0 && res.Status == report.Passed {
		r.later[len(r.results)] = s.later
	}
	r.results = append(r.results, res)
	if r.Progress != nil {
		r.Progress(&res)
	}
}

// fail records that a scenario failed, and whether that counts.
func (r *runner) fail(res *report.Result) {
	res.Status = report.Failed
	r.weigh(res)
	if res.Known = slices.Contains(r.Known, res.Tag); res.Known || !r.counts(res.Level) {
		res.Status = report.Warned
	}
}

// enough reports whether MaxFailures is reached, so that no other scenario begins.
func (r *runner) enough() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.MaxFailures > 0 && r.failures >= r.MaxFailures
}

// missing adds the scenarios that were wanted and were not played to their end, and
// returns how many they are.
func (r *runner) missing(status report.Status, why string) (n int) {
	for _, e := range r.catalog.order {
		if e.wanted && !e.ran {
			res := e.Result
			res.Status, res.Message, res.Rerun = status, why, r.Rerun(e.Tag)
			r.results = append(r.results, res)
			n++
		}
	}
	return n
}

// hung adds the result for a receiver that hangs.
func (r *runner) hung(hang *run.HangError) {
	r.missing(report.Skipped, fmt.Sprintf("the suite was ended: %v", hang))
	res := unansweredIn(r.cut)
	res.Feature, res.Rerun = "The suite", r.Rerun(r.Tags)
	res.Message = fmt.Sprintf("%v. The suite was ended", hang)
	r.results = append(r.results, *res)
}

// lookAgain checks once more that nothing was stored later that must not be.
func (r *runner) lookAgain(ctx context.Context) error {
	var group sync.WaitGroup
	places := make(chan struct{}, r.Concurrency)
	for i, ends := range r.later {
		for _, e := range ends {
			places <- struct{}{}
			group.Go(func() {
				defer func() { <-places }()
				got, err := r.Probe.Ask(ctx, e.call)
				if own := delivery.AsOwnFault(err); own != nil {
					r.stop(own)
				}
				if err != nil || got.Count <= e.want {
					return
				}
				r.mu.Lock()
				defer r.mu.Unlock()
				res := &r.results[i]
				f := *e.finding
				f.Found = endsFound(got.Count, e.want)
				f.Text = fmt.Sprintf("at the end of the suite %d end records of call %s are stored, want %d", got.Count, e.call, e.want)
				res.Message, res.Findings = f.Text, []report.Finding{f.Finding}
				r.fail(res)
			})
		}
	}
	group.Wait()
	return context.Cause(ctx)
}

func (r *runner) report(began time.Time) *report.Report {
	slices.SortFunc(r.results, func(a, b report.Result) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	rep := &report.Report{
		Version: r.Version, InGo: r.inGo, Seed: r.Seed, Epoch: r.Epoch.Time(), Run: r.Options.Run, Generation: r.Generation.String(),
		Target: r.shown(), Probe: r.looked, Unasked: r.Options.Probe != nil && !r.looked, ReadableIDs: r.readable, Rerun: r.Rerun(r.Tags), Began: began, Took: time.Since(began), Scenarios: r.results,
		NotJudged: r.notJudged(), Known: r.Known, MaxFailures: r.MaxFailures, NotPlayed: r.notPlayed,
	}
	if r.Subscribe != "" {
		rep.LeftOut = append(rep.LeftOut, r.named("--subscribe"))
	}
	if r.strangers != nil {
		rep.LeftOut = append(rep.LeftOut, r.named("--user-map"))
	}
	if r.notPlayed > 0 {
		rep.LeftOut = append(rep.LeftOut, r.named("--max-failures"))
	}
	for i := range r.results {
		if res := &r.results[i]; res.Status == report.Passed && slices.Contains(r.Known, res.Tag) {
			rep.KnownPassed = append(rep.KnownPassed, res.Tag)
		}
	}
	for _, c := range fixtures.Clauses() {
		if !c.Binds(rep.Generation) || c.Extension != "" && r.Sign == "" {
			continue
		}
		cov := report.Coverage{
			ID: c.ID, Extension: c.Extension, Document: c.Document, Section: c.Section, Generation: c.Generation, Words: c.Words, Status: report.Skipped,
			Level: r.levels(&c).In(rep.Generation, false), Levels: r.levels(&c).Words(rep.Generation, false),
		}
		for i := range r.results {
			if res := &r.results[i]; slices.Contains(res.Clauses, c.ID) {
				cov.Scenarios = append(cov.Scenarios, res.Name)
				cov.Status = worst(cov.Status, res.Status)
			}
		}
		rep.Clauses = append(rep.Clauses, cov)
	}
	return rep
}

// worst returns the worse of two statuses.
func worst(a, b report.Status) report.Status {
	order := []report.Status{report.Skipped, report.Errored, report.Passed, report.Warned, report.Failed}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// notJudged says what was left out, and why.
func (r *runner) notJudged() (list []string) {
	if r.catalog.left > 0 {
		list = append(list, report.WithoutCalls(r.CallTypes, r.inGo))
	}
	if r.Subscribe != "" {
		list = append(list, report.WithoutCallbacks(r.Subscribe, r.inGo))
	}
	if r.strangers != nil {
		list = append(list, "calls of people whom "+r.named("--user-map")+" does not have: "+folded(r.strangers))
	}
	return list
}
