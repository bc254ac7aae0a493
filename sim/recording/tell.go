package recording

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// LookAhead is how long after a failed attempt the same bytes are its retry, in wall
// time. The longest documented wait is 5 s.
const LookAhead = 30 * time.Second

// request hands on that a request came.
func (t *teller) request(m *moment) error {
	c, d := m.call, m.sent
	d.coming = d.coming[1:]
	t.retire()
	if c.gone {
		t.sum.Late++
		return nil
	}
	s := d.next()
	if s == nil {
		var err error
		if s, err = t.callback(m); s == nil {
			return err
		}
	}
	s.attempts++
	s.inFlight, s.waiting = true, false
	if m.ends != nil {
		m.ends.series = s
	}
	return t.emit(c.id, &journal.Attempt{Delivery: s.id, Attempt: s.attempts})
}

// callback hands on a callback, and before it what it says of its call. It returns nil
// if the callback is left out.
func (t *teller) callback(m *moment) (*series, error) {
	e, c, d := m.e, m.call, m.sent
	_, target, _ := e.RequestLine()
	app64, _ := strconv.ParseUint(e.App, 10, 32)
	app := uint32(app64)
	address := t.at + ownTarget(target)
	endpoint, err := delivery.ParseEndpoint(address)
	if err == nil {
		if _, ok := endpoint.Parameters([]byte(target)); !ok {
			err = errors.New("its target is another one")
		}
	}
	if err != nil { // no address that callbacks can go to, like *
		t.sum.Others++
		return nil, nil
	}
	if key := (targetKey{app, e.Generation}); t.targets[key] != address {
		t.targets[key] = address
		if err := t.emit("", &journal.Registered{App: app, Generation: e.Generation, URL: address, Typed: true, Words: wire.AllWords(), Endpoint: endpoint}); err != nil {
			return nil, err
		}
	}
	if !c.told {
		c.told = true
		t.placed++
		if err := t.emit(c.id, t.saved(m, app)); err != nil {
			return nil, err
		}
	}
	if d.original == 0 {
		if err := t.fact(m); err != nil {
			return nil, err
		}
	}
	t.made++
	s := &series{id: t.made}
	cb := &journal.Callback{
		Delivery: s.id, Generation: e.Generation, Via: e.Generation, Word: m.word, User: m.said.User, CopyOf: d.original,
		EventTime: cmp.Or(m.said.At, t.now), URL: journal.Text(target), Body: e.Body,
	}
	if kind := Field(e.Head, "Content-Type"); kind != "" && kind != delivery.ContentType {
		cb.Faults = &delivery.Faults{ContentType: kind}
	}
	if d.original == 0 {
		d.original = s.id
	}
	d.series = append(d.series, s)
	c.open++
	return s, t.emit(c.id, cb)
}

// saved is a call at its first callback.
func (t *teller) saved(m *moment, app uint32) *journal.SavedCall {
	c := m.call
	device := deviceOf(m.e)
	saved := &journal.SavedCall{Generation: m.e.Generation, State: call.Call{
		Number: t.placed, App: app, Media: c.said.Media, Room: c.said.Room, RoomType: c.said.RoomType, Phase: call.Ringing,
		StartAt: cmp.Or(c.said.StartAt, t.now), Device: device, Acting: device,
	}}
	if c.said.Group {
		saved.State.Kind = call.Group
	}
	c.caller = cmp.Or(c.caller, "?")
	c.members = slices.Concat([]string{c.caller}, slices.DeleteFunc(c.members, func(u string) bool { return u == c.caller }))
	for i, u := range c.members {
		status := call.Alerting
		if i == 0 {
			status = call.Talking
		}
		saved.State.Members = append(saved.State.Members, call.Member{ID: u, Device: device, Since: saved.State.StartAt, Status: status, Rang: true, Talked: i == 0})
	}
	return saved
}

// deviceOf is the device that a query names.
func deviceOf(e *Exchange) *call.Device {
	d := new(call.Device)
	for pair := range bytes.SplitSeq(e.Query(), []byte("&")) {
		name, value, _ := bytes.Cut(pair, []byte("="))
		switch strings.ToLower(string(name)) {
		case "optplatform":
			d.Platform = unescaped(value)
		case "clientip":
			d.IP = unescaped(value)
		}
	}
	return d
}

// fact hands on what a callback says that happened to its call: that it was answered,
// and that it is over.
func (t *teller) fact(m *moment) error {
	c, said := m.call, m.said
	switch {
	case c.over:
		return nil
	case m.word.Ends(), !c.ends && !c.said.Group && endsOne[m.word] != call.NoResult:
		c.over = true
		result := cmp.Or(said.Result, endsOne[m.word], call.NormalEnd)
		return t.emit(c.id, &journal.Fact{Fact: call.Fact{Kind: call.Ended, Result: result}})
	case said.User == "" || m.word != wire.CalleeAcceptCall && m.word != wire.JoinInGroupCall && !(m.word == wire.AfterMemberChanged && answers(said.Action)):
		return nil
	}
	f := call.Fact{Kind: call.Accepted, By: said.User, First: !c.answers}
	if !slices.Contains(c.members, said.User) {
		f.Kind = call.Joined
		c.members = append(c.members, said.User)
	}
	c.answers = true
	return t.emit(c.id, &journal.Fact{Fact: f})
}

// endsOne are the caller's words that end a call of two, and its result, for receivers
// that get no status.
var endsOne = map[wire.Word]call.Result{
	wire.CallerCallRejected: call.Reject, wire.CallerCallBusy: call.CallBusy, wire.CallerCallMissed: call.NotAnswer,
	wire.CallerCancelCall: call.Cancel, wire.CallerCallEnd: call.NormalEnd, wire.CallerCallInterrupted: call.Interrupt,
}

func answers(action string) bool { return action == "Accept" || action == "Answer" || action == "Join" }

// headerLines are the header lines of a head, without its first line.
func headerLines(head []byte) []byte {
	_, lines, _ := bytes.Cut(head, []byte("\n"))
	return bytes.ReplaceAll(bytes.TrimSpace(lines), []byte("\r\n"), []byte("\n"))
}

// answer hands on how an attempt ended.
func (t *teller) answer(m *moment) error {
	s, e, d := m.series, m.e, m.sent
	if s == nil { // its request was left out
		return nil
	}
	policy := t.policies[e.Generation]
	a := e.Answer.judged()
	v := delivery.Judge(policy.Rule, a)
	answer := &journal.Answer{Delivery: s.id, Attempt: s.attempts, Verdict: v, Body: a.Body, Took: e.Answer.Latency, Seen: headerLines(e.Answer.Head)}
	waiting := 0
	for _, o := range d.series {
		if o.waiting {
			waiting++
		}
	}
	switch {
	case v.Documented(a.Body).Acked():
		answer.Then = delivery.ThenAcked
	case len(d.coming) > waiting:
		answer.Then, answer.Due = delivery.ThenRetry, d.coming[waiting]
	case v.Acked():
		answer.Then = delivery.ThenAcked
	case t.over && t.latest.Sub(t.now) < LookAhead: // the recording ends before it shows
		answer.Then, answer.Due = policy.Next(s.attempts, v, t.now)
	default:
		answer.Then = delivery.ThenAbandoned
	}
	s.inFlight, s.waiting = false, answer.Then == delivery.ThenRetry
	if err := t.emit(m.call.id, answer); err != nil {
		return err
	}
	if c := m.call; !s.waiting {
		if c.open--; c.open == 0 && c.over {
			c.rested = t.seq
			t.settled = append(t.settled, c)
		}
	}
	return nil
}

// margin is how many events one request makes, and more.
const margin = 10

// retire marks calls that a state may have forgotten by now.
func (t *teller) retire() {
	for len(t.settled) > 0 {
		c := t.settled[0]
		if c.rested+journal.Keep-margin > t.seq {
			return
		}
		t.settled = t.settled[1:]
		if c.open == 0 {
			*c = seenCall{gone: true, told: true}
		}
	}
}

// judged is the answer as senders judge it.
func (a *Answer) judged() *delivery.Answer {
	j := &delivery.Answer{
		Connected: true, Status: a.Status(), Body: a.Body, Took: a.Latency, Detail: a.Detail,
		Location: Field(a.Head, "Location"), Encoding: Field(a.Head, "Content-Encoding"),
	}
	switch a.Outcome {
	case Answered:
	case Aborted:
		j.Failure = delivery.TimedOut
	case Tunnel:
		j.Failure = delivery.NotHTTP
	default:
		j.Failure = delivery.NotHTTP
		for f := delivery.NoAddress; f <= delivery.Stopped; f++ {
			if Failed(f) == a.Outcome {
				j.Failure = f
			}
		}
		j.Connected = !j.Failure.NeverConnected()
	}
	return j
}
