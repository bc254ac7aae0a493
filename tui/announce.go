package tui

import (
	"fmt"
	"net/http"
	"strings"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
)

// await begins to wait for what comes of a command, besides what is awaited already.
func (m *Model) await(o Command) {
	if c, ok := o.(SetClock); ok && c.Do == Step {
		m.awaited = &awaited{step: true}
		return
	}
	if !sends(o) {
		return
	}
	if m.awaited == nil || m.awaited.step {
		m.awaited = &awaited{copiesOf: map[uint64]int{}, copies: map[string]bool{}, answers: map[uint64]bool{}}
	}
	switch in := o.(Feed).Input.(type) {
	case sim.RetryNow:
		m.awaited.answers[in.Delivery] = true
	case sim.Duplicate:
		m.awaited.copiesOf[in.Delivery]++
	case sim.Replay:
		m.awaited.copies[in.Call] = true
	}
}

// refused ends the wait for what comes of a command that failed.
func (m *Model) refused(o Command) {
	a := m.awaited
	if a == nil || a.step || !sends(o) {
		return
	}
	switch in := o.(Feed).Input.(type) {
	case sim.RetryNow:
		delete(a.answers, in.Delivery)
	case sim.Duplicate:
		a.copiesOf[in.Delivery]--
	case sim.Replay:
		delete(a.copies, in.Call)
	}
}

// begun reports whether all that is awaited was sent.
func (a *awaited) begun() bool {
	for _, n := range a.copiesOf {
		if n > 0 {
			return false
		}
	}
	for _, none := range a.copies {
		if none {
			return false
		}
	}
	return true
}

// happened takes an event that was folded, for what is awaited.
func (m *Model) happened(e *journal.Event) {
	a := m.awaited
	if a == nil {
		return
	}
	if a.step {
		a.steps = append(a.steps, m.inWords(e)...)
		return
	}
	switch d := e.Data.(type) {
	case *journal.Callback:
		_, all := a.copies[e.Call]
		if d.CopyOf == 0 || !all && a.copiesOf[d.CopyOf] == 0 {
			return
		}
		if all {
			a.copies[e.Call] = false
		} else {
			a.copiesOf[d.CopyOf]--
		}
		if d.State != delivery.Dropped {
			a.answers[d.Delivery] = true
		}
	case *journal.Answer:
		if !a.answers[d.Delivery] {
			return
		}
		delete(a.answers, d.Delivery)
		if a.last = m.answerInWords(d); d.Verdict.Acked() {
			a.acked++
		} else {
			a.failed++
		}
	}
}

// announce says what came of the last command, if that is known by now.
func (m *Model) announce() {
	a := m.awaited
	switch {
	case a == nil || len(a.answers) > 0 || !a.begun():
	case a.step && len(a.steps) > 0:
		const shown = 2
		said := strings.Join(a.steps[:min(shown, len(a.steps))], "; ")
		if n := len(a.steps) - shown; n > 0 {
			said += fmt.Sprintf("; and %d more", n)
		}
		m.say("step: " + said)
		m.awaited = nil
	case a.acked+a.failed == 1:
		m.report(a.last, a.failed > 0)
		m.awaited = nil
	case a.acked+a.failed > 1:
		m.report(fmt.Sprintf("%d of %d sent again are acknowledged", a.acked, a.acked+a.failed), a.failed > 0)
		m.awaited = nil
	}
}

func (m *Model) report(text string, bad bool) {
	if m.say(text); bad {
		m.warn(text)
	}
}

// answerInWords describes the answer to an attempt, and what follows.
func (m *Model) answerInWords(a *journal.Answer) string {
	d := m.history.Delivery(a.Delivery)
	if d == nil {
		return ""
	}
	said := draw.Word(d) + ": "
	switch v := a.Verdict; {
	case v.Acked():
		said += "acknowledged, HTTP " + draw.StatusOf(&v)
	case v.Status == 0:
		said += draw.Spelled(v.Word())
	case v.Status == http.StatusOK:
		said += "HTTP 200, " + draw.Spelled(v.Word())
	default:
		said += "HTTP " + draw.StatusOf(&v)
	}
	switch a.Then {
	case delivery.ThenRetry:
		said += fmt.Sprintf(", try %d of %d; the next in %s", a.Attempt, draw.Attempts(m.history.State, d), a.Due.Sub(m.history.State.Now))
	case delivery.ThenAbandoned:
		said += fmt.Sprintf(", try %d of %d; given up", a.Attempt, draw.Attempts(m.history.State, d))
	}
	return said
}

// inWords describes an event of a call; nothing if it follows from others.
func (m *Model) inWords(e *journal.Event) []string {
	switch d := e.Data.(type) {
	case *journal.Fact:
		if c := m.history.State.Call(e.Call); c != nil {
			return []string{d.Sentence(c)}
		}
	case *journal.Answer:
		return []string{m.answerInWords(d)}
	}
	return nil
}
