package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/secret"
	"ringback/sim/wire"
)

// Config is what a screen needs to know.
type Config struct {
	ASCII     bool // draw nothing beyond ASCII
	Clipboard bool // a terminal is there, which may put texts into its clipboard

	App        uint32          // of the calls that are placed
	Generation wire.Generation // of their callbacks; Both: they alternate
	Device     *call.Device    // of their phones
	AnyIDs     bool
	Target     string // the receiver, as it is shown
	Traffic    string // why there are no background calls; "": there can be
	Recording  string // the file that is shown, if it is no live run
	Notice     string // what there is to know about it before anything else

	Signs bool // requests are signed, so that faults can forge that

	// Heartbeat is how long a phone may be silent; sim.PlatformExpiry if that
	// depends on the phone, 0 if it is not known.
	Heartbeat time.Duration

	// Secrets are hidden in what receivers and failures say, on the screen and in
	// saved scenarios, besides those of the receiver's address; nil is nothing.
	Secrets *secret.Set

	// Keep is how many events a finished call stays; 0 means [journal.Keep].
	Keep uint64
}

// Model is the screen of a run. It implements [tea.Model].
type Model struct {
	cfg    Config
	sim    Simulation
	theme  theme
	glyphs *glyphs

	w, h    int
	layout  Layout
	focus   Pane
	overlay overlay // what lies on top of the panes, or nil
	toast   toast
	mouse   bool
	zoomed  bool // the focused pane has the screen to itself
	traffic bool // background calls come
	over    error
	journal int64 // bytes of a journal that nobody asked for

	history  *history
	clock    Clock
	commands commandQueue
	chosen

	calls      callsPane
	phones     phonesPane
	deliveries deliveriesPane
	inspector  inspectorPane
	faults     faultsPane
	form       callForm // as it was filled in last

	bindings []Binding
}

// chosen is what the cursors stand on.
type chosen struct {
	call     string
	user     string
	delivery uint64
	held     bool // the callback was chosen by hand: the cursor stays there
}

// overlay is a window on top of the panes. It gets all keys until it closes.
type overlay interface {
	// key takes a key; closed tells that the window is done.
	key(*Model, tea.KeyPressMsg) (cmd tea.Cmd, closed bool)
	// render draws its inside, in at most that many cells.
	render(v *view, w, h int) []string
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

type (
	changed struct {
		Changes
		since uint64 // how many commands had been carried out when it began to look
	}
	done struct {
		asked
		Done
	}
)

// New makes the screen of a simulation.
func New(s Simulation, cfg Config) *Model {
	if cfg.Keep == 0 {
		cfg.Keep = journal.Keep
	}
	m := &Model{cfg: cfg, sim: s, glyphs: &fancy, mouse: true, history: newHistory(cfg.Keep, cfg.Secrets), bindings: Bindings()}
	if cfg.ASCII {
		m.glyphs = &ascii
	}
	m.calls.follow = true
	m.faults.init(cfg.Signs)
	m.form = newCallForm(cfg)
	m.resize(120, 32)
	m.setFocus(Calls)
	if cfg.Notice != "" {
		m.warn(cfg.Notice)
	}
	return m
}

// Init begins to watch the simulation.
func (m *Model) Init() tea.Cmd {
	since := m.commands.done
	return func() tea.Msg { return changed{m.sim.Watch(), since} }
}

// Update takes in a message. It never waits.
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
		m.theme = themeOf(msg.Profile)
	}
	return m, nil
}

// mouseAt takes a click or a turn of the wheel.
func (m *Model) mouseAt(at tea.Mouse) {
	m.draw() // one clicks on what one sees
	m.click(at)
	m.draw()
}

func (m *Model) resize(w, h int) {
	m.w, m.h = max(0, w), max(0, h)
	m.layout = Arrange(m.w, m.h, m.focus, m.zoomed)
}

func (m *Model) setFocus(p Pane) {
	m.focus = p
	m.held = m.held || p == Inspector // who reads wants it to stay
	m.calls.follow = m.calls.follow && (p == Calls || p == Faults)
	m.layout = Arrange(m.w, m.h, p, m.zoomed)
}

// take folds what happened.
func (m *Model) take(c changed) {
	if c.Anew {
		m.history = newHistory(m.cfg.Keep, m.cfg.Secrets)
		m.calls.shown, m.calls.news, m.calls.latest, m.calls.follow, m.chosen = nil, 0, 0, true, chosen{}
	}
	if m.cfg.Recording == "" { // which does not say how long its attempts took
		m.history.wall = c.Clock.Wall
	}
	for _, e := range c.Events {
		m.history.take(e)
		if w, ok := e.Data.(*journal.Warned); ok && m.cfg.Notice == "" {
			m.warn(w.Text)
		}
	}
	if m.caughtUp(c.since) {
		m.clock = c.Clock
	} else { // pace and pause are as they were asked for last
		m.clock.Now, m.clock.Wall = c.Clock.Now, c.Clock.Wall
	}
	m.journal = c.Journal
	if c.Over != nil {
		m.over = errorText(m.cfg.Secrets.Hide(c.Over.Error()))
	}
	if !m.toast.until.IsZero() && m.clock.Wall.After(m.toast.until) {
		m.toast = toast{}
	}
	if m.history.tidy() {
		m.calls.arrange(m)
	}
	m.calls.update(m)
	m.settle()
}

// settle keeps the cursors on something that is there.
func (m *Model) settle() {
	en := m.history.byID[m.call]
	if en == nil {
		if m.call = ""; len(m.calls.shown) > 0 {
			m.choose(m.calls.shown[0].call.ID)
		}
		return
	}
	if mb, _ := en.call.Find(m.user); mb == nil {
		m.user = en.call.Members[0].ID
	}
	if d := m.history.delivery(m.delivery); !m.held || d == nil || d.CallID != m.call {
		m.pick(en)
	}
}

// choose puts the cursor on a call.
func (m *Model) choose(id string) {
	if id == m.call {
		return
	}
	m.chosen = chosen{call: id}
	m.phones.reset()
	m.settle()
}

// pick puts the cursor on the callback of a call that a person wants to see
// first: one that fails, one that failed for good, else the latest.
func (m *Model) pick(en *callLog) {
	var best *delivery.Delivery
	most := -1
	for _, d := range en.call.Deliveries {
		rank := 0
		switch {
		case !d.State.Settled() && d.Attempts > 0 && d.Last.Status+int(d.Last.Class) > 0 && !d.Last.Acked():
			rank = 3
		case d.State == delivery.Abandoned:
			rank = 2
		case d.Attempts > 0:
			rank = 1
		}
		if rank > most || rank == most && rank < 2 {
			best, most = d, rank
		}
	}
	if best == nil || best.ID == m.delivery {
		return
	}
	m.delivery = best.ID
	m.inspector.reset()
}

// chosenCall is the chosen call, or nil.
func (m *Model) chosenCall() *callLog { return m.history.byID[m.call] }

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

// tell says what came of a command. What was copied goes to the terminal as well.
func (m *Model) tell(d done) (cmd tea.Cmd) {
	if c, ok := d.Command.(Copy); ok && m.cfg.Clipboard && d.Err == nil {
		cmd, d.Note = tea.SetClipboard(c.Text), "copied (OSC 52), and "+d.Note
	}
	if c, ok := d.Command.(Copy); ok && c.Part != "" && d.Err == nil {
		d.Note += ": " + c.Part
	}
	switch {
	case d.Err != nil:
		m.warn(d.Err.Error())
		return nil
	case d.Note != "":
		if s, ok := d.Command.(Save); ok && strings.HasSuffix(s.Name, ".feature") {
			d.Note += "; ringback verify --features . --tags @saved --target URL"
		}
		m.say(d.Note)
	default:
		if note := messageOf(m, d.Command); note != "" {
			m.say(note)
		}
	}
	switch o := d.Command.(type) {
	case SwitchTraffic:
		m.traffic = o.On
	case Feed:
		if d.Call != "" { // who placed a call wants to see it
			m.calls.await = d.Call
			m.calls.update(m)
		}
	}
	return cmd
}
