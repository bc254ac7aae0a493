package features

import (
	"cmp"
	"context"
	"errors"
	"reflect"
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
// [Options.SkipUnjudged] is set. One about callbacks that the options leave out is
// skipped. The reason for a skip goes to [godog.T]'s log: godog itself prints none, and
// counts the scenario as passed.
func Register(sc *godog.ScenarioContext, o *Options) {
	var shared Options
	if o != nil {
		shared = *o
	}
	shared.complete()
	wrong := shared.check()
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		return ctx, cmp.Or(wrong, judgesNothing(scenario), checkScenario(scenario, &shared))
	})
	register(sc, &shared, nil)
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, _ godog.StepResultStatus, err error) (context.Context, error) {
		var why *skip
		switch {
		case errors.As(err, &why):
			godog.Logf(ctx, "skipped: %s", why.why)
		case wrong == nil && err != nil && stepOf(st.Text) != nil && worldOf(ctx).atFault(err):
			return ctx, errAtFault // godog prints it before the step's error
		}
		return ctx, nil
	})
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

// register gives a scenario the steps. ended is called at its end; in another suite it is
// nil.
func register(sc *godog.ScenarioContext, o *Options, ended func(*world, *godog.Scenario, error)) {
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		if ended != nil && ctx.Value(worldKey{}) != nil { // the scenario is not played
			return ctx, nil
		}
		s, d := newWorld(o, scenario), o.draftOf(scenario)
		s.registered, s.asks, s.strangers, s.atOnce = ended == nil, asksLate(scenario), o.strangers(d.people...), d.atOnce
		return context.WithValue(ctx, worldKey{}, s), nil
	})
	sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
		s := worldOf(ctx)
		if s.opts == nil { // the scenario is not played
			return ctx, nil
		}
		s.rest(ctx)
		s.end()
		if ended != nil {
			ended(s, scenario, err)
		}
		return ctx, nil
	})
	sc.StepContext().Before(func(ctx context.Context, _ *godog.Step) (context.Context, error) {
		worldOf(ctx).saw = 0
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		if is := stepOf(st.Text); err == nil && status == godog.StepPassed && is != nil && is.judges && worldOf(ctx).saw == 0 {
			return ctx, errors.New("there was nothing to look at")
		}
		return ctx, nil
	})
	if ended != nil { // see ownSteps
		return
	}
	for _, d := range definitions() {
		sc.Step(d.pattern, hiding(o, d.handler)) // godog prints what is wrong; our own suite hides it when it reports
	}
}

// ownSteps gives a scenario of our own suite the steps that it has: godog matches each
// sentence twice against each pattern there is.
func ownSteps(sc *godog.ScenarioContext, scenario *godog.Scenario) {
	given := map[*definition]bool{}
	for _, st := range scenario.Steps {
		if is := stepOf(st.Text); is != nil && !given[is] {
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
	step := reflect.ValueOf(handler)
	return reflect.MakeFunc(step.Type(), func(args []reflect.Value) []reflect.Value {
		out := step.Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		if err == nil {
			return out
		}
		if text := o.hide(err.Error()); text != err.Error() {
			out[len(out)-1] = reflect.ValueOf(new(error)).Elem()
			out[len(out)-1].Set(reflect.ValueOf(&hiddenError{err, text}))
		}
		return out
	}).Interface()
}

// hiddenError is an error whose text has no secrets.
type hiddenError struct {
	error
	text string
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.error }
