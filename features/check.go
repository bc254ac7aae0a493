package features

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"
)

// draftOf returns the draft of a whole scenario. Errors in its words are found elsewhere.
func (o *Options) draftOf(sc *godog.Scenario) *draft {
	d := newDraft(o)
	for _, step := range sc.Steps {
		_ = d.read(step.Text)
	}
	return d
}

// read checks the words of a step.
func (d *draft) read(sentence string) error {
	is := stepOf(sentence)
	switch {
	case is == nil:
		d.foreign = true
		return nil
	case is.acts:
		return d.act(sentence)
	case is.judges && len(d.calls) == 0 && !d.foreign && !is.places:
		return errors.New("there is nothing to look at: no call is placed before")
	case is.check == nil:
		return nil
	}
	args := is.pattern.FindStringSubmatch(sentence)[1:]
	if err := is.check(d, args); err != nil {
		if strings.HasSuffix(err.Error(), "?") { // it suggests a word
			return err
		}
		return fmt.Errorf("%w; try: %s", err, is.Example)
	}
	return nil
}

// checkWords checks the words of our steps of a scenario, before any call is placed.
func (o *Options) checkWords(sentences []string) error {
	var errs []error
	d := newDraft(o)
	for _, s := range sentences {
		if err := d.read(s); err != nil {
			errs = append(errs, fmt.Errorf("%w: %q: %w", errAtFault, s, err))
		}
	}
	return errors.Join(errs...)
}

// checkScenario checks the words of a scenario.
func checkScenario(scenario *godog.Scenario, o *Options) error {
	var sentences []string
	for _, s := range scenario.Steps {
		sentences = append(sentences, s.Text)
	}
	return o.checkWords(sentences)
}

// errAtFault marks an error of the scenario, not of the receiver.
var errAtFault = errors.New("the scenario is at fault, not the receiver")
