package tui

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// inspectorPane shows one attempt in full: what was sent, what came back, what
// CallKit makes of it and by which rule.
type inspectorPane struct {
	top     int  // first line of the exchange that is drawn
	compare bool // show what differs from the attempt before
	length  int  // lines of the exchange, as it was drawn last
	room    int  // of which so many could be drawn
}

func (p *inspectorPane) title(v *view) string {
	d := v.chosenDelivery()
	if d == nil {
		return ""
	}
	title := word(d)
	if t := v.chosenTry(d); t != nil {
		title += fmt.Sprintf("  try %d of %d", t.Attempt, attempts(v.st, d))
	}
	if p.compare {
		title = v.mark.of("difference") + "  " + title
	}
	return title
}

func (p *inspectorPane) render(v *view, w, h int) []string {
	d := v.chosenDelivery()
	if d == nil {
		return []string{"", "  no callback is chosen"}
	}
	reasons := wrap("why: "+v.clean(explain(v.st, d, v.at(d))), w-2)
	if most := max(1, h/3); len(reasons) > most {
		reasons = append(reasons[:most-1:most-1], cut(reasons[most-1], w-3, "")+v.more)
	}
	room := max(1, h-len(reasons))
	lines := p.window(v, p.exchange(v, d, w-2, room), room)
	for len(lines) < room {
		lines = append(lines, "")
	}
	for i, r := range reasons {
		if i == 0 {
			r = v.bold.of("why:") + strings.TrimPrefix(r, "why:")
		} else {
			r = "     " + r
		}
		lines = append(lines, r)
	}
	return indent(lines, " ")
}

// window is the part of the lines that is scrolled to.
func (p *inspectorPane) window(v *view, lines []string, room int) []string {
	p.length, p.room = len(lines), room
	p.top = max(0, min(p.top, len(lines)-room))
	lines = lines[p.top:min(len(lines), p.top+room)]
	if p.top+room < p.length {
		lines[len(lines)-1] = moreLines(v, p.length-p.top-room+1)
	}
	return lines
}

func moreLines(v *view, n int) string {
	return v.dim.of(fmt.Sprintf("%s %s, %s%s scroll", v.more, text.Count(n, "more line"), v.up, v.down))
}

// exchange is the request and its answer, side by side where there is room.
func (p *inspectorPane) exchange(v *view, d *delivery.Delivery, w, h int) []string {
	if p.compare {
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
	if keep := h - 1 - min(len(answer), max(3, h/2)); p.top == 0 && len(lines) > keep && keep > 1 { // the answer matters more
		lines = append(lines[:keep-1:keep-1], moreLines(v, len(lines)-keep+1))
	}
	return append(append(lines, v.dim.of(strings.Repeat(v.glyphs.frame.rule, w))), answer...)
}

// besideW is how wide a pane must be for two bodies side by side.
const besideW = 100

func beside(v *view, left, right []string, half int) (lines []string) {
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		lines = append(lines, v.fit(l, half)+" "+v.border.of(v.sep)+" "+r)
	}
	return lines
}

// request is what was sent: the line, what its head says of its body, and that.
func (p *inspectorPane) request(v *view, d *delivery.Delivery, w, h int) []string {
	r := d.Request
	target := v.clean(r.Endpoint.HideTarget(string(r.Target())))
	lines := fold("POST "+target, w)
	if room := max(1, h/4); len(lines) > room && p.top == 0 { // whoever scrolls gets it whole
		lines = lines[:room]
		lines[room-1] = v.fit(cut(lines[room-1], w-1, "")+v.more, w)
	}
	lines[0] = v.bold.of("POST") + strings.TrimPrefix(lines[0], "POST")
	kind := contentType(r)
	if kind != delivery.ContentType {
		kind = v.bad.of(v.clean(kind))
	}
	lines = append(lines, v.ends("Content-Type: "+kind+v.dim.of(fmt.Sprintf("  %d bytes", len(r.Body()))), sameBytes(v, d), w))
	if d.Harm != nil && len(d.Harm.Faults) > 0 {
		for _, l := range wrap("faults: "+v.clean(strings.Join(d.Harm.Faults, ", ")), w) {
			lines = append(lines, v.mark.of(l))
		}
	}
	return append(lines, drawBody(&v.style, r.Body(), len(r.Body()), requestShape(d), w, h-len(lines))...)
}

// sameBytes says that a retry repeats its bytes: a delivery is frozen once, and
// each attempt and copy sends that, unless it had to be written again.
func sameBytes(v *view, d *delivery.Delivery) string {
	original := v.st.Deliveries[d.CopyOf]
	switch {
	case d.Moved, original != nil && !bytes.Equal(original.Request.Target(), d.Request.Target()):
	case d.CopyOf != 0:
		return v.good.of("same bytes as the original " + v.check)
	case d.Attempts > 1:
		return v.good.of(fmt.Sprintf("same bytes in tries 1-%d %s", d.Attempts, v.check))
	}
	return ""
}

// answer is what came back in the chosen attempt.
func (p *inspectorPane) answer(v *view, d *delivery.Delivery, w, h int) []string {
	t := v.chosenTry(d)
	switch {
	case t == nil:
		return []string{v.dim.of("not sent yet")}
	case t.Verdict == nil && d.State == delivery.Flying:
		wait := "  since " + tenths(t.Began)
		if so := underWay(v, d); so != "" {
			wait += ", for " + so + " of wall time"
		}
		return []string{v.info.of("no answer yet") + v.dim.of(wait)}
	case t.Verdict == nil:
		return []string{v.dim.of("the answer was not waited for")}
	}
	lines := []string{v.ends(statusLine(v, t), v.dim.of(tenths(t.Began)+" "+v.arrow+" "+tenths(t.Ended)), w)}
	if t.Verdict.Class == delivery.NoAnswer {
		return append(lines, wrap(v.clean(v.st.Hide(d.Request.Endpoint, t.Verdict.Reason())), w)...)
	}
	if t.Verdict.Class == delivery.Status3xx && t.Verdict.Detail != "" {
		lines = append(lines, fold("Location: "+v.clean(v.st.Hide(d.Request.Endpoint, t.Verdict.Detail)), w)...)
	}
	return append(lines, drawAnswer(v, d, t, w, h-len(lines))...)
}

// drawAnswer shows the body of an answer, or as much of it as is kept.
func drawAnswer(v *view, d *delivery.Delivery, t *delivery.Try, w, h int) []string {
	body := v.st.Hide(d.Request.Endpoint, t.Answer)
	if t.Bytes > 0 {
		body = strings.TrimSuffix(body, "\ufffd") // half a character
	}
	return drawBody(&v.style, []byte(body), t.Bytes, answerShape(d), w, h)
}

// statusLine is the status of an answer, and how long it took.
func statusLine(v *view, t *delivery.Try) string { return statusText(v, t) + "  " + took(t.Took) }

// statusText is the status of an answer, in words too.
func statusText(v *view, t *delivery.Try) string {
	ink := v.bad
	if t.Verdict.Acked() {
		ink = v.good
	}
	text := "no answer: " + spelled(t.Verdict.Word())
	if s := t.Verdict.Status; s != 0 {
		text = strings.TrimSpace(fmt.Sprintf("%d %s", s, http.StatusText(s)))
	}
	return ink.of(text)
}

// difference shows the answer of the chosen attempt against that of the attempt
// before: lines that are only there with a minus, new ones with a plus.
func (p *inspectorPane) difference(v *view, d *delivery.Delivery, w int) []string {
	t := v.chosenTry(d)
	if t == nil || t.Attempt < 2 || len(d.Tries) < 2 {
		return []string{"", "there is no attempt before this one to compare with", v.key.of("=") + " shows the attempt alone"}
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
		fmt.Sprintf("try %d began %s, try %d began %s: %s later", before.Attempt, tenths(before.Began), t.Attempt, tenths(t.Began), seconds(t.Began.Sub(before.Began))),
		v.good.of("the request has the same bytes " + v.check),
		v.dim.of(strings.Repeat(v.glyphs.frame.rule, w)),
	}
	was, is := answerLines(v, d, before, w-2), answerLines(v, d, t, w-2)
	for _, l := range diff(was, is) {
		switch l.mark {
		case '-':
			lines = append(lines, v.bad.of("- "+l.text))
		case '+':
			lines = append(lines, v.good.of("+ "+l.text))
		default:
			lines = append(lines, "  "+l.text)
		}
	}
	if n := max(len(was), len(is)) - maxDiff; n > 0 {
		lines = append(lines, v.wait.of(text.Count(n, "more line")+" not compared"))
	}
	return lines
}

// answerLines is an answer as plain lines.
func answerLines(v *view, d *delivery.Delivery, t *delivery.Try, w int) []string {
	if t.Verdict == nil {
		return []string{"no answer yet"}
	}
	lines := append([]string{stripped(statusText(v, t))}, wrap("CallKit: "+v.clean(v.st.Hide(d.Request.Endpoint, t.Verdict.Reason())), w)...)
	if t.Verdict.Class == delivery.NoAnswer {
		return lines
	}
	for _, l := range drawAnswer(v, d, t, w, 1000) {
		lines = append(lines, stripped(l))
	}
	return lines
}

// scroll moves the exchange.
func (p *inspectorPane) scroll(by int) {
	if p.top == 0 && by > 0 { // from here on all lines are there: the next drawing knows how many
		p.length = 1 << 20
	}
	p.top = max(0, min(p.top+by, p.length-p.room))
}

// turn goes to another attempt.
func (p *inspectorPane) turn(v *view, by int) selection {
	d := v.chosenDelivery()
	if d == nil {
		return v.selection
	}
	p.top = 0
	if len(d.Tries) == 0 {
		return v.holding(d.ID, 0)
	}
	try := max(1, min(len(d.Tries), cmp.Or(v.try, len(d.Tries))+by))
	if try == len(d.Tries) && by > 0 {
		try = 0
	}
	return v.holding(d.ID, try)
}
