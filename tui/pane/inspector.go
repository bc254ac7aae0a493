package pane

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/explain"
	"ringback/sim/text"
	"ringback/tui/draw"
	"ringback/tui/jsonview"
)

// Inspector shows one attempt in full: the request, the answer, how CallKit judges it,
// and by which rule.
type Inspector struct {
	Top     int       // first line of the exchange that is drawn
	Compare bool      // show what differs from the attempt before
	length  int       // lines of the exchange, when last drawn
	room    int       // how many of them fit
	width   int       // of a line
	found   int       // line that was searched for
	of      Selection // to which it belongs
}

func (p *Inspector) Title(v *View) string {
	d := v.chosenDelivery()
	if d == nil {
		return ""
	}
	title := draw.Word(d)
	if t := v.ChosenTry(d); t != nil {
		title += fmt.Sprintf("  try %d of %d", t.Attempt, draw.Attempts(v.State, d))
	}
	if p.Compare {
		title = v.Mark.Of("difference") + "  " + title
	}
	return title
}

func (p *Inspector) Render(v *View, w, h int) []string {
	d := v.chosenDelivery()
	if d == nil {
		return []string{"", "  no callback is chosen"}
	}
	reasons := draw.Wrap("why: "+v.Clean(explain.Try(v.State, d, v.at(d))), w-2)
	if most := max(1, h/3); len(reasons) > most {
		reasons = append(reasons[:most-1:most-1], draw.Cut(reasons[most-1], w-3, "")+v.More)
	}
	kept := append(stored(v, d, w-2), again(v, d, w-2)...)
	if most := max(1, h/3); len(kept) > most {
		kept = kept[:most]
	}
	room := max(1, h-len(reasons)-len(kept))
	p.width = w - 2
	lines := p.window(v, p.exchange(v, d, w-2, room), room)
	for len(lines) < room {
		lines = append(lines, "")
	}
	lines = append(lines, kept...)
	for i, r := range reasons {
		if i == 0 {
			r = v.Bold.Of("why:") + strings.TrimPrefix(r, "why:")
		} else {
			r = "     " + r
		}
		lines = append(lines, r)
	}
	lines = indent(lines, " ")
	if i := p.found - p.Top; v.Search != "" && p.of == v.Selection && i >= 0 && i < room && p.found > 0 {
		lines[i] = v.Here + lines[i][1:]
	}
	return lines
}

// window is the part of the lines that is scrolled to.
func (p *Inspector) window(v *View, lines []string, room int) []string {
	p.length, p.room = len(lines), room
	p.Top = max(0, min(p.Top, len(lines)-room))
	lines = lines[p.Top:min(len(lines), p.Top+room)]
	if p.Top+room < p.length {
		lines[len(lines)-1] = moreLines(v, p.length-p.Top-room+1)
	}
	return lines
}

func moreLines(v *View, n int) string {
	return v.Dim.Of(fmt.Sprintf("%s %s, %s%s scroll", v.More, text.Count(n, "more line"), v.Up, v.Down))
}

// exchange is the request and its answer, side by side where there is room.
func (p *Inspector) exchange(v *View, d *delivery.Delivery, w, h int) []string {
	if p.Compare {
		return p.difference(v, d, w)
	}
	if w >= besideW {
		half := (w - 3) / 2
		return beside(v, p.request(v, d, half, h), p.answer(v, d, w-3-half, h), half)
	}
	const roomy = 1 << 10
	lines, answer := p.request(v, d, w, roomy), p.answer(v, d, w, roomy)
	if len(lines)+1+len(answer) > h {
		answer = p.answer(v, d, w, 0)
		lines = p.request(v, d, w, h-len(answer)-1)
	}
	if keep := h - 1 - min(len(answer), max(3, h/2)); p.Top == 0 && len(lines) > max(1, keep) { // the answer matters more
		keep = max(1, keep)
		lines = append(lines[:keep-1:keep-1], moreLines(v, len(lines)-keep+1))
	}
	return append(append(lines, v.Dim.Of(strings.Repeat(v.Glyphs.Frame.Rule, w))), answer...)
}

// stored is what the receiver stored of the call, at the callbacks that end it.
func stored(v *View, d *delivery.Delivery, w int) (lines []string) {
	en := v.chosenCall()
	if en == nil || en.Stored == nil || !d.Word.Ends() {
		return nil
	}
	s := en.Stored
	if s.Err != "" {
		return inkedLines(v.Wait, draw.Wrap("stored: "+v.Clean(s.Err), w))
	}
	for i, f := range s.Fields {
		l := "        " + v.Clean(f.Name+" "+f.Got)
		if i == 0 {
			l = "stored: " + v.Clean(f.Name+" "+f.Got)
		}
		switch {
		case f.Wrong:
			l = v.Bad.Of(draw.Cut(l+" "+v.Failed+" want "+v.Clean(f.Want), w, v.More))
		case f.Want != "":
			l = draw.Cut(l, w-2, v.More) + " " + v.Good.Of(v.Check)
		default:
			l = draw.Cut(l, w, v.More)
		}
		lines = append(lines, l)
	}
	return lines
}

// again is what came of sending a callback of a recording again.
func again(v *View, d *delivery.Delivery, w int) []string {
	a, sent := v.Again[d.ID]
	said, ink := "sent again: "+a.Now, v.Wait
	switch {
	case !sent:
		return nil
	case a.Changed:
		said, ink = said+"; recorded: "+a.Then, v.Bad
	case a.Compared:
		said, ink = said+", as recorded", v.Good
	}
	return inkedLines(ink, draw.Wrap(v.Clean(said), w))
}

func inkedLines(ink draw.Ink, lines []string) []string {
	for i := range lines {
		lines[i] = ink.Of(lines[i])
	}
	return lines
}

// besideW is how wide a pane must be for two bodies side by side.
const besideW = 100

func beside(v *View, left, right []string, half int) (lines []string) {
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		lines = append(lines, v.Fit(l, half)+" "+v.Border.Of(v.Sep)+" "+r)
	}
	return lines
}

// request shows the request: its line, the headers about its body, and the body.
func (p *Inspector) request(v *View, d *delivery.Delivery, w, h int) []string {
	r := d.Request
	target := v.Clean(r.Endpoint.HideTarget(string(r.Target())))
	lines := draw.Fold("POST "+target, w)
	if room := max(1, h/4); len(lines) > room && p.Top == 0 { // all lines once it is scrolled
		lines = lines[:room]
		lines[room-1] = v.Fit(draw.Cut(lines[room-1], w-1, "")+v.More, w)
	}
	lines[0] = v.Bold.Of("POST") + strings.TrimPrefix(lines[0], "POST")
	kind := r.ContentType()
	if kind != delivery.ContentType {
		kind = v.Bad.Of(v.Clean(kind))
	}
	head, same := "Content-Type: "+kind+v.Dim.Of(fmt.Sprintf("  %d bytes", len(r.Body()))), sameBytes(v, d)
	if same != "" && draw.Width(head)+1+draw.Width(same) > w {
		lines, head, same = append(lines, v.Fit(head, w)), same, ""
	}
	lines = append(lines, v.Ends(head, same, w))
	if d.Faults != nil && len(d.Faults.Names) > 0 {
		for _, l := range draw.Wrap("faults: "+v.Clean(strings.Join(d.Faults.Names, ", ")), w) {
			lines = append(lines, v.Mark.Of(l))
		}
	}
	return append(lines, jsonview.Draw(&v.Style, r.Body(), len(r.Body()), jsonview.RequestShape(d), w, h-len(lines))...)
}

// sameBytes says that a retry repeats the same bytes: a delivery is encoded once, and
// each attempt and copy sends that, unless it was encoded again.
func sameBytes(v *View, d *delivery.Delivery) string {
	original := v.State.Deliveries[d.CopyOf]
	switch {
	case d.Moved, original != nil && !bytes.Equal(original.Request.Target(), d.Request.Target()):
	case d.CopyOf != 0:
		return v.Good.Of("same bytes as the original " + v.Check)
	case d.Attempts > 1:
		return v.Good.Of(fmt.Sprintf("same bytes in tries 1-%d %s", d.Attempts, v.Check))
	}
	return ""
}

// answer shows the answer of the chosen attempt.
func (p *Inspector) answer(v *View, d *delivery.Delivery, w, h int) []string {
	t := v.ChosenTry(d)
	switch {
	case t == nil:
		return []string{v.Dim.Of("not sent yet")}
	case t.Verdict == nil && d.State == delivery.InFlight:
		wait := "  since " + draw.Tenths(t.Began)
		if so := underWay(v, d); so != "" {
			wait += ", for " + so + " of wall time"
		}
		return []string{v.Info.Of("no answer yet") + v.Dim.Of(wait)}
	case t.Verdict == nil:
		return []string{v.Dim.Of("the answer was not waited for")}
	}
	lines := []string{v.Ends(statusLine(v, t), v.Dim.Of(draw.Tenths(t.Began)+" "+v.Arrow+" "+draw.Tenths(t.Ended)), w)}
	if t.Verdict.Class == delivery.NoAnswer {
		return append(lines, draw.Wrap(v.Clean(v.State.Hide(d.Request.Endpoint, t.Verdict.Reason())), w)...)
	}
	if t.Verdict.Class == delivery.Status3xx && t.Verdict.Detail != "" {
		lines = append(lines, draw.Fold("Location: "+v.Clean(v.State.Hide(d.Request.Endpoint, t.Verdict.Detail)), w)...)
	}
	if t.Head != "" {
		lines = append(lines, p.headers(v, d, t, w, h)...)
	}
	return append(lines, drawAnswer(v, d, t, w, h-len(lines))...)
}

// headers shows the header lines of an answer: all of them where there is room, or once
// the exchange is scrolled.
func (p *Inspector) headers(v *View, d *delivery.Delivery, t *delivery.Try, w, h int) (lines []string) {
	all := strings.Split(strings.TrimSpace(v.State.Hide(d.Request.Endpoint, t.Head)), "\n")
	if p.Top == 0 && !v.Full && h < len(all)+8 {
		return []string{v.Dim.Of(draw.Cut(text.Count(len(all), "header")+", on the whole screen ("+v.KeyFor("full-screen")+")", w, v.More))}
	}
	for _, l := range all {
		for i, part := range draw.Fold(v.Clean(l), max(1, w-2)) {
			if i > 0 {
				part = "  " + part
			}
			lines = append(lines, v.Dim.Of(part))
		}
	}
	return lines
}

// drawAnswer shows the body of an answer, or as much of it as is kept.
func drawAnswer(v *View, d *delivery.Delivery, t *delivery.Try, w, h int) []string {
	body := v.State.Hide(d.Request.Endpoint, t.Answer)
	if t.Bytes > 0 {
		body = strings.TrimSuffix(body, "\ufffd") // half a character
	}
	return jsonview.Draw(&v.Style, []byte(body), t.Bytes, jsonview.AnswerShape(d), w, h)
}

// statusLine is the status of an answer, and how long it took.
func statusLine(v *View, t *delivery.Try) string { return statusText(v, t) + "  " + draw.Took(t.Took) }

// statusText is the status of an answer, in words too.
func statusText(v *View, t *delivery.Try) string {
	ink := v.Bad
	if t.Verdict.Acked() {
		ink = v.Good
	}
	text := "no answer: " + draw.Spelled(t.Verdict.Word())
	if s := t.Verdict.Status; s != 0 {
		text = strings.TrimSpace(fmt.Sprintf("%d %s", s, http.StatusText(s)))
	}
	return ink.Of(text)
}

// difference shows the answer of the chosen attempt against that of the attempt
// before: lines that are only there with a minus, new ones with a plus.
func (p *Inspector) difference(v *View, d *delivery.Delivery, w int) []string {
	t := v.ChosenTry(d)
	if t == nil || t.Attempt < 2 || len(d.Tries) < 2 {
		return []string{"", "there is no attempt before this one to compare with", v.Key.Of(v.KeyFor("compare")) + " shows the attempt alone"}
	}
	var before *delivery.Try
	for i := range d.Tries {
		if d.Tries[i].Attempt < t.Attempt {
			before = &d.Tries[i]
		}
	}
	if before == nil {
		return []string{"the attempt before this one is not known any more"}
	}
	lines := []string{
		fmt.Sprintf("try %d began %s, try %d began %s: %s later", before.Attempt, draw.Tenths(before.Began), t.Attempt, draw.Tenths(t.Began), seconds(t.Began.Sub(before.Began))),
		v.Good.Of("the request has the same bytes " + v.Check),
		v.Dim.Of(strings.Repeat(v.Glyphs.Frame.Rule, w)),
	}
	was, is := answerLines(v, d, before, w-2), answerLines(v, d, t, w-2)
	for _, l := range jsonview.Diff(was, is) {
		switch l.Mark {
		case '-':
			lines = append(lines, v.Bad.Of("- "+l.Text))
		case '+':
			lines = append(lines, v.Good.Of("+ "+l.Text))
		default:
			lines = append(lines, "  "+l.Text)
		}
	}
	if n := max(len(was), len(is)) - jsonview.MaxDiff; n > 0 {
		lines = append(lines, v.Wait.Of(text.Count(n, "more line")+" not compared"))
	}
	return lines
}

// answerLines is an answer as plain lines.
func answerLines(v *View, d *delivery.Delivery, t *delivery.Try, w int) []string {
	if t.Verdict == nil {
		return []string{"no answer yet"}
	}
	lines := append([]string{draw.Stripped(statusText(v, t))}, draw.Wrap("CallKit: "+v.Clean(v.State.Hide(d.Request.Endpoint, t.Verdict.Reason())), w)...)
	if t.Verdict.Class == delivery.NoAnswer {
		return lines
	}
	for _, l := range drawAnswer(v, d, t, w, 1000) {
		lines = append(lines, draw.Stripped(l))
	}
	return lines
}

// Move scrolls the exchange.
func (p *Inspector) Move(v *View, by int) Selection {
	if p.Top == 0 && by > 0 { // from now on all lines are drawn, and so counted
		p.length = 1 << 20
	}
	p.Top = max(0, min(p.Top+by, p.length-p.room))
	return v.Selection
}

// Row changes nothing: no line can be chosen.
func (p *Inspector) Row(v *View, _ int) Selection { return v.Selection }

// Turn goes to another attempt.
func (p *Inspector) Turn(v *View, by int) Selection {
	d := v.chosenDelivery()
	if d == nil {
		return v.Selection
	}
	p.Top = 0
	if len(d.Tries) == 0 {
		return v.Holding(d.ID, 0)
	}
	try := max(1, min(len(d.Tries), cmp.Or(v.Try, len(d.Tries))+by))
	if try == len(d.Tries) && by > 0 {
		try = 0
	}
	return v.Holding(d.ID, try)
}
