package journal

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/secret"
	"ringback/sim/wire"
)

// State is the result of folding a journal's events.
type State struct {
	Run        Run
	Dialect    *wire.Dialect
	Seq        uint64
	Now        call.Instant
	Targets    []Target
	Faults     []string
	Warned     []Warned // said so far
	Clock      *Clock   // nil if it was never said
	Deliveries map[uint64]*delivery.Delivery
	Drained    bool   // nothing more happens in any call
	Live       int    // calls that are not over
	Placed     uint64 // calls so far
	Made       uint64 // deliveries so far
	Totals     Totals

	// Secrets are what is hidden besides those of configured URLs, like the keys
	// of apps; nil is nothing.
	Secrets *secret.Set

	oldURLs    []string // addresses with secrets that deliveries had before
	oldSecrets secret.Set

	keep     uint64
	calls    map[string]*Call
	current  *Call         // which the latest event concerns, or nil
	expected *Call         // which the next event probably concerns, or nil
	settled  []settledCall // in the order in which they settled
	gone     int           // the first so many of settled are forgotten
	retained []*Call       // of these, those with failures, which are kept for longer
	reader   bool          // keeps tries and records
	records  records
	free     freeLists
	archive  *delivery.Archive // of requests that are read from a journal; nil: they are kept as they are
}

// Totals counts what happened so far.
type Totals struct {
	Callbacks uint64 `json:"callbacks"`
	Attempts  uint64 `json:"attempts"`
	Acked     uint64 `json:"acked"`
	Abandoned uint64 `json:"abandoned"`
	Dropped   uint64 `json:"dropped"`
	Withdrawn uint64 `json:"withdrawn"`
	Connected uint64 `json:"connected"` // attempts that reached the receiver at all
}

// Open is how many callbacks are not settled.
func (t *Totals) Open() uint64 { return t.Callbacks - t.Acked - t.Abandoned - t.Dropped - t.Withdrawn }

// Keep is how many events a finished call stays in the state for readers.
const Keep = 100_000

// NewState is the state before any event. A call that is over leaves it keep
// events later; see [Keep]. With 0, callbacks that are settled do not wait for
// the end of their call: they leave when an event concerns another one.
func NewState(keep uint64) *State {
	return &State{
		Dialect: wire.Default(), Deliveries: map[uint64]*delivery.Delivery{}, keep: keep, calls: map[string]*Call{},
	}
}

// NewReader is a state for readers: besides what the engine needs it keeps the
// tries of each delivery, and the records of calls that are over.
func NewReader(keep uint64) *State {
	s := NewState(keep)
	s.reader = true
	return s
}

// Pack keeps the requests that are read from a journal compressed, for readers that keep
// many and look at few. The state is not safe for concurrent use then, not even to read.
func (s *State) Pack() { s.archive = new(delivery.Archive) }

// Skip takes note of events that were left out, since their kinds are not known,
// up to a number: none that follows may have it again.
func (s *State) Skip(seq uint64) { s.Seq = max(s.Seq, seq) }

// NumCalls is how many calls the state has.
func (s *State) NumCalls() int { return len(s.calls) }

// Call finds a call by its CallId, or nil.
func (s *State) Call(id string) *Call {
	if s.current != nil && s.current.ID == id {
		return s.current
	}
	return s.calls[id]
}

// Calls are all calls, in no order.
func (s *State) Calls() iter.Seq[*Call] { return maps.Values(s.calls) }

// CallsAfter are the calls with a higher number, in order.
func (s *State) CallsAfter(number uint64) []*Call {
	list := s.inOrder()
	i, found := slices.BinarySearchFunc(list, number, func(c *Call, n uint64) int { return cmp.Compare(c.Number, n) })
	if found {
		i++
	}
	return list[i:]
}

// DeliveriesAfter are the deliveries with a higher id, in order; of one call,
// unless its id is empty.
func (s *State) DeliveriesAfter(id uint64, callID string) (list []*delivery.Delivery) {
	if callID == "" {
		for _, d := range s.Deliveries {
			list = append(list, d)
		}
	} else if c := s.Call(callID); c != nil {
		list = slices.Clone(c.Deliveries)
	}
	list = slices.DeleteFunc(list, func(d *delivery.Delivery) bool { return d.ID <= id })
	slices.SortFunc(list, func(a, b *delivery.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (s *State) reset(d *Reset) {
	s.calls, s.Deliveries = map[string]*Call{}, map[uint64]*delivery.Delivery{}
	s.current, s.expected, s.settled, s.gone, s.retained = nil, nil, nil, 0, nil
	s.Faults, s.Warned, s.Totals, s.records, s.Live, s.Drained = nil, nil, Totals{}, records{}, 0, false
	if d.Registrations {
		s.Targets = nil
	}
}

type settledCall struct {
	seq uint64
	id  string
}
