package tui

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/fault"
	"ringback/tui/draw"
)

// faultsPane switches faults on and off. What is on is what the journal says;
// the pane keeps the amount and the scope that each would have.
type faultsPane struct {
	list []knob
	at   int
	top  int
	rows int
}

// knob is a fault with its settings.
type knob struct {
	fault.Info
	amounts []string // to choose from; none if it takes none
	amount  int
	share   int    // index into shares
	word    string // only callbacks of this word; "": all
	call    uint64 // only those of the call of this number; 0: all
}

var shares = []int{100, 50, 30, 10}

// amounts are what each fault can be set to besides its usual amount.
var amounts = map[string][]string{
	"delay":           {"1s", "5s", "20s", "1m"},
	"late":            {"1s", "10s", "1m", "10m"},
	"slow":            {"500ms", "1s", "1500ms", "5s"},
	"skew":            {"-1h", "-1s", "90s", "24h"},
	"duplicate":       {"1", "2", "5", "20"},
	"replay":          {"1", "2", "5"},
	"race":            {"1", "2", "4", "16"},
	"lose_answer":     {"1", "2", "7"},
	"reset":           {"1", "2", "7"},
	"truncate":        {"1", "20", "100"},
	"oversize":        {"64KiB", "300KiB", "1MiB", "4MiB"},
	"content_type":    {"text/plain", "application/xml", "text/html; charset=gbk"},
	"unknown_command": {"call_paused", "Call.CallbackAfterHold"},
	"stale_sign":      {"30s", "2m", "1h"},
	"wrong_sign":      {"wrong", "missing", "moved"},
}

// init lists the faults; those about signatures only where requests are signed.
func (p *faultsPane) init(signs bool) {
	for _, f := range fault.List() {
		if a, err := fault.Parse(f.Name); err == nil && a.CheckSigned(signs) != nil {
			continue
		}
		k := knob{Info: f, amounts: amounts[f.Name]}
		k.amount = max(0, slices.Index(k.amounts, f.Usual))
		p.list = append(p.list, k)
	}
}

// String is the fault as it is set, in the spelling of [fault.Parse].
func (k *knob) String() string {
	s := k.Name
	if len(k.amounts) > 0 {
		s += "=" + k.amounts[k.amount]
	}
	if n := shares[k.share]; n < 100 {
		s += fmt.Sprintf(":%d%%", n)
	}
	if k.word != "" {
		s += "@" + k.word
	}
	if k.call != 0 {
		s += fmt.Sprintf("#%d", k.call)
	}
	return s
}

// scope says whom the fault concerns.
func (k *knob) scope() string {
	var parts []string
	if n := shares[k.share]; n < 100 {
		parts = append(parts, fmt.Sprintf("%d%%", n))
	}
	if k.call != 0 {
		parts = append(parts, fmt.Sprintf("call %d", k.call))
	}
	if k.word != "" {
		parts = append(parts, strings.TrimPrefix(k.word, "Call.Callback"))
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, " ")
}

// nameOf is the name of a fault as it is written.
func nameOf(text string) string {
	if i := strings.IndexAny(text, "=:@#"); i >= 0 {
		return text[:i]
	}
	return text
}

// on is how a fault is switched on right now, "" if it is off.
func on(list []string, name string) string {
	for _, f := range list {
		if nameOf(f) == name {
			return f
		}
	}
	return ""
}

func (p *faultsPane) title(v *view) string {
	rows := v.Dim.Of(draw.Span(p.top, min(len(p.list), p.top+p.rows), len(p.list))) + "  "
	if n := len(v.st.Faults); n > 0 {
		return rows + v.Mark.Of(fmt.Sprintf("%d on", n))
	}
	return rows + v.Dim.Of("none on")
}

func (p *faultsPane) render(v *view, w, h int) []string {
	note := 0
	if h >= 6 {
		note = 2
	}
	p.rows = max(1, h-note)
	p.top = scrollTo(p.top, p.at, p.rows, len(p.list))
	var lines []string
	for i := p.top; i < min(len(p.list), p.top+p.rows); i++ {
		lines = append(lines, p.line(v, i, w))
	}
	if note > 0 {
		about := p.list[p.at].Name + ": the callback " + p.list[p.at].About
		if reason := v.unchangeable; reason != "" {
			about = reason
		}
		lines = append(lines, " "+v.Dim.Of(draw.Cut(about, w-2, v.More)), " "+v.line(v.keys, w-2))
	}
	return lines
}

func (p *faultsPane) line(v *view, i, w int) string {
	k := &p.list[i]
	set := on(v.st.Faults, k.Name)
	box, amount, scope := v.Off, "", ""
	if len(k.amounts) > 0 {
		amount = k.amounts[k.amount]
	}
	if set != "" {
		box, scope = v.On, k.scope()
	}
	here := " "
	if i == p.at {
		here = v.Here
	}
	line := fmt.Sprintf(" %s %s %s  %s %s", here, box, v.Fit(k.Name, 15), v.Fit(amount, max(7, min(16, w-40))), scope)
	if set != "" && set != k.String() { // switched on from elsewhere
		line = fmt.Sprintf(" %s %s %s  %s", here, box, v.Fit(k.Name, 15), v.Clean(strings.TrimPrefix(strings.TrimPrefix(set, k.Name), "=")))
	}
	switch {
	case i == p.at && v.focused:
		return v.Chosen.Of(v.Fit(line, w))
	case set != "":
		return v.Mark.Of(v.Fit(line, w))
	}
	return line
}

// isOn reports whether the chosen fault is among those that are on.
func (p *faultsPane) isOn(now []string) bool { return on(now, p.list[p.at].Name) != "" }

// with are those that are on, and the chosen one as it is set.
func (p *faultsPane) with(now []string) []string {
	return append(p.without(now), p.list[p.at].String())
}

func (p *faultsPane) without(now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(f string) bool { return nameOf(f) == p.list[p.at].Name })
}

// toggled are those that are on once the chosen one is switched.
func (p *faultsPane) toggled(now []string) []string {
	if p.isOn(now) {
		return p.without(now)
	}
	return p.with(now)
}

// turn sets the amount of the chosen fault.
func (p *faultsPane) turn(by int) {
	k := &p.list[p.at]
	k.amount = max(0, min(len(k.amounts)-1, k.amount+by))
}

// thin sets the share of the callbacks that the chosen fault hits.
func (p *faultsPane) thin() {
	k := &p.list[p.at]
	k.share = (k.share + 1) % len(shares)
}

// fixed is why the amount of the chosen fault cannot be set; "" if it can.
func (p *faultsPane) fixed() string {
	if k := &p.list[p.at]; len(k.amounts) == 0 {
		return k.Name + " takes no amount"
	}
	return ""
}

// widen goes through the scopes: all callbacks, those of the chosen call, those
// of the chosen word, and of that word in that call.
func (p *faultsPane) widen(v *view) {
	k := &p.list[p.at]
	en, d := v.chosenCall(), v.chosenDelivery()
	switch {
	case k.call == 0 && k.word == "" && en != nil:
		k.call = en.Call.Number
	case k.call != 0 && k.word == "" && d != nil:
		k.call, k.word = 0, d.Word.String()
	case k.call == 0 && k.word != "" && en != nil:
		k.call = en.Call.Number
	default:
		k.call, k.word = 0, ""
	}
}

// row chooses the n-th row that is drawn.
func (p *faultsPane) row(n int) {
	if i := p.top + n; n >= 0 && n < p.rows && i < len(p.list) {
		p.at = i
	}
}

func (p *faultsPane) move(by int) { p.at = max(0, min(len(p.list)-1, p.at+by)) }
