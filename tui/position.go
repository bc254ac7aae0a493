package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/call"
	"ringback/tui/draw"
	"ringback/tui/pane"
)

// How far the keys go in a recording, as parts of all of it.
const (
	little = 1.0 / 50
	much   = 1.0 / 10
)

// tapeKeys are the keys that go to a time of a recording.
func tapeKeys() []Binding {
	by := func(share float64) func(*Model) tea.Cmd {
		return seeks(func(m *Model) call.Instant {
			p := m.tape
			if to := m.clock.Now.Add(time.Duration(share * float64(p.To.Sub(p.From)))); to < p.To {
				return max(p.From, to)
			}
			return call.Latest
		})
	}
	return []Binding{
		bind("seek-back", "<", "back by a fiftieth of it").in(groupTape).does(by(-little), (*Model).notTape),
		bind("seek-on", ">", "on by a fiftieth of it").in(groupTape).does(by(little), (*Model).notTape),
		bind("seek-far-back", "{", "back by a tenth of it").in(groupTape).does(by(-much), (*Model).notTape),
		bind("seek-far-on", "}", "on by a tenth of it").in(groupTape).does(by(much), (*Model).notTape),
		bind("seek-start", "home", "in a recording: its beginning").in(groupTape).does(seeks(func(m *Model) call.Instant { return m.tape.From }), (*Model).notTape).onTape(),
		bind("seek-end", "end", "in a recording: its end, and what is added there").in(groupTape).does(seeks(func(*Model) call.Instant { return call.Latest }), (*Model).notTape).onTape(),
	}
}

// seeks goes to a time of the recording. The screen has the new time at once: a second
// key goes on from there.
func seeks(to func(*Model) call.Instant) func(*Model) tea.Cmd {
	return ask(func(m *Model) Command {
		at := to(m)
		m.clock.Now = min(at, m.tape.To)
		return Seek{To: at}
	})
}

func (m *Model) notTape() string {
	return reason(m.tape == nil, "only a recording has a beginning and an end; ringback tui FILE shows one")
}

// tapeLine shows where a recording stands; "" for a live run.
func (m *Model) tapeLine(v *pane.View, w int) string {
	p := m.tape
	if p == nil || p.To <= p.From {
		return ""
	}
	at := m.clock.Now
	state := v.Key.Of(m.keyFor("pause")) + " plays"
	switch {
	case p.Read < 1:
		state = "reading"
	case !m.clock.Paused:
		state = v.Key.Of(m.keyFor("pause")) + " stops"
	case p.Ended:
		state = "the end, " + v.Key.Of(m.keyFor("pause")) + " plays it again"
	}
	left := fmt.Sprintf(" %s %s of %s  %.0f %%  %s", v.Bar(p.share(at), max(10, min(40, w/4))), draw.Age(at.Sub(p.From)), draw.Age(p.To.Sub(p.From)), 100*p.share(at), state)
	key := func(name string) string { return v.Key.Of(m.keyFor(name)) }
	return v.Ends(left, key("seek-back")+key("seek-on")+" "+key("seek-far-back")+key("seek-far-on")+" back and on  "+key("seek-start")+" "+key("seek-end")+" ", w)
}
