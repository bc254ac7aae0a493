package diff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/scenario"
	"ringback/sim/wire"
)

// statuses are the status words of v1.
var statuses = func() (set wire.Words) {
	for _, w := range wire.AllWords() {
		if w.Status() {
			set = set.With(w)
		}
	}
	return set
}()

// refusals are the words of a callee who does not answer.
const refusals = wire.Words(1<<wire.CalleeRejectCall | 1<<wire.CalleeNotAnswerCall | 1<<wire.CalleeIgnoreCall)

// ends reports whether a call has a callback of its end, or is over without one: its last
// callback came long before the recording ends, or is one behind which none is subscribed.
func (d *director) ends(c *recordedCall) bool {
	switch last := c.callbacks[len(c.callbacks)-1]; {
	case !c.endsAt.IsZero() || c.has(wire.CallerCallFailed):
		return true
	case c.generation == wire.V4:
		return !d.words.Has(wire.AfterEndCall)
	default:
		return d.words&statuses == 0 || d.now.Sub(last.At) > settles && c.has(endOfCaller...)
	}
}

// endOfCaller are the words that end the caller's part in a call.
var endOfCaller = []wire.Word{
	wire.CallerCancelCall, wire.CallerCallRejected, wire.CallerCallMissed, wire.CallerCallBusy, wire.CallerCallEnd, wire.CallerCallInterrupted,
}

// stage is a simulator in which one call is played.
type stage struct {
	*scenario.Rehearsal
	id    string
	now   call.Instant
	doubt string // what the callbacks do not tell, so that what was played may not be what happened
}

func (s *stage) doubts(what string) { s.doubt = cmp.Or(s.doubt, what) }

// app is that of all calls that are played; the URL's is put in its place.
func appOf(c *recordedCall) uint32 {
	var app uint32
	_, _ = fmt.Sscanf(c.callbacks[0].App, "%d", &app)
	return app
}

var errOddTarget = errors.New("its URL is no address of a receiver")

// played is what the simulator makes of a call, and what of the recording that is held
// against.
type played struct {
	*recordedCall
	simulated []*delivery.Delivery
}

// play plays a call. If its callbacks do not tell enough for that, why says what is missing.
func (d *director) play(c *recordedCall) (p *played, why string) {
	if !d.ends(c) {
		return nil, "the end is not in the file"
	}
	if c.generation == wire.V4 {
		return d.playV4(c)
	}
	why = "the beginning is not in the file"
	if c.has(wire.CallerStartCall, wire.CallerCallFailed) {
		k := d.cast(c)
		s, err := d.stage(c, k, d.words)
		if err != nil {
			return nil, err.Error()
		}
		if s.doubt = k.doubt; s.doubt == "" {
			s.playV1(c, k, d.words)
		}
		if s.call().Phase != call.Over {
			s.doubts("how it ended is not told")
		}
		for _, o := range s.State().DeliveriesAfter(0, "") { // what is not subscribed may be why it did not come
			switch {
			case o.Word == wire.CalleeCallCanceled && !c.has(o.Word) && d.words&refusals != refusals:
				s.doubts("what the callees did is not told")
			case o.Word.Status() && c.result() == call.NoResult && d.words&statuses != statuses:
				s.doubts("how it ended is not told")
			}
		}
		if s.doubt == "" {
			return s.played(c), ""
		}
		why = s.doubt
	}
	return d.playStatus(c, why)
}

// playStatus plays a v1 call by its status callbacks alone.
func (d *director) playStatus(c *recordedCall, why string) (*played, string) {
	status := &recordedCall{callKey: c.callKey, endsAt: c.endsAt}
	for _, cb := range c.callbacks {
		if cb.word.Status() {
			status.callbacks = append(status.callbacks, cb)
		}
	}
	if len(status.callbacks) == 0 {
		return nil, why
	}
	k := d.cast(status)
	k.setup.Devices, k.setup.Away = nil, nil
	s, err := d.stage(status, k, d.words&statuses)
	if err != nil {
		return nil, err.Error()
	}
	s.endBy(status.callbacks[0])
	if s.call().Phase != call.Over {
		return nil, why
	}
	return s.played(status), ""
}

func (s *stage) played(c *recordedCall) *played {
	return &played{c, s.State().DeliveriesAfter(0, "")}
}

// stage places a call in a simulator of its own.
func (d *director) stage(c *recordedCall, k *cast, words wire.Words) (*stage, error) {
	first := c.callbacks[0]
	began := cmp.Or(first.said.StartAt, first.said.At, call.At(first.At))
	k.setup.App = appOf(c)
	endpoint, err := delivery.ParseEndpoint("http://receiver.invalid" + recording.OwnTarget(first.Exchange))
	if err != nil {
		return nil, errOddTarget
	}
	s := &stage{id: c.id, now: began}
	s.Rehearsal = scenario.Rehearse(sim.Config{Run: journal.Run{Epoch: began - began%1000, Token: "diff"}, Dialect: d.dialect}, scenario.Binding{})
	if err := s.Step(began, sim.Register{App: k.setup.App, Generation: c.generation, Endpoint: endpoint, Typed: true, Words: words.List()}, nil); err != nil {
		return nil, err
	}
	return s, s.Step(began, sim.Place{Setup: k.setup, Generation: c.generation, Fail: k.fails}, nil)
}

func (s *stage) call() *journal.Call { return s.State().Call(s.id) }

// act does something at a time, or as soon after as can be. What can't be done any more is
// a consequence of what was.
func (s *stage) act(at call.Instant, a call.Action) bool {
	s.now = max(s.now, at)
	return s.Step(s.now, sim.Act{Call: s.id, Action: a}, nil) == nil
}

func (s *stage) do(at call.Instant, do call.Verb, by string, users ...string) bool {
	return s.act(at, call.Action{Do: do, By: by, Users: users})
}

// waiting are the callees who are being called.
func (s *stage) waiting() (users []string) {
	c := s.call()
	for i := range c.Members {
		if c.Members[i].Waiting() {
			users = append(users, c.Members[i].ID)
		}
	}
	return users
}

// playV1 does what each word says that its user did. The words of those who learn of it
// follow by themselves, unless only they are subscribed.
func (s *stage) playV1(c *recordedCall, k *cast, words wire.Words) {
	single := k.setup.Kind == call.Single
	lost, hungUp := s.lost(c, k), hungUp(c)
	learned := func(do call.Verb, by bool, word wire.Word) { // by the caller's word alone, what the callee did
		w := s.waiting()
		switch {
		case s.call().Phase == call.Over || c.has(word):
		case !single || len(w) != 1:
			s.doubts("which callee it was is not told")
		case by:
			s.do(s.now, do, w[0])
		default:
			s.do(s.now, do, "", w...)
		}
	}
	for _, cb := range c.callbacks {
		u, at := cb.said.User, cb.said.At
		s.now = max(s.now, at)
		switch cb.word {
		case wire.CallerCallEnd, wire.CalleeCallEnd, wire.CallerCallInterrupted, wire.CalleeCallInterrupted:
			if s.call().Phase == call.Ringing && !words.Has(wire.CalleeAcceptCall) {
				s.doubts("whether it was answered is not told")
			}
		}
		switch cb.word {
		case wire.CalleeAcceptCall:
			s.must(call.DoAccept, u)
		case wire.CallerCallAccepted:
			if s.call().Phase == call.Ringing {
				learned(call.DoAccept, true, wire.CalleeAcceptCall)
			}
		case wire.CalleeRejectCall:
			s.must(call.DoReject, u)
		case wire.CallerCallRejected:
			learned(call.DoReject, true, wire.CalleeRejectCall)
		case wire.CalleeNotAnswerCall:
			s.must(call.DoTimeout, "", u)
		case wire.CallerCallMissed:
			learned(call.DoTimeout, false, wire.CalleeNotAnswerCall)
		case wire.CallerCancelCall:
			if s.call().Phase == call.Ringing && (cb.said.Result > call.Cancel || !single && cb.said.Result == call.NoResult && words&refusals != refusals) {
				s.doubts("what the callees did is not told")
			}
			s.do(at, call.DoCancel, u)
		case wire.CalleeCallCanceled:
			if s.call().Phase == call.Connected {
				s.do(at, call.DoCancelInvite, k.setup.Caller, u)
			}
		case wire.InviteUser:
			s.must(call.DoInvite, u, k.invited[cb]...)
		case wire.JoinInGroupCall:
			s.must(call.DoJoin, u)
		case wire.CallerCallEnd, wire.CalleeCallEnd:
			switch {
			case s.call().Phase == call.Over:
			case lost != "":
				s.do(at, call.DoLoseLine, lost)
			case !words.Has(wire.CallerCallEnd) || !words.Has(wire.CalleeCallEnd):
				s.doubts("who hung up is not told")
			case single && c.result() == call.Interrupt:
				s.act(at, call.Action{Do: call.DoEndByServer, Result: call.Interrupt})
			case single:
				s.must(call.DoHangUp, cmp.Or(hungUp, u))
			default:
				s.must(call.DoHangUp, u)
			}
		case wire.CallerCallInterrupted, wire.CalleeCallInterrupted:
			s.do(at, call.DoLoseLine, u)
		}
		if cb.said.Total > len(s.call().Members) && !(words.Has(wire.InviteUser) && words.Has(wire.JoinInGroupCall)) {
			s.doubts(later)
		}
	}
}

// hungUp is who hung up in a call of two whose ends came at once: the one whose phone the
// status callback names. It is "" if that is not told, or if the ends came one after the other.
func hungUp(c *recordedCall) string {
	var ends []*recordedCallback
	var status *recordedCallback
	for _, cb := range c.callbacks {
		switch {
		case cb.word == wire.CallerCallEnd || cb.word == wire.CalleeCallEnd:
			ends = append(ends, cb)
		case cb.word.Status() && status == nil:
			status = cb
		}
	}
	if len(ends) != 2 || status == nil || ends[0].before(ends[1]) {
		return ""
	}
	a, b, of := *deviceOf(ends[0].Exchange), *deviceOf(ends[1].Exchange), *deviceOf(status.Exchange)
	switch {
	case a == b:
		return ""
	case of == a:
		return ends[0].said.User
	case of == b:
		return ends[1].said.User
	}
	return ""
}

// must does something now that can't be refused, unless the call is over: then it is a
// consequence of what ended it.
func (s *stage) must(do call.Verb, by string, users ...string) {
	if s.call().Phase != call.Over && !s.do(s.now, do, by, users...) {
		s.doubts("what led to a callback is not told")
	}
}

// lost is whose line was lost in a call of two; "" if no one's, or if both sides report
// the end as one by the REST API is reported.
func (s *stage) lost(c *recordedCall, k *cast) string {
	if k.setup.Kind != call.Single {
		return ""
	}
	var first string
	for _, cb := range c.callbacks {
		if cb.word == wire.CallerCallInterrupted || cb.word == wire.CalleeCallInterrupted {
			first = cmp.Or(first, cb.said.User)
		}
	}
	caller, callee := c.has(wire.CallerCallInterrupted), c.has(wire.CalleeCallInterrupted)
	switch {
	case caller && callee:
		return first
	case caller && c.has(wire.CalleeCallEnd), callee && c.has(wire.CallerCallEnd):
		return first
	case !caller && !callee && (c.result() != call.Interrupt || c.has(wire.CallerCallEnd) && c.has(wire.CalleeCallEnd)):
		return ""
	}
	s.doubts("whose line was lost is not told")
	return first
}

// playV4 plays a v4 call.
func (d *director) playV4(c *recordedCall) (*played, string) {
	k := d.cast(c)
	begins := c.has(wire.AfterStartCall)
	switch {
	case k.doubt != "":
		return nil, k.doubt
	case k.setup.Caller == unknown:
		return nil, "who called is not told"
	case !begins && d.words.Has(wire.AfterStartCall) && !(d.dialect.V4BusyStart == "end_only" && len(k.setup.Busy) == len(k.setup.Callees)):
		return nil, "the beginning is not in the file"
	case !begins && !c.has(wire.AfterEndCall):
		return nil, "who was called is not told"
	}
	s, err := d.stage(c, k, d.words)
	if err != nil {
		return nil, err.Error()
	}
	s.changeV4(c)
	for _, cb := range c.callbacks {
		if cb.word == wire.AfterEndCall {
			s.endV4(cb)
		}
	}
	if s.doubt != "" {
		return nil, s.doubt
	}
	return s.played(c), ""
}

// changeV4 does what each change of members says.
func (s *stage) changeV4(c *recordedCall) {
	battery := c.result() == call.Offline
	for _, cb := range c.callbacks {
		if cb.word != wire.AfterMemberChanged {
			continue
		}
		s.now = max(s.now, cb.said.At)
		caller, users := s.call().Caller(), cb.said.Changed
		each := func(do call.Verb) {
			for _, u := range users {
				s.must(do, u)
			}
		}
		switch action := strings.ReplaceAll(cb.said.Action, " ", ""); action {
		case "Accept", "Answer":
			each(call.DoAccept)
		case "Reject":
			if !busy(s.call(), users) {
				each(call.DoReject)
			}
		case "NotAnswer":
			s.must(call.DoTimeout, "", users...)
		case "Join":
			each(call.DoJoin)
		case "Invite", "Invited":
			by := slices.Concat([]string{caller}, cb.said.Talking)
			if !slices.ContainsFunc(by, func(u string) bool { return s.do(s.now, call.DoInvite, u, users...) }) {
				s.doubts("who invited is not told")
			}
		case "Cancel_Invite", "Canncel_Invite":
			if len(users) < len(s.waiting()) || !s.do(s.now, call.DoCancel, caller) {
				s.must(call.DoCancelInvite, caller, users...)
			}
		case "Offline":
			if battery {
				each(call.DoPullBattery)
				each(call.DoExpire)
			} else {
				each(call.DoLoseLine)
			}
		default:
			if strings.EqualFold(action, "Hangup") {
				each(call.DoHangUp)
			}
		}
	}
}

// busy reports whether users have refused by themselves, since their phones were busy.
func busy(c *journal.Call, users []string) bool {
	return !slices.ContainsFunc(users, func(u string) bool {
		m, _ := c.Find(u)
		return m != nil && m.Present()
	})
}

// endV4 ends a call that nothing that its members did has ended: the REST API did, or the
// changes of members are not subscribed.
func (s *stage) endV4(cb *recordedCallback) {
	if s.call().Phase == call.Over {
		return
	}
	if w := s.waiting(); cb.said.AcceptAt != 0 && s.call().AcceptAt == 0 && len(w) > 0 {
		s.do(cb.said.AcceptAt, call.DoAccept, w[0])
	}
	s.act(cmp.Or(cb.said.EndAt, cb.said.At), call.Action{Do: call.DoEndByServer, Result: cb.said.Result})
}

// endBy makes a v1 call end as its status says.
func (s *stage) endBy(cb *recordedCallback) {
	at, callee := cb.said.At, s.call().Members[1].ID
	caller := s.call().Caller()
	if cb.said.AcceptAt != 0 || cb.said.Result == call.NormalEnd && s.call().Kind == call.Single {
		s.do(cb.said.AcceptAt, call.DoAccept, callee)
	}
	switch cb.said.Result {
	case call.Cancel:
		s.do(at, call.DoCancel, caller)
	case call.Reject:
		s.do(at, call.DoReject, callee)
	case call.NotAnswer:
		s.do(at, call.DoTimeout, "", s.waiting()...)
	case call.Interrupt:
		s.do(at, call.DoLoseLine, callee)
	case call.NormalEnd:
		s.act(at, call.Action{Do: call.DoEndByServer, Result: call.NormalEnd})
	}
}
