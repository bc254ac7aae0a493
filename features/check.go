package features

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/probe"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// draft is a scenario that is read step by step, before anything is sent: what
// there is so far of the calls and people that its steps name.
type draft struct {
	opts    *Options
	words   wire.Words // that the receiver subscribes to
	now     time.Duration
	calls   []string        // by their names
	people  []string        // by theirs
	ids     map[string]bool // that the names stand for
	foreign bool            // a step is not ours, so that anything may be there
	single  bool            // a call between two is placed
	group   bool            // a group call is placed
	crowd   bool            // very many calls take place at once
}

func newDraft(o *Options) *draft { return &draft{opts: o, words: o.Words, ids: map[string]bool{}} }

// draftOf is a whole scenario. What is wrong with its words is found elsewhere.
func (o *Options) draftOf(sc *godog.Scenario) *draft {
	d := newDraft(o)
	for _, step := range sc.Steps {
		_ = d.read(step.Text)
	}
	return d
}

// strangerIn is someone in a scenario who has no id; "" if each has one.
func (o *Options) strangerIn(sc *godog.Scenario) string {
	if o.asWritten {
		return ""
	}
	return o.stranger(o.draftOf(sc).people...)
}

// read finds what is wrong with the words of a step.
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
		if strings.HasSuffix(err.Error(), "?") { // it says what was meant
			return err
		}
		return fmt.Errorf("%w; try: %s", err, is.Example)
	}
	return nil
}

// act reads a sentence of scripts.
func (d *draft) act(sentence string) error {
	op, err := script.ParseStep(sentence, call.Span(d.now))
	if err != nil {
		return err
	}
	d.now = time.Duration(op.At)
	switch do := op.Do.(type) {
	case script.Place:
		d.place(do.Call, append([]string{do.Caller}, do.Callees...)...)
		d.group = d.group || do.Group
	case script.Handling:
		return d.named(do.Call)
	case script.Act:
		who := do.Action.Users
		switch do.Action.Do {
		case call.DoInvite:
			d.add(who...)
			who = nil
		case call.DoJoin:
			d.add(do.Action.By)
		}
		if do.Action.By != "" { // the server has no name
			who = append([]string{do.Action.By}, who...)
		}
		return errors.Join(d.named(do.Call), d.known(who...))
	}
	return nil
}

// place adds a call of these people.
func (d *draft) place(name string, people ...string) {
	d.group, d.single = d.group || len(people) > 2, d.single || len(people) <= 2
	d.calls = append(d.calls, name)
	d.add(people...)
}

func (d *draft) add(people ...string) {
	d.people = append(d.people, people...)
	for _, p := range people {
		d.ids[d.opts.User(p)] = true
	}
}

// named wants a call of that name; "" is any.
func (d *draft) named(name string) error {
	switch {
	case d.foreign || name != "" && slices.Contains(d.calls, name) || name == "" && len(d.calls) > 0:
		return nil
	case len(d.calls) == 0:
		return errors.New("no call is placed before; somebody must call first, like: alice calls bob")
	}
	return fmt.Errorf("call %s: none of that name is placed before%s", text.Quote(name, maxQuoted), text.Meant(name, d.calls))
}

// known wants people whom the scenario has named before.
func (d *draft) known(people ...string) error {
	for _, p := range people {
		if !d.foreign && !d.ids[d.opts.User(p)] {
			return fmt.Errorf("%s is in no call of the scenario so far%s", text.Quote(p, maxQuoted), text.Meant(p, d.people))
		}
	}
	return nil
}

const maxQuoted = 60 // bytes

// notOne says that a word is none of those that can stand there.
func notOne(what, got string, words []string) error {
	return fmt.Errorf("%s %s: want one of %s%s", what, text.Quote(got, maxQuoted), strings.Join(words, ", "), text.Meant(got, words))
}

// all reads the arguments of a step one by one: check i reads argument i.
func all(checks ...func(*draft, string) error) func(*draft, []string) error {
	return func(d *draft, args []string) error {
		for i, check := range checks {
			if err := check(d, args[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// of makes a check of what reads a value.
func of[T any](parse func(string) (T, error)) func(*draft, string) error {
	return func(_ *draft, arg string) error {
		_, err := parse(arg)
		return err
	}
}

func aCall(d *draft, name string) error { return d.named(name) }

func aPerson(d *draft, name string) error { return d.known(name) }

func somePeople(d *draft, names string) error { return d.known(splitList(names)...) }

// aNumber is a check of a number in a range.
func aNumber(what string, lo, hi int) func(*draft, string) error {
	return of(func(arg string) (int, error) { return parseNumber(arg, what, lo, hi) })
}

func parseNumber(arg, what string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%s %s: want %d to %d", arg, what, lo, hi)
	}
	return n, nil
}

// parseSpan reads a duration of a step, at least so long.
func parseSpan(arg, what string, lo time.Duration) (time.Duration, error) {
	span, err := time.ParseDuration(arg)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s %s: want a time with its unit, like 9s or 1m30s", what, text.Quote(arg, maxQuoted))
	case span < lo || span > time.Duration(script.MaxAt):
		return 0, fmt.Errorf("%s %s: want %s to %s", what, arg, lo, time.Duration(script.MaxAt))
	}
	return span, nil
}

func parseTalk(arg string) (time.Duration, error) { return parseSpan(arg, "talk", 0) }

func parseLimit(arg string) (time.Duration, error) {
	return parseSpan(arg, "time", time.Millisecond)
}

func parsePlatform(arg string) (string, error) {
	if list := wire.Platforms(); !slices.Contains(list, arg) {
		return "", notOne("platform", arg, list)
	}
	return arg, nil
}

// parseOutcome reads how a whole call is to end.
func parseOutcome(arg string) (call.Result, error) {
	var words []string
	for _, o := range sim.Outcomes {
		if o.String() == arg {
			return o, nil
		}
		words = append(words, o.String())
	}
	return 0, notOne("result", arg, words)
}

// parseStored reads a result that may be stored, in the words of either generation.
func parseStored(arg string) (string, error) {
	if _, ok := probe.Result(arg); !ok {
		return "", notOne("result", arg, probe.Results())
	}
	return arg, nil
}

// parseCallback reads which callback of a call is meant.
func parseCallback(arg string) (script.Handling, error) {
	h, err := script.ParseCallback(arg)
	if why := (*script.Error)(nil); errors.As(err, &why) {
		err = errors.New(why.Why) // its hint is another sentence
	}
	return h, err
}

func parseWords(arg string) (wire.Words, error) { return wire.ParseWords(splitList(arg)) }

// parseAction reads the ActionType of a MemberChanged, as any dialect spells it.
func parseAction(arg string) (string, error) {
	if list := wire.Actions(); !slices.Contains(list, arg) {
		return "", notOne("action", arg, list)
	}
	return arg, nil
}

// parseKey reads a key of an answer. A receiver may have its own, but none that
// looks like a documented one.
func parseKey(arg string) (string, error) {
	var words []string
	for _, keys := range forms {
		for _, k := range keys {
			words = append(words, k[1])
		}
	}
	slices.Sort(words)
	if meant := text.Meant(arg, words); meant != "" && !slices.Contains(words, arg) {
		return "", fmt.Errorf("key %s: is none that the documents have%s", text.Quote(arg, maxQuoted), meant)
	}
	return arg, nil
}

func parseKeys(arg string) (keys []string, err error) {
	for _, key := range splitList(arg) {
		if _, err := parseKey(key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parseQuery(arg string) (*delivery.Endpoint, error) {
	return delivery.ParseEndpoint("http://127.0.0.1/callback?" + arg)
}

// parseChoice reads a choice of a dialect.
func parseChoice(arg string) (string, error) {
	err := wire.Default().Set(arg)
	if err == nil {
		return arg, nil
	}
	name, value, _ := strings.Cut(arg, "=")
	var names []string
	for _, k := range wire.Keys() {
		if k.Name == name {
			return "", fmt.Errorf("%w%s", err, text.Meant(value, k.Values))
		}
		names = append(names, k.Name)
	}
	return "", fmt.Errorf("%w%s", err, text.Meant(name, names))
}

// checkWords finds what is wrong with the words of our steps among those of a
// scenario, before any call is placed.
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
