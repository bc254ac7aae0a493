package pane

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// term is a condition of a filter like code:500. Those about callbacks must all hold for
// one and the same.
type term struct {
	callback func(*delivery.Delivery) bool // nil: it is about the call
	call     func(*history.Call) bool
}

// The fields of filters, and what each asks for.
var fields = []struct{ name, about string }{
	{"code", "the HTTP status of an answer, like 500 or 5xx, or why it was none, like timeout"},
	{"word", "what a callback says, like call_end or callee_accept_call"},
	{"user", "who is in the call, by the whole id"},
	{"gen", "the generation of its callbacks: v1 or v4"},
	{"state", "of the call, like ringing or reject, or of a callback, like gave_up or retrying"},
}

func fieldNames() (names []string) {
	for _, f := range fields {
		names = append(names, f.name)
	}
	return names
}

// callbackStates are the states of callbacks by the words of filters.
var callbackStates = map[string]func(*delivery.Delivery) bool{
	"queued":    func(d *delivery.Delivery) bool { return d.State == delivery.Queued },
	"waiting":   func(d *delivery.Delivery) bool { return d.State == delivery.Waiting },
	"in_flight": func(d *delivery.Delivery) bool { return d.State == delivery.InFlight },
	"acked":     func(d *delivery.Delivery) bool { return d.State == delivery.Acked },
	"gave_up":   func(d *delivery.Delivery) bool { return d.State == delivery.Abandoned },
	"dropped":   func(d *delivery.Delivery) bool { return d.State == delivery.Dropped },
	"withdrawn": func(d *delivery.Delivery) bool { return d.State == delivery.Withdrawn },
	"retrying":  func(d *delivery.Delivery) bool { return !d.State.Settled() && retried(d) },
}

// callStates are the states of calls, as the list shows them.
func callStates() []string {
	list := []string{"ringing", "talking", "ended", "failed", "offline"}
	for _, r := range sim.Outcomes[1:] {
		list = append(list, r.String())
	}
	return list
}

// callbackWords are the words of callbacks as filters have them: as they are drawn.
func callbackWords() []string {
	list := []string{"call_end"}
	for _, w := range wire.AllWords() {
		list = append(list, shortWord(w))
	}
	return list
}

func shortWord(w wire.Word) string { return strings.TrimPrefix(w.String(), "Call.Callback") }

// failures are the words for attempts without a good answer.
func failures() (list []string) {
	for c := delivery.ErrorCode; c < delivery.NoAnswer; c++ {
		list = append(list, c.String())
	}
	for f := delivery.NoAddress; f <= delivery.Stopped; f++ {
		list = append(list, f.String())
	}
	return list
}

var (
	aField = regexp.MustCompile(`^[A-Za-z_]+:`)
	aCode  = regexp.MustCompile(`^[1-9][0-9x][0-9x]$`)
)

// parseTerm parses a word of a filter that has a field.
func parseTerm(word string) (t term, err error) {
	field, value, _ := strings.Cut(strings.ToLower(word), ":")
	i := slices.IndexFunc(fields, func(f struct{ name, about string }) bool { return f.name == field })
	if i < 0 {
		return t, fmt.Errorf(`no field %s: there are %s; a text with a colon is searched for as %s\:%s`, text.Quote(field, 20), strings.Join(fieldNames(), ", "), text.Short(field, 20), text.Meant(field, fieldNames()))
	}
	if value == "" {
		return t, fmt.Errorf("%s: %s", field, fields[i].about)
	}
	unknown := func(list []string) error {
		return fmt.Errorf("%s:%s is never so: %s%s", field, text.Short(value, 30), fields[i].about, text.Meant(value, list))
	}
	switch field {
	case "code":
		return parseCode(value, unknown)
	case "word":
		list := callbackWords()
		value = strings.TrimPrefix(value, "call.callback")
		if !slices.ContainsFunc(list, func(w string) bool { return strings.EqualFold(w, value) }) {
			return t, unknown(list)
		}
		t.callback = func(d *delivery.Delivery) bool {
			return strings.EqualFold(shortWord(d.Word), value) || value == "call_end" && d.Word.Status()
		}
	case "user":
		t.call = func(en *history.Call) bool {
			for i := range en.Members {
				if strings.EqualFold(en.Members[i].ID, value) {
					return true
				}
			}
			return false
		}
	case "gen":
		g, is := map[string]wire.Generation{"v1": wire.V1, "v4": wire.V4}[value]
		if !is {
			return t, unknown([]string{"v1", "v4"})
		}
		t.call = func(en *history.Call) bool { return en.Generation&g != 0 }
	default:
		if t.callback = callbackStates[value]; t.callback != nil {
			return t, nil
		}
		if !slices.Contains(callStates(), value) {
			return t, unknown(append(callStates(), slices.Sorted(maps.Keys(callbackStates))...))
		}
		t.call = func(en *history.Call) bool { return strings.ReplaceAll(draw.StateOf(en.Call), " ", "_") == value }
	}
	return t, nil
}

// parseCode parses a status or the word of a failure.
func parseCode(value string, unknown func([]string) error) (term, error) {
	is := func(v *delivery.Verdict) bool { return v.Word() == value }
	if aCode.MatchString(value) {
		is = func(v *delivery.Verdict) bool {
			s := strconv.Itoa(v.Status)
			return len(s) == 3 && s[0] == value[0] && (value[1] == 'x' || s[1] == value[1]) && (value[2] == 'x' || s[2] == value[2])
		}
	} else if list := failures(); !slices.Contains(list, value) {
		return term{}, unknown(list)
	}
	return term{callback: func(d *delivery.Delivery) bool {
		for i := range d.Tries {
			if v := d.Tries[i].Verdict; v != nil && is(v) {
				return true
			}
		}
		return d.Attempts > 0 && d.State != delivery.InFlight && is(&d.Last)
	}}, nil
}

// terms are conditions that must all hold.
type terms []term

// parseTerms divides the text of a filter into its terms and the rest, which is searched
// for. What cannot be understood is left out, and said.
func parseTerms(filter string) (all terms, rest, wrong string) {
	var plain []string
	for _, word := range strings.Fields(filter) {
		if !aField.MatchString(word) {
			plain = append(plain, word)
			continue
		}
		t, err := parseTerm(word)
		if err != nil {
			wrong = err.Error()
			continue
		}
		all = append(all, t)
	}
	if len(all) == 0 && wrong == "" {
		return nil, filter, ""
	}
	return all, strings.Join(plain, " "), wrong
}

// hold reports whether all terms hold for a call.
func (ts terms) hold(en *history.Call) bool {
	callbacks := false
	for _, t := range ts {
		callbacks = callbacks || t.callback != nil
		if t.call != nil && !t.call(en) {
			return false
		}
	}
	return !callbacks || slices.ContainsFunc(en.Deliveries, func(d *delivery.Delivery) bool {
		for _, t := range ts {
			if t.callback != nil && !t.callback(d) {
				return false
			}
		}
		return true
	})
}

// Completions returns the texts that the last word of a filter may become.
func Completions(filter string, h *history.History) (list []string) {
	last := filter[strings.LastIndexByte(filter, ' ')+1:]
	before := strings.TrimSuffix(filter, last)
	field, value, has := strings.Cut(strings.ToLower(last), ":")
	var from []string
	if !has {
		for _, f := range fields {
			from = append(from, f.name+":")
		}
		value = field
	} else {
		before += field + ":"
		switch field {
		case "code":
			from = codes(h)
		case "word":
			from = callbackWords()
		case "user":
			from = usersOf(h)
		case "gen":
			from = []string{"v1", "v4"}
		case "state":
			from = append(callStates(), slices.Sorted(maps.Keys(callbackStates))...)
		}
	}
	for _, w := range from {
		if strings.HasPrefix(strings.ToLower(w), value) && !strings.EqualFold(w, value) && (has || value != "") {
			list = append(list, before+w)
		}
	}
	return list
}

// maxUsers bounds the users that are offered.
const maxUsers = 200

// usersOf are the users of the latest calls, without those whose ids have blanks.
func usersOf(h *history.History) []string {
	all := map[string]bool{}
	for _, en := range slices.Backward(h.Calls) {
		for i := range en.Members {
			if id := en.Members[i].ID; !strings.ContainsAny(id, " \t\n") {
				all[id] = true
			}
		}
		if len(all) > maxUsers {
			break
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// codes are the statuses and failures that occurred.
func codes(h *history.History) []string {
	all := map[string]bool{}
	for _, en := range h.Calls {
		for _, d := range en.Deliveries {
			if d.Attempts > 0 && d.Last.Status != 0 {
				all[strconv.Itoa(d.Last.Status)] = true
			} else if d.Attempts > 0 && !d.Last.Acked() {
				all[d.Last.Word()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// retried reports whether an attempt of a delivery failed.
func retried(d *delivery.Delivery) bool {
	return d.Attempts > 1 || d.Attempts == 1 && d.State == delivery.Waiting
}
