package features

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/cucumber/godog"

	"ringback/sim/script"
)

// Step is one sentence that scenarios can use.
type Step struct {
	Pattern string // an anchored regular expression
	Form    string // how it reads
	About   string
	Example string
	handler any
	check   func(d *draft, args []string) error // of its words, before anything is sent; nil if any will do
	places  bool                                // it places a call
}

// Register gives a scenario the steps and a stage to play on. The options are
// shared by all scenarios and must not change. What is wrong with them fails
// each scenario, in words.
//
// The words of the steps are checked before any call is placed: a scenario with one
// that cannot stand there fails, and says that it is at fault itself.
//
// A scenario whose steps are all of this package must ask something of the
// receiver: without a Then it fails. One that asks what is stored fails if that
// cannot be seen, unless [Options.SkipUnjudged] is set. One about callbacks that
// the options leave out is skipped. The reason for a skip goes to [godog.T]'s log:
// godog itself prints none, and counts the scenario as passed.
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
		case wrong == nil && err != nil && stepOf(st.Text) != nil && stageOf(ctx).atFault(err):
			return ctx, errAtFault // godog puts it in front of what the step says
		}
		return ctx, nil
	})
}

// checkScenario finds what is wrong with the words of a scenario.
func checkScenario(scenario *godog.Scenario, o *Options) error {
	var sentences []string
	for _, s := range scenario.Steps {
		sentences = append(sentences, s.Text)
	}
	return o.checkWords(sentences)
}

// errAtFault tells a scenario that is wrong from a receiver that is.
var errAtFault = errors.New("the scenario is at fault, not the receiver")

// atFault reports whether a step failed for the scenario's own fault and does not say
// so: nothing was found of the receiver, and nothing kept the step from looking.
func (s *stage) atFault(failure error) bool {
	s.failure = failure
	s.end()
	return findingsIn(failure, s.opts.hide) == nil && s.ownFault() == nil && !errors.As(failure, new(*unjudged)) && !errors.Is(failure, errAtFault) && !errors.Is(failure, context.Canceled)
}

// judgesNothing is an error if a scenario of our steps alone asks nothing of the
// receiver. Other steps may judge for themselves.
func judgesNothing(scenario *godog.Scenario) error {
	for _, s := range scenario.Steps {
		if is := stepOf(s.Text); is == nil || is.judges {
			return nil
		}
	}
	return errors.New("the scenario has no Then that judges the receiver, like: Then every callback is acknowledged")
}

// register gives a scenario the steps, with an eye on its end. Without one it is
// somebody else's suite.
func register(sc *godog.ScenarioContext, o *Options, ended func(*stage, *godog.Scenario, error)) {
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		if ended != nil && ctx.Value(stageKey{}) != nil { // the scenario is not played
			return ctx, nil
		}
		s := newStage(o, scenario)
		s.registered, s.asks, s.stranger = ended == nil, asksLate(scenario), o.strangerIn(scenario)
		return context.WithValue(ctx, stageKey{}, s), nil
	})
	sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
		s := stageOf(ctx)
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
		stageOf(ctx).saw = 0
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		if is := stepOf(st.Text); err == nil && status == godog.StepPassed && is != nil && is.judges && stageOf(ctx).saw == 0 {
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

// asksLate reports whether a scenario has a step that takes long and one that asks
// what is stored.
func asksLate(scenario *godog.Scenario) bool {
	has := func(is func(string) bool) bool {
		return slices.ContainsFunc(scenario.Steps, func(st *godog.Step) bool { return is(st.Text) })
	}
	return has(func(text string) bool { return text == restart || text == minute }) && has(func(text string) bool {
		is := stepOf(text)
		return is != nil && is.asks
	})
}

// hiding is a step whose error has no secrets.
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

// hiddenError is an error in words without secrets.
type hiddenError struct {
	error
	text string
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.error }

// definition is a step, ready for use.
type definition struct {
	Step
	pattern *regexp.Regexp
	acts    bool // it is a sentence of scripts
	judges  bool // it asks something of the receiver
	asks    bool // it asks what the receiver stored
}

// definitions compiles the patterns once: each scenario registers all of them.
var definitions = sync.OnceValue(func() (list []definition) {
	all := Steps()
	for i, s := range all {
		list = append(list, definition{
			s, regexp.MustCompile(s.Pattern), i < len(script.Steps()), i >= len(all)-len(thens), i >= len(all)-len(storing),
		})
	}
	return list
})

// stepOf is the step that a sentence is; nil if it is none of ours.
func stepOf(sentence string) *definition {
	if is, ok := known.Load(sentence); ok {
		return is.(*definition)
	}
	is := findStep(sentence)
	if is != nil && len(sentence) <= maxKnown {
		known.Store(sentence, is)
	}
	return is
}

// known are sentences whose step was found: each is asked for several times in each
// suite, and there are seventy patterns.
var known sync.Map // of *definition by sentence

// maxKnown is how many bytes a sentence may have that is kept.
const maxKnown = 200

func findStep(sentence string) *definition {
	list := definitions()
	for i := range list {
		if list[i].pattern.MatchString(sentence) {
			return &list[i]
		}
	}
	return nil
}

// nearestStep is the step that was probably meant by a sentence that is none.
func nearestStep(sentence string) (near script.Step, ok bool) {
	var all []script.Step
	for _, s := range Steps() {
		all = append(all, script.Step{Form: s.Form, Example: s.Example})
	}
	return script.NearestStep(sentence, all)
}

// Steps is the vocabulary: what happens, in the words of scripts, then what the
// scenario starts from, then what is asked of the receiver.
func Steps() []Step {
	var list []Step
	for _, s := range script.Steps() {
		list = append(list, Step{
			Pattern: s.Pattern, Form: s.Form, About: s.About, Example: s.Example,
			handler: func(ctx context.Context, sentence string) error { return stageOf(ctx).perform(ctx, sentence) },
		})
	}
	return slices.Concat(list, givens, fixed, overlaps, thens)
}

// skip leaves a scenario out and says why.
type skip struct{ why string }

func (s *skip) Error() string { return s.why }
func (s *skip) Unwrap() error { return godog.ErrSkip }

func skipped(format string, args ...any) error { return &skip{fmt.Sprintf(format, args...)} }

// cannotTell is for a scenario that asks for what the probe does not show. The
// suite's report counts it as skipped; godog would call it passed, so there it
// fails unless [Options.SkipUnjudged] is set.
func (s *stage) cannotTell(why string) error {
	if s.registered && !s.opts.SkipUnjudged {
		return &unjudged{why}
	}
	return skipped("%s", why)
}

// unjudged is why a step of somebody else's suite could not look at what it asks for.
type unjudged struct{ why string }

func (u *unjudged) Error() string {
	return fmt.Sprintf("not judged: %s (features.Options.SkipUnjudged skips such scenarios)", u.why)
}

// blind is for a scenario that asks what is stored where there is no probe.
func (s *stage) blind() error {
	return s.cannotTell("it takes a look at what the receiver stored: " + s.probeHint())
}

// probeHint is how to say where the receiver shows what it stored.
func (s *stage) probeHint() string {
	if s.registered {
		return "set features.Options.Probe"
	}
	return "--probe"
}

// splitList reads a list as people write it: a, b and c.
func splitList(text string) (list []string) {
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, " and ", ","), func(r rune) bool { return r == ',' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
