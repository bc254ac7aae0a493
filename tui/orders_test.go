package tui_test

import (
	"io"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/wire"
	"ringback/tui"
)

// slow is a simulation whose first orders take longest, and whose looks may be
// old when they arrive.
type slow struct {
	mu     sync.Mutex
	n      int
	clock  tui.Clock
	orders []tui.Order
	wanted int
	all    chan struct{}
}

func (s *slow) Watch() tui.Changes {
	s.mu.Lock()
	c := s.clock
	s.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
	return tui.Changes{Clock: c}
}

func (s *slow) Do(o tui.Order) tui.Done {
	s.mu.Lock()
	s.n++
	n := s.n
	s.mu.Unlock()
	time.Sleep(time.Duration(max(0, s.wanted-n)) * 3 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := o.(tui.SetClock); ok && c.Do == tui.SetPace {
		s.clock.Pace = c.Pace
	}
	if s.orders = append(s.orders, o); len(s.orders) == s.wanted {
		close(s.all)
	}
	return tui.Done{}
}

// A program runs commands side by side; still all is done in the order in which
// it was asked for, and a key builds on the one before.
func TestOrdersInOrder(t *testing.T) {
	for _, test := range []struct {
		keys string
		want []tui.Order
	}{
		{"0+++", []tui.Order{pace("real"), pace("2x"), pace("5x"), pace("10x")}},
		{"TTT", []tui.Order{tui.SwitchTraffic{On: true}, tui.SwitchTraffic{}, tui.SwitchTraffic{On: true}}},
		{"5 j O", []tui.Order{
			tui.Feed{Input: sim.SetFaults{On: []string{"delay=5s"}}}, tui.Feed{Input: sim.SetFaults{On: []string{"delay=5s", "drop"}}}, tui.Feed{Input: sim.SetFaults{}},
		}},
	} {
		s := &slow{clock: tui.Clock{Pace: "50x"}, wanted: len(test.want), all: make(chan struct{})}
		p := tea.NewProgram(tui.New(s, tui.Config{}), tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler(), tea.WithoutRenderer())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if _, err := p.Run(); err != nil {
				t.Error(err)
			}
		}()
		for _, k := range test.keys {
			p.Send(tea.KeyPressMsg{Code: k, Text: string(k)})
			time.Sleep(time.Millisecond) // looks come in between
		}
		select {
		case <-s.all:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: not all was carried out", test.keys)
		}
		p.Quit()
		<-ended
		if diff := cmp.Diff(test.want, s.orders); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.keys, diff)
		}
	}
}

func pace(p string) tui.Order { return tui.SetClock{Do: tui.SetPace, Pace: p} }

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
	s.shows("c-0001", "c-0002", "c-0003", "live 3")
	for i, want := range []wire.Generation{wire.V1, wire.V4, wire.V1} {
		if c := s.engine.State().Call(sim.CallID("test", uint64(i+1))); c.Generation != want {
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
