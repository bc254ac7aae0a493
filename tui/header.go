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

// header is the first line. What does not fit is left out, the least important first.
func (m *Model) header(v *pane.View, w int) string {
	right := m.headerRight(v)
	for least, latencies := uint8(1), maxLatencies; ; {
		l, r := " "+joined(m.headerLeft(v, latencies), least), joined(right, least)+" "
		switch {
		case draw.Width(l)+1+draw.Width(r) <= w || least == 9:
			return v.Ends(l, r, w)
		case least == 2 && latencies > fewestLatencies:
			latencies--
		default:
			least++
		}
	}
}

// largeJournal is how large a journal is worth mentioning.
const largeJournal = 100_000_000

// How many latencies the header has: those that fit.
const (
	maxLatencies    = 12
	fewestLatencies = 4
)

// item is a part of the header. Items of low weight are left out first.
type item struct {
	text   string
	weight uint8 // 9: always there
	joined bool  // to the item before it
}

func joined(items []item, least uint8) string {
	var b strings.Builder
	for _, it := range items {
		if it.text == "" || it.weight < least {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" ")
			if !it.joined {
				b.WriteString(" ")
			}
		}
		b.WriteString(it.text)
	}
	return b.String()
}

func (m *Model) headerLeft(v *pane.View, latencies int) []item {
	h := &m.history.Health
	status, ink := receiverStatus(v, h)
	latency := ""
	if h.Took > 0 {
		latency = v.Right(draw.Took(h.Took), 5) // keeps what follows in place
	}
	dialect := ""
	if n := len(v.State.Dialect.Choices(v.State.Run.Dialect)); n > 0 {
		dialect = v.Mark.Of(fmt.Sprintf("+%d dialect", n))
	}
	return []item{
		{v.Key.Of("ringback"), 8, false},
		{v.Bold.Of(what(v, &m.cfg)), 6, true},
		{dialect, 5, true},
		{playState(v, m.clock), 9, false},
		{draw.Tenths(v.Now), 9, false},
		{aimed(v, m.cfg.Target), 4, false},
		{receiverDot(v, h) + " " + ink.Of(status), 9, true},
		{ink.Of(h.Objection()), 4, true},
		{latency, 5, true},
		{sparkline(v, h, latencies), 2, true},
	}
}

// aimed is where callbacks go.
func aimed(v *pane.View, target string) string {
	if target == "" {
		return ""
	}
	return v.Arrow + " " + v.Clean(target)
}

func (m *Model) headerRight(v *pane.View) []item {
	t := &v.State.Totals
	traffic, faults := "", ""
	if m.traffic {
		traffic = v.Info.Of("traffic")
	}
	if n := len(v.State.Faults); n > 0 {
		faults = v.Mark.Of(fmt.Sprintf("faults %d", n))
	}
	retrying := len(m.history.Retrying)
	journal := ""
	if m.journal >= largeJournal {
		journal = v.Wait.Of(fmt.Sprintf("journal %.1f GB", float64(m.journal)/1e9))
	}
	reading := ""
	if m.tape != nil && m.tape.Read < 1 {
		reading = v.Wait.Of(fmt.Sprintf("reading %.0f %%", 100*m.tape.Read))
	}
	return []item{
		{reading, 9, false},
		{journal, 3, false},
		{traffic, 6, false},
		{faults, 7, false},
		{fmt.Sprintf("live %d", v.State.Live), 9, false},
		{v.Dim.Of(fmt.Sprintf("ended %d", v.State.Placed-uint64(v.State.Live))), 1, false},
		{inked(v.Wait, fmt.Sprintf("retrying %d", retrying), retrying > 0), 8, false},
		{inked(v.Bad, fmt.Sprintf("gave up %d", t.Abandoned), t.Abandoned > 0), 9, false},
	}
}

// what is the kind of run: its generation, or the file.
func what(v *pane.View, cfg *Config) string {
	if cfg.Recording != "" {
		return v.Clean(cfg.Recording)
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
