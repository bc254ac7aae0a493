package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// callsPane lists the calls, a glyph for each of their callbacks: a call that
// goes wrong is seen without being opened.
type callsPane struct {
	filter filter
	sort   sorting
	shown  []*history.Call // those that the filter lets through, in order
	top    int             // the first row that is drawn
	follow bool            // the cursor goes to each call that comes
	await  string          // a call that was asked for and has not come yet
	news   int             // calls that came since the list was left to itself
	latest uint64          // number of the newest call that was seen, shown or not
	rows   int             // that were drawn last
}

// sorting is what the calls are sorted by.
type sorting uint8

const (
	byNewest sorting = iota
	byTrouble
	byState
	sortings
)

var sortingNames = [...]string{"newest", "trouble", "state"}

func (o sorting) String() string { return sortingNames[o] }

// update takes in the calls to which something happened.
func (p *callsPane) update(v *view, touched []*history.Call) selection {
	came, before := 0, p.latest
	for _, en := range touched {
		en.Text, en.Trouble = "", trouble(en)
		en.Match = p.filter.lets(en)
		if en.Call.Number > before && en.Match {
			came++
		}
		p.latest = max(p.latest, en.Call.Number)
	}
	if len(touched) > 0 {
		p.arrange(v.history)
	}
	switch {
	case p.await != "" && v.history.ByID[p.await] != nil:
		id := p.await
		p.await, p.top = "", 0
		p.reveal(id)
		return v.choosing(id)
	case p.follow && p.sort == byNewest && len(p.shown) > 0:
		p.top, p.news = 0, 0
		return v.choosing(p.shown[0].Call.ID)
	case !p.follow:
		p.news += came
	}
	return v.selection
}

// set filters anew.
func (p *callsPane) set(v *view, f filter) selection {
	p.filter = f
	for _, en := range v.history.Calls {
		en.Match = f.lets(en)
	}
	p.arrange(v.history)
	p.top = 0
	to := v.selection
	if i := p.index(v.call); i < 0 && len(p.shown) > 0 {
		to = v.choosing(p.shown[0].Call.ID)
	}
	p.reveal(to.call)
	return to
}

// arrange makes the list of what is shown.
func (p *callsPane) arrange(h *history.History) {
	p.shown = p.shown[:0]
	for i := len(h.Calls) - 1; i >= 0; i-- {
		if en := h.Calls[i]; en.Match {
			p.shown = append(p.shown, en)
		}
	}
	switch p.sort {
	case byTrouble:
		slices.SortStableFunc(p.shown, func(a, b *history.Call) int { return cmp.Compare(b.Trouble, a.Trouble) })
	case byState:
		slices.SortStableFunc(p.shown, func(a, b *history.Call) int {
			return cmp.Or(cmp.Compare(a.Call.Phase, b.Call.Phase), cmp.Compare(a.Call.Result, b.Call.Result))
		})
	}
}

// trouble is how much goes wrong in a call.
func trouble(en *history.Call) (n int) {
	for _, d := range en.Call.Deliveries {
		switch {
		case d.State == delivery.Abandoned:
			n += 100
		case d.State == delivery.Dropped:
			n += 10
		case retried(d):
			n += d.Attempts
		}
	}
	return n
}

func (p *callsPane) index(id string) int {
	return slices.IndexFunc(p.shown, func(en *history.Call) bool { return en.Call.ID == id })
}

// move puts the cursor some rows further on, and the list no longer follows.
func (p *callsPane) move(v *view, by int) selection {
	if len(p.shown) == 0 {
		return v.selection
	}
	i := max(0, min(len(p.shown)-1, p.index(v.call)+by))
	p.follow = i == 0 && by < 0 && p.follow
	p.reveal(p.shown[i].Call.ID)
	return v.choosing(p.shown[i].Call.ID)
}

// row chooses the n-th row that is drawn.
func (p *callsPane) row(v *view, n int) selection {
	i := p.top + n - 1
	if n < 1 || n > p.rows || i >= len(p.shown) {
		return v.selection
	}
	p.follow = false
	return v.choosing(p.shown[i].Call.ID)
}

// reveal scrolls to a call.
func (p *callsPane) reveal(id string) {
	p.top = scrollTo(p.top, p.index(id), p.rows, len(p.shown))
}

// scrollTo is the first row to draw so that one row is among those drawn.
func scrollTo(top, row, rows, of int) int {
	if row < top {
		top = row
	}
	if row >= top+rows {
		top = row - rows + 1
	}
	return max(0, min(top, of-rows))
}

// title says what the list shows of what there is.
func (p *callsPane) title(v *view) string {
	var parts []string
	if f := p.filter.String(); f != "" {
		parts = append(parts, v.Mark.Of(draw.Cut(v.Clean(f), 16, v.More)), fmt.Sprintf("%d of %d", len(p.shown), len(v.history.Calls)))
	} else if n := len(p.shown); n > 0 {
		parts = append(parts, draw.Span(p.top, min(n, p.top+p.rows), n))
	}
	if p.sort != byNewest {
		parts = append(parts, "by "+p.sort.String())
	}
	switch {
	case p.news > 0:
		parts = append(parts, v.Info.Of(fmt.Sprintf("%d new", p.news)))
	case !p.follow && p.sort == byNewest && len(p.shown) > 0:
		parts = append(parts, v.Dim.Of("held, F follows"))
	}
	return strings.Join(parts, "  ")
}

func (p *callsPane) render(v *view, w, h int) []string {
	if len(p.shown) == 0 {
		return p.empty(v, w)
	}
	legend := h > 10
	p.rows = h - 1
	if legend {
		p.rows -= 2
	}
	p.reveal(v.call)
	ids := 6
	for _, en := range p.shown[p.top:min(len(p.shown), p.top+p.rows)] {
		ids = max(ids, draw.Width(draw.CallName(en.Call.Number)))
	}
	ids = min(ids, max(6, w-34))
	who := 0
	if spare := w - 40 - ids; spare >= 18 {
		who = min(30, max(14, spare*6/10))
	}
	head := fmt.Sprintf("   %s  kind   %s%s    age  callbacks", v.Fit("call", ids), v.Fit("who", who), v.Fit("state", stateW))
	lines := []string{v.Dim.Of(v.Fit(head, w))}
	for i := p.top; i < min(len(p.shown), p.top+p.rows); i++ {
		lines = append(lines, p.line(v, p.shown[i], ids, who, w))
	}
	if legend {
		for len(lines) < h-1 {
			lines = append(lines, "")
		}
		lines = append(lines, " "+v.Dim.Of(draw.Cut(fmt.Sprintf("%s acked %s in flight %s due %s failed %s gave up", v.Acked, v.Flying, v.Waiting, v.Failed, v.GaveUp), w-1, v.More)))
	}
	return lines
}

func (p *callsPane) empty(v *view, w int) []string {
	switch {
	case p.filter.text != "":
		return []string{"", "  nothing matches " + v.Clean(p.filter.String()), "  " + v.Key.Of("esc") + " shows all calls"}
	case v.recording != "":
		return []string{"", "  no calls in this journal"}
	}
	return append([]string{"", "  no calls yet", ""}, indent(draw.Wrap(v.Key.Of("n")+" and "+v.Key.Of("enter")+" place one", w-2), "  ")...)
}

func indent(lines []string, by string) []string {
	for i := range lines {
		lines[i] = by + lines[i]
	}
	return lines
}

// Widths of the longest state, not answer, and of the longest age.
const (
	stateW = 10
	ageW   = 6
)

func (p *callsPane) line(v *view, en *history.Call, ids, who, w int) string {
	c := en.Call
	here := " "
	if c.ID == v.call {
		here = v.Here
	}
	media := v.Audio
	if c.Media == call.Video {
		media = v.Video
	}
	length := "-"
	if c.Phase != call.Over {
		length = draw.Age(v.now.Sub(c.StartAt))
	} else if c.AcceptAt != 0 {
		length = draw.Age(c.EndAt.Sub(c.AcceptAt))
	}
	state := draw.StateOf(c)
	ink := v.Dim
	switch c.Phase {
	case call.Ringing:
		ink = v.Wait
	case call.Connected:
		ink = v.Good
	}
	head := fmt.Sprintf(" %s %s  %s %s  %s", here, v.Fit(draw.CallName(c.Number), ids), draw.KindOf(c), v.Fit(media, 1), v.Fit(people(v, en, who), who))
	tail := " " + v.Right(length, ageW) + "  "
	room := w - draw.Width(head) - stateW - draw.Width(tail)
	if c.ID == v.call && v.focused {
		return v.Chosen.Of(v.Fit(head+v.Fit(state, stateW)+tail+stripes(v, c.Deliveries, room, false), w))
	}
	return head + ink.Of(v.Fit(state, stateW)) + tail + stripes(v, c.Deliveries, room, true)
}

// people are those in a call: who called, and whom.
func people(v *view, en *history.Call, room int) string {
	if room == 0 {
		return ""
	}
	var names []string
	for _, mb := range en.Call.Members[1:] {
		names = append(names, v.Clean(mb.ID))
	}
	return draw.Cut(v.Clean(en.Call.Caller())+" "+v.Arrow+" "+strings.Join(names, ", "), room-2, v.More)
}

// stripes has a glyph for each callback; of many, the last ones.
func stripes(v *view, list []*delivery.Delivery, room int, colour bool) string {
	if room <= 0 {
		return ""
	}
	var b strings.Builder
	if len(list) > room {
		b.WriteString(v.Fit(v.More, 1))
		list = list[len(list)-room+1:]
	}
	for _, d := range list {
		if g := v.Glyphs.Of(d); colour {
			b.WriteString(v.Theme.Of(d).Of(g))
		} else {
			b.WriteString(g)
		}
	}
	return b.String()
}
