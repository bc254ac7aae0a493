package history

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/tui/draw"
)

// Scenario writes a call as a scenario that plays it again, with its manual operations,
// and checks what the receiver should have done; where it did otherwise, a comment says
// so. Its tag distinguishes it from the suite's own: verify --features DIR --tags @saved.
func Scenario(st *journal.State, en *Call) ([]byte, error) {
	if st.Run.Seen() {
		return nil, errSeen
	}
	s, err := scriptOf(st, en)
	if err != nil {
		return nil, err
	}
	data, err := script.WriteGherkin("What happened in a call", s)
	if err != nil {
		return nil, err
	}
	var given []string
	for _, k := range st.Dialect.Choices(st.Run.Dialect) {
		if k.Name != "client_events" && k.Name != "network_quality" { // a receiver sees neither
			given = append(given, fmt.Sprintf("    Given the sender says %s=%s\n", k.Name, k.Of(st.Dialect)))
		}
	}
	title := []byte("  Scenario: " + s.Name + "\n")
	data = bytes.Replace(data, title, slices.Concat([]byte("  @saved\n"), title, []byte(strings.Join(given, ""))), 1)
	thens, notes := thensOf(st, en)
	thens = append(thens, storedSteps(en)...)
	if en.Stored != nil && en.Stored.Wrong() {
		notes = append(notes, "when this was saved: "+text.Line(en.Stored.Text("", "but", 200)))
	}
	if en.timed() {
		notes = append(notes, fmt.Sprintf("the times of what was done by hand are right for verify --timeout %s, the default", delivery.DefaultTimeout))
	}
	for _, n := range notes {
		data = append(data, "    # "+n+"\n"...)
	}
	for i, t := range thens {
		data = append(data, map[bool]string{true: "    Then ", false: "    And "}[i == 0]+t+"\n"...)
	}
	return data, nil
}

// scriptOf returns what people and phones did in a call, and to its callbacks. What
// follows from that, like a phone's ring, is left to the simulator.
func scriptOf(st *journal.State, en *Call) (*script.Script, error) {
	s := &script.Script{Name: fmt.Sprintf("%s, call %d", title(en), en.Number)}
	var began call.Instant
	if len(en.given) > 0 {
		s.Operations = append(s.Operations, script.Operation{Do: own(en.given, en.Number)})
	}
	var last call.Span
	hands := newHands(st, en)
	for _, mo := range en.Moments {
		switch {
		case mo.Fact != nil && mo.Fact.Setup != nil:
			began = mo.At
			p := script.PlaceOf(mo.Fact.Setup)
			p.Generation, p.Fails = mo.Fact.Generation, mo.Fact.Kind == call.StartFailed
			s.Operations = append(s.Operations, script.Operation{Do: p})
			continue
		case began == 0:
			return nil, errCutDown
		case mo.hand != nil:
			if at, do, ok := hands.operation(mo.At, mo.hand); ok {
				s.Operations = append(s.Operations, script.Operation{At: call.Span(at.Sub(began)), Do: do})
			}
			continue
		}
		last = call.Span(mo.At.Sub(began))
		if mo.faults != nil {
			s.Operations = append(s.Operations, script.Operation{At: last, Do: own(mo.faults.On, en.Number)})
		} else if a, ok := action(mo.Fact); ok {
			s.Operations = append(s.Operations, script.Operation{At: last, Do: script.Act{Action: a}})
		}
	}
	if began == 0 {
		return nil, errCutDown
	}
	slices.SortStableFunc(s.Operations, func(a, b script.Operation) int { return cmp.Compare(a.At, b.At) })
	if n := len(s.Operations); s.Operations[n-1].At < last { // a timer ended the call
		s.Operations = append(s.Operations, script.Operation{At: last, Do: script.Wait{}})
	}
	return s, s.Validate()
}

// title describes the call.
func title(en *Call) string {
	c := en.Call
	how := "goes on"
	if c.Phase == call.Over {
		how = "ends as " + draw.Spelled(c.Result.String())
	}
	return fmt.Sprintf("A %s %s call that %s", c.Kind, c.Media, how)
}

var errCutDown = errors.New("the journal was cut down: how this call began is not known")

var errSeen = errors.New("a recording has callbacks alone: who did what in this call is not known")

// verbs are the actions that make each kind of fact.
var verbs = map[call.FactKind]call.Verb{
	call.Accepted: call.DoAccept, call.Rejected: call.DoReject, call.Cancelled: call.DoCancel, call.Invited: call.DoInvite,
	call.Uninvited: call.DoCancelInvite, call.Joined: call.DoJoin, call.Left: call.DoHangUp, call.LineLost: call.DoLoseLine,
	call.BatteryPulled: call.DoPullBattery, call.MediaChanged: call.DoChangeMedia, call.MicToggled: call.DoMic, call.CameraToggled: call.DoCamera,
	call.VoiceHeard: call.DoSpeak, call.QualityChanged: call.DoQuality, call.KickedOffline: call.DoSecondLogin, call.SigExpired: call.DoExpireSig,
	call.PhoneFailed: call.DoFail,
}

// action returns the action that made a fact; ok is false for facts that follow by
// themselves.
func action(f *journal.Fact) (a call.Action, ok bool) {
	if f.Kind == call.Ended && f.Server {
		return call.Action{Do: call.DoEndByServer}, true
	}
	do, ok := verbs[f.Kind]
	if !ok {
		return a, false
	}
	a = call.Action{Do: do, By: f.By, Media: f.Media, Detail: f.Detail}
	if do == call.DoInvite || do == call.DoCancelInvite {
		a.Users = f.Users
	}
	return a, true
}
