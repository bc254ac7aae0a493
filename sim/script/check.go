package script

import (
	"fmt"
	"unicode/utf8"

	"ringback/sim/text"
)

// Validate finds all that is wrong with a script; the error is an [Errors].
// What the rules of a call forbid, like answering a phone that does not ring,
// is not wrong with the script: the engine refuses it when it is played.
func (s *Script) Validate() error {
	var errs Errors
	for i, o := range s.Operations {
		for _, e := range o.check() {
			e.Operation = i + 1
			errs = append(errs, e)
		}
	}
	if len(errs) == 0 {
		errs = s.check(yamlHint)
	}
	return errs.err()
}

// check finds what is wrong with an operation by itself.
func (o Operation) check() Errors {
	v, f, errs := encode(o.Do)
	if len(errs) > 0 {
		return errs
	}
	if _, errs = decode(v.word, f); len(errs) > 0 {
		return errs
	}
	if err := checkSpan(o.At); err != nil {
		return wrong("at", "at: 3s", "%s", err)
	}
	return nil
}

// hinter writes an operation as it should be, with the value of one key corrected.
type hinter func(fixed Operation, key string) string

// check finds operations that contradict each other. Each is valid by itself.
func (s *Script) check(hint hinter) (errs Errors) {
	add := func(i int, key, hint, why string, args ...any) {
		errs = append(errs, &Error{Operation: i + 1, Key: key, Why: fmt.Sprintf(why, args...), Hint: hint})
	}
	checkTitle := func(key, title string, hi int) {
		switch {
		case !utf8.ValidString(title):
			add(-1, key, "", "is not UTF-8: %q", title)
		case len(title) > hi:
			add(-1, key, "", "has %d bytes, at most %d", len(title), hi)
		}
	}
	checkTitle("name", s.Name, MaxName)
	checkTitle("about", s.About, MaxAbout)
	switch n := len(s.Operations); {
	case n == 0:
		add(-1, "", "", "the script has no operations")
	case n > MaxOperations:
		add(-1, "", "", "the script has %d operations, at most %d", n, MaxOperations)
		return errs
	}
	for i, o := range s.Operations {
		if n := len(o.String()); n > MaxSentence {
			add(i, "", "", "is too long: %d bytes as a step, at most %d", n, MaxSentence)
		}
		if i > 0 && o.At < s.Operations[i-1].At {
			o.At = s.Operations[i-1].At
			add(i, "at", hint(o, "at"), "is earlier than the operation before, which is at %s", spanText(o.At))
		}
	}
	return append(errs, s.checkCalls(hint)...)
}

// checkCalls finds operations that do not say which call they are about.
func (s *Script) checkCalls(hint hinter) (errs Errors) {
	several := false
	for i, n := 0, 0; i < len(s.Operations); i++ {
		if _, ok := s.Operations[i].Do.(Place); ok {
			n++
		}
		several = n > 1
	}
	var placed []string
	known := map[string]bool{}
	add := func(i int, fixed Operation, why string, args ...any) {
		errs = append(errs, &Error{Operation: i + 1, Key: "call", Why: fmt.Sprintf(why, args...), Hint: hint(fixed, "call")})
	}
	for i, o := range s.Operations {
		name := o.callName()
		switch o.Do.(type) {
		case Place:
			switch {
			case several && name == "":
				add(i, o.withCall("first"), "is missing; a script with several calls names each")
			case known[name]:
				add(i, o.withCall(fmt.Sprintf("%.40s-%d", name, len(placed)+1)), "%s is placed already; each call has a name of its own", text.Quote(name, maxQuoted))
			}
			placed, known[name] = append(placed, name), true
		case Act, Handling:
			switch {
			case known[name]:
			case len(placed) == 0:
				first := Operation{At: o.At, Do: Place{Call: name, Caller: "alice", Callees: []string{"bob"}}}
				add(i, first, "no call is placed yet; someone must call first")
			case name == "":
				add(i, o.withCall(placed[len(placed)-1]), "is missing; the call has a name")
			default:
				fixed := text.Nearest(name, placed)
				if fixed == "" {
					fixed = placed[len(placed)-1]
				}
				add(i, o.withCall(fixed), "no call %s is placed yet", text.Quote(name, maxQuoted))
			}
		}
	}
	return errs
}
