package recording

import (
	"container/heap"
	"errors"
	"io"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Events hands on what a recording shows as the events of a journal, as the sender of the
// callbacks might have kept one: calls by their CallIds, callbacks, attempts, answers. What
// phones did is not in it. Its dialect is the default, and its header has the flag
// [journal.RecordingFlag].
//
// What follows a failed attempt is what the recording shows, not what a schedule says:
// a retry if the same bytes come again within [LookAhead], else the sender has given up.
// The same bytes after an acknowledgement, or while an attempt is under way, are a copy.
//
// It reads the recording to its end, or to the first error, also one of take.
func Events(r *Reader, take func(*journal.Event) error) (Summary, error) {
	header, err := r.Header()
	if err != nil {
		return Summary{}, err
	}
	t := &teller{
		take: take, at: hostOf(header.Target), header: header, calls: map[string]*seenCall{}, deliveries: map[sentKey]*sent{},
		targets: map[targetKey]string{}, policies: map[wire.Generation]delivery.Policy{},
	}
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		t.policies[g] = delivery.PolicyOf(g, wire.Default())
	}
	for {
		var e *Exchange
		if e, err = r.Next(); err != nil {
			break
		}
		t.see(e)
		if err = t.until(t.read.Add(-LookAhead)); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		t.over = true
		err = t.until(call.Latest)
	}
	if err == nil {
		err = t.begin(0)
	}
	t.sum.Target, t.sum.Flaws = header.Target, r.Flaws()
	return t.sum, err
}

// see takes in an exchange.
func (t *teller) see(e *Exchange) {
	at := call.At(e.At)
	t.read, t.latest = max(t.read, at), max(t.latest, at)
	var word wire.Word
	switch {
	case e.Generation == 0 || e.Call == "":
		t.sum.Others++
		return
	case word.UnmarshalText([]byte(e.Word)) != nil:
		t.sum.Words++
		return
	case e.Cut > 0 || e.Unfinished:
		t.sum.Cut++
		return
	}
	if t.turns == 0 {
		t.now = at
	}
	said := e.Said()
	c := t.calls[e.Call]
	if c == nil {
		c = &seenCall{id: e.Call, said: said}
		t.calls[e.Call] = c
	}
	c.learn(&said, word)
	key := sentKey{e.Delivery, e.Call, word}
	d := t.deliveries[key]
	if d == nil {
		d = t.remember(key)
	}
	d.coming = append(d.coming, at)
	if late := d.aborted; late != nil && late.at > at && late.at <= at+noticed {
		late.at = at // the client has closed before it asked again
		heap.Init(&t.queue)
	}
	m := &moment{at: at, e: e, said: &said, word: word, call: c, sent: d}
	t.push(m)
	if end := endOf(e); end != 0 {
		m.ends = &moment{at: max(at, end), e: e, call: c, sent: d, end: true}
		t.latest = max(t.latest, end)
		t.push(m.ends)
		if e.Answer.Outcome == Aborted {
			d.aborted = m.ends
		}
	}
}

// until hands on what there is up to a time.
func (t *teller) until(at call.Instant) error {
	for len(t.queue) > 0 && t.queue[0].at <= at {
		if err := t.begin(t.now); err != nil {
			return err
		}
		m := heap.Pop(&t.queue).(*moment)
		t.now = max(t.now, m.at)
		tell := t.request
		if m.end {
			tell = t.answer
		}
		if err := tell(m); err != nil {
			return err
		}
	}
	return nil
}
