package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/text"
	"ringback/tui/draw"
	"ringback/tui/pane"
)

// resend sends the callbacks of the marked calls, or of the chosen one, again.
func (m *Model) resend() tea.Cmd {
	var o Resend
	for _, en := range m.pickedCalls() {
		o.Calls = append(o.Calls, en.ID)
	}
	return m.submit(o)
}

func (m *Model) noReceiver() string {
	return reason(m.cfg.Recording != "" && m.cfg.Resends == "", "this is a recording: ringback tui FILE --target URL sends its callbacks to a receiver")
}

// resent keeps what came of sending callbacks again, and says it.
func (m *Model) resent(r *Resent) {
	if m.again == nil {
		m.again = map[uint64]pane.Again{}
	}
	var compared, changed int
	var first string
	for _, c := range r.Callbacks {
		c.Then, c.Now = m.cfg.Secrets.Hide(c.Then), m.cfg.Secrets.Hide(c.Now)
		if m.again[c.Delivery] = c.Again; c.Compared {
			compared++
		}
		if c.Changed {
			if changed++; first == "" {
				first = "a copy"
				if d := m.history.Delivery(c.Delivery); d != nil {
					first = draw.Word(d)
				}
				first += ": recorded " + c.Then + ", now " + c.Now
			}
		}
	}
	sent := text.Count(len(r.Callbacks), "callback") + " sent to " + m.cfg.Resends
	switch {
	case r.Err != nil:
		m.warn(r.Err.Error())
	case changed > 0:
		m.warn(fmt.Sprintf("%s, %d answered otherwise: %s", sent, changed, first))
	case compared == 0:
		m.say(sent + "; there is no answer to compare")
	default:
		m.say(sent + ", answered as recorded")
	}
}
