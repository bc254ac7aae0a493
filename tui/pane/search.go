package pane

import (
	"encoding/json"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/tui/draw"
)

// has reports whether a text contains what is searched for, regardless of case.
func has(text, search string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(search))
}

// around returns the next of n places from one on, in a direction, of which is says that
// it is one; the search goes round. It is -1 if there is none.
func around(n, from, by int, is func(int) bool) int {
	for i := 1; i <= n; i++ {
		if at := ((from+i*by)%n + n) % n; is(at) {
			return at
		}
	}
	return -1
}

// Lit draws the places of a line where the text that is searched for stands.
func (v *View) Lit(line string) string {
	if v.Search == "" || !v.Focused || !has(line, v.Search) {
		return line
	}
	plain := draw.Stripped(line)
	low, search := strings.ToLower(plain), strings.ToLower(v.Search)
	if len(low) != len(plain) { // a letter that changes its length: places differ
		return line
	}
	var b strings.Builder
	for {
		i := strings.Index(low, search)
		if i < 0 {
			break
		}
		b.WriteString(plain[:i])
		b.WriteString(v.Chosen.Of(plain[i : i+len(search)]))
		plain, low = plain[i+len(search):], low[i+len(search):]
	}
	return b.String() + plain
}

// Find goes to the next call that has the text.
func (p *Calls) Find(v *View, search string, by int) (Selection, bool) {
	f := NewFilter(search, false)
	i := around(len(p.Shown), p.index(v.Call), by, func(i int) bool { return f.lets(p.Shown[i]) })
	if i < 0 {
		return v.Selection, false
	}
	p.Follow = false
	p.Reveal(p.Shown[i].ID)
	return v.Choosing(p.Shown[i].ID), true
}

// Find goes to the next phone whose row or events have the text.
func (p *Phones) Find(v *View, search string, by int) (Selection, bool) {
	to, en := v.Selection, v.chosenCall()
	if en == nil {
		return to, false
	}
	events := seenBy(v.State, en)
	at := slices.IndexFunc(en.Members, func(m call.Member) bool { return m.ID == v.User })
	i := around(len(en.Members), at, by, func(i int) bool {
		mb := &en.Members[i]
		_, role := en.Find(mb.ID)
		return has(mb.ID+" "+role.String()+" "+mb.Device.Platform+" "+mb.Status.String(), search) || slices.ContainsFunc(events[mb.ID], func(e seen) bool {
			payload, _ := json.Marshal(e.Payload)
			return has(e.Event+" "+string(payload), search)
		})
	})
	if i >= 0 {
		to.User = en.Members[i].ID
	}
	return to, i >= 0
}

// Find goes to the next callback whose row, body or answers have the text.
func (p *Deliveries) Find(v *View, search string, by int) (Selection, bool) {
	en := v.chosenCall()
	if en == nil {
		return v.Selection, false
	}
	list := en.Deliveries
	at := slices.IndexFunc(list, func(d *delivery.Delivery) bool { return d.ID == v.Delivery })
	i := around(len(list), at, by, func(i int) bool { return inDelivery(v, list[i], search) })
	if i < 0 {
		return v.Selection, false
	}
	return v.Holding(list[i].ID, 0), true
}

func inDelivery(v *View, d *delivery.Delivery, search string) bool {
	row := draw.Word(d) + " " + d.User + " " + draw.Stripped(nextOf(v, d, 0)) + " " + string(d.Request.Body())
	if d.Attempts > 0 {
		row += " " + draw.StatusOf(&d.Last)
	}
	return has(v.Clean(row), search) || slices.ContainsFunc(d.Tries, func(t delivery.Try) bool {
		return has(v.Clean(v.State.Hide(d.Request.Endpoint, t.Answer)), search) || t.Verdict != nil && has(draw.StatusOf(t.Verdict), search)
	})
}

// Find scrolls to the next line that has the text.
func (p *Inspector) Find(v *View, search string, by int) (Selection, bool) {
	d := v.chosenDelivery()
	if d == nil || p.width == 0 {
		return v.Selection, false
	}
	top := p.Top
	p.Top = max(1, top) // all lines, as when it is scrolled
	lines := p.exchange(v, d, p.width, p.room)
	p.Top = top
	at := p.found
	if p.of != v.Selection { // it was another attempt
		at = -1
		if by < 0 {
			at = 0
		}
	}
	i := around(len(lines), at, by, func(i int) bool { return has(draw.Stripped(lines[i]), search) })
	if i < 0 {
		return v.Selection, false
	}
	p.found, p.of, p.length = i, v.Selection, 1<<20
	if i < p.Top || i >= p.Top+p.room-1 || p.Top == 0 {
		p.Top = max(min(1, i), i-1)
	}
	return v.Selection, true
}

// Find goes to the next fault that has the text in its name or description.
func (p *Faults) Find(v *View, search string, by int) (Selection, bool) {
	i := around(len(p.list), p.at, by, func(i int) bool { return has(p.list[i].Name+" "+p.list[i].About, search) })
	if i >= 0 {
		p.at = i
	}
	return v.Selection, i >= 0
}
