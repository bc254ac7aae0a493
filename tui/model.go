package tui

import (
	"cmp"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// Model is the screen of a run. It implements [tea.Model].
type Model struct {
	cfg    Config
	sim    Simulation
	theme  draw.Theme
	glyphs *draw.Glyphs

	w, h    int
	layout  draw.Layout
	focus   draw.Pane
	overlay overlay // the window on top of the panes, or nil
	toast   toast
	mouse   bool
	zoomed  bool // the focused pane has the screen to itself
	traffic bool // background calls come
	over    error
	lost    error          // why the server of the run can't be reached
	journal int64          // bytes of the journal that is written without --journal
	tape    *Position      // where a recording stands; nil for a live run
	before  pane.Selection // what was chosen when a recording began again

	history  *history.History
	told     func(*journal.Event) // is told each event; may be nil
	nextCall call.Instant         // when the next background call comes; 0: not known
	awaited  *awaited             // what comes of the last command; nil: it was said
	byHand   string               // a call whose phones the user plays, until one is chosen
	due      []*history.Call      // about which the probe is to be asked, the latest last
	clock    Clock
	commands commandQueue
	pane.Selection
	marks  pane.Marks
	again  map[uint64]pane.Again // what came of sending callbacks of a recording again
	search string                // what ; and , go on searching for

	calls      pane.Calls
	phones     pane.Phones
	deliveries pane.Deliveries
	inspector  pane.Inspector
	faults     pane.Faults
	form       callForm // as last filled in

	bindings []Binding
}

// Err returns why the run has ended by itself, or that its journal is damaged; nil if
// neither is so.
func (m *Model) Err() error { return cmp.Or(m.over, m.history.Broken) }

// overlay is a window on top of the panes. It gets all keys until it closes.
type overlay interface {
	// key handles a key; closed reports whether the window closes.
	key(*Model, tea.KeyPressMsg) (cmd tea.Cmd, closed bool)
	// render draws its inside, in at most that many cells.
	render(m *Model, v *pane.View, w, h int) []string
	title() string
}

// toast is a message that goes away.
type toast struct {
	text  string
	bad   bool
	until time.Time
}

// toastFor is how long a message stays.
const toastFor = 4 * time.Second

// Binding is a command of a person with its keys: what it does, and why it may not.
type Binding struct {
	Name string // a word, with hyphens; none other has it
	key.Binding
	Group  string      // under which the help has it
	Panes  []draw.Pane // where it works; nil: everywhere
	Short  string      // its word in the bar; "" if it is not shown there
	Letter string      // its letter in the menu of what can be taken away; "" if it is not there

	Taped bool // in a recording its keys are its own; elsewhere they are those of other bindings

	unseen   bool // it also works on a screen that is too small for panes
	do       func(*Model) tea.Cmd
	disabled func(*Model) string // why it does nothing right now; nil: it always works
	question func(*Model) string // to be answered with enter first; nil: it is done at once
}

// keyFor is the key of a command as the user has it, for hints; the way to find the
// command if it has none.
func (m *Model) keyFor(name string) string {
	for i := range m.bindings {
		b := &m.bindings[i]
		if b.Name != name {
			continue
		}
		if keys := b.Keys(); len(keys) > 0 {
			return keys[0]
		}
		if b.Letter != "" {
			return m.keyFor("take") + " " + b.Letter
		}
	}
	return ": " + name
}

// chosenCall is the call under the cursor, or nil.
func (m *Model) chosenCall() *history.Call { return m.history.ByID[m.Call] }

// chosenDelivery is the callback under the cursor, or nil.
func (m *Model) chosenDelivery() *delivery.Delivery { return m.history.Delivery(m.Delivery) }

// pane is a pane by its number.
func (m *Model) pane(p draw.Pane) pane.Pane {
	switch p {
	case draw.Calls:
		return &m.calls
	case draw.Phones:
		return &m.phones
	case draw.Deliveries:
		return &m.deliveries
	case draw.Inspector:
		return &m.inspector
	default:
		return &m.faults
	}
}

func (m *Model) resize(w, h int) {
	m.w, m.h = max(0, w), max(0, h)
	m.layout = draw.Arrange(m.w, m.h, m.focus, m.zoomed)
}

func (m *Model) setFocus(p draw.Pane) {
	m.focus = p
	m.Held = m.Held || p == draw.Inspector // keep what is being read
	m.calls.Follow = m.calls.Follow && (p == draw.Calls || p == draw.Faults)
	m.layout = draw.Arrange(m.w, m.h, p, m.zoomed)
}

// choose moves the cursors to a selection, or to what exists near it.
func (m *Model) choose(to pane.Selection) {
	from := m.Selection
	m.Selection = to.Settled(m.history, m.calls.Shown)
	if m.Call != from.Call {
		m.phones.Top = 0
	}
	if m.Delivery != from.Delivery || m.Try != from.Try {
		m.inspector.Top = 0
	}
}

// say shows a message for a while.
func (m *Model) say(text string) { m.toast = toast{text: m.cfg.Secrets.Hide(text), until: m.soon()} }

// warn shows a message about something that did not work.
func (m *Model) warn(text string) {
	m.toast = toast{text: m.cfg.Secrets.Hide(text), bad: true, until: m.soon()}
}

func (m *Model) soon() time.Time {
	if m.clock.Wall.IsZero() {
		return time.Time{}
	}
	return m.clock.Wall.Add(toastFor)
}

// view returns what panes draw from.
func (m *Model) view() *pane.View {
	st := m.history.State
	return &pane.View{
		Style: draw.Style{Theme: m.theme, Glyphs: m.glyphs}, Selection: m.Selection, Marks: m.marks, Search: m.search, Again: m.again, History: m.history, State: st, Now: max(m.clock.Now, st.Now), Wall: m.clock.Wall, Form: m.layout.Form, Full: m.zoomed,
		KeyFor: m.keyFor, Own: m.cfg.Own, Recording: m.cfg.Recording, Heartbeat: m.cfg.Heartbeat,
	}
}
