package tui

import (
	tea "charm.land/bubbletea/v2"

	"ringback/sim/delivery"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// move moves the cursor of the focused pane.
func (m *Model) move(by int) { m.choose(m.pane(m.focus).Move(m.view(), by)) }

// page is how many rows a page has.
func (m *Model) page() int { return max(1, m.layout.Panes[m.focus].H-4) }

// open moves the focus from a call to its callbacks, from there to the attempts, and to
// one of them in full.
func (m *Model) open() {
	switch m.focus {
	case draw.Calls:
		m.calls.Follow = false
		m.setFocus(draw.Deliveries)
	case draw.Phones:
		m.setFocus(draw.Deliveries)
	case draw.Deliveries:
		if m.layout.Form == draw.Tabs {
			m.setFocus(draw.Inspector)
		} else {
			m.deliveries.Folded = !m.deliveries.Folded
		}
	case draw.Inspector:
		if m.layout.Form == draw.Tabs && !m.zoomed {
			m.say("this is the most detailed view; " + m.keyFor("back") + " goes back")
		} else {
			m.zoom()
		}
	}
}

// zoom gives the focused pane the whole screen, or ends that.
func (m *Model) zoom() {
	m.zoomed = !m.zoomed
	m.setFocus(m.focus)
}

// back undoes what is on top: a filter, a comparison, then the focus.
func (m *Model) back() {
	switch {
	case m.focus == draw.Calls && m.calls.Filter.Text != "":
		m.filter(pane.Filter{})
	case m.search != "":
		m.search = ""
	case m.zoomed:
		m.zoom()
	case !m.marks.Empty():
		m.marks = pane.Marks{}
		m.say("no marks")
	case m.focus == draw.Inspector && m.inspector.Compare:
		m.inspector.Compare = false
	case m.focus == draw.Inspector:
		m.setFocus(draw.Deliveries)
	default:
		m.setFocus(draw.Calls)
	}
}

func (m *Model) switchMouse() {
	if m.mouse = !m.mouse; m.mouse {
		m.say("the mouse is taken: click and wheel; " + m.keyFor("mouse") + " leaves it to the terminal")
	} else {
		m.say("the mouse is left to the terminal: select text as usual; " + m.keyFor("mouse") + " takes it back")
	}
}

// filter shows the calls that a filter lets through.
func (m *Model) filter(f pane.Filter) { m.choose(m.calls.Set(m.view(), f)) }

func (m *Model) invert() { m.filter(pane.NewFilter(m.calls.Filter.Text, !m.calls.Filter.Invert)) }

func (m *Model) sortCalls() {
	m.calls.Sort = (m.calls.Sort + 1) % pane.Sortings
	m.calls.Arrange(m.history)
	m.calls.Reveal(m.Call)
	m.say("calls by " + m.calls.Sort.String())
}

func (m *Model) followCalls() {
	m.calls.Follow, m.calls.News, m.calls.Sort = true, 0, pane.ByNewest
	m.calls.Arrange(m.history)
	m.updateCalls()
	m.say("following the newest call")
}

// sideways moves the focus to the pane at a side.
func (m *Model) sideways(by int) {
	if to := int(m.focus) + by; to >= int(draw.Calls) {
		m.setFocus(draw.Pane(to))
		return
	}
	m.warn("there is no pane to the left")
}

// latestOfEach returns the latest failure of each callback, in the order of the first
// ones.
func latestOfEach(list []history.Failure) (each []history.Failure) {
	at := map[uint64]int{}
	for _, f := range list {
		if i, seen := at[f.Delivery]; seen {
			each[i] = f
			continue
		}
		at[f.Delivery] = len(each)
		each = append(each, f)
	}
	return each
}

// find goes to the next place with what is searched for in the focused pane.
func (m *Model) find(by int) {
	to, ok := m.pane(m.focus).Find(m.view(), m.search, by)
	if !ok {
		m.warn(m.search + " is not in " + m.focus.String())
		return
	}
	m.choose(to)
}

// jump goes by some failures, of attempts or of callbacks.
func (m *Model) jump(attempts bool, by int) {
	list := m.history.Failures
	if !attempts {
		list = latestOfEach(list)
	}
	at := -1
	for i, f := range list {
		if m.Held && f.Delivery == m.Delivery && (!attempts || m.Try == 0 || f.Attempt <= m.Try) {
			at = i
		}
	}
	if at < 0 && by < 0 {
		at = len(list)
	}
	for at += by; at >= 0 && at < len(list); at += by {
		if m.show(list[at]) {
			return
		}
	}
	if by > 0 {
		m.warn("that was the last failure")
	} else {
		m.warn("that was the first failure")
	}
}

// show puts the cursors on a failed attempt, if its call is still there.
func (m *Model) show(f history.Failure) bool {
	en, d := m.history.ByID[f.Call], m.history.Delivery(f.Delivery)
	if en == nil || d == nil {
		return false
	}
	if !en.Match {
		m.filter(pane.Filter{})
	}
	m.calls.Follow = false
	try := f.Attempt
	if try == len(d.Tries) && d.State != delivery.InFlight {
		try = 0
	}
	m.choose(m.Choosing(f.Call).Holding(f.Delivery, try))
	m.calls.Reveal(m.Call)
	if m.focus == draw.Calls {
		m.setFocus(draw.Deliveries)
	}
	return true
}

// wheel is how many rows a turn of the mouse wheel moves.
const wheel = 3

// click handles the mouse: a click chooses pane and row, the wheel scrolls the pane under
// it.
func (m *Model) click(msg tea.Mouse) {
	if m.overlay != nil {
		return
	}
	if m.layout.Tabs.Contains(msg.X, msg.Y) {
		m.clickTab(msg.X)
		return
	}
	for p := draw.Calls; p <= draw.Panes; p++ {
		r := m.layout.Panes[p]
		if r.W == 0 || !r.Contains(msg.X, msg.Y) {
			continue
		}
		m.setFocus(p)
		switch msg.Button {
		case tea.MouseWheelUp:
			m.move(-wheel)
		case tea.MouseWheelDown:
			m.move(wheel)
		case tea.MouseLeft:
			m.choose(m.pane(p).Row(m.view(), msg.Y-r.Y-1))
		}
	}
}

func (m *Model) clickTab(x int) {
	at := 0
	for p := draw.Calls; p <= draw.Panes; p++ {
		at += len(p.String()) + len("1 ") + 2 + 1
		if x < at {
			m.setFocus(p)
			return
		}
	}
}
