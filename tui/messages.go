package tui

import (
	"cmp"
	"fmt"
	"strings"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/tui/draw"
)

// messageOf reports a command that was carried out, so that each key has a visible
// effect.
func messageOf(m *Model, o Command) string {
	switch o := o.(type) {
	case Feed:
		return messageOfInput(m, o.Input)
	case SetClock:
		switch o.Do {
		case Pause:
			return "paused; " + m.keyFor("pause") + " goes on, " + m.keyFor("step") + " steps"
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

func messageOfInput(m *Model, in sim.Input) string {
	switch in := in.(type) {
	case sim.Place:
		return fmt.Sprintf("%s calls %s", in.Setup.Caller, strings.Join(in.Setup.Callees, ", "))
	case sim.Act:
		return did(in.Action)
	case sim.RetryNow:
		return "sent now instead of later"
	case sim.GiveUp:
		return "given up"
	case sim.Duplicate:
		return "sent once more, in the same bytes"
	case sim.Replay:
		return "all callbacks of the call are sent again"
	case sim.Register:
		return "callbacks of new events go to " + in.Endpoint.Shown() + "; " + m.keyFor("call-again") + " places a call"
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

// pasts are the past tenses of actions.
var pasts = map[call.Verb]string{
	call.DoAccept: "answered", call.DoReject: "declined", call.DoCancel: "canceled the call", call.DoHangUp: "hung up",
	call.DoJoin: "joined", call.DoLoseLine: "lost the line", call.DoPullBattery: "lost its battery: no one notices until the heartbeat expires",
	call.DoSecondLogin: "was thrown out by a second login", call.DoExpireSig: "has a UserSig that is expired",
}

// did describes an action that was carried out.
func did(a call.Action) string {
	state := map[bool]string{false: "off", true: "on"}[a.Detail.On]
	switch a.Do {
	case call.DoEndByServer:
		return "the app's backend ended the call"
	case call.DoInvite:
		return a.By + " invited " + strings.Join(a.Users, ", ")
	case call.DoCancelInvite:
		return a.By + " withdrew the invitation of " + strings.Join(a.Users, ", ")
	case call.DoMic:
		return a.By + " switched the microphone " + state
	case call.DoCamera:
		return a.By + " switched the camera " + state
	}
	return a.By + " " + cmp.Or(pasts[a.Do], "did "+draw.Spelled(a.Do.String()))
}
