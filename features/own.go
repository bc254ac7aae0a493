package features

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"ringback/sim/text"
)

// patternsOf returns the patterns of steps, so that scenarios are checked before anything
// is sent. Only godog knows them, and prints them, one a line, each in color.
func patternsOf(steps func(*godog.ScenarioContext)) (list []*regexp.Regexp) {
	if steps == nil {
		return nil
	}
	var out bytes.Buffer
	godog.TestSuite{
		ScenarioInitializer: steps, Options: &godog.Options{Format: "progress", Output: &out, ShowStepDefinitions: true},
	}.Run()
	for _, found := range printedPattern.FindAllSubmatch(out.Bytes(), -1) {
		list = append(list, regexp.MustCompile(string(found[1]))) // which it was before
	}
	return list
}

var printedPattern = regexp.MustCompile(`(?m)^\x1b\[33m(.*?)\x1b\[0m *\x1b\[1;30m# `)

// owns reports whether a sentence is a step of whoever runs the suite.
func (s *Suite) owns(sentence string) bool { return s.ownStep(sentence) != nil }

func (s *Suite) ownStep(sentence string) *regexp.Regexp {
	i := slices.IndexFunc(s.own, func(p *regexp.Regexp) bool { return p.MatchString(sentence) })
	if i < 0 {
		return nil
	}
	return s.own[i]
}

// both is the error of a sentence that is a step of ours and one of theirs, too: nil if it
// is not.
func (s *Suite) both(sentence string) error {
	if p := s.ownStep(sentence); p != nil && stepOf(sentence) != nil {
		return fmt.Errorf("%s is a step of Ringback, and the pattern %s of features.Suite.Steps reads it, too; want one that does not", text.Quote(sentence, maxQuoted), p)
	}
	return nil
}

// foreign reports whether a scenario has a step that is not ours.
func foreign(sc *godog.Scenario) bool {
	return slices.ContainsFunc(sc.Steps, func(st *godog.Step) bool { return stepOf(st.Text) == nil })
}

// deliver brings a scenario to where a step that is not ours looks at the receiver: at a
// Then, all callbacks so far are acknowledged or given up. Before, time does not pass: what
// is due now has been delivered.
func (s *world) deliver(ctx context.Context, step messages.PickleStepType) error {
	switch {
	case s.session == nil || s.broken:
		return nil
	case step == messages.PickleStepType_OUTCOME:
		return s.settle(ctx)
	}
	return s.session.Advance(ctx, 0)
}

// wrapped puts something between a step of ours and godog: then gets the step's error, if
// there is one, and returns what godog gets.
func wrapped(handler any, then func(ctx context.Context, err error) error) any {
	step := reflect.ValueOf(handler)
	return reflect.MakeFunc(step.Type(), func(args []reflect.Value) []reflect.Value {
		out := step.Call(args)
		last := &out[len(out)-1]
		if err, _ := last.Interface().(error); err != nil {
			*last = reflect.ValueOf(new(error)).Elem()
			last.Set(reflect.ValueOf(then(args[0].Interface().(context.Context), err)))
		}
		return out
	}).Interface()
}

// noted makes a step of ours remember its error: of a step within another, godog keeps
// only the text.
func noted(handler any) any {
	return wrapped(handler, func(ctx context.Context, err error) error {
		worldOf(ctx).noted = err
		return err
	})
}

// fails records why a step did not pass, the first of a scenario.
func (s *world) fails(ctx context.Context, st *godog.Step, err error) {
	if s.noted != nil {
		err = s.noted
	}
	var why *skip
	switch {
	case s.failure != nil || s.skipped != "":
	case errors.As(err, &why):
		s.skipped = why.why
	case errors.Is(err, godog.ErrSkip):
		s.skipped = strings.TrimSpace(strings.Join(append(godog.LoggedMessages(ctx), err.Error()), ": "))
	case errors.Is(err, godog.ErrUndefined):
		s.failed, s.failure = st.Text, fmt.Errorf("no step reads %s; features.Suite.Steps has none that does", text.Quote(st.Text, maxQuoted))
	default:
		s.failed, s.failure = st.Text, err
		s.theirs = s.noted == nil && !unplayed(err) && (stepOf(st.Text) == nil || !s.broken)
	}
}

// unplayed reports whether a step failed before it was played, or has nothing to play:
// that says nothing about the receiver.
func unplayed(err error) bool {
	return errors.Is(err, godog.ErrPending) || errors.Is(err, godog.ErrAmbiguous) || strings.HasPrefix(err.Error(), "before ") // as godog says of hooks
}
