package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// askTarget asks for another receiver. Nothing is sent there before a call is placed.
func askTarget(m *Model) {
	m.overlay = &promptWindow{
		name: "Receiver", about: "URL that callbacks go to from now on, like http://127.0.0.1:3000/callback. Nothing is sent before a call is placed.",
		input: newLine("http://"),
		done: func(m *Model, s string) (tea.Cmd, error) {
			at, err := delivery.ParseEndpoint(strings.TrimSpace(s))
			if err != nil {
				return nil, err
			}
			return m.submit(Feed{sim.Register{App: m.cfg.App, Generation: m.cfg.Generation, Endpoint: at, Typed: true, Words: wire.AllWords()}}), nil
		},
	}
}

// aimed takes note of another receiver. The probe is that of the one before.
func (m *Model) aimed(in sim.Register) {
	m.cfg.Target, m.cfg.Own = strings.TrimPrefix(in.Endpoint.Shown(), "http://"), false
	m.cfg.Probe, m.due = false, nil
}

// turnTraffic ends background calls, or asks for their rate.
func (m *Model) turnTraffic() tea.Cmd {
	if m.trafficOn() {
		return m.submit(SwitchTraffic{})
	}
	m.overlay = &promptWindow{
		name: "Background calls", about: "how many come in a second of simulated time, like 2 or 0.1; nothing: as many as these people place at that time of the day.",
		done: func(m *Model, s string) (tea.Cmd, error) {
			rate := 0.0
			if s = strings.TrimSpace(s); s != "" {
				var err error
				if rate, err = strconv.ParseFloat(strings.TrimSuffix(s, "/s"), 64); err != nil || !(rate > 0 && rate <= maxRate) {
					return nil, errorText(fmt.Sprintf("%q: want a number of calls per second, up to %d", s, maxRate))
				}
			}
			return m.submit(SwitchTraffic{On: true, Rate: rate}), nil
		},
	}
	return nil
}

// maxRate is how many background calls a second may bring.
const maxRate = 1000
