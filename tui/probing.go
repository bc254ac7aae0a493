package tui

import (
	"slices"

	"ringback/tui/history"
)

const (
	maxAsked = 4   // questions at once
	maxDue   = 500 // calls that wait for theirs; older ones are never asked about
)

// wonder notes the calls among some about which the probe is to be asked.
func (m *Model) wonder(changed []*history.Call) {
	if !m.cfg.Probe {
		return
	}
	for _, en := range changed {
		if !en.Due() {
			continue
		}
		if i := slices.Index(m.due, en); i >= 0 {
			m.due = slices.Delete(m.due, i, i+1)
		}
		m.due = append(m.due, en)
	}
	if n := len(m.due) - maxDue; n > 0 {
		m.due = slices.Delete(m.due, 0, n)
	}
}

// asks are the next questions for the probe. They are asked again until they are answered.
func (m *Model) asks() (list []Ask) {
	for _, en := range slices.Backward(m.due) {
		if w, ok := en.Wanted(); ok && len(list) < maxAsked {
			en.Ask()
			list = append(list, Ask{Call: en.ID, Want: w})
		}
	}
	return list
}

// answered takes an answer of the probe.
func (m *Model) answered(s *history.Stored) {
	s.Err = m.cfg.Secrets.Hide(s.Err)
	for i := range s.Fields {
		s.Fields[i].Got = m.cfg.Secrets.Hide(s.Fields[i].Got)
	}
	m.history.Answered(s)
	if en := m.history.ByID[s.Call]; en == nil || !en.Due() {
		m.due = slices.DeleteFunc(m.due, func(other *history.Call) bool { return other.ID == s.Call })
	}
}
