package tui

import (
	"fmt"
	"strings"

	"ringback/sim"
)

// noteOf says in words that an order was carried out: the impact of a key is
// always visible.
func noteOf(m *Model, o Order) string {
	switch o := o.(type) {
	case Feed:
		return noteOfInput(m, o.Input)
	case SetClock:
		switch o.Do {
		case Pause:
			return "paused; space goes on, . steps"
		case Resume:
			return "time passes"
		case Step:
			return "one step, and paused"
		case SetPace:
			return "pace " + o.Pace
		}
	case SwitchTraffic:
		if o.On {
			return "background calls come"
		}
		return "no more background calls"
	}
	return ""
}

func noteOfInput(m *Model, in sim.Input) string {
	switch in := in.(type) {
	case sim.Place:
		return fmt.Sprintf("%s calls %s", in.Setup.Caller, strings.Join(in.Setup.Callees, ", "))
	case sim.Act:
		return strings.TrimSpace(in.Action.By + " did " + strings.ReplaceAll(in.Action.Do.String(), "_", " "))
	case sim.RetryNow:
		return "sent now instead of later"
	case sim.GiveUp:
		return "given up"
	case sim.Duplicate:
		return "sent once more, in the same bytes"
	case sim.Replay:
		return "all callbacks of " + short(in.Call, m.book.st.Run.Token) + " are sent again"
	case sim.SetDialect:
		return strings.Join(in.Set, " ") + " from now on"
	case sim.SetFaults:
		if len(in.On) == 0 {
			return "no faults"
		}
		return "faults: " + strings.Join(in.On, ", ")
	}
	return ""
}
