package tui

import (
	"encoding/json"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/jsonview"
	"ringback/tui/pane"
)

// takeWindow is the menu of what can be taken away: each item is a command, chosen with
// its letter.
type takeWindow struct{ at int }

func (*takeWindow) title() string { return "Take" }

func (o *takeWindow) items(m *Model) (list []*Binding) {
	for i := range m.bindings {
		if m.bindings[i].Letter != "" {
			list = append(list, &m.bindings[i])
		}
	}
	return list
}

func (o *takeWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	list := o.items(m)
	switch k := msg.String(); k {
	case "up", "k":
		o.at = max(0, o.at-1)
	case "down":
		o.at = min(len(list)-1, o.at+1)
	case "enter":
		return m.runAnywhere(list[o.at]), true
	case "esc", "q":
		return nil, true
	default:
		for _, b := range list {
			if b.Letter == k {
				return m.runAnywhere(b), true
			}
		}
		m.warn("no item has the letter " + k)
	}
	return nil, false
}

func (o *takeWindow) render(m *Model, v *pane.View, w, h int) []string {
	var lines []string
	for i, b := range o.items(m) {
		here := " "
		if i == o.at {
			here = v.Here
		}
		line := here + " " + v.Key.Of(b.Letter) + "  " + b.Help().Desc
		if why := b.disabled(m); why != "" {
			line = v.Dim.Of(here + " " + b.Letter + "  " + b.Help().Desc + ": not now, " + v.Clean(why))
		}
		lines = append(lines, draw.Cut(line, w, v.More))
	}
	lines = lines[:min(len(lines), max(1, h-4))]
	return append(lines, "", v.Dim.Of("of "+m.pickedText()), v.Key.Of("enter")+" or its letter takes it   "+v.Key.Of("esc")+" closes")
}

// picked are the callbacks that commands about several take: those that are marked, or
// all of the marked calls, or else the chosen one.
func (m *Model) picked() (list []*delivery.Delivery) {
	for _, en := range m.history.Calls {
		for _, d := range en.Deliveries {
			if m.marks.Callbacks[d.ID] || len(m.marks.Callbacks) == 0 && m.marks.Calls[en.ID] {
				list = append(list, d)
			}
		}
	}
	if d := m.chosenDelivery(); len(list) == 0 && d != nil {
		list = append(list, d)
	}
	return list
}

// pickedCalls are the marked calls, or else the chosen one.
func (m *Model) pickedCalls() (list []*history.Call) {
	for _, en := range m.history.Calls {
		if m.marks.Calls[en.ID] {
			list = append(list, en)
		}
	}
	if en := m.chosenCall(); len(list) == 0 && en != nil {
		list = append(list, en)
	}
	return list
}

// pickedText names what is taken.
func (m *Model) pickedText() string {
	var parts []string
	if n := len(m.marks.Calls); n > 0 {
		parts = append(parts, "marked: "+text.Count(n, "call"))
	} else if en := m.chosenCall(); en != nil {
		parts = append(parts, "call "+draw.CallName(en.Number))
	}
	if n := len(m.marks.Callbacks); n > 0 {
		parts = append(parts, "marked: "+text.Count(n, "callback"))
	} else if d := m.chosenDelivery(); d != nil && len(m.marks.Calls) == 0 {
		parts = append(parts, draw.Word(d))
	}
	if len(parts) == 0 {
		return "nothing: no call is chosen"
	}
	return strings.Join(parts, ", ")
}

// mark marks what the cursor is on, or takes its mark away, and goes on to the next row.
func (m *Model) mark() {
	switch m.focus {
	case draw.Calls:
		m.marks.ToggleCall(m.Call)
	default:
		m.marks.ToggleCallback(m.Delivery)
	}
	if m.focus != draw.Inspector {
		m.move(1)
	}
	m.say("marked: " + m.marks.String())
}

// keepMarks drops the marks of what is not kept any more.
func (m *Model) keepMarks() {
	for id := range m.marks.Calls {
		if m.history.ByID[id] == nil {
			delete(m.marks.Calls, id)
		}
	}
	for id := range m.marks.Callbacks {
		if m.history.Delivery(id) == nil {
			delete(m.marks.Callbacks, id)
		}
	}
}

// copyEach copies a text of each picked callback.
func copyEach(name, between string, of func(*delivery.Request) string) func(*Model) tea.Cmd {
	return ask(func(m *Model) Command {
		c := Copy{Name: name}
		var texts []string
		for _, d := range m.picked() {
			texts = append(texts, of(d.Request))
			c.Token = c.Token || !d.Request.Endpoint.Secrets().Empty()
		}
		c.Text = strings.Join(texts, between)
		if n := len(texts); n > 1 {
			c.Part = text.Count(n, "callback")
		}
		return c
	})
}

// saveRequests saves each picked request for HTTP clients of editors.
func (m *Model) saveRequests() tea.Cmd {
	var cmds []tea.Cmd
	for _, d := range m.picked() {
		name := fileName(draw.FileOf(d.Call)+"-"+strings.TrimPrefix(draw.Word(d), "+")) + ".http"
		cmds = append(cmds, m.submit(Save{Name: name, Data: []byte(HTTPFile(d.Request)), Secret: true, Token: !d.Request.Endpoint.Secrets().Empty()}))
	}
	return tea.Batch(cmds...)
}

func copyAnswer(m *Model) Command {
	d := m.chosenDelivery()
	t := m.ChosenTry(d)
	if t == nil || t.Answer == "" {
		m.warn("this attempt has no answer with a body")
		return nil
	}
	c := Copy{Name: "last-answer.txt", Text: t.Answer, Token: m.history.State.Hide(d.Request.Endpoint, t.Answer) != t.Answer}
	if t.Bytes > 0 {
		c.Part = jsonview.FirstOf(len(t.Answer), t.Bytes)
	}
	return c
}

// copyIDs copies the CallIds of the picked calls.
func copyIDs(m *Model) Command {
	var ids []string
	for _, en := range m.pickedCalls() {
		ids = append(ids, en.ID)
	}
	return Copy{Name: "last-callid.txt", Text: strings.Join(ids, "\n")}
}

// takenCall is a call as JSON, with the keys of the simulation API. It holds no secrets
// of the receiver's address.
type takenCall struct {
	ID string `json:"id"`
	call.Call
	Generation wire.Generation `json:"generation"`
	Callbacks  []takenCallback `json:"deliveries"`
}

type takenCallback struct {
	ID       uint64         `json:"id"`
	Word     wire.Word      `json:"word"`
	User     string         `json:"user,omitempty"`
	CopyOf   uint64         `json:"copy_of,omitempty"`
	State    delivery.State `json:"state"`
	Attempts int            `json:"attempts"`
	URL      string         `json:"url"`
	Body     string         `json:"body"`
	Tries    []delivery.Try `json:"tries,omitempty"`
}

// copyCalls copies the picked calls as JSON, with their callbacks and the answers.
func copyCalls(m *Model) Command {
	list := m.pickedCalls()
	all := make([]takenCall, len(list))
	for i, en := range list {
		t := takenCall{ID: en.ID, Call: en.Call.Call, Generation: en.Generation}
		for _, d := range en.Deliveries {
			at := d.Request.Endpoint
			cb := takenCallback{d.ID, d.Word, d.User, d.CopyOf, d.State, d.Attempts, at.HideTarget(string(d.Request.Target())), string(d.Request.Body()), slices.Clone(d.Tries)}
			for k := range cb.Tries {
				cb.Tries[k].Answer = m.history.State.Hide(at, cb.Tries[k].Answer)
			}
			t.Callbacks = append(t.Callbacks, cb)
		}
		all[i] = t
	}
	var v any = all
	if len(all) == 1 {
		v = all[0]
	}
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		m.warn(err.Error())
		return nil
	}
	return Copy{Name: "last-call.json", Text: string(data) + "\n"}
}

// saveFeature saves each picked call as a scenario.
func (m *Model) saveFeature() tea.Cmd {
	var cmds []tea.Cmd
	for _, en := range m.pickedCalls() {
		data, err := history.Scenario(m.history.State, en)
		if err != nil {
			m.warn(err.Error())
			return nil
		}
		cmds = append(cmds, m.submit(Save{Name: draw.FileOf(en.Number) + ".feature", Data: []byte(m.cfg.Secrets.Hide(string(data)))}))
	}
	return tea.Batch(cmds...)
}

// fileName is a text as the name of a file: journals may hold any ids.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}
