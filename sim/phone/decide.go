package phone

import (
	"fmt"

	"ringback/sim/call"
)

// own maps the actions of a phone itself to their facts.
var own = map[call.Verb]call.FactKind{
	call.DoMic:         call.MicToggled,
	call.DoCamera:      call.CameraToggled,
	call.DoSpeak:       call.VoiceHeard,
	call.DoQuality:     call.QualityChanged,
	call.DoSecondLogin: call.KickedOffline,
	call.DoExpireSig:   call.SigExpired,
	call.DoFail:        call.PhoneFailed,
}

// inCall reports whether such an action is possible only in the call.
func inCall(v call.Verb) bool {
	return v == call.DoMic || v == call.DoCamera || v == call.DoSpeak || v == call.DoQuality
}

// Decide appends the facts that follow from an action to dst, or returns a
// [*call.RuleError]. Actions that concern the call are left to [call.Call.Decide].
func Decide(dst []call.Fact, c *call.Call, now call.Instant, a call.Action) ([]call.Fact, error) {
	kind, ok := own[a.Do]
	if !ok {
		return c.Decide(dst, now, a)
	}
	m, _ := c.Find(a.By)
	deny := func(rule, why string) ([]call.Fact, error) {
		return dst, &call.RuleError{Do: a.Do, User: a.By, Rule: rule, Why: why}
	}
	switch {
	case c.Phase == call.Over:
		return deny("call-over", "the call is over")
	case m == nil || !m.Present():
		return deny("not-a-member", fmt.Sprintf("only a member of the call can, and %q is not in it", a.By))
	case m.SilentAt != 0:
		return deny("no-battery", "the phone's battery is out")
	case inCall(a.Do) && m.Status != call.Talking:
		return deny("not-in-call", "only someone in the call can, and "+a.By+" is "+m.Status.String())
	case !inCall(a.Do) && !m.Reports():
		return deny("not-reached", "the phone was never reached")
	case a.Do == call.DoSpeak && (a.Level < 0 || a.Level > 100):
		return deny("volume", "a volume is 0 to 100")
	}
	return append(dst, call.Fact{Kind: kind, By: a.By, Detail: a.Detail}), nil
}
