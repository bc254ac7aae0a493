package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// placeAgain places a call as the form has it.
func (m *Model) placeAgain() tea.Cmd {
	in, err := m.form.completed(m.free).place(&m.cfg, m.placed())
	if err != nil {
		m.warn(err.Error())
		return nil
	}
	return m.place(in)
}

// formWindow asks for a new call.
type formWindow struct {
	form    callForm
	caller  line
	callees line
	own     [2]bool // the names were typed, not proposed
	at      int
	err     error
}

const (
	fieldCaller = iota
	fieldCallees
	fieldMedia
	fieldOutcome
	fieldRing
	fieldTalk
	fieldKind
	fieldGeneration
	fields
)

var fieldNames = [...]string{"caller", "callees", "media", "ends as", "rings for", "talks for", "kind", "callbacks"}

func newFormWindow(m *Model) *formWindow {
	f := m.form.completed(m.free)
	return &formWindow{form: f, caller: newLine(f.caller), callees: newLine(f.callees), own: [2]bool{m.form.caller != "", m.form.callees != ""}}
}

func (*formWindow) title() string { return "New call" }

func (o *formWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	o.err = nil
	switch msg.String() {
	case "esc":
		return nil, true
	case "enter":
		return o.place(m)
	case "up", "shift+tab":
		o.at = (o.at + fields - 1) % fields
		return nil, false
	case "down", "tab":
		o.at = (o.at + 1) % fields
		return nil, false
	}
	if in := o.input(); in != nil {
		o.err = in.key(msg)
		return nil, false
	}
	switch msg.String() {
	case "left", "h":
		o.turn(m, -1)
	case "right", "l", "space":
		o.turn(m, 1)
	}
	return nil, false
}

func (o *formWindow) paste(_ *Model, text string) {
	o.err = nil
	if in := o.input(); in != nil {
		o.err = in.insert(text)
	}
}

// input returns the line under the cursor, or nil if the cursor is on a choice.
func (o *formWindow) input() *line {
	switch o.at {
	case fieldCaller:
		o.own[0] = true
		return &o.caller
	case fieldCallees:
		o.own[1] = true
		return &o.callees
	}
	return nil
}

func (o *formWindow) place(m *Model) (tea.Cmd, bool) {
	f := o.form
	f.caller, f.callees = o.caller.value(), o.callees.value()
	in, err := f.completed(m.free).place(&m.cfg, m.placed())
	if err != nil {
		o.err = err
		return nil, false
	}
	if !o.own[0] { // users who are free by then
		f.caller = ""
	}
	if !o.own[1] {
		f.callees = ""
	}
	m.form = f
	return m.place(in), true
}

// place places a call. If its phones are the user's to play, time is real from then on,
// and the cursor goes to the phone that rings.
func (m *Model) place(in sim.Place) tea.Cmd {
	if len(in.Plan) > 0 {
		return m.submit(Feed{in})
	}
	m.setFocus(draw.Phones)
	var slow tea.Cmd
	if m.clock.Pace != "real" {
		m.clock.Pace = "real"
		slow = m.submit(SetClock{Do: SetPace, Pace: "real"})
	}
	return tea.Batch(slow, m.submit(Feed{in}))
}

// likeChosen opens the form as the chosen call has it, to place it again with a change.
func (m *Model) likeChosen() {
	en := m.chosenCall()
	f := callForm{
		caller: en.Caller(), callees: "", media: en.Media, group: en.Kind == call.Group, generation: en.Generation,
		ring: nearest(rings, answered(en).Sub(en.StartAt)), talk: nearest(talks, en.EndAt.Sub(en.AcceptAt)),
	}
	var callees []string
	for _, mb := range en.Members[1:] {
		if mb.Inviter == 0 && (en.Kind == call.Group || len(callees) == 0) {
			callees = append(callees, mb.ID)
		}
	}
	f.callees = strings.Join(callees, ", ")
	if len(en.Plan) > 0 {
		f.outcome = max(0, slices.Index(outcomes, en.Result))
	}
	o := &formWindow{form: f, caller: newLine(f.caller), callees: newLine(f.callees), own: [2]bool{true, true}}
	m.overlay = o
}

// answered is when a call was answered or, if it was not, when it ended.
func answered(en *history.Call) call.Instant {
	if en.AcceptAt != 0 {
		return en.AcceptAt
	}
	return en.EndAt
}

// nearest is the index of the duration that is nearest to another one.
func nearest(list []time.Duration, to time.Duration) (best int) {
	for i, d := range list {
		if (d - to).Abs() < (list[best] - to).Abs() {
			best = i
		}
	}
	return best
}

// turn chooses another value of the field.
func (o *formWindow) turn(m *Model, by int) {
	f := &o.form
	switch o.at {
	case fieldMedia:
		f.media = call.Audio + call.Video - f.media
	case fieldKind:
		f.group = !f.group && len(users(o.callees.value())) < 2
	case fieldGeneration:
		o.turnGeneration(m, by)
	case fieldOutcome:
		f.outcome = (f.outcome + by + len(outcomes)) % len(outcomes)
	case fieldRing:
		f.ring = max(0, min(len(rings)-1, f.ring+by))
	case fieldTalk:
		f.talk = max(0, min(len(talks)-1, f.talk+by))
	}
}

// turnGeneration goes through: alternate, v1, v4, both. A run with one
// generation has no other.
func (o *formWindow) turnGeneration(m *Model, by int) {
	if m.cfg.Generation != wire.Both {
		return
	}
	all := []wire.Generation{0, wire.V1, wire.V4, wire.Both}
	now := o.form.generation
	if o.form.alternate {
		now = 0
	}
	next := all[(slices.Index(all, now)+by+len(all))%len(all)]
	o.form.alternate, o.form.generation = next == 0, next
}

func (o *formWindow) render(m *Model, v *pane.View, w, h int) []string {
	w = min(w, 66)
	var lines []string
	for i := range fields {
		here := " "
		if i == o.at {
			here = v.Here
		}
		name := v.Fit(fieldNames[i], 10)
		if i == o.at {
			name = v.Bold.Of(name)
		}
		lines = append(lines, here+" "+name+" "+o.value(v, i, w-14, m.placed()))
	}
	if o.err != nil {
		lines = append(lines, "")
		for _, l := range draw.Wrap(v.Clean(o.err.Error()), w) {
			lines = append(lines, v.Bad.Of(l))
		}
	} else {
		lines = append(lines, "", v.Dim.Of(draw.Cut(o.note(), w, v.More)))
	}
	return append(lines[:min(len(lines), h-1)], v.Fit(v.Key.Of("enter")+" places it   "+v.Key.Of(v.Up+v.Down)+" field   "+v.Key.Of(v.Sides())+" choice   "+v.Key.Of("esc")+" closes", w))
}

// note explains the field under the cursor.
func (o *formWindow) note() string {
	switch o.at {
	case fieldCallees:
		return "several with commas between make a group call"
	case fieldGeneration:
		return "alternate: one call in v1, the next in v4"
	case fieldOutcome:
		return "or play the phones yourself, in the pane Phones"
	case fieldRing, fieldTalk:
		return "in simulated time"
	}
	return ""
}

func (o *formWindow) value(v *pane.View, i, w int, placed uint64) string {
	f := &o.form
	group := f.group || len(users(o.callees.value())) > 1
	plays := outcomes[f.outcome] == call.NoResult
	switch i {
	case fieldCaller:
		return o.caller.draw(v, o.at == i, w)
	case fieldCallees:
		return o.callees.draw(v, o.at == i, w)
	case fieldMedia:
		return o.one(v, i, f.media.String(), false)
	case fieldKind:
		if len(users(o.callees.value())) > 1 {
			return "group" // nothing else is possible
		}
		return o.one(v, i, map[bool]string{false: "between two", true: "group"}[group], false)
	case fieldGeneration:
		if f.alternate {
			return o.one(v, i, "alternate, next "+f.generationOf(placed).String(), false)
		}
		return o.one(v, i, f.generation.String(), false)
	case fieldOutcome:
		if plays {
			return o.one(v, i, "I play the phones myself", false)
		}
		return o.one(v, i, draw.Spelled(outcomes[f.outcome].String()), false)
	case fieldRing:
		return o.one(v, i, rings[f.ring].String(), plays)
	}
	return o.one(v, i, talks[f.talk].String(), !f.talked())
}

// one is a chosen value.
func (o *formWindow) one(v *pane.View, i int, s string, idle bool) string {
	switch {
	case idle:
		return v.Dim.Of(v.Dash)
	case i == o.at:
		return v.Key.Of(v.ToLeft) + " " + s + " " + v.Key.Of(v.ToRight)
	}
	return s
}
