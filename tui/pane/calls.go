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

// Title says how many calls the list shows, and why not all.
func (p *Calls) Title(v *View) string {
	var parts []string
	if p.Filter.Text != "" {
		parts = append(parts, fmt.Sprintf("%d of %d", len(p.Shown), len(v.History.Calls)))
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
		parts = append(parts, v.Dim.Of("held, "+v.KeyFor("follow")+" follows"))
	}
	if f := p.Filter.String(); f != "" { // last: what does not fit is cut
		parts = append(parts, v.Mark.Of(v.Clean(f)))
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
	rows := p.Shown[p.top:min(len(p.Shown), p.top+p.rows)]
	c := p.columns(v, rows, w)
	kind := ""
	if c.kind > 0 {
		kind = "kind"
	}
	head := fmt.Sprintf("   %s  %s%s%s%s", v.Fit("call", c.ids), v.Fit(kind, c.kind+3), v.Fit("who", c.who), v.Fit("state", stateW), v.Right("age", c.age))
	if draw.Width(head)+len("  callbacks") <= w {
		head += "  callbacks"
	}
	lines := []string{v.Dim.Of(v.Fit(head, w))}
	for _, en := range rows {
		lines = append(lines, p.line(v, en, c, w))
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
		return []string{"", "  nothing matches " + v.Clean(p.Filter.String()), "  " + v.Key.Of(v.KeyFor("back")) + " shows all calls"}
	case v.Recording != "":
		return []string{"", "  no calls in this file"}
	}
	keys := [][2]string{
		{v.KeyFor("new-call") + " enter", "place a call"},
		{v.KeyFor("traffic"), "calls come by themselves"},
		{v.KeyFor("next-failure"), "the next callback that fails"},
		{v.KeyFor("pause") + " " + v.KeyFor("step"), "stop time, go on step by step"},
		{v.KeyFor("help"), "all keys"},
	}
	if v.Own {
		keys = append(keys, [2]string{v.KeyFor("target"), "set your receiver's address"})
	}
	keyW := 8
	for _, k := range keys {
		keyW = max(keyW, draw.Width(k[0]))
	}
	lines := []string{"", "  no calls yet", ""}
	for _, k := range keys {
		lines = append(lines, draw.Cut("  "+v.Key.Of(v.Fit(k[0], keyW))+" "+k[1], w, v.More))
	}
	return lines
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
	ageW   = 7 // and a blank
)

// callColumns are the widths of the columns that vary. If there is little room, first the
// kind goes to its sign alone, then the age is dropped, then names are shortened.
type callColumns struct{ ids, kind, who, age int }

// maxStripes is how many glyphs of callbacks are worth more than whole names.
const maxStripes = 8

func (p *Calls) columns(v *View, rows []*history.Call, w int) callColumns {
	c := callColumns{ids: 4, kind: len("1v1 "), age: ageW}
	need, callbacks := 11, 1
	for _, en := range rows {
		c.ids = max(c.ids, draw.Width(draw.CallName(en.Number)))
		need, callbacks = max(need, draw.Width(people(v, en, 1<<10))), max(callbacks, len(en.Deliveries))
	}
	need = (need + 3) / 4 * 4 // names come and go: columns stay
	c.ids = min(c.ids, max(4, w-36))
	room := func() int {
		return w - 3 - c.ids - 2 - c.kind - 3 - stateW - c.age - 2 - min(callbacks, maxStripes) - 2
	}
	if room() < need {
		c.kind = 0
	}
	if room() < need {
		c.age = 0
	}
	if c.who = max(0, min(need, room())); c.who > 0 {
		c.who += 2
	}
	return c
}

func (p *Calls) line(v *View, en *history.Call, to callColumns, w int) string {
	c := en.Call
	here := " "
	if c.ID == v.Call {
		here = v.Here
	}
	media := v.Audio
	if c.Media == call.Video {
		media = v.Video
	}
	state := draw.StateOf(c)
	ink := v.Dim
	switch c.Phase {
	case call.Ringing:
		ink = v.Wait
	case call.Connected:
		ink = v.Good
	}
	head := fmt.Sprintf("%s%s %s  %s%s  %s", v.markOf(v.Marks.Calls[c.ID]), here, v.Fit(draw.CallName(c.Number), to.ids), draw.UpTo(draw.KindOf(c)+" ", to.kind), v.Fit(media, 1), v.Fit(people(v, en, to.who-2), to.who))
	tail := v.Right(length(v, en), to.age) + "  "
	room := w - draw.Width(head) - stateW - draw.Width(tail)
	if c.ID == v.Call && v.Focused {
		return v.Chosen.Of(v.Fit(head+v.Fit(state, stateW)+tail+callbacks(v, en, room, false), w))
	}
	return head + ink.Of(v.Fit(state, stateW)) + tail + callbacks(v, en, room, true)
}

// length is how old a call is, or how long its people talked.
func length(v *View, en *history.Call) string {
	switch {
	case en.Phase != call.Over:
		return draw.Age(v.Now.Sub(en.StartAt))
	case en.AcceptAt != 0:
		return draw.Age(en.EndAt.Sub(en.AcceptAt))
	}
	return "-"
}

// people names the caller and the callees of a call. If there is little room, callees are
// counted, and ids shortened.
func people(v *View, en *history.Call, room int) string {
	if room <= 0 {
		return ""
	}
	names := []string{v.Clean(en.Caller())}
	for _, mb := range en.Members[1:] {
		names = append(names, v.Clean(mb.ID))
	}
	if len(names) == 1 { // a recording may name the caller alone
		names = append(names, "?")
	}
	arrow := " " + v.Arrow + " "
	if all := names[0] + arrow + strings.Join(names[1:], ", "); draw.Width(all) <= room {
		return all
	}
	more := ""
	if n := len(names) - 2; n > 0 {
		more = fmt.Sprintf(" +%d", n)
	}
	room -= draw.Width(arrow + more)
	first := max(min(draw.Width(names[0]), room/2), room-draw.Width(names[1]))
	return draw.Cut(v.Middle(names[0], first)+arrow+v.Middle(names[1], room-first)+more, room+draw.Width(arrow+more), v.More)
}

// callbacks has a glyph for each callback, and what the receiver stored if the probe has
// answered: if that is wrong it is never left out.
func callbacks(v *View, en *history.Call, room int, color bool) string {
	s := en.Stored
	if s == nil || s.Err != "" || room < 4 {
		return stripes(v, en.Deliveries, room, color)
	}
	spare := room - len(en.Deliveries) - 2
	if s.Wrong() {
		spare = max(spare, min(room-3, len("2 ends x")))
	}
	if spare < 1 {
		return stripes(v, en.Deliveries, room, color)
	}
	said := draw.Cut(v.Clean(s.Text(v.Check, v.Failed, spare)), spare, v.More)
	left := stripes(v, en.Deliveries, room-draw.Width(said)-2, color)
	if color {
		said = storedInk(v, s).Of(said)
	}
	return left + "  " + said
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
