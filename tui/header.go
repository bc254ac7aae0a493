package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringback/sim/delivery"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// playState is whether time passes, and how fast.
func playState(v *pane.View, c Clock) string {
	if c.Paused {
		return v.Wait.Of(v.Pause + " " + paceOf(v, c.Pace))
	}
	return v.Good.Of(v.Play) + " " + paceOf(v, c.Pace)
}

func paceOf(v *pane.View, pace string) string {
	if factor, ok := strings.CutSuffix(pace, "x"); ok {
		return v.Times + factor
	}
	return pace
}

// header is the first line. What does not fit is shortened, the least important first; of
// what is shortest, the least important is left out.
func (m *Model) header(v *pane.View, w int) string {
	left, right := m.headerLeft(v), m.headerRight(v)
	for {
		l, r := " "+joined(left), joined(right)+" "
		if draw.Width(l)+1+draw.Width(r) <= w || !shorten(left, right) {
			return v.Ends(l, r, w)
		}
	}
}

// shorten makes the least important item shorter that can be, or leaves one out if none
// can; it reports whether there was one.
func shorten(sides ...[]item) bool {
	var least *item
	for last := range 2 {
		for _, side := range sides {
			for i := range side {
				if it := &side[i]; len(it.texts) > 1-last && it.weight < 9+uint8(1-last) && (least == nil || it.weight < least.weight) {
					least = it
				}
			}
		}
		if least != nil {
			least.texts = least.texts[1:]
			return true
		}
	}
	return false
}

// largeJournal is how large a journal is worth mentioning.
const largeJournal = 100_000_000

// How many latencies the header has: those that fit.
var latencies = []int{12, 8, 4, 1}

// item is a part of the header. Items of low weight are shortened and left out first.
type item struct {
	weight uint8    // 9: always there
	joined bool     // to the item before it
	texts  []string // from the longest to the shortest
}

// text is the item as it is now; "" if it is left out.
func (it *item) text() string {
	if len(it.texts) == 0 {
		return ""
	}
	return it.texts[0]
}

func joined(items []item) string {
	var b strings.Builder
	for i := range items {
		text := items[i].text()
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" ")
			if !items[i].joined {
				b.WriteString(" ")
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

func (m *Model) headerLeft(v *pane.View) []item {
	h := &m.history.Health
	status, ink := receiverStatus(v, h)
	latency := []string{""}
	if h.Took > 0 {
		latency = []string{v.Right(draw.Took(h.Took), 5), draw.Took(h.Took)} // the first keeps what follows in place
	}
	dialect := []string{""}
	if n := len(v.State.Dialect.Choices(v.State.Run.Dialect)); n > 0 {
		dialect = []string{v.Mark.Of(fmt.Sprintf("+%d dialect", n)), v.Mark.Of(fmt.Sprintf("+%dd", n))}
	}
	kind := what(v, &m.cfg)
	var lines []string
	for _, n := range latencies {
		lines = append(lines, sparkline(v, h, n))
	}
	return []item{
		{5, false, []string{v.Key.Of("ringback"), v.Key.Of("rb")}},
		{7, true, []string{v.Bold.Of(kind), v.Bold.Of(v.Middle(kind, 16))}},
		{6, true, dialect},
		{9, false, []string{playState(v, m.clock)}},
		{9, false, []string{draw.Tenths(v.Now), draw.Clock(v.Now)}},
		{9, false, []string{m.link(v)}},
		{4, false, aimed(v, m.target())},
		{9, true, []string{receiverDot(v, h) + " " + ink.Of(status)}},
		{4, true, []string{ink.Of(h.Objection())}},
		{5, true, latency},
		{1, true, lines},
	}
}

// link is whether the server of the run can be reached.
func (m *Model) link(v *pane.View) string {
	switch {
	case m.cfg.Remote == "":
		return ""
	case m.lost != nil:
		return v.Bad.Of("reconnecting")
	}
	return v.Good.Of("connected")
}

// target is the receiver, as it is shown: on a server that to which callbacks go at
// present.
func (m *Model) target() string {
	list := m.history.State.Targets
	switch {
	case m.cfg.Remote == "":
		return m.cfg.Target
	case len(list) == 0:
		return "no address is registered"
	}
	return strings.TrimPrefix(list[0].Endpoint.Shown(), "http://")
}

// aimed is where callbacks go.
func aimed(v *pane.View, target string) (texts []string) {
	if target == "" {
		return []string{""}
	}
	target = v.Clean(target)
	texts = append(texts, v.Arrow+" "+target)
	if port := strings.LastIndexByte(target, ':'); port > 0 && (strings.HasPrefix(target, "127.0.0.1:") || strings.HasPrefix(target, "localhost:")) {
		target = target[port:]
		texts = append(texts, v.Arrow+" "+target)
	}
	return append(texts, v.Arrow+" "+v.Middle(target, 16), v.Arrow+" "+v.Middle(target, 8))
}

func (m *Model) headerRight(v *pane.View) []item {
	t := &v.State.Totals
	traffic, faults := []string{""}, []string{""}
	if left := m.nextCall.Sub(v.Now); m.traffic && m.nextCall > v.Now {
		traffic = []string{v.Info.Of("traffic, next in " + draw.Age(left+time.Second-1)), v.Info.Of("traffic")}
	} else if m.traffic {
		traffic = []string{v.Info.Of("traffic")}
	}
	if n := len(v.State.Faults); n > 0 {
		faults = []string{v.Mark.Of(fmt.Sprintf("faults %d", n))}
	}
	retrying, ended := len(m.history.Retrying), v.State.Placed-uint64(v.State.Live)
	journal := []string{""}
	if m.journal >= largeJournal {
		gb := float64(m.journal) / 1e9
		journal = []string{v.Wait.Of(fmt.Sprintf("journal %.1f GB", gb)), v.Wait.Of(fmt.Sprintf("%.1fGB", gb))}
	}
	reading := []string{""}
	if m.tape != nil && m.tape.Read < 1 {
		reading = []string{v.Wait.Of(fmt.Sprintf("reading %.0f %%", 100*m.tape.Read))}
	}
	return []item{
		{9, false, reading},
		{6, false, journal},
		{6, false, traffic},
		{7, false, faults},
		{8, false, []string{fmt.Sprintf("live %d", v.State.Live)}},
		{2, false, []string{v.Dim.Of(fmt.Sprintf("ended %d", ended)), v.Dim.Of(fmt.Sprintf("end %d", ended))}},
		{8, false, []string{inked(v.Wait, fmt.Sprintf("retrying %d", retrying), retrying > 0), inked(v.Wait, fmt.Sprintf("%s%d", v.Failed, retrying), retrying > 0)}},
		{9, false, []string{inked(v.Bad, fmt.Sprintf("gave up %d", t.Abandoned), t.Abandoned > 0), inked(v.Bad, fmt.Sprintf("%s%d", v.GaveUp, t.Abandoned), t.Abandoned > 0)}},
	}
}

// what is the kind of run: its generation, or the file.
func what(v *pane.View, cfg *Config) string {
	switch {
	case cfg.Recording != "":
		return v.Clean(cfg.Recording)
	case cfg.Remote != "":
		return v.Clean(cfg.Remote)
	}
	return draw.GenerationOf(cfg.Generation)
}

func inked(i draw.Ink, s string, on bool) string {
	if on {
		return i.Of(s)
	}
	return s
}

// tabLine names the panes where only one is shown.
func (m *Model) tabLine(v *pane.View, w int) string {
	var b strings.Builder
	for p := draw.Calls; p <= draw.Panes; p++ {
		name := strconv.Itoa(int(p)) + " " + p.String()
		if p > draw.Calls {
			b.WriteString(v.Dim.Of(v.Sep))
		}
		if p == m.focus {
			b.WriteString(v.Focus.Of("[" + name + "]"))
		} else {
			b.WriteString(" " + v.Dim.Of(name) + " ")
		}
	}
	return v.Ends(b.String(), v.CallTitle()+" ", w)
}

// toastLine is the current message.
func (m *Model) toastLine(v *pane.View, w int) string {
	switch {
	case m.over != nil && m.cfg.Recording != "":
		return v.Fit(" "+v.Bad.Of(v.Failed+" what follows cannot be read: "+v.Clean(m.over.Error())), w)
	case m.over != nil:
		return v.Fit(" "+v.Bad.Of(v.Failed+" the run has ended: "+v.Clean(m.over.Error())), w)
	case m.history.Broken != nil:
		return v.Fit(" "+v.Bad.Of(v.Failed+" the journal is damaged: "+v.Clean(m.history.Broken.Error())), w)
	case m.toast.text == "":
		return ""
	case m.toast.bad:
		return v.Fit(" "+v.Bad.Of(v.Failed)+" "+v.Clean(m.toast.text), w)
	}
	return v.Fit(" "+v.Good.Of(v.Check)+" "+v.Clean(m.toast.text), w)
}

// sparkline shows the latest latencies on a scale of powers: from a quarter of
// a millisecond, each step is four times as long. An attempt that failed is
// red, or marked where there is no color.
func sparkline(v *pane.View, h *history.Health, w int) string {
	var b strings.Builder
	for _, s := range h.Answers[max(0, len(h.Answers)-w):] {
		step := 0
		for d := 250 * time.Microsecond; d < s.Took && step < len(v.Bars)-1; d *= 4 {
			step++
		}
		if s.Acked {
			b.WriteString(v.Good.Of(v.Bars[step]))
		} else {
			b.WriteString(v.Bad.Of(v.Failed))
		}
	}
	return b.String()
}

// receiverStatus is the last answer in a word, with its color.
func receiverStatus(v *pane.View, h *history.Health) (string, draw.Ink) {
	switch {
	case h.At == 0 && h.Asked > 0:
		return "no answer yet", v.Wait
	case h.At == 0:
		return "not asked yet", v.Dim
	case h.Last.Acked():
		return v.StatusOf(&h.Last), v.Good
	case h.Last.Class == delivery.NoAnswer:
		return draw.Spelled(h.Last.Word()), v.Bad
	}
	return v.StatusOf(&h.Last), v.Wait
}

// receiverDot shows whether the receiver answers; it is red when it stopped.
func receiverDot(v *pane.View, h *history.Health) string {
	if h.Silent > 0 {
		return v.Bad.Of(v.Glyphs.Dot)
	}
	_, ink := receiverStatus(v, h)
	return ink.Of(v.Glyphs.Dot)
}
