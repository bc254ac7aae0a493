package tui

import (
	"fmt"
	"slices"
	"strings"

	"ringback/tui/draw"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

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
	groupTape  = "Recordings"
)

var groups = []string{groupPanes, groupMove, groupCalls, groupPhone, groupSend, groupLook, groupFault, groupTime, groupTake, groupTape}

// bind makes a binding; keys are as Bubble Tea spells them, with blanks between.
func bind(name, keys, about string) Binding {
	list := strings.Fields(keys) // may be none: the command is in menus alone
	return Binding{Name: name, Binding: key.NewBinding(key.WithKeys(list...), key.WithHelp(strings.Join(list, ", "), about))}
}

func (b Binding) in(group string, panes ...draw.Pane) Binding {
	b.Group, b.Panes = group, panes
	return b
}

func (b Binding) bar(short string) Binding {
	b.Short = short
	return b
}

// anySize lets the binding work also on a screen that is too small for panes.
func (b Binding) anySize() Binding {
	b.unseen = true
	return b
}

// asks sets the question that has to be answered with enter before the binding does
// what cannot be undone.
func (b Binding) asks(question func(*Model) string) Binding {
	b.question = question
	return b
}

// onTape gives the binding its keys in recordings alone, before others.
func (b Binding) onTape() Binding {
	b.Taped = true
	return b
}

// does sets what the binding does. Reasons are called in turn; one that returns a text
// says why the binding cannot work now.
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
func (b *Binding) works(p draw.Pane) bool { return b.Panes == nil || slices.Contains(b.Panes, p) }

// now wraps what changes only the screen.
func now(do func(*Model)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		do(m)
		return nil
	}
}

// movedKeys say, for one version, where a key that is free now has moved.
var movedKeys = []struct {
	key   string
	panes []draw.Pane
	to    string
}{
	{"w", []draw.Pane{draw.Calls, draw.Deliveries, draw.Inspector}, "saving the request moved to c, then w"},
}

// ask wraps what sends the simulation a command.
func ask(order func(*Model) Command) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		if o := order(m); o != nil {
			return m.submit(o)
		}
		return nil
	}
}

// ladder lists the paces, from slow to fast.
var ladder = []string{"0.1x", "0.5x", "real", "2x", "5x", "10x", "20x", "50x", "100x", "1000x", "instant"}

// faster returns the pace that is by steps faster than another.
func faster(pace string, by int) string {
	i := slices.Index(ladder, pace)
	if i < 0 { // a pace of the user's, between two of these
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
