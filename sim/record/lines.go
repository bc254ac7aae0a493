package record

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// Seen is an exchange that has an end, without what only the file has.
type Seen struct {
	recording.Exchange // without bodies
	Method, Target     string
	Status             int  // 0 without an answer
	Refused            bool // the answer does not acknowledge the callback
}

// rules are how callbacks are acknowledged.
var rules = map[wire.Generation]delivery.Rule{wire.V1: delivery.V1, wire.V4: delivery.V4}

// tape is what a connection says, in both directions, as it is written down.
type tape struct {
	file   *File
	tell   func(*Seen)
	conn   int64
	source string

	mu       sync.Mutex // each line in its place
	in, out  framer
	request  message // the one that is coming
	asking   *flight // whose it is; nil before its first line
	answer   message
	asked    *flight   // whose answer is coming; nil: no one's, and it is not recorded
	flights  []*flight // without an end, in order
	farEnded bool
	tunnel   bool // what the client sends is no longer recorded
}

// flight is an exchange that has no end yet.
type flight struct {
	Seen
	sent     time.Time // when its last byte was passed on, or is about to
	first    time.Time // when the answer's first byte came
	recorded bool      // its first line could be written
	begun    bool      // its answer has a line
}

// asks writes down what came from the near side, before it is passed on.
func (t *tape) asks(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for len(b) > 0 && !t.tunnel {
		if t.in.state == atStart {
			t.request.reset()
		}
		p := t.in.feed(b)
		t.request.add(p.part, b[:p.n])
		t.request.coded = t.in.coded
		b = b[p.n:]
		switch {
		case p.done:
			t.requested(now, false)
		case t.in.state == opaque:
			t.noRequest(now)
		}
	}
	if t.request.unwritten() && !t.request.begun && !t.tunnel {
		t.requested(now, true)
	}
}

// requested writes a line of the request that is coming: its first, or its last.
func (t *tape) requested(now time.Time, more bool) *flight {
	f := t.asking
	first := f == nil
	if first {
		f = &flight{}
		f.At, f.Conn, f.Source = now, t.conn, t.source
		t.flights = append(t.flights, f)
		t.asking = f
	}
	line := recording.Exchange{N: f.N, At: now}
	var key recording.Key
	if !more {
		whole := recording.Exchange{Head: t.request.head, Body: t.request.content()}
		f.Method, f.Target, _ = whole.RequestLine()
		f.Callback, key = whole.Recognize(), recording.KeyOf(&whole)
		line.Callback, f.sent = f.Callback, now
	}
	line.Head, line.Body, line.Coded, line.Cut = t.request.take()
	if first {
		line.Conn, line.Source = f.Conn, f.Source
		f.recorded = t.file.first(&line, key, more)
		f.N = line.N
	} else if f.recorded {
		line.Unfinished = f.Unfinished
		t.file.later(&line, key, more)
	}
	f.Delivery = line.Delivery
	if more {
		return f
	}
	t.asking = nil
	if t.farEnded {
		t.endAll(recording.Failed(delivery.Closed), "before the request")
	}
	return f
}

// noRequest ends what is no request of HTTP/1.1: from there on nothing is recorded of
// what the near side sends.
func (t *tape) noRequest(now time.Time) {
	t.tunnel = true
	f := t.requested(now, false)
	if t.over(f) {
		t.ends(f, now, recording.Tunnel, t.in.why, nil)
	}
}

// over takes an exchange from those without an end, and reports whether it was there.
func (t *tape) over(f *flight) bool {
	i := slices.Index(t.flights, f)
	if i < 0 {
		return false
	}
	t.flights = slices.Delete(t.flights, i, i+1)
	if t.asked == f {
		t.asked = nil
	}
	return true
}

// answers writes down what came from the far side, before it is passed on.
func (t *tape) answers(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for len(b) > 0 {
		if t.out.state == atStart {
			t.answer.reset()
			if t.asked, t.out.method = nil, ""; len(t.flights) > 0 {
				t.asked = t.flights[0]
				t.asked.first = now
				t.out.method = t.methodOf(t.asked)
			}
		}
		p := t.out.feed(b)
		if t.asked != nil {
			t.answer.add(p.part, b[:p.n])
			t.answer.coded = t.out.coded
		}
		b = b[p.n:]
		switch {
		case p.done:
			t.answered(now)
		case t.out.state == opaque && t.asked != nil:
			t.noAnswer(now)
		}
	}
	if t.asked != nil && t.answer.unwritten() && !t.answer.begun {
		t.line(t.asked, now, &t.answer, &recording.Answer{}, true)
	}
}

// methodOf is the method of a request, which may be coming still.
func (t *tape) methodOf(f *flight) string {
	if f != t.asking {
		return f.Method
	}
	method, _, _ := (&recording.Exchange{Head: t.request.head}).RequestLine()
	return method
}

// answered writes the last line of the answer that is coming.
func (t *tape) answered(now time.Time) {
	if f := t.asked; f != nil && t.over(f) {
		t.ends(f, now, recording.Answered, "", &t.answer)
	}
}

// noAnswer ends what is no answer of HTTP/1.1.
func (t *tape) noAnswer(now time.Time) {
	outcome := recording.Failed(delivery.NotHTTP)
	if t.out.switched {
		outcome, t.tunnel = recording.Tunnel, true
	}
	if f := t.asked; t.over(f) {
		t.ends(f, now, outcome, t.out.why, &t.answer)
	}
}

// line writes a line of an answer, with what came of it since the one before.
func (t *tape) line(f *flight, now time.Time, m *message, a *recording.Answer, more bool) {
	if !f.begun {
		f.begun = true
		if f.Answer.At = f.first; f.first.IsZero() {
			f.Answer.At = now
		}
		if !f.sent.IsZero() {
			a.Latency = f.Answer.At.Sub(f.sent)
		}
		f.Answer.Latency = a.Latency
	}
	if m != nil {
		a.Head, a.Body, a.Coded, a.Cut = m.take()
	}
	if f.recorded {
		t.file.answer(f.N, now, a, more)
	}
}

// ends writes an exchange's last line.
func (t *tape) ends(f *flight, now time.Time, o recording.Outcome, detail string, m *message) {
	if m != nil {
		f.Status = (&recording.Answer{Head: m.final()}).Status()
		if rule, is := rules[f.Generation]; is && o == recording.Answered {
			f.Refused = !delivery.Judge(rule, &delivery.Answer{Connected: true, Status: f.Status, Body: m.content()}).Acked()
		}
	}
	t.line(f, now, m, &recording.Answer{Outcome: o, Detail: detail}, false)
	f.Answer.Outcome, f.Answer.Detail, f.Answer.Ended = o, detail, now
	t.tell(&f.Seen)
}

// end ends all that is under way, and reports whether something was.
func (t *tape) end(o recording.Outcome, detail string) (open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open = len(t.flights) > 0
	t.endAll(o, detail)
	return open
}

// idle reports whether nothing is under way.
func (t *tape) idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.flights) == 0
}

// noMore ends what is under way since nothing more comes from the far side. An answer
// that its end ends is whole if the end is in order. It reports whether an answer is not,
// and whether one is of that kind.
func (t *tape) noMore(inOrder bool, kind delivery.Failure, detail string) (inAnswer, open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open = t.out.state == untilClose
	if inOrder && open {
		t.answered(time.Now())
	}
	switch inAnswer = t.asked != nil; {
	case inAnswer && kind == delivery.Closed:
		kind, detail = delivery.CutShort, t.soFar()
	case inAnswer && kind == delivery.Reset:
		detail = t.soFar()
	}
	t.endAll(recording.Failed(kind), detail)
	t.farEnded = true // what comes now has no one to go to
	return inAnswer, open
}

// passed notes that what waited for a connection is passed on.
func (t *tape) passed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.flights {
		if !f.sent.IsZero() {
			f.sent = time.Now()
		}
	}
}

// soFar says how much of the answer came.
func (t *tape) soFar() string {
	if t.out.state == inHead {
		return "it ends in its head"
	}
	return fmt.Sprintf("it ends after %d bytes of its body", int64(len(t.answer.body))+t.answer.cut)
}

// endAll ends all that is under way.
func (t *tape) endAll(o recording.Outcome, detail string) {
	now := time.Now()
	if f := t.asking; f != nil { // the rest of its request does not come
		f.Unfinished = true
		t.requested(now, false)
	}
	all := t.flights
	t.flights = nil
	for _, f := range all {
		var m *message
		if f == t.asked {
			m = &t.answer
		}
		t.ends(f, now, o, detail, m)
	}
	t.asked = nil
}
