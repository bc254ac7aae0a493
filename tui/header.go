package tui

import (
	"fmt"
	"strings"
	"time"

	"ringback/sim/delivery"
)

// playState is whether time passes, and how fast.
func playState(v *view) string {
	c := v.clock
	if c.Paused {
		return v.wait.of(v.pause + " " + paceOf(v, c.Pace))
	}
	return v.good.of(v.play) + " " + paceOf(v, c.Pace)
}

func paceOf(v *view, pace string) string {
	if factor, ok := strings.CutSuffix(pace, "x"); ok {
		return v.times + factor
	}
	return pace
}

// header is the first line. What fits is shown; the rest is left out, the least
// important first.
func (m *Model) header(v *view, w int) string {
	right := m.headerRight(v)
	for least, latencies := uint8(1), maxLatencies; ; {
		l, r := " "+joined(m.headerLeft(v, latencies), least), joined(right, least)+" "
		switch {
		case width(l)+1+width(r) <= w || least == 9:
			return v.ends(l, r, w)
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

// item is a part of the header, left out when less than its weight fits.
type item struct {
	text   string
	weight uint8 // 9: always there
	joined bool  // to what stands before it
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

func (m *Model) headerLeft(v *view, latencies int) []item {
	h := &m.history.health
	status, ink := receiverStatus(v, h)
	latency := ""
	if h.took > 0 {
		latency = v.right(took(h.took), 5) // what follows does not jump
	}
	dialect := ""
	if n := len(v.st.Dialect.Choices(v.st.Run.Dialect)); n > 0 {
		dialect = v.mark.of(fmt.Sprintf("+%d dialect", n))
	}
	return []item{
		{v.key.of("ringback"), 8, false},
		{v.bold.of(what(v)), 6, true},
		{dialect, 5, true},
		{playState(v), 9, false},
		{tenths(v.now), 9, false},
		{aimed(v), 4, false},
		{receiverDot(v, h) + " " + ink.of(status), 9, true},
		{ink.of(h.objection()), 4, true},
		{latency, 5, true},
		{sparkline(v, h, latencies), 2, true},
	}
}

// aimed is where callbacks go.
func aimed(v *view) string {
	if v.cfg.Target == "" {
		return ""
	}
	return v.arrow + " " + v.clean(v.cfg.Target)
}

func (m *Model) headerRight(v *view) []item {
	t := &v.st.Totals
	traffic, faults := "", ""
	if m.traffic {
		traffic = v.info.of("traffic")
	}
	if n := len(v.st.Faults); n > 0 {
		faults = v.mark.of(fmt.Sprintf("faults %d", n))
	}
	retrying := len(m.history.retrying)
	journal := ""
	if m.journal >= largeJournal {
		journal = v.wait.of(fmt.Sprintf("journal %.1f GB", float64(m.journal)/1e9))
	}
	return []item{
		{journal, 3, false},
		{traffic, 6, false},
		{faults, 7, false},
		{fmt.Sprintf("live %d", v.st.Live), 9, false},
		{v.dim.of(fmt.Sprintf("ended %d", v.st.Placed-uint64(v.st.Live))), 1, false},
		{inked(v.wait, fmt.Sprintf("retrying %d", retrying), retrying > 0), 8, false},
		{inked(v.bad, fmt.Sprintf("gave up %d", t.Abandoned), t.Abandoned > 0), 9, false},
	}
}

// what is the kind of run: its generation, or the file.
func what(v *view) string {
	if v.cfg.Recording != "" {
		return v.clean(v.cfg.Recording)
	}
	return generationOf(v.cfg.Generation)
}

func inked(i ink, s string, on bool) string {
	if on {
		return i.of(s)
	}
	return s
}

// tabLine names the panes where only one is shown.
func (m *Model) tabLine(v *view, w int) string {
	var b strings.Builder
	for p := Calls; p <= panes; p++ {
		name := itoa(int(p)) + " " + p.String()
		if p > Calls {
			b.WriteString(v.dim.of(v.sep))
		}
		if p == m.focus {
			b.WriteString(v.focus.of("[" + name + "]"))
		} else {
			b.WriteString(" " + v.dim.of(name) + " ")
		}
	}
	return v.ends(b.String(), v.callTitle()+" ", w)
}

// toastLine is what there is to tell right now.
func (m *Model) toastLine(v *view, w int) string {
	switch {
	case m.over != nil:
		return v.fit(" "+v.bad.of(v.failed+" the run has ended: "+v.clean(m.over.Error())), w)
	case m.history.broken != nil:
		return v.fit(" "+v.bad.of(v.failed+" the journal is damaged: "+v.clean(m.history.broken.Error())), w)
	case m.toast.text == "":
		return ""
	case m.toast.bad:
		return v.fit(" "+v.bad.of(v.failed)+" "+v.clean(m.toast.text), w)
	}
	return v.fit(" "+v.good.of(v.check)+" "+v.clean(m.toast.text), w)
}

// sparkline shows the latest latencies on a scale of powers: from a quarter of
// a millisecond, each step is four times as long. An attempt that failed is
// red, or marked where there is no colour.
func sparkline(v *view, h *health, w int) string {
	var b strings.Builder
	for _, s := range h.answers[max(0, len(h.answers)-w):] {
		step := 0
		for d := 250 * time.Microsecond; d < s.took && step < len(v.bars)-1; d *= 4 {
			step++
		}
		if s.acked {
			b.WriteString(v.good.of(v.bars[step]))
		} else {
			b.WriteString(v.bad.of(v.failed))
		}
	}
	return b.String()
}

// receiverStatus is the last answer in a word, with its ink.
func receiverStatus(v *view, h *health) (string, ink) {
	switch {
	case h.at == 0 && h.asked > 0:
		return "no answer yet", v.wait
	case h.at == 0:
		return "not asked yet", v.dim
	case h.last.Acked():
		return v.statusOf(&h.last), v.good
	case h.last.Class == delivery.NoAnswer:
		return spelled(h.last.Word()), v.bad
	}
	return v.statusOf(&h.last), v.wait
}

// receiverDot is the receiver's light: red when it stopped answering.
func receiverDot(v *view, h *health) string {
	if h.silent > 0 {
		return v.bad.of(v.glyphs.dot)
	}
	_, ink := receiverStatus(v, h)
	return ink.of(v.glyphs.dot)
}
