package tui_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/wire"
	"ringback/tui"
)

// notebook is a simulation that notes all that it is told to do.
type notebook struct {
	*stage
	orders []tui.Command
}

func (n *notebook) Do(o tui.Command) tui.Done {
	n.orders = append(n.orders, o)
	return n.stage.Do(o)
}

// program runs a model as Bubble Tea does: each command in a goroutine of its
// own, so that commands begin, and their messages arrive, in any order. Here
// the test draws the order.
type program struct {
	model    *tui.Model
	commands []tea.Cmd // to be run
	messages []tea.Msg // of those that were, to be delivered
}

func (p *program) add(cmd tea.Cmd) {
	if cmd != nil {
		p.commands = append(p.commands, cmd)
	}
}

// run runs the command at i.
func (p *program) run(i int) {
	cmd := p.commands[i]
	p.commands = append(p.commands[:i:i], p.commands[i+1:]...)
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			p.add(cmd)
		}
	case nil:
	default:
		p.messages = append(p.messages, msg)
	}
}

// deliver hands the message at i to the model.
func (p *program) deliver(i int) {
	msg := p.messages[i]
	p.messages = append(p.messages[:i:i], p.messages[i+1:]...)
	_, cmd := p.model.Update(msg)
	p.add(cmd)
}

func (p *program) press(k rune) {
	msg := tea.KeyPressMsg{Code: k, Text: string(k)}
	if k == tea.KeyEnter {
		msg.Text = ""
	}
	_, cmd := p.model.Update(msg)
	p.add(cmd)
}

// In whatever order commands run and looks arrive, all is done in the order in
// which it was asked for, and a key builds on the one before.
func TestOrdersInOrder(t *testing.T) {
	for _, test := range []struct {
		keys string
		want []tui.Command
	}{
		{"0+++", []tui.Command{pace("real"), pace("2x"), pace("5x"), pace("10x")}},
		{"T\rTT\r", []tui.Command{tui.SwitchTraffic{On: true}, tui.SwitchTraffic{}, tui.SwitchTraffic{On: true}}},
		{"5\rj\rO\r", []tui.Command{
			tui.Feed{Input: sim.SetFaults{On: []string{"delay=5s"}}}, tui.Feed{Input: sim.SetFaults{On: []string{"delay=5s", "drop"}}}, tui.Feed{Input: sim.SetFaults{}},
		}},
	} {
		t.Run(test.keys, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				n := &notebook{stage: newStage(t)}
				p := &program{model: tui.New(n, tui.Config{})}
				p.add(p.model.Init())
				for keys := []rune(test.keys); len(keys) > 0; {
					switch what := rapid.SampledFrom([]string{"press", "run", "deliver"}).Draw(rt, "what"); {
					case what == "press":
						p.press(keys[0])
						keys = keys[1:]
					case what == "run" && len(p.commands) > 0:
						p.run(rapid.IntRange(0, len(p.commands)-1).Draw(rt, "command"))
					case what == "deliver" && len(p.messages) > 0:
						p.deliver(rapid.IntRange(0, len(p.messages)-1).Draw(rt, "message"))
					}
				}
				// Each takes a tea command and its message; there is a look besides.
				for range 4 * len(test.want) {
					for len(p.commands) > 0 {
						p.run(0)
					}
					for len(p.messages) > 0 {
						p.deliver(0)
					}
				}
				if diff := cmp.Diff(test.want, n.orders); diff != "" {
					rt.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func pace(p string) tui.Command { return tui.SetClock{Do: tui.SetPace, Pace: p} }

// Calls that are asked for in a row are among people who are free, and take the
// generations in turn.
func TestCallsInARow(t *testing.T) {
	s := newStage(t)
	var cmds []tea.Cmd
	for range 3 {
		cmds = append(cmds, tui.Press(s.model, "N"))
	}
	for _, cmd := range cmds {
		carryOut(s, cmd)
	}
	s.look()
	s.shows("#1", "#2", "#3", "live 3")
	for i, want := range []wire.Generation{wire.V1, wire.V4, wire.V1} {
		if c := s.engine.State().Call(callID(uint64(i + 1))); c.Generation != want {
			t.Errorf("%s is in %s, want %s", c.ID, c.Generation, want)
		}
	}
}

// carryOut runs a command and what follows from it.
func carryOut(s *stage, cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		_, cmd = s.model.Update(msg)
	}
}
