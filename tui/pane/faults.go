package pane

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/fault"
	"ringback/tui/draw"
)

// Faults switches faults on and off. The journal says which are on; the pane keeps the
// amount and the scope that each would have.
type Faults struct {
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

// amounts are the amounts to choose from, besides the default of each fault.
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

// Init lists the faults; those about signatures only where requests are signed.
func (p *Faults) Init(signs bool) {
	for _, f := range fault.List() {
		if a, err := fault.Parse(f.Name); err == nil && a.CheckSigned(signs) != nil {
			continue
		}
		k := knob{Info: f, amounts: amounts[f.Name]}
		k.amount = max(0, slices.Index(k.amounts, f.Usual))
		p.list = append(p.list, k)
	}
}

// String returns the fault with its settings, as [fault.Parse] reads it.
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

// scope says which callbacks the fault hits.
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

// on returns the setting of a fault that is on; "" if it is off.
func on(list []string, name string) string {
	for _, f := range list {
		if nameOf(f) == name {
			return f
		}
	}
	return ""
}

func (p *Faults) Title(v *View) string {
	rows := v.Dim.Of(draw.Span(p.top, min(len(p.list), p.top+p.rows), len(p.list))) + "  "
	if n := len(v.State.Faults); n > 0 {
		return rows + v.Mark.Of(fmt.Sprintf("%d on", n))
	}
	return rows + v.Dim.Of("none on")
}

func (p *Faults) Render(v *View, w, h int) []string {
	note := 0
	if h >= 6 {
		note = 2
	}
	p.rows = max(1, h-note)
	p.top = ScrollTo(p.top, p.at, p.rows, len(p.list))
	var lines []string
	for i := p.top; i < min(len(p.list), p.top+p.rows); i++ {
		lines = append(lines, p.line(v, i, w))
	}
	if note > 0 {
		about := p.list[p.at].Name + ": the callback " + p.list[p.at].About
		if v.Recording != "" {
			about = Unchangeable
		}
		lines = append(lines, " "+v.Dim.Of(draw.Cut(about, w-2, v.More)), " "+v.line(v.Keys, w-2))
	}
	return lines
}

func (p *Faults) line(v *View, i, w int) string {
	k := &p.list[i]
	set := on(v.State.Faults, k.Name)
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
	if set != "" && set != k.String() { // not yet as it is set here, or switched on from elsewhere
		line = fmt.Sprintf(" %s %s %s  %s", here, box, v.Fit(k.Name, 15), v.Clean(strings.TrimPrefix(strings.TrimPrefix(set, k.Name), "=")))
		if i == p.at {
			line += " " + v.Arrow + " " + strings.TrimPrefix(strings.TrimPrefix(k.String(), k.Name), "=") + " enter"
		}
	} else if set == "" && i == p.at {
		line += strings.TrimPrefix(k.scope(), "all")
	}
	switch {
	case i == p.at && v.Focused:
		return v.Chosen.Of(v.Fit(line, w))
	case set != "":
		return v.Mark.Of(v.Fit(line, w))
	}
	return line
}

// Toggled returns the faults that are on once the chosen one is switched: off if it is on
// as it is set, else on.
func (p *Faults) Toggled(now []string) []string {
	k := &p.list[p.at]
	without := slices.DeleteFunc(slices.Clone(now), func(f string) bool { return nameOf(f) == k.Name })
	if on(now, k.Name) == k.String() {
		return without
	}
	return append(without, k.String())
}

// Turn sets the amount of the chosen fault.
func (p *Faults) Turn(by int) {
	k := &p.list[p.at]
	k.amount = max(0, min(len(k.amounts)-1, k.amount+by))
}

// Thin sets the share of the callbacks that the chosen fault hits.
func (p *Faults) Thin() {
	k := &p.list[p.at]
	k.share = (k.share + 1) % len(shares)
}

// Fixed says why the amount of the chosen fault cannot be set; "" if it can.
func (p *Faults) Fixed() string {
	if k := &p.list[p.at]; len(k.amounts) == 0 {
		return k.Name + " takes no amount"
	}
	return ""
}

// Widen cycles through the scopes: all callbacks, those of the chosen call, those of the
// chosen word, and of that word in that call.
func (p *Faults) Widen(v *View) {
	k := &p.list[p.at]
	en, d := v.chosenCall(), v.chosenDelivery()
	switch {
	case k.call == 0 && k.word == "" && en != nil:
		k.call = en.Number
	case k.call != 0 && k.word == "" && d != nil:
		k.call, k.word = 0, d.Word.String()
	case k.call == 0 && k.word != "" && en != nil:
		k.call = en.Number
	default:
		k.call, k.word = 0, ""
	}
}

// Row chooses the n-th drawn row.
func (p *Faults) Row(v *View, n int) Selection {
	if i := p.top + n; n >= 0 && n < p.rows && i < len(p.list) {
		p.at = i
	}
	return v.Selection
}

// Move puts the cursor on another fault.
func (p *Faults) Move(v *View, by int) Selection {
	p.at = max(0, min(len(p.list)-1, p.at+by))
	return v.Selection
}
