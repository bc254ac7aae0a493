package pane

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// Deliveries lists the callbacks of the chosen call, with their attempts
// and what comes next.
type Deliveries struct {
	Folded bool // the attempts of the chosen one are not shown
	top    int
	rows   int
	owner  []uint64 // which delivery each drawn row belongs to
}

func (p *Deliveries) Title(v *View) string {
	en := v.chosenCall()
	if en == nil {
		return ""
	}
	list := en.Deliveries
	from, to := 0, len(list)
	if n := len(p.owner); n > 0 {
		at := func(id uint64) int {
			return slices.IndexFunc(list, func(d *delivery.Delivery) bool { return d.ID == id })
		}
		from, to = at(p.owner[0]), at(p.owner[n-1])+1
	}
	return v.CallTitle() + "  " + draw.Span(from, to, len(list))
}

func (p *Deliveries) Render(v *View, w, h int) []string {
	en := v.chosenCall()
	if en == nil || en.Stored == nil || h < 5 {
		return p.list(v, en, w, h)
	}
	lines := p.list(v, en, w, h-1)
	for len(lines) < h-1 {
		lines = append(lines, "")
	}
	return append(lines, storedLine(v, en.Stored, w))
}

// storedLine says what the receiver stored of the call.
func storedLine(v *View, s *history.Stored, w int) string {
	return " " + storedInk(v, s).Of(draw.Cut(v.Clean(s.Text(v.Check, v.Failed, w-2)), w-2, v.More))
}

func storedInk(v *View, s *history.Stored) draw.Ink {
	switch {
	case s.Err != "":
		return v.Wait
	case s.Wrong():
		return v.Bad
	}
	return v.Good
}

// list draws the callbacks.
func (p *Deliveries) list(v *View, en *history.Call, w, h int) []string {
	switch {
	case en == nil:
		return []string{"", "  no call is chosen"}
	case len(en.Deliveries) == 0:
		return []string{"", "  no callbacks: no one subscribed to this call's"}
	}
	c := p.columns(v, en, w)
	var lines []string
	var owner []uint64
	cursor, end := 0, 0
	for _, d := range en.Deliveries {
		block := []string{p.line(v, d, c, w)}
		if len(d.Tries) > 1 && (v.Full || d.ID == v.Delivery && !p.Folded) {
			block = append(block, p.tries(v, d, w)...)
		}
		if d.ID == v.Delivery {
			cursor = len(lines)
			end = cursor + len(block) - 1
		}
		for range block {
			owner = append(owner, d.ID)
		}
		lines = append(lines, block...)
	}
	p.rows = h - 1
	p.top = ScrollTo(p.top, end, p.rows, len(lines))
	p.top = ScrollTo(p.top, cursor, p.rows, len(lines))
	until := min(len(lines), p.top+p.rows)
	p.owner = owner[p.top:until]
	head := fmt.Sprintf("     %s  %s  %stry %s%s  next", v.Fit("callback", c.word), v.Fit("who", c.who), v.Fit("time", c.at), v.Right("last", c.last), v.Right("took", c.took))
	return append([]string{v.Dim.Of(v.Fit(head, w))}, lines[p.top:until]...)
}

// deliveryColumns are the widths of the columns that vary. Words are never cut: if there
// is little room, first the countdown's bar is dropped, then how long answers took, then
// the time of day, then names are shortened.
type deliveryColumns struct{ word, who, at, last, took, bar int }

// Widths of a row without what varies; of the shortest text for what comes next; and of
// columns.
const (
	rowW  = 5 + 2 + 2 + 3 + 1 + 2
	nextW = len("in flight")
	lastW = 7
	tookW = 7 // and a blank
	atW   = 9 // and a blank
	barW  = 6
	whoW  = 5 // of names that are shortened
)

func (p *Deliveries) columns(v *View, en *history.Call, w int) deliveryColumns {
	c := deliveryColumns{word: 8, who: 3, at: atW, last: len("last"), took: tookW, bar: barW}
	for _, d := range en.Deliveries {
		last, _ := lastOf(v, d)
		c.word, c.who, c.last = max(c.word, draw.Width(draw.Word(d))), max(c.who, draw.Width(v.Clean(d.User))), max(c.last, draw.Width(last))
	}
	room := w - rowW - nextW - c.last
	who := min(c.who, whoW)
	if c.word+min(c.who, 12)+c.at+c.took+1+barW+2 > room {
		c.bar = 0
	}
	if c.word+who+c.at+c.took > room {
		c.took = 0
	}
	if c.word+who+c.at+c.took > room {
		c.at = 0
	}
	bar := 0
	if c.bar > 0 {
		bar = 1 + barW + 2
	}
	c.who = max(3, min(c.who, room-c.at-c.took-bar-c.word))
	c.word = max(8, min(c.word, room-c.at-c.took-c.who))
	return c
}

func (p *Deliveries) line(v *View, d *delivery.Delivery, c deliveryColumns, w int) string {
	here := " "
	if d.ID == v.Delivery {
		here = v.Here
	}
	ink := v.Theme.Of(d)
	tries := fmt.Sprintf("%d/%d", d.Attempts, draw.Attempts(v.State, d))
	last, lastInk := lastOf(v, d)
	head := fmt.Sprintf("%s%s ", v.markOf(v.Marks.Callbacks[d.ID]), here)
	at := ""
	if c.at > 0 {
		at = v.Dim.Of(draw.Clock(beganAt(d))) + " "
	}
	body := fmt.Sprintf(" %s  %s  %s%s ", v.Fit(draw.Word(d), c.word), v.Fit(v.Middle(v.Clean(d.User), c.who), c.who), at, v.Right(tries, 3))
	took := v.Right(tookOf(v, d), c.took)
	line := head + ink.Of(v.Glyphs.Of(d)) + body + lastInk.Of(v.Right(last, c.last)) + took + "  " + nextOf(v, d, c.bar)
	if here != " " && v.Focused {
		return v.Chosen.Of(v.Fit(draw.Stripped(line), w))
	}
	return line
}

// beganAt is when a callback was first sent or, before that, the time of its event.
func beganAt(d *delivery.Delivery) call.Instant {
	if len(d.Tries) > 0 {
		return d.Tries[0].Began
	}
	return d.EventTime
}

// lastOf is the status of the latest answer.
func lastOf(v *View, d *delivery.Delivery) (string, draw.Ink) {
	switch {
	case d.Attempts == 0:
		return "", v.Dim
	case d.State == delivery.InFlight && d.Attempts == 1:
		return v.Ellipsis, v.Dim
	case d.Last.Class == delivery.NoAnswer:
		return shortFailure(d.Last.Failure), v.Bad
	case d.Last.Acked():
		return v.StatusOf(&d.Last), v.Good
	}
	return v.StatusOf(&d.Last), v.Bad
}

// failureWords are why there was no answer, in at most seven letters.
var failureWords = map[delivery.Failure]string{
	delivery.NoAddress: "no host", delivery.Guarded: "guarded", delivery.Unreachable: "no route", delivery.BadTLS: "bad tls",
	delivery.CutShort: "cut off", delivery.TooLarge: "too big", delivery.NotHTTP: "no http",
}

func shortFailure(f delivery.Failure) string {
	return draw.Cut(cmp.Or(failureWords[f], f.String()), lastW, "")
}

// underWay says how long the attempt in flight has taken so far, in wall time, like its
// timeout.
func underWay(v *View, d *delivery.Delivery) string {
	if d := v.History.UnderWay(d, v.Wall); d > 0 {
		return seconds(d)
	}
	return ""
}

// tookOf says how long the latest answer took in wall time, or how long the attempt in
// flight has taken.
func tookOf(v *View, d *delivery.Delivery) string {
	n := len(d.Tries)
	if n == 0 {
		return ""
	}
	if t := &d.Tries[n-1]; t.Ended != 0 {
		return draw.Took(t.Took)
	}
	return underWay(v, d)
}

// nextOf says what happens next to a delivery.
func nextOf(v *View, d *delivery.Delivery, bar int) string {
	switch d.State {
	case delivery.Acked:
		return v.Good.Of("acked")
	case delivery.InFlight:
		return v.Info.Of("in flight")
	case delivery.Waiting:
		return countdown(v, d, bar)
	case delivery.Abandoned:
		return v.Bad.Of("gave up")
	case delivery.Dropped:
		if !d.Lost() {
			return v.Bad.Of("dropped")
		}
		return v.Bad.Of("lost by a fault")
	case delivery.Withdrawn:
		return v.Dim.Of("address deleted")
	}
	switch d.Hold {
	case delivery.UntilNext:
		return v.Wait.Of("held for the next one")
	case delivery.UntilEnd:
		return v.Wait.Of("held for the end")
	}
	return v.Dim.Of("waits its turn")
}

// countdown is the time to the next attempt, and a bar of it if it has a width.
func countdown(v *View, d *delivery.Delivery, bar int) string {
	left := max(0, d.Due.Sub(v.Now))
	whole := left
	if n := len(d.Tries); n > 0 && d.Tries[n-1].Ended != 0 {
		whole = d.Due.Sub(d.Tries[n-1].Ended)
	} else if whole = d.Due.Sub(d.EventTime); whole < left {
		whole = left
	}
	part := 1.0
	if whole > 0 {
		part = 1 - float64(left)/float64(whole)
	}
	if bar == 0 {
		return "in " + seconds(left)
	}
	return "in " + seconds(left) + " " + v.Wait.Of(v.Bar(part, bar))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

// tries lists the attempts of a delivery: when each began, relative to the one before,
// and its result. The one in the Inspector is marked.
func (p *Deliveries) tries(v *View, d *delivery.Delivery, w int) []string {
	var parts []string
	var before call.Instant
	for i := range d.Tries {
		t := &d.Tries[i]
		at := draw.Tenths(t.Began)
		if before != 0 {
			at = fmt.Sprintf("+%.1fs", t.Began.Sub(before).Seconds())
		}
		got := v.Ellipsis
		ink := v.Info
		if t.Verdict != nil {
			got, ink = v.StatusOf(t.Verdict), v.Bad
			if t.Verdict.Acked() {
				ink = v.Good
			}
		}
		number := strconv.Itoa(t.Attempt)
		if d.ID == v.Delivery && i == v.at(d) {
			number = v.Bold.Of(v.Here + number)
		}
		parts = append(parts, fmt.Sprintf("%s %s %s", number, v.Dim.Of(at), ink.Of(got)))
		before = t.Began
		if t.Ended != 0 {
			before = t.Ended
		}
	}
	const margin = "       "
	var lines []string
	line := margin
	for i, part := range parts {
		if i > 0 {
			part = " " + v.Dim.Of(v.Note) + " " + part
		}
		if draw.Width(line)+draw.Width(part) > w && line != margin {
			lines, line = append(lines, line), margin
			part = strings.TrimPrefix(part, " ")
		}
		line += part
	}
	return append(lines, line)
}

// Move puts the cursor on another callback.
func (p *Deliveries) Move(v *View, by int) Selection {
	en := v.chosenCall()
	if en == nil || len(en.Deliveries) == 0 {
		return v.Selection
	}
	list := en.Deliveries
	i := slices.IndexFunc(list, func(d *delivery.Delivery) bool { return d.ID == v.Delivery })
	return v.Holding(list[max(0, min(len(list)-1, i+by))].ID, 0)
}

// Row chooses the callback of the n-th row that is drawn.
func (p *Deliveries) Row(v *View, n int) Selection {
	if n < 1 || n > len(p.owner) {
		return v.Selection
	}
	return v.Holding(p.owner[n-1], 0)
}
