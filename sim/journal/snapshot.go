package journal

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Snapshot is what a state holds besides its calls and records. It is the last of the
// events from [State.Snapshot].
type Snapshot struct {
	Placed  uint64         `json:"placed"`
	Made    uint64         `json:"made"`
	Totals  Totals         `json:"totals"`
	Targets []Registered   `json:"targets"`
	Faults  []string       `json:"faults"`
	Clock   *Clock         `json:"clock,omitempty"`
	Drained bool           `json:"drained,omitzero"`
	Warned  []Warned       `json:"warned,omitempty"`
	Left    []string       `json:"left,omitempty"` // addresses with secrets that callbacks had before
	Saved   map[string]int `json:"saved,omitzero"` // events before it by kind; nil if an earlier version wrote it
}

// SavedCall is a call of a snapshot with its callbacks.
type SavedCall struct {
	State         call.Call       `json:"state"`
	Generation    wire.Generation `json:"generation,omitempty"`
	Plan          []call.Step     `json:"plan,omitempty"`
	Steps         int             `json:"steps,omitempty"`
	LastEventTime call.Instant    `json:"last_event_time,omitzero"`
	Callbacks     uint64          `json:"callbacks"`
	Copies        uint32          `json:"copies,omitzero"`
	Deliveries    []SavedDelivery `json:"deliveries"`
}

// SavedDelivery is a callback of a saved call.
type SavedDelivery struct {
	ID         uint64            `json:"delivery"`
	Generation wire.Generation   `json:"generation"`
	Via        wire.Generation   `json:"via,omitempty"`
	Word       wire.Word         `json:"word"`
	User       string            `json:"user,omitempty"`
	CopyOf     uint64            `json:"copy_of,omitempty"`
	State      delivery.State    `json:"state"`
	Hold       delivery.Hold     `json:"hold,omitzero"`
	Detached   bool              `json:"detached,omitempty"`
	Moved      bool              `json:"moved,omitempty"`
	Attempts   int               `json:"attempts"`
	EventTime  call.Instant      `json:"event_time,omitzero"`
	Due        call.Instant      `json:"due,omitzero"`
	Last       *delivery.Verdict `json:"last,omitempty"`
	Address    string            `json:"address"` // the configured URL
	Learned    bool              `json:"learned,omitempty"`
	URL        Text              `json:"url"` // path and query
	Body       Text              `json:"body"`
	*delivery.Faults
	Tries []delivery.Try `json:"tries,omitempty"`
}

// SavedRecord is a record of a snapshot.
type SavedRecord struct {
	Record call.Call `json:"record"`
}

// Snapshot returns the state as events that, after the header, fold into the same state
// again. With it a journal can be compacted.
func (s *State) Snapshot() iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		saved := map[string]int{}
		save := func(id string, d Data) bool {
			saved[d.kind()]++
			return yield(&Event{Seq: s.Seq, At: s.Now, Call: id, More: true, Data: d})
		}
		if begun, err := wire.FromMap(s.Run.Dialect); s.Run.Dialect != nil && (err != nil || *begun != *s.Dialect) && !save("", &DialectSet{s.Dialect.Map()}) {
			return
		}
		for _, r := range s.records.list {
			if !save(r.ID, &SavedRecord{*r}) {
				return
			}
		}
		for _, c := range s.inOrder() {
			if !save(c.ID, saveCall(c)) {
				return
			}
		}
		rest := &Snapshot{Placed: s.Placed, Made: s.Made, Totals: s.Totals, Faults: s.Faults, Clock: s.Clock, Drained: s.Drained, Warned: s.Warned, Left: s.oldURLs, Saved: saved}
		for _, t := range s.Targets {
			rest.Targets = append(rest.Targets, Registered{
				App: t.App, Generation: t.Generation, URL: t.Endpoint.URL, Typed: t.Typed, Words: t.Listed,
			})
		}
		yield(&Event{Seq: s.Seq, At: s.Now, Data: rest})
	}
}

// inOrder are the calls in the order in which they were placed.
func (s *State) inOrder() []*Call {
	return slices.SortedFunc(s.Calls(), func(a, b *Call) int { return cmp.Compare(a.Number, b.Number) })
}

func saveCall(c *Call) *SavedCall {
	saved := &SavedCall{
		State: c.Call, Generation: c.Generation, Plan: c.Plan, Steps: int(c.Steps), LastEventTime: c.LastEventTime, Callbacks: uint64(c.Callbacks), Copies: c.Copies,
		Deliveries: make([]SavedDelivery, len(c.Deliveries)),
	}
	for i, d := range c.Deliveries {
		saved.Deliveries[i] = SavedDelivery{
			ID: d.ID, Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.CopyOf,
			State: d.State, Hold: d.Hold, Detached: d.Detached, Moved: d.Moved, Attempts: d.Attempts, EventTime: d.EventTime, Due: d.Due,
			Address: d.Request.Endpoint.URL, Learned: d.Request.Endpoint.Learned, URL: d.Request.Target(), Body: d.Request.Body(),
			Faults: d.Faults, Tries: d.Tries,
		}
		if d.Last != (delivery.Verdict{}) {
			saved.Deliveries[i].Last = &d.Last
		}
	}
	return saved
}

func (s *State) restoreRecord(id string, d *SavedRecord) error {
	if err := checkCall(&d.Record); err != nil {
		return err
	}
	if s.reader {
		c := d.Record
		c.ID = id
		s.records.add(c)
	}
	return nil
}

func (s *State) restoreCall(e *Event, d *SavedCall) error {
	switch err := checkCall(&d.State); {
	case err != nil:
		return err
	case s.current != nil:
		return errors.New("the call exists already")
	case d.Steps < 0 || d.Steps > len(d.Plan):
		return fmt.Errorf("steps %d: want 0 to %d", d.Steps, len(d.Plan))
	case d.Callbacks > math.MaxUint32 || uint64(d.Copies) > d.Callbacks:
		return fmt.Errorf("callbacks %d, copies %d: want fewer", d.Callbacks, d.Copies)
	}
	c := &Call{
		Call: d.State, Generation: d.Generation, Plan: d.Plan, Steps: int32(d.Steps), LastEventTime: d.LastEventTime, Callbacks: uint32(d.Callbacks), Copies: d.Copies,
	}
	c.ID, c.Members = e.Call, slices.Clone(c.Members) // several states may fold one event
	for i := range c.Members {
		m := &c.Members[i]
		m.Talked = m.Talked || m.Status == call.Talking // which the first edition did not write
	}
	if c.Phase != call.Over {
		s.Live++
	}
	for i := range d.Deliveries {
		dl, err := s.restoreDelivery(c, &d.Deliveries[i])
		if err != nil {
			return err
		}
		c.Deliveries = append(c.Deliveries, dl)
		s.Deliveries[dl.ID] = dl
		if !dl.State.Settled() {
			c.Open++
		}
		if dl.Hold != delivery.NoHold {
			c.Held++
		}
	}
	s.calls[c.ID] = c
	s.current = c
	s.Placed = max(s.Placed, c.Number)
	return nil
}

func (s *State) restoreDelivery(c *Call, d *SavedDelivery) (*delivery.Delivery, error) {
	if err := s.checkSaved(d); err != nil {
		return nil, err
	}
	at, err := delivery.ParseEndpoint(d.Address)
	if err != nil {
		return nil, err
	}
	at.Learned = d.Learned
	dl := &delivery.Delivery{
		ID: d.ID, CallID: c.ID, Call: c.Number, Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.CopyOf,
		State: d.State, Hold: d.Hold, Detached: d.Detached, Moved: d.Moved, Attempts: d.Attempts, EventTime: d.EventTime, Due: d.Due,
		Request: s.restoreRequest(at, d.Faults, d.URL, d.Body), Faults: d.Faults,
	}
	if d.State == delivery.InFlight {
		dl.Refs.Add()
	}
	rule := delivery.PolicyOf(d.Generation, s.Dialect).Rule // which verdicts leave to the dialect
	if d.Last != nil {
		dl.Last = *d.Last
		dl.Last.Rule = rule
	}
	if s.reader {
		dl.Tries = d.Tries
		for i := range dl.Tries {
			if v := dl.Tries[i].Verdict; v != nil {
				v.Rule = rule
			}
			if v := dl.Tries[i].Documented; v != nil {
				v.Rule = delivery.V4Strict
			}
		}
	}
	return dl, nil
}

func (s *State) restore(e *Event, d *Snapshot) error {
	if err := s.checkSnapshot(d); err != nil {
		return err
	}
	s.Placed, s.Made, s.Totals, s.Faults, s.Clock, s.Drained = d.Placed, d.Made, d.Totals, d.Faults, d.Clock, d.Drained
	s.Warned = slices.Clip(d.Warned) // several states may fold one event
	for i := range d.Targets {
		if err := s.register(&d.Targets[i]); err != nil {
			return err
		}
	}
	for _, url := range d.Left {
		at, err := delivery.ParseEndpoint(url)
		if err != nil {
			return err
		}
		s.keepSecrets(at)
	}
	for _, c := range s.inOrder() {
		s.settle(e, c)
	}
	return nil
}
