package tui

// updateCalls passes the changed calls to the list of calls.
func (m *Model) updateCalls() {
	changed := m.history.Changed()
	m.wonder(changed)
	m.choose(m.calls.Update(m.view(), changed))
	if m.byHand != "" && m.Call == m.byHand {
		m.nextPhone()
	}
}

// nextPhone puts the cursor on the phone that rings in the call that was placed by hand.
func (m *Model) nextPhone() {
	en := m.chosenCall()
	for i := range en.Members {
		if en.Members[i].Waiting() {
			m.User, m.byHand = en.Members[i].ID, ""
			return
		}
	}
}
