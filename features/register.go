package features

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/cucumber/godog"
)

// Register gives a scenario the steps and a world to play in. The options are shared by
// all scenarios and must not change. If they are wrong, each scenario fails and says why.
//
// The words of the steps are checked before any call is placed: a scenario with a wrong
// one fails, and says that it is at fault itself.
//
// A scenario whose steps are all of this package must judge the receiver: without a Then
// it fails. One that asks what is stored fails if that cannot be seen, unless
// [Options.SkipUnjudged] is set. One about callbacks or calls that the options leave out is
// skipped. The reason for a skip goes to [godog.T]'s log: godog itself prints none, and
// counts the scenario as passed.
func Register(sc *godog.ScenarioContext, o *Options) {
	var shared Options
	if o != nil {
		shared = *o
	}
	shared.complete()
	shared.inGo = true
	wrong := shared.check()
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		return ctx, cmp.Or(wrong, judgesNothing(scenario), checkScenario(scenario, &shared), untyped(scenario, &shared))
	})
	register(sc, &shared, nil, nil)
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, _ godog.StepResultStatus, err error) (context.Context, error) {
		s := worldIn(ctx)
		if s == nil || err == nil {
			return ctx, nil
		}
		err = cmp.Or(s.noted, err)
		var why *skip
		switch {
		case errors.As(err, &why):
			godog.Logf(ctx, "skipped: %s", why.why)
		case wrong == nil && stepOf(st.Text) != nil && s.atFault(err):
			return ctx, errAtFault // godog prints it before the step's error
		}
		return ctx, nil
	})
}

// untyped skips a scenario with calls that the receiver does not take.
func untyped(scenario *godog.Scenario, o *Options) error {
	if o.CallTypes == "" || o.typed(o.draftOf(scenario)) {
		return nil
	}
	return skipped("it has calls of another type: %s is %s", o.named("--call-types"), o.CallTypes)
}

// atFault reports whether a step failed through the scenario's own fault, without saying
// so: it found nothing wrong with the receiver, and could judge it.
func (s *world) atFault(failure error) bool {
	s.failure = failure
	s.end()
	return findingsIn(failure, s.opts.hide) == nil && s.ownFault() == nil && !errors.As(failure, new(*unjudged)) && !errors.Is(failure, errAtFault) && !errors.Is(failure, context.Canceled)
}

// judgesNothing is an error if a scenario has only our steps and none judges the
// receiver. Other steps may judge, too.
func judgesNothing(scenario *godog.Scenario) error {
	for _, s := range scenario.Steps {
		if is := stepOf(s.Text); is == nil || is.judges {
			return nil
		}
	}
	return errors.New("the scenario has no Then that judges the receiver, like: Then every callback is acknowledged")
}

// register gives a scenario the steps. own adds those of others, and their hooks; ended is
// called at the scenario's end, after those. In another suite both are nil.
func register(sc *godog.ScenarioContext, o *Options, own func(*godog.ScenarioContext), ended func(*world, *godog.Scenario, error)) {
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		s, d := newWorld(o, scenario), o.draftOf(scenario)
		s.registered, s.asks, s.strangers, s.atOnce = ended == nil, asksLate(scenario), o.strangers(d.people...), d.atOnce
		return context.WithValue(ctx, worldKey{}, s), nil
	})
	sc.StepContext().Before(func(ctx context.Context, st *godog.Step) (context.Context, error) {
		s := worldIn(ctx)
		if s == nil {
			return ctx, nil
		}
		s.saw, s.noted = 0, nil
		if stepOf(st.Text) == nil {
			return ctx, s.deliver(ctx, st.Type)
		}
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		s, is := worldIn(ctx), stepOf(st.Text)
		if s == nil {
			return ctx, nil
		}
		var nothing error
		if err == nil && status == godog.StepPassed && is != nil && is.judges && s.saw == 0 {
			nothing = errors.New("there was nothing to look at")
		}
		s.broken = s.broken || cmp.Or(err, nothing) != nil
		return ctx, nothing
	})
	if own != nil {
		own(sc)
	}
	sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
		s := worldIn(ctx)
		if s == nil { // a hook of others panicked
			s = newWorld(o, scenario)
			s.failure = err
		}
		s.rest(ctx)
		s.end()
		if ended != nil {
			ended(s, scenario, err)
		}
		return ctx, nil
	})
	if ended != nil { // see stepsFor
		return
	}
	for _, d := range definitions() {
		sc.Step(d.pattern, noted(hiding(o, d.handler))) // godog prints what is wrong; our own suite hides it when it reports
	}
}

// stepsFor gives a scenario of our own suite the steps that it has: godog matches each
// sentence twice against each pattern there is. A step that is not ours may consist of any.
func stepsFor(sc *godog.ScenarioContext, scenario *godog.Scenario) {
	if foreign(scenario) {
		for _, d := range definitions() {
			sc.Step(d.pattern, noted(d.handler))
		}
		return
	}
	given := map[*definition]bool{}
	for _, st := range scenario.Steps {
		if is := stepOf(st.Text); !given[is] {
			given[is] = true
			sc.Step(is.pattern, is.handler)
		}
	}
}

// asksLate reports whether a scenario has a step that takes long, and one about what is
// stored.
func asksLate(scenario *godog.Scenario) bool {
	has := func(is func(string) bool) bool {
		return slices.ContainsFunc(scenario.Steps, func(st *godog.Step) bool { return is(st.Text) })
	}
	return has(func(text string) bool { return text == restart || text == minute }) && has(func(text string) bool {
		is := stepOf(text)
		return is != nil && is.asks
	})
}

// hiding wraps a step so that its error has no secrets.
func hiding(o *Options, handler any) any {
	return wrapped(handler, func(_ context.Context, err error) error {
		if text := o.hide(err.Error()); text != err.Error() {
			return &hiddenError{err, text}
		}
		return err
	})
}

// hiddenError is an error whose text has no secrets.
type hiddenError struct {
	error
	text string
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.error }
