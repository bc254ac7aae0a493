package pane

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

// Calls lists the calls, with a glyph for each of their callbacks, so that failures show
// without opening a call.
type Calls struct {
	Filter Filter
	Sort   sorting
	Shown  []*history.Call // those that pass the filter, in order
	top    int             // the first row that is drawn
	Follow bool            // the cursor goes to each call that comes
	Await  string          // a call that was placed and has not begun yet
	News   int             // new calls since the list stopped following
	Latest uint64          // number of the newest call, shown or not
	rows   int             // that were drawn last
}

// sorting is what the calls are sorted by.
type sorting uint8

const (
	ByNewest sorting = iota
	byTrouble
	byState
	Sortings
)

var sortingNames = [...]string{"newest", "trouble", "state"}

func (o sorting) String() string { return sortingNames[o] }

// Update handles the calls that changed.
func (p *Calls) Update(v *View, touched []*history.Call) Selection {
	came, before := 0, p.Latest
	for _, en := range touched {
		en.Text, en.Trouble = "", trouble(en)
		en.Match = p.Filter.lets(en)
		if en.Number > before && en.Match {
			came++
		}
		p.Latest = max(p.Latest, en.Number)
	}
	if len(touched) > 0 {
		p.Arrange(v.History)
	}
	switch {
	case p.Await != "" && v.History.ByID[p.Await] != nil:
		id := p.Await
		p.Await, p.top = "", 0
		p.Reveal(id)
		return v.Choosing(id)
	case p.Follow && p.Sort == ByNewest && len(p.Shown) > 0:
		p.top, p.News = 0, 0
		return v.Choosing(p.Shown[0].ID)
	case !p.Follow:
		p.News += came
	}
	return v.Selection
}

// Set changes the filter.
func (p *Calls) Set(v *View, f Filter) Selection {
	p.Filter = f
	for _, en := range v.History.Calls {
		en.Match = f.lets(en)
	}
	p.Arrange(v.History)
	p.top = 0
	to := v.Selection
	if i := p.index(v.Call); i < 0 && len(p.Shown) > 0 {
		to = v.Choosing(p.Shown[0].ID)
	}
	p.Reveal(to.Call)
	return to
}

// Arrange makes the list of what is shown.
func (p *Calls) Arrange(h *history.History) {
	p.Shown = p.Shown[:0]
	for i := len(h.Calls) - 1; i >= 0; i-- {
		if en := h.Calls[i]; en.Match {
			p.Shown = append(p.Shown, en)
		}
	}
	switch p.Sort {
	case byTrouble:
		slices.SortStableFunc(p.Shown, func(a, b *history.Call) int { return cmp.Compare(b.Trouble, a.Trouble) })
	case byState:
		slices.SortStableFunc(p.Shown, func(a, b *history.Call) int {
			return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Result, b.Result))
		})
	}
}

// trouble counts what goes wrong in a call.
func trouble(en *history.Call) (n int) {
	for _, d := range en.Deliveries {
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

func (p *Calls) index(id string) int {
	return slices.IndexFunc(p.Shown, func(en *history.Call) bool { return en.ID == id })
}

// Move puts the cursor some rows further on, and the list no longer follows.
func (p *Calls) Move(v *View, by int) Selection {
	if len(p.Shown) == 0 {
		return v.Selection
	}
	i := max(0, min(len(p.Shown)-1, p.index(v.Call)+by))
	p.Follow = i == 0 && by < 0 && p.Follow
	p.Reveal(p.Shown[i].ID)
	return v.Choosing(p.Shown[i].ID)
}

// Row chooses the n-th drawn row.
func (p *Calls) Row(v *View, n int) Selection {
	i := p.top + n - 1
	if n < 1 || n > p.rows || i >= len(p.Shown) {
		return v.Selection
	}
	p.Follow = false
	return v.Choosing(p.Shown[i].ID)
}

// Reveal scrolls to a call.
func (p *Calls) Reveal(id string) {
	p.top = ScrollTo(p.top, p.index(id), p.rows, len(p.Shown))
}

// ScrollTo returns the first row to draw so that row is visible.
func ScrollTo(top, row, rows, of int) int {
	if row < top {
		top = row
	}
	if row >= top+rows {
		top = row - rows + 1
	}
	return max(0, min(top, of-rows))
}

// Title says how many calls the list shows, and why not all.
func (p *Calls) Title(v *View) string {
	var parts []string
	if f := p.Filter.String(); f != "" {
		parts = append(parts, v.Mark.Of(draw.Cut(v.Clean(f), 16, v.More)), fmt.Sprintf("%d of %d", len(p.Shown), len(v.History.Calls)))
	} else if n := len(p.Shown); n > 0 {
		parts = append(parts, draw.Span(p.top, min(n, p.top+p.rows), n))
	}
	if n := len(v.Marks.Calls); n > 0 {
		parts = append(parts, v.Mark.Of(fmt.Sprintf("%d marked", n)))
	}
	if p.Sort != ByNewest {
		parts = append(parts, "by "+p.Sort.String())
	}
	switch {
	case p.News > 0:
		parts = append(parts, v.Info.Of(fmt.Sprintf("%d new", p.News)))
	case !p.Follow && p.Sort == ByNewest && len(p.Shown) > 0:
		parts = append(parts, v.Dim.Of("held, F follows"))
	}
	return strings.Join(parts, "  ")
}

func (p *Calls) Render(v *View, w, h int) []string {
	if len(p.Shown) == 0 {
		return p.empty(v, w)
	}
	legend := h > 10
	p.rows = h - 1
	if legend {
		p.rows -= 2
	}
	p.Reveal(v.Call)
	ids := 6
	for _, en := range p.Shown[p.top:min(len(p.Shown), p.top+p.rows)] {
		ids = max(ids, draw.Width(draw.CallName(en.Number)))
	}
	ids = min(ids, max(6, w-34))
	who := 0
	if spare := w - 40 - ids; spare >= 18 {
		who = min(30, max(14, spare*6/10))
	}
	head := fmt.Sprintf("   %s  kind   %s%s    age  callbacks", v.Fit("call", ids), v.Fit("who", who), v.Fit("state", stateW))
	lines := []string{v.Dim.Of(v.Fit(head, w))}
	for i := p.top; i < min(len(p.Shown), p.top+p.rows); i++ {
		lines = append(lines, p.line(v, p.Shown[i], ids, who, w))
	}
	if legend {
		for len(lines) < h-1 {
			lines = append(lines, "")
		}
		lines = append(lines, " "+v.Dim.Of(draw.Cut(fmt.Sprintf("%s acked %s in flight %s due %s failed %s gave up", v.Acked, v.InFlight, v.Waiting, v.Failed, v.GaveUp), w-1, v.More)))
	}
	return lines
}

func (p *Calls) empty(v *View, w int) []string {
	switch {
	case p.Filter.Text != "":
		return []string{"", "  nothing matches " + v.Clean(p.Filter.String()), "  " + v.Key.Of("esc") + " shows all calls"}
	case v.Recording != "":
		return []string{"", "  no calls in this file"}
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

func (p *Calls) line(v *View, en *history.Call, ids, who, w int) string {
	c := en.Call
	here := " "
	if c.ID == v.Call {
		here = v.Here
	}
	media := v.Audio
	if c.Media == call.Video {
		media = v.Video
	}
	length := "-"
	if c.Phase != call.Over {
		length = draw.Age(v.Now.Sub(c.StartAt))
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
	head := fmt.Sprintf("%s%s %s  %s %s  %s", v.markOf(v.Marks.Calls[c.ID]), here, v.Fit(draw.CallName(c.Number), ids), draw.KindOf(c), v.Fit(media, 1), v.Fit(people(v, en, who), who))
	tail := " " + v.Right(length, ageW) + "  "
	room := w - draw.Width(head) - stateW - draw.Width(tail)
	if c.ID == v.Call && v.Focused {
		return v.Chosen.Of(v.Fit(head+v.Fit(state, stateW)+tail+stripes(v, c.Deliveries, room, false), w))
	}
	return head + ink.Of(v.Fit(state, stateW)) + tail + stripes(v, c.Deliveries, room, true)
}

// people names the caller and the callees of a call.
func people(v *View, en *history.Call, room int) string {
	if room == 0 {
		return ""
	}
	var names []string
	for _, mb := range en.Members[1:] {
		names = append(names, v.Clean(mb.ID))
	}
	if len(names) == 0 { // a recording may name the caller alone
		names = []string{"?"}
	}
	return draw.Cut(v.Clean(en.Caller())+" "+v.Arrow+" "+strings.Join(names, ", "), room-2, v.More)
}

// stripes has a glyph for each callback; of many, the last ones.
func stripes(v *View, list []*delivery.Delivery, room int, color bool) string {
	if room <= 0 {
		return ""
	}
	var b strings.Builder
	if len(list) > room {
		b.WriteString(v.Fit(v.More, 1))
		list = list[len(list)-room+1:]
	}
	for _, d := range list {
		if g := v.Glyphs.Of(d); color {
			b.WriteString(v.Theme.Of(d).Of(g))
		} else {
			b.WriteString(g)
		}
	}
	return b.String()
}
