package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// Speak drives a screen without drawing it, for screen readers and terminals that cannot
// be drawn on: it says what happens in lines of text, and takes lines with the names of
// commands, as the README lists them. It ends with quit, with the lines, or with the
// context.
func Speak(ctx context.Context, m *Model, lines <-chan string, say func(string)) {
	s := &speaker{player: player{ctx: ctx, model: m, watch: m.Init()}, write: say}
	m.told = s.hear
	s.say("Type the name of a command and enter. help lists them, show says what there is, quit ends.")
	for ctx.Err() == nil && !s.quit {
		s.look()
		s.tell()
		select {
		case l, ok := <-lines:
			if !ok {
				return
			}
			s.line(strings.TrimSpace(l))
			s.tell()
		default:
		}
	}
}

// speaker says what happens.
type speaker struct {
	player
	write func(string)
	news  []string
	toast string // that was said last
}

// maxNews is how many lines of news are said at once.
const maxNews = 20

func (s *speaker) say(text string) { s.write(draw.Stripped(text)) }

// hear takes an event that was folded.
func (s *speaker) hear(e *journal.Event) {
	c := s.model.history.State.Call(e.Call)
	if c == nil {
		return
	}
	for _, w := range s.model.inWords(e) {
		s.news = append(s.news, fmt.Sprintf("call %d: %s", c.Number, s.clean(w)))
	}
}

// clean spells out what a text holds besides plain characters.
func (s *speaker) clean(text string) string { return s.model.glyphs.Clean(text) }

// tell says what is new.
func (s *speaker) tell() {
	for _, n := range s.news[:min(len(s.news), maxNews)] {
		s.say(n)
	}
	if n := len(s.news) - maxNews; n > 0 {
		s.say(fmt.Sprintf("and %d more", n))
	}
	s.news = nil
	if t := s.model.toast.text; t != s.toast {
		if s.toast = t; t != "" {
			s.say(s.clean(t))
		}
	}
}

// line carries out a line that was typed.
func (s *speaker) line(l string) {
	m := s.model
	word, rest, _ := strings.Cut(l, " ")
	s.toast = "" // what a command says is said, though it was said before
	m.toast = toast{}
	switch {
	case l == "":
		s.show("")
	case m.overlay != nil:
		s.answer(l)
	case word == "help":
		s.help()
	case word == "show":
		s.show(rest)
	default:
		i := slices.IndexFunc(m.bindings, func(b Binding) bool { return b.Name == word })
		if i < 0 {
			s.say("There is no command " + s.clean(word) + text.Meant(word, s.names()) + "; help lists them.")
			return
		}
		s.run(&m.bindings[i])
		if p, ok := m.overlay.(*promptWindow); ok && rest != "" {
			p.input = newLine("")
			s.answer(rest)
			return
		}
	}
	s.window()
}

// run carries out a command.
func (s *speaker) run(b *Binding) {
	focus, on := s.model.focus, s.model.Selection
	if cmd := s.model.runAnywhere(b); cmd != nil {
		s.send(cmd())
	}
	if s.model.overlay == nil && (s.model.focus != focus || s.model.Selection != on) {
		s.show("")
	}
}

// answer gives a line to the window that asks: the name of a key, or else a text.
func (s *speaker) answer(l string) {
	w := s.model.overlay
	_, prompt := w.(*promptWindow)
	if k, err := keyOf(l); err == nil && (!prompt || len([]rune(l)) > 1) {
		s.send(k)
	} else {
		s.send(tea.PasteMsg{Content: l})
		if prompt {
			k, _ := keyOf("enter")
			s.send(k)
		}
	}
	s.window()
}

// window says what the window asks, if there is one.
func (s *speaker) window() {
	w := s.model.overlay
	if w == nil {
		return
	}
	const width, rows = 76, 60
	s.say(w.title() + ":")
	for _, l := range w.render(s.model, s.model.view(), width, rows) {
		if l = strings.TrimRight(draw.Stripped(l), " "); l != "" {
			s.say(l)
		}
	}
}

func (s *speaker) names() (list []string) {
	for _, b := range s.model.bindings {
		list = append(list, b.Name)
	}
	return list
}

func (s *speaker) help() {
	s.say("show: what the chosen pane has; show calls, phones, deliveries, inspector or faults: that one.")
	s.say("In a window: the name of a key, like enter, esc, down or right, or a text.")
	for _, b := range s.model.bindings {
		why := ""
		if off := b.disabled(s.model); off != "" {
			why = " Not now: " + s.clean(off)
		}
		s.say(b.Name + ": " + b.Help().Desc + "." + why)
	}
}

// show says what a pane has; "" is the chosen one.
func (s *speaker) show(name string) {
	m := s.model
	p := m.focus
	for q := draw.Calls; q <= draw.Panes; q++ {
		if strings.EqualFold(q.String(), name) {
			p = q
		}
	}
	en := m.chosenCall()
	switch {
	case p == draw.Calls:
		s.calls()
	case en == nil && p != draw.Faults:
		s.say("no call is chosen")
	case p == draw.Phones:
		for i := range en.Members {
			s.say(s.phone(en, &en.Members[i]))
		}
	case p == draw.Deliveries:
		for _, d := range en.Deliveries {
			s.say(s.chosen(d.ID == m.Delivery) + s.callback(d))
		}
		if en.Stored != nil {
			s.say(s.clean(en.Stored.Text("and that is right", "but", 200)))
		}
	default:
		const width, rows = 76, 40
		for _, l := range m.pane(p).Render(m.view(), width, rows) {
			if l = strings.TrimRight(draw.Stripped(l), " "); l != "" {
				s.say(l)
			}
		}
	}
}

// calls says the first calls of the list.
func (s *speaker) calls() {
	m := s.model
	s.say(text.Count(len(m.calls.Shown), "call"))
	at := max(0, slices.IndexFunc(m.calls.Shown, func(en *history.Call) bool { return en.ID == m.Call }))
	from := max(0, min(at-maxNews/2, len(m.calls.Shown)-maxNews))
	for _, en := range m.calls.Shown[from:min(len(m.calls.Shown), from+maxNews)] {
		s.say(s.chosen(en.ID == m.Call) + s.call(en))
	}
}

func (s *speaker) chosen(so bool) string {
	if so {
		return "chosen: "
	}
	return ""
}

func (s *speaker) call(en *history.Call) string {
	var callees []string
	for i := range en.Members[1:] {
		callees = append(callees, s.clean(en.Members[1+i].ID))
	}
	counts := map[delivery.State]int{}
	for _, d := range en.Deliveries {
		counts[d.State]++
	}
	var states []string
	for st := delivery.Queued; st <= delivery.Withdrawn; st++ {
		if counts[st] > 0 {
			states = append(states, fmt.Sprintf("%d %s", counts[st], draw.Spelled(st.String())))
		}
	}
	said := fmt.Sprintf("call %d, %s, %s %s, %s, %s to %s", en.Number, draw.GenerationOf(en.Generation), en.Kind, en.Media, draw.StateOf(en.Call), s.clean(en.Caller()), strings.Join(callees, ", "))
	if len(states) > 0 {
		said += "; callbacks: " + strings.Join(states, ", ")
	}
	if en.Stored != nil && en.Stored.Wrong() {
		said += "; " + s.clean(en.Stored.Text("", "but", 200))
	}
	return said
}

func (s *speaker) phone(en *history.Call, mb *call.Member) string {
	role := call.Callee
	if mb.ID == en.Caller() {
		role = call.Caller
	}
	state := mb.Status.String()
	if en.Phase == call.Over {
		state = "idle"
	}
	return fmt.Sprintf("%s%s, %s, %s", s.chosen(mb.ID == s.model.User), s.clean(mb.ID), role, state)
}

func (s *speaker) callback(d *delivery.Delivery) string {
	said := fmt.Sprintf("%s of %s: %s", draw.Word(d), s.clean(d.User), draw.Spelled(d.State.String()))
	if d.User == "" {
		said = draw.Word(d) + ": " + draw.Spelled(d.State.String())
	}
	if d.Attempts > 0 {
		said += fmt.Sprintf(", try %d of %d", d.Attempts, draw.Attempts(s.model.history.State, d))
	}
	if d.Attempts > 0 && d.State != delivery.InFlight {
		said += ", " + draw.StatusOf(&d.Last)
	}
	return said
}
