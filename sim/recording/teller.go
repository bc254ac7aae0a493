package recording

import (
	"container/heap"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// teller makes events.
type teller struct {
	take   func(*journal.Event) error
	header Header
	at     string // where the receiver was, for the addresses of its registrations
	sum    Summary
	begun  bool
	over   bool // the recording was read to its end

	read   call.Instant // when the latest request that was read came
	latest call.Instant // of all that was read
	now    call.Instant // of the latest event
	seq    uint64
	made   uint64 // callbacks so far
	placed uint64 // calls so far
	turns  int    // moments so far
	queue  moments

	calls      map[string]*seenCall
	settled    []*seenCall // calls that are over, in order
	deliveries map[sentKey]*sent
	known      []sentKey // of these, in order
	targets    map[targetKey]string
	policies   map[wire.Generation]delivery.Policy
}

func (t *teller) push(m *moment) {
	t.turns++
	m.turn = t.turns
	heap.Push(&t.queue, m)
}

// maxKnown is how many deliveries are known before the oldest are forgotten.
const maxKnown = 100_000

func (t *teller) remember(key sentKey) *sent {
	d := new(sent)
	if key.first == 0 { // it has no body
		return d
	}
	t.deliveries[key] = d
	if t.known = append(t.known, key); len(t.known) > maxKnown {
		delete(t.deliveries, t.known[0])
		t.known = t.known[1:]
	}
	return d
}

// begin hands on the header, once.
func (t *teller) begin(at call.Instant) error {
	if t.begun {
		return nil
	}
	t.begun = true
	return t.take(&journal.Event{Data: &journal.Run{
		V: journal.Version, Version: t.header.Version, Epoch: at - at%1000, Token: "recording", Dialect: wire.Default().Map(),
		Flags: map[string]string{journal.RecordingFlag: "true"},
	}})
}

func (t *teller) emit(id string, d journal.Data) error {
	t.seq++
	return t.take(&journal.Event{Seq: t.seq, At: t.now, Call: id, Data: d})
}
