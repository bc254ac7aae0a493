package phone

import "ringback/sim/call"

// See appends the events that follow from a fact to dst, for each phone in order. c is
// the call right after the fact was applied (66841, 51013, 51017).
func See(dst []Event, c *call.Call, now call.Instant, f *call.Fact) []Event {
	v := view{call: c, now: now, fact: f, out: dst}
	switch f.Kind {
	case call.RingingFact:
		m, _ := c.Find(f.By)
		v.to(f.By, OnCallReceived, c.Inviter(m))
	case call.Invited:
		for _, u := range f.Users {
			v.others(OnUserInviting, u, talking)
		}
	case call.Accepted, call.Joined:
		v.enters()
	case call.Rejected:
		v.refuses(OnUserReject, f.By, Reject)
	case call.BusyFact:
		v.others(OnUserLineBusy, f.By, present)
	case call.TimedOut:
		for _, u := range f.Users {
			v.refuses(OnUserNoResponse, u, NoResponse)
		}
	case call.Cancelled, call.Uninvited:
		for _, u := range f.Users {
			v.cancelled(u, c.Caller(), Canceled)
		}
	case call.Left:
		v.others(OnUserLeave, f.By, talking)
		v.ends(f.By, Hangup)
	case call.LineLost, call.WentOffline:
		v.lost()
	case call.Ended:
		v.over()
	default:
		v.own()
	}
	return v.out
}

type view struct {
	call *call.Call
	now  call.Instant
	fact *call.Fact
	out  []Event
}

func talking(m *call.Member) bool { return m.Status == call.Talking }
func present(m *call.Member) bool { return m.Present() }

// to adds an event for a user's phone, if it gets events.
func (v *view) to(user string, k Kind, about string) *Event {
	m, role := v.call.Find(user)
	if !m.Reports() {
		return &Event{}
	}
	v.out = append(v.out, Event{To: user, Kind: k, User: about, Role: role, Media: v.call.Media, Detail: v.fact.Detail})
	return &v.out[len(v.out)-1]
}

// others adds an event about a user for all other members whom it concerns.
func (v *view) others(k Kind, about string, concerns func(*call.Member) bool) {
	for i := range v.call.Members {
		m := &v.call.Members[i]
		if m.ID != about && concerns(m) && !(k == OnUserInviting && m.ID == v.fact.By) {
			v.to(m.ID, k, about)
		}
	}
}

// enters adds the events of a user who answers or joins: the others see them join, and
// with the first one the call begins on both sides.
func (v *view) enters() {
	v.others(OnUserJoin, v.fact.By, talking)
	if v.fact.First {
		v.to(v.call.Caller(), OnCallBegin, "")
	}
	v.to(v.fact.By, OnCallBegin, "")
}

// refuses adds the events of a callee who does not take the call.
func (v *view) refuses(k Kind, user string, why Reason) {
	v.others(k, user, present)
	v.cancelled(user, user, why)
}

func (v *view) cancelled(user, about string, why Reason) {
	v.to(user, OnCallCancelled, about).Reason = why
}

// lost adds the events of a lost connection. The app of a phone that still has power
// would get the end once it is back; here it gets it at once.
func (v *view) lost() {
	switch m, _ := v.call.Find(v.fact.By); {
	case !m.Talked:
		v.cancelled(m.ID, m.ID, Offline)
	case v.call.AcceptAt != 0:
		v.others(OnUserLeave, m.ID, talking)
		v.ends(m.ID, Offline)
	}
}

// ends adds the end for a user who was in the call. Total counts from when that user
// entered.
func (v *view) ends(user string, why Reason) {
	m, _ := v.call.Find(user)
	e := v.to(user, OnCallEnd, v.fact.By)
	e.Reason, e.Total = why, (v.now - max(v.call.AcceptAt, m.Since)).Seconds()
}

// over adds the end of the call for those who are still in it or called.
func (v *view) over() {
	why, cancelled := reasons[v.fact.Result], Canceled
	if v.fact.Server {
		why, cancelled = EndByServer, EndByServer
	}
	for i := range v.call.Members {
		switch m := &v.call.Members[i]; {
		case m.Waiting():
			v.cancelled(m.ID, m.ID, cancelled)
		case m.Status == call.Talking && v.call.AcceptAt != 0:
			v.ends(m.ID, why)
		case m.Status == call.Talking:
			v.cancelled(m.ID, m.ID, why)
		}
	}
}

var reasons = map[call.Result]Reason{
	call.NormalEnd: Hangup, call.Cancel: Canceled, call.Reject: Reject, call.NotAnswer: NoResponse,
	call.CallBusy: LineBusy, call.Interrupt: Offline, call.Offline: Offline,
}

// own adds the events of facts of a phone itself.
func (v *view) own() {
	f := v.fact
	switch f.Kind {
	case call.MediaChanged:
		for i := range v.call.Members {
			if m := &v.call.Members[i]; m.Status == call.Talking {
				v.to(m.ID, OnCallMediaTypeChanged, f.By).Was = call.Audio + call.Video - f.Media
			}
		}
	case call.MicToggled:
		v.others(OnUserAudioAvailable, f.By, talking)
	case call.CameraToggled:
		v.others(OnUserVideoAvailable, f.By, talking)
	case call.VoiceHeard:
		v.others(OnUserVoiceVolumeChanged, f.By, talking)
	case call.QualityChanged:
		v.to(f.By, OnUserNetworkQualityChanged, f.By)
		v.others(OnUserNetworkQualityChanged, f.By, talking)
	case call.SigExpired:
		v.to(f.By, OnUserSigExpired, f.By)
	case call.PhoneFailed:
		v.to(f.By, OnError, f.By)
	case call.KickedOffline: // the last event of this phone
		_, role := v.call.Find(f.By)
		v.out = append(v.out, Event{To: f.By, Kind: OnKickedOffline, User: f.By, Role: role, Media: v.call.Media})
	}
}
