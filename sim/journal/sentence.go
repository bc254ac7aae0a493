package journal

import (
	"fmt"
	"strings"

	"ringback/sim/call"
)

// Sentence describes the fact in words; c is the call right after it.
func (f *Fact) Sentence(c *Call) string {
	users := strings.Join(f.Users, ", ")
	switch f.Kind {
	case call.Started:
		return f.By + " starts the call"
	case call.StartFailed:
		return f.By + " tries to start the call and fails"
	case call.Accepted:
		return f.By + " answers"
	case call.Rejected:
		return f.By + " declines"
	case call.TimedOut:
		return users + ": no answer in time"
	case call.BusyFact:
		return f.By + " is busy in another call"
	case call.Cancelled:
		return f.By + " cancels"
	case call.Invited:
		return f.By + " invites " + users
	case call.Uninvited:
		return f.By + " withdraws the invitation of " + users
	case call.Joined:
		return f.By + " joins"
	case call.Left:
		return f.By + " hangs up"
	case call.LineLost:
		return f.By + " loses the line"
	case call.BatteryPulled:
		return f.By + "'s battery is pulled"
	case call.WentOffline:
		return f.By + "'s heartbeat expired"
	case call.MediaChanged:
		return f.By + " switches to " + f.Media.String()
	case call.RingingFact:
		return f.By + "'s phone rings"
	case call.MicToggled:
		return f.By + onOff(f.On, " unmutes", " mutes")
	case call.CameraToggled:
		return f.By + onOff(f.On, " turns the camera on", " turns the camera off")
	case call.VoiceHeard:
		return fmt.Sprintf("%s speaks at volume %d", f.By, f.Level)
	case call.QualityChanged:
		return fmt.Sprintf("%s's network becomes %s", f.By, f.Quality)
	case call.KickedOffline:
		return f.By + " logs in on another phone"
	case call.SigExpired:
		return f.By + "'s UserSig expires"
	case call.PhoneFailed:
		return fmt.Sprintf("%s's phone reports error %d %s", f.By, f.Code, f.Text)
	case call.Ended:
		s := "the call is over: " + f.Result.String()
		if c.AcceptAt != 0 {
			s += fmt.Sprintf(" after %s", c.EndAt.Sub(c.AcceptAt))
		}
		return s
	}
	return f.By + " " + f.Kind.String()
}

func onOff(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}
