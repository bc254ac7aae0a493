package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Binding is a key, what it does, and why it may not. The help, the bar at the
// bottom and the README's table are made from the list of all.
type Binding struct {
	key.Binding
	Group string // under which the help has it
	Panes []Pane // where it works; nil: everywhere
	Short string // its word in the bar; "" if it is not shown there

	unseen   bool // it also works on a screen that is too small for panes
	do       func(*Model) tea.Cmd
	disabled func(*Model) string // why it does nothing right now; nil: it always works
}

// The groups, in the order in which the help has them.
const (
	groupPanes = "Panes"
	groupMove  = "Find your way"
	groupTime  = "Time"
	groupCalls = "Calls"
	groupPhone = "Phones"
	groupSend  = "Deliveries"
	groupLook  = "Inspector"
	groupFault = "Faults"
	groupTake  = "Take away"
)

var groups = []string{groupPanes, groupMove, groupCalls, groupPhone, groupSend, groupLook, groupFault, groupTime, groupTake}

// bind makes a binding; keys are as Bubble Tea spells them, with blanks between.
func bind(keys, shown, about string) Binding {
	return Binding{Binding: key.NewBinding(key.WithKeys(strings.Fields(keys)...), key.WithHelp(shown, about))}
}

func (b Binding) in(group string, panes ...Pane) Binding {
	b.Group, b.Panes = group, panes
	return b
}

func (b Binding) bar(short string) Binding {
	b.Short = short
	return b
}

// anySize lets the binding work also where nothing but its effect can be seen.
func (b Binding) anySize() Binding {
	b.unseen = true
	return b
}

// does gives the binding its work; reasons are asked in turn why it cannot be
// done.
func (b Binding) does(do func(*Model) tea.Cmd, reasons ...func(*Model) string) Binding {
	b.do = do
	b.disabled = func(m *Model) string {
		for _, r := range reasons {
			if why := r(m); why != "" {
				return why
			}
		}
		return ""
	}
	return b
}

// works reports whether the binding belongs to a pane.
func (b *Binding) works(p Pane) bool { return b.Panes == nil || slices.Contains(b.Panes, p) }

// now wraps what changes only the screen.
func now(do func(*Model)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		do(m)
		return nil
	}
}

// ask wraps what asks the simulation for something.
func ask(order func(*Model) Command) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		if o := order(m); o != nil {
			return m.submit(o)
		}
		return nil
	}
}

// ladder is the paces, from slow to fast.
var ladder = []string{"0.1x", "0.5x", "real", "2x", "5x", "10x", "20x", "50x", "100x", "1000x", "instant"}

// faster is the pace some steps up from another.
func faster(pace string, by int) string {
	i := slices.Index(ladder, pace)
	if i < 0 { // one of the user's own: between two of these
		i = slices.IndexFunc(ladder, func(l string) bool { return speed(l) > speed(pace) })
		if by > 0 {
			i--
		}
	}
	return ladder[max(0, min(len(ladder)-1, i+by))]
}

func speed(pace string) (f float64) {
	switch pace {
	case "real":
		return 1
	case "instant":
		return 1e9
	}
	_, _ = fmt.Sscanf(pace, "%fx", &f)
	return f
}

// always are the keys that windows do not take.
var always = key.NewBinding(key.WithKeys("ctrl+c", "ctrl+l"))

// window is the window that can be seen on top of the panes, or nil. On a screen
// that is too small, that is the help alone: another one waits until it is larger.
func (m *Model) window() overlay {
	if _, help := m.overlay.(*helpWindow); m.layout.Form == TooSmall && !help {
		return nil
	}
	return m.overlay
}

// key takes a key: the window on top has it first, then the bindings.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	if m.clock.Wall.IsZero() || m.toast.bad {
		m.toast = toast{}
	}
	if w := m.window(); w != nil && !key.Matches(msg, always) {
		cmd, closed := w.key(m, msg)
		if closed {
			m.overlay = nil
			if help, ok := w.(*helpWindow); ok {
				m.overlay = help.under
			}
		}
		return cmd
	}
	for i := range m.bindings {
		b := &m.bindings[i]
		if !b.works(m.focus) || !key.Matches(msg, b.Binding) || m.layout.Form == TooSmall && !b.unseen {
			continue
		}
		if why := b.disabled(m); why != "" {
			m.warn(why)
			return nil
		}
		return b.do(m)
	}
	return nil
}

// paste takes a text that was pasted: for a window in which one types. Elsewhere
// it does nothing, it is no row of keys.
func (m *Model) paste(text string) {
	if w, ok := m.window().(interface{ paste(*Model, string) }); ok {
		w.paste(m, text)
	}
}
