package tui

import (
	tea "charm.land/bubbletea/v2"

	"ringback/tui/draw"
	"ringback/tui/pane"
)

// questionWindow asks before a command that cannot be undone.
type questionWindow struct {
	binding *Binding
	text    string
	on      pane.Selection // what it was asked about
}

func (*questionWindow) title() string { return "Sure?" }

// key does it at enter. Any other key leaves it, so that text that was meant for
// something else does nothing.
func (o *questionWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if msg.String() != "enter" {
		m.say("left as it is")
		return nil, true
	}
	m.choose(o.on) // the cursor may have followed a newer call
	if why := o.binding.disabled(m); why != "" {
		m.warn(why)
		return nil, true
	}
	if m.Call != o.on.Call || m.Delivery != o.on.Delivery {
		m.warn("it is not kept any more")
		return nil, true
	}
	return o.binding.do(m), true
}

func (o *questionWindow) render(_ *Model, v *pane.View, w, h int) []string {
	lines := append(draw.Wrap(v.Clean(o.text), min(w, 60)), "", v.Key.Of("enter")+" does it   "+v.Key.Of("esc")+" leaves it")
	return lines[:min(len(lines), h)]
}

// run does what a binding says, after its question if it has one, or says why not.
func (m *Model) run(b *Binding) tea.Cmd {
	if why := b.disabled(m); why != "" {
		m.warn(why)
		return nil
	}
	if b.question != nil {
		m.overlay = &questionWindow{binding: b, text: b.question(m), on: m.Selection}
		return nil
	}
	return b.do(m)
}
