package tui

import (
	"errors"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/phone"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// reason returns the text if so is true, else "".
func reason(so bool, text string) string {
	if so {
		return text
	}
	return ""
}

func (m *Model) recording() string { return reason(m.cfg.Recording != "", pane.Unchangeable) }

func (m *Model) noCall() string {
	return reason(m.chosenCall() == nil, "no call is chosen; "+m.keyFor("new-call")+" places one")
}

func (m *Model) noDelivery() string {
	return reason(m.chosenDelivery() == nil, "no callback is chosen")
}

func (m *Model) noFailure() string {
	return reason(len(m.history.Failures) == 0, "no attempt has failed")
}

func (m *Model) noEvents() string {
	return reason(pane.Events(m.view()) == "", m.User+" has seen no event")
}

func (m *Model) noSearch() string {
	return reason(m.search == "", "nothing is searched for; "+m.keyFor("search")+" does, in any pane but Calls")
}

func (m *Model) settled() string {
	d := m.chosenDelivery()
	return reason(d.State.Settled(), "it is "+draw.Spelled(d.State.String())+" already")
}

func (m *Model) notWaiting() string {
	d := m.chosenDelivery()
	switch {
	case d.State.Settled():
		return m.settled() + "; " + m.keyFor("duplicate") + " sends it again"
	case d.State == delivery.InFlight:
		return "an attempt is under way"
	}
	return ""
}

// forbids says which rule forbids an action, in the engine's words; "" if none does.
func (m *Model) forbids(a call.Action) string {
	en := m.chosenCall()
	if en == nil {
		return m.noCall()
	}
	if _, err := phone.Decide(nil, &en.Call.Call, m.clock.Now, a); err != nil {
		var rule *call.RuleError
		if errors.As(err, &rule) && rule.Rule == "no-battery" && thrownOut(en, rule.User) {
			return rule.User + " cannot " + draw.Spelled(rule.Do.String()) + ": a second login has thrown the phone out"
		}
		return err.Error()
	}
	return ""
}

// thrownOut reports whether a phone is offline because its user logged in elsewhere, not
// because of its battery.
func thrownOut(en *history.Call, user string) bool {
	for _, mo := range slices.Backward(en.Moments) {
		if f := mo.Fact; f != nil && f.By == user && (f.Kind == call.KickedOffline || f.Kind == call.BatteryPulled) {
			return f.Kind == call.KickedOffline
		}
	}
	return false
}
