package features

import (
	"context"
	"fmt"
	"regexp"
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
}

// Register gives a scenario the steps and a stage to play on. The options are
// shared by all scenarios and must not change.
func Register(sc *godog.ScenarioContext, o *Options) {
	shared := *o
	shared.complete()
	register(sc, &shared, func(*stage, *godog.Scenario, error) {})
}

// register is Register with an eye on the end of each scenario.
func register(sc *godog.ScenarioContext, o *Options, ended func(*stage, *godog.Scenario, error)) {
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		return context.WithValue(ctx, stageKey{}, newStage(o, scenario)), nil
	})
	sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
		s := stageOf(ctx)
		s.end()
		ended(s, scenario, err)
		return ctx, nil
	})
	for _, d := range definitions() {
		sc.Step(d.pattern, d.handler)
	}
}

// definition is a step, ready for use.
type definition struct {
	pattern *regexp.Regexp
	handler any
}

// definitions compiles the patterns once: each scenario registers all of them.
var definitions = sync.OnceValue(func() (list []definition) {
	for _, s := range Steps() {
		list = append(list, definition{regexp.MustCompile(s.Pattern), s.handler})
	}
	return list
})

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
	return append(append(list, givens...), thens...)
}

// skip leaves a scenario out and says why.
type skip struct{ why string }

func (s *skip) Error() string { return s.why }
func (s *skip) Unwrap() error { return godog.ErrSkip }

func skipped(format string, args ...any) error { return &skip{fmt.Sprintf(format, args...)} }

// splitList reads a list as people write it: a, b and c.
func splitList(text string) (list []string) {
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, " and ", ","), func(r rune) bool { return r == ',' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
