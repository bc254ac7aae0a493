package tui

import (
	tea "charm.land/bubbletea/v2"

	"ringback/sim/wire"
)

// keepGeneration keeps the generation that the form has in the settings file.
func (m *Model) keepGeneration() tea.Cmd {
	return m.submit(KeepGeneration{Generation: m.form.generation})
}

func (m *Model) keepQuestion() string {
	gen := m.form.generation.String()
	return "Keep generation: " + gen + " in " + m.cfg.Settings + "? Runs that read it have callbacks of " + gen + " alone from then on, until the line is changed there or --generation says otherwise."
}

func (m *Model) noGeneration() string {
	switch g := m.form.generation; {
	case m.cfg.Recording != "":
		return "this is a recording: its calls have the generation that they had"
	case m.cfg.Remote != "":
		return "a server's backend chooses the generation, when it registers its address"
	case m.cfg.Settings == "":
		return "there is no settings file"
	case m.cfg.Generation != wire.Both:
		return "the run has generation " + m.cfg.Generation.String() + " already, from its settings or --generation"
	case m.form.alternate:
		return "no generation was chosen; " + m.keyFor("new-call") + " asks for one with its call: v1 or v4"
	case g != wire.V1 && g != wire.V4:
		return "one can be kept: v1 or v4; " + m.keyFor("new-call") + " asks for it with its call"
	}
	return ""
}
