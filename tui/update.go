package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// changed is what happened, as a message.
type changed struct {
	Changes
	since uint64 // commands carried out when the look began
}

// New makes the screen of a simulation.
func New(s Simulation, cfg Config) *Model {
	if cfg.Keep == 0 {
		cfg.Keep = journal.Keep
	}
	m := &Model{cfg: cfg, sim: s, glyphs: &draw.Fancy, mouse: true, history: newHistory(&cfg), bindings: cfg.Keys.bindings()}
	if cfg.ASCII {
		m.glyphs = &draw.ASCII
	}
	m.calls.Follow = true
	m.faults.Init(cfg.Signs)
	m.form = newCallForm(cfg)
	m.resize(120, 32)
	m.setFocus(draw.Calls)
	if cfg.Notice != "" {
		m.warn(cfg.Notice)
	}
	return m
}

// newHistory returns what is known before the first event. A recording may be of any
// length, and few of its requests are looked at.
func newHistory(cfg *Config) *history.History {
	h := history.New(cfg.Keep, cfg.Secrets)
	if cfg.Recording != "" {
		h.State.Pack()
	}
	return h
}

// Init begins to watch the simulation.
func (m *Model) Init() tea.Cmd {
	since, asks := m.commands.done, m.asks()
	return func() tea.Msg {
		for _, a := range asks {
			m.sim.Do(a)
		}
		return changed{m.sim.Watch(), since}
	}
}

// Update handles a message. It never waits.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
		m.draw()
	case changed:
		m.take(msg)
		return m, m.Init()
	case done:
		next := m.carriedOut(msg)
		return m, tea.Batch(m.tell(msg), next)
	case tea.KeyPressMsg:
		cmd := m.key(msg)
		m.draw() // panes stay where they scrolled to
		return m, cmd
	case tea.PasteMsg:
		m.paste(msg.Content)
		m.draw()
	case tea.MouseClickMsg:
		m.mouseAt(msg.Mouse())
	case tea.MouseWheelMsg:
		m.mouseAt(msg.Mouse())
	case tea.ColorProfileMsg:
		m.theme = draw.ThemeOf(msg.Profile, m.cfg.Theme)
	}
	return m, nil
}

// mouseAt handles a click or a turn of the wheel.
func (m *Model) mouseAt(at tea.Mouse) {
	m.draw() // a click refers to the rows as drawn
	m.click(at)
	m.draw()
}

// take folds new events.
func (m *Model) take(c changed) {
	if c.Anew {
		m.marks, m.due = pane.Marks{}, nil
		m.before = m.Selection
		if m.calls.Follow {
			m.before = pane.Selection{}
		}
		m.history = newHistory(&m.cfg)
		m.calls.Shown, m.calls.News, m.calls.Latest, m.Selection = nil, 0, 0, pane.Selection{}
	}
	m.lost = c.Lost
	if c.Traffic != nil {
		m.traffic = *c.Traffic
	}
	if m.cfg.Recording == "" { // a journal does not say how long attempts took
		m.history.Wall = c.Clock.Wall
	}
	for _, e := range c.Events {
		m.history.Take(e)
		m.happened(e)
		if m.told != nil {
			m.told(e)
		}
		if w, ok := e.Data.(*journal.Warned); ok && m.cfg.Notice == "" {
			m.warn(w.Text)
		}
	}
	for _, s := range c.Stored {
		m.answered(s)
	}
	if c.Resent != nil {
		m.resent(c.Resent)
	}
	if m.caughtUp(c.since) {
		m.clock = c.Clock
	} else { // pace and pause are as last requested
		m.clock.Now, m.clock.Wall = c.Clock.Now, c.Clock.Wall
	}
	m.journal, m.tape, m.nextCall = c.Journal, c.Tape, c.NextCall
	if c.Note != "" {
		m.warn(c.Note)
	}
	if c.Over != nil {
		m.over = errorText(m.cfg.Secrets.Hide(c.Over.Error()))
	}
	if m.awaited != nil && !m.awaited.step || m.caughtUp(c.since) { // all that a step leads to
		m.announce()
	}
	if !m.toast.until.IsZero() && m.clock.Wall.After(m.toast.until) {
		m.toast = toast{}
	}
	if m.history.Tidy() {
		m.keepMarks()
		m.calls.Arrange(m.history)
	}
	m.updateCalls()
	if m.before.Call != "" && m.history.ByID[m.before.Call] != nil { // what was chosen is there again
		m.choose(m.before)
		m.before = pane.Selection{}
	}
}

// tell reports the result of a command. What was copied is also sent to the terminal.
func (m *Model) tell(d done) (cmd tea.Cmd) {
	if c, ok := d.Command.(Copy); ok && m.cfg.Clipboard && d.Err == nil {
		cmd, d.Note = tea.SetClipboard(c.Text), "copied (OSC 52), and "+d.Note
	}
	if c, ok := d.Command.(Copy); ok && c.Part != "" && d.Err == nil {
		d.Note += ": " + c.Part
	}
	switch {
	case d.Err != nil:
		m.refused(d.Command)
		m.warn(d.Err.Error())
		return nil
	case d.Note != "":
		if s, ok := d.Command.(Save); ok && strings.HasSuffix(s.Name, ".feature") {
			d.Note += "; ringback verify --features . --tags @saved --target URL"
			if m.cfg.Probe {
				d.Note += " --probe URL"
			}
		}
		m.say(d.Note)
	default:
		if note := messageOf(m, d.Command); note != "" && !(sends(d.Command) && m.awaited == nil) { // else what came of it was said
			m.say(note)
		}
	}
	switch o := d.Command.(type) {
	case SwitchTraffic:
		m.traffic = o.On
	case Feed:
		if in, ok := o.Input.(sim.Register); ok {
			m.aimed(in)
		}
		if d.Call != "" { // show the call that was placed
			if in, ok := o.Input.(sim.Place); ok && len(in.Plan) == 0 {
				m.byHand = d.Call
			}
			m.calls.Await = d.Call
			m.updateCalls()
		}
	}
	return cmd
}

// always are the keys that windows do not take.
var always = key.NewBinding(key.WithKeys("ctrl+c", "ctrl+l"))

// key handles a key: first the window on top, then the bindings.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	if m.clock.Wall.IsZero() || m.toast.bad {
		m.toast = toast{}
	}
	if w := m.window(); w != nil && !key.Matches(msg, always) {
		cmd, closed := w.key(m, msg)
		if closed && m.overlay == w { // what it did may have opened another one
			m.overlay = nil
			if help, ok := w.(*helpWindow); ok {
				m.overlay = help.under
			}
		}
		return cmd
	}
	if b := m.bound(msg); b != nil {
		return m.run(b)
	}
	for _, k := range movedKeys {
		if msg.String() == k.key && slices.Contains(k.panes, m.focus) {
			m.warn(k.to)
		}
	}
	return nil
}

// bound returns what a key is bound to now, or nil.
func (m *Model) bound(msg tea.KeyPressMsg) (first *Binding) {
	for i := range m.bindings {
		b := &m.bindings[i]
		switch {
		case !b.works(m.focus) || !key.Matches(msg, b.Binding) || m.layout.Form == draw.TooSmall && !b.unseen:
		case b.Taped && m.tape != nil:
			return b
		case first == nil && !b.Taped:
			first = b
		}
	}
	return first
}

// paste handles pasted text, which goes into a window with a line. Elsewhere it is
// dropped: it is not a sequence of keys.
func (m *Model) paste(text string) {
	if w, ok := m.window().(interface{ paste(*Model, string) }); ok {
		w.paste(m, text)
	}
}
