package journal

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/secret"
	"ringback/sim/wire"
)

// State is what a journal's events add up to.
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

	left        []string // addresses with secrets that deliveries had before
	leftSecrets secret.Set

	keep     uint64
	calls    map[string]*Call
	current  *Call         // which the latest event concerns, or nil
	expected *Call         // which the next event probably concerns, or nil
	settled  []settledCall // in the order in which they settled
	gone     int           // the first so many of settled are forgotten
	spared   []*Call       // of these, those in trouble, which stay for longer
	reader   bool          // keeps tries and records
	records  records
	spare    spare
}

// Target is a registration: where callbacks of an app go.
type Target struct {
	App        uint32
	Generation wire.Generation // whose API registered it
	Typed      bool
	Listed     Words      // what it subscribes to, in the order in which it was asked for
	Words      wire.Words // the same as a set
	Endpoint   *delivery.Endpoint
}

// Call is a call with its callbacks. A million of them are alive at once, hence
// the narrow counters.
type Call struct {
	call.Call
	Plan          []call.Step
	Deliveries    []*delivery.Delivery // in the order of their first attempts, if they go in order
	LastEventTime call.Instant         // of the latest v4 callback
	Callbacks     uint32               // so far
	Copies        uint32               // of these, copies that faults made
	Held          int32                // deliveries that faults hold back
	Open          int32                // deliveries that are not settled
	Steps         int32                // of the plan, done so far
	Generation    wire.Generation
	Dropped       bool              // a callback of it was dropped: see [Dropped]
	Spared        bool              // it has been over for long and stays, since it is in trouble
	Refs          delivery.RefCount // on the engine's agenda
}

// Over reports whether nothing more will come of the call: it has ended, its
// callbacks are settled, and no step of its plan is left to be refused.
func (c *Call) Over() bool {
	return c.Phase == call.Over && c.Open == 0 && int(c.Steps) >= len(c.Plan)
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

type settledCall struct {
	seq uint64
	id  string
}

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

var (
	errNoCall       = errors.New("concerns a call that is not there")
	errNoGeneration = errors.New("generation: is missing")
)

// Apply folds an event into the state. An error means that the event cannot
// follow the ones before, so the journal is damaged; the state is then as it
// was, or half-way through this event.
func (s *State) Apply(e *Event) error {
	if e.Seq != 0 {
		if e.At > call.Latest {
			return fmt.Errorf("journal event %d (%s): %w", e.Seq, e.Kind(), call.ErrTooLate)
		}
		s.Seq, s.Now = e.Seq, e.At
	}
	s.turn(e.Call)
	var err error
	switch d := e.Data.(type) {
	case *Run:
		s.Run, s.Now = *d, d.Epoch
		s.Dialect, err = wire.FromMap(d.Dialect)
	case *Registered:
		err = s.register(d)
	case *Unregistered:
		if d.Generation == 0 {
			err = errNoGeneration
		}
		s.Targets = slices.DeleteFunc(s.Targets, func(t Target) bool { return t.App == d.App && t.Generation == d.Generation })
	case *Faults:
		s.Faults = d.On
	case *Fact:
		err = s.fact(e, d)
	case *Refused:
		err = s.refused(e, d)
	case *Callback:
		err = s.callback(e, d)
	case *Released:
		err = s.released(e, d)
	case *Attempt:
		err = s.attempt(e, d)
	case *Answer:
		err = s.answer(e, d)
	case *Withdrawn:
		err = s.endEarly(e, d.Delivery, delivery.Withdrawn, &s.Totals.Withdrawn)
	case *Drained:
		s.Drained = true
	case *GivenUp:
		err = s.endEarly(e, d.Delivery, delivery.Abandoned, &s.Totals.Abandoned)
	case *Dropped:
		if err = s.endEarly(e, d.Delivery, delivery.Dropped, &s.Totals.Dropped); err == nil {
			s.current.Dropped = true
		}
	case *DialectSet:
		err = s.dialectSet(d)
	case *Warned:
		if s.News(*d) {
			s.Warned = append(s.Warned, *d)
		}
	case *Clock:
		c := *d
		s.Clock = &c
	case *Reset:
		s.reset(d)
	case *SavedRecord:
		err = s.keepRecord(e.Call, d)
	case *SavedCall:
		err = s.restoreCall(e, d)
	case *Snapshot:
		err = s.restore(e, d)
	}
	if err != nil {
		return fmt.Errorf("journal event %d (%s): %w", e.Seq, e.Kind(), err)
	}
	s.forget(e.Call)
	return nil
}

// Skip takes note of events that were left out, since their kinds are not known,
// up to a number: none that follows may have it again.
func (s *State) Skip(seq uint64) { s.Seq = max(s.Seq, seq) }

// turn makes a call the current one. Most events concern the call of the event
// before.
func (s *State) turn(id string) {
	c := s.expected // whose id is the same text, so that nobody has to read it
	if c == nil || c.ID != id {
		c = s.Call(id)
	}
	if s.current != nil && s.current != c && s.keep == 0 {
		s.drop(s.current)
	}
	s.current = c
}

// Expect names a call of the state that the next event probably concerns. It
// saves looking for that in a million, and changes nothing else.
func (s *State) Expect(c *Call) { s.expected = c }

// drop forgets a call's settled callbacks.
func (s *State) drop(c *Call) {
	if int(c.Open) == len(c.Deliveries) {
		return
	}
	c.Deliveries = slices.DeleteFunc(c.Deliveries, func(d *delivery.Delivery) bool {
		if d.State.Settled() {
			delete(s.Deliveries, d.ID)
			s.layAside(c, d)
		}
		return d.State.Settled()
	})
	if len(c.Deliveries) == 0 && !s.spare.on {
		c.Deliveries = nil
	}
}

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

func (s *State) register(d *Registered) error {
	if d.Generation == 0 {
		return errNoGeneration
	}
	t := Target{App: d.App, Generation: d.Generation, Typed: d.Typed, Listed: d.Words, Words: d.Words.Set(), Endpoint: d.Endpoint}
	if t.Endpoint == nil {
		url := d.URL
		if strings.HasPrefix(url, "/") { // the host was not journalled: it may be another one each time
			url = "http://target.invalid" + url
		}
		e, err := delivery.ParseEndpoint(url)
		if err != nil {
			return err
		}
		t.Endpoint = e
	}
	if t.Endpoint.Learned == d.Typed { // others may hold it: it does not change
		e := *t.Endpoint
		e.Learned = !d.Typed
		t.Endpoint = &e
	}
	for i := range s.Targets {
		if s.Targets[i].App == t.App && s.Targets[i].Generation == t.Generation {
			s.Targets[i] = t
			return nil
		}
	}
	s.Targets = append(s.Targets, t)
	return nil
}

func (s *State) fact(e *Event, d *Fact) error {
	c := s.current
	if d.Kind == call.Started || d.Kind == call.StartFailed {
		if c != nil {
			return errors.New("the call exists already")
		}
		c = s.newCall(d)
		if d.Setup != nil {
			d.Setup.ID = e.Call
			s.Placed = max(s.Placed, d.Setup.Number)
		}
	}
	if c == nil {
		return errNoCall
	}
	if err := c.Check(d); err != nil {
		return err
	}
	if c != s.current {
		c.ID = e.Call
		s.calls[c.ID] = c
		s.current = c
	}
	if d.Step > 0 {
		c.Steps = int32(d.Step)
	}
	c.Apply(e.At, d.Fact)
	switch d.Kind {
	case call.Started:
		s.Live++
	case call.Ended:
		s.Live--
		if s.reader {
			s.records.add(c.Call)
		}
	}
	s.settle(e, c)
	return nil
}

func (s *State) refused(e *Event, d *Refused) error {
	c := s.current
	if c == nil {
		return errNoCall
	}
	if err := c.CheckStep(d.Step); err != nil {
		return err
	}
	c.Steps = int32(d.Step)
	s.settle(e, c)
	return nil
}

func (s *State) callback(e *Event, d *Callback) error {
	c := s.current
	if c == nil {
		return errNoCall
	}
	if err := s.check(d); err != nil {
		return err
	}
	dl := s.spare.deliveries.take()
	*dl = delivery.Delivery{
		ID: d.Delivery, CallID: c.ID, Call: c.Number, Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.CopyOf,
		State: d.State, Hold: d.Hold, Detached: d.Due != 0, EventTime: d.EventTime, Due: d.Due, Request: d.Request, Faults: d.Faults,
	}
	c.insert(dl)
	if dl.Request == nil {
		dl.Request = restoreRequest(s.endpoint(c.App, d.Via), d.Faults, d.URL, d.Body)
	}
	s.Deliveries[dl.ID] = dl
	s.Made = max(s.Made, dl.ID)
	c.Callbacks++
	s.Totals.Callbacks++
	if d.Generation == wire.V4 {
		c.LastEventTime = max(c.LastEventTime, d.EventTime)
	}
	if dl.Hold != delivery.NoHold {
		c.Held++
	}
	if dl.State.Settled() {
		s.Totals.Dropped++
		s.settle(e, c)
	} else {
		c.Open++
	}
	return nil
}

// insert gives a delivery its place in the call's order: a copy behind its
// original and the copies before, others at the end. A copy has its original's
// bytes and, if that one goes out of order, so does the copy.
func (c *Call) insert(dl *delivery.Delivery) {
	at := len(c.Deliveries)
	if dl.CopyOf != 0 {
		c.Copies++
		if i := c.find(dl.CopyOf); i >= 0 {
			original := c.Deliveries[i]
			dl.Request, dl.Detached = original.Request, dl.Detached || original.Detached
			for at = i + 1; at < len(c.Deliveries) && c.Deliveries[at].CopyOf == original.ID; at++ {
			}
		}
	}
	if c.Deliveries == nil { // a call's callbacks come several at a time
		c.Deliveries = make([]*delivery.Delivery, 0, 4)
	}
	c.Deliveries = slices.Insert(c.Deliveries, at, dl)
}

// find is the place of a delivery in the call's order, or -1.
func (c *Call) find(id uint64) int {
	return slices.IndexFunc(c.Deliveries, func(d *delivery.Delivery) bool { return d.ID == id })
}

// Callback finds the callback of a word by its place among those of its call, from
// 1; 0 is the first. With a copy, from 1, it is that copy of it. It is nil if there
// is none.
func (c *Call) Callback(w wire.Word, number, copy int) *delivery.Delivery {
	d := c.nth(max(1, number), func(d *delivery.Delivery) bool { return d.Word == w && d.CopyOf == 0 })
	if d == nil || copy == 0 {
		return d
	}
	return c.nth(copy, func(o *delivery.Delivery) bool { return o.CopyOf == d.ID })
}

// nth is the n-th of some callbacks in the order in which they were made, or nil.
func (c *Call) nth(n int, of func(*delivery.Delivery) bool) *delivery.Delivery {
	list := slices.DeleteFunc(slices.Clone(c.Deliveries), func(d *delivery.Delivery) bool { return !of(d) })
	if n > len(list) {
		return nil
	}
	slices.SortFunc(list, func(a, b *delivery.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return list[n-1]
}

func restoreRequest(to *delivery.Endpoint, h *delivery.Faults, url, body Text) *delivery.Request {
	if h != nil && h.ContentType != "" {
		return delivery.RestoreAs(to, h.ContentType, url, body)
	}
	return delivery.Restore(to, url, body)
}

func (s *State) released(e *Event, d *Released) error {
	c := s.current
	if c == nil {
		return errNoCall
	}
	i := c.find(d.Delivery)
	if i < 0 || c.Deliveries[i].Hold == delivery.NoHold || c.Deliveries[i].State != delivery.Queued {
		return fmt.Errorf("delivery %d is not held back", d.Delivery)
	}
	dl := c.Deliveries[i]
	dl.Hold = delivery.NoHold
	c.Held--
	if d.Due != 0 {
		dl.State, dl.Due, dl.Detached = delivery.Waiting, d.Due, true
		return nil
	}
	c.Deliveries = append(slices.Delete(c.Deliveries, i, i+1), dl)
	return nil
}

// endpoint is where the callbacks of a registration go.
func (s *State) endpoint(app uint32, via wire.Generation) *delivery.Endpoint {
	if t := s.Target(app, via); t != nil {
		return t.Endpoint
	}
	e, _ := delivery.ParseEndpoint("http://target.invalid/")
	return e
}

// Target finds a registration, or nil.
func (s *State) Target(app uint32, g wire.Generation) *Target {
	for i := range s.Targets {
		if s.Targets[i].App == app && s.Targets[i].Generation == g {
			return &s.Targets[i]
		}
	}
	return nil
}

func (s *State) attempt(e *Event, d *Attempt) error {
	dl := s.Deliveries[d.Delivery]
	if dl == nil || s.current == nil || dl.State.Settled() || dl.Hold != delivery.NoHold || dl.CallID != e.Call {
		return fmt.Errorf("delivery %d is not open", d.Delivery)
	}
	n := dl.Attempts // of one that was under way when a journal ended
	if dl.State != delivery.InFlight {
		n++
	}
	if d.Attempt != n {
		return fmt.Errorf("attempt %d: want %d", d.Attempt, n)
	}
	if dl.State != delivery.InFlight {
		dl.Refs.Add()
	}
	if len(d.URL) > 0 {
		s.rewritten(dl, d)
	}
	dl.State, dl.Attempts, dl.Due = delivery.InFlight, d.Attempt, 0
	s.Totals.Attempts++
	if s.reader {
		dl.Tries = append(dl.Tries, delivery.Try{Attempt: d.Attempt, Began: e.At})
	}
	return nil
}

// rewritten gives a delivery the request that was written again for an attempt, and
// the same to its copies that wait for their first: they repeat its bytes.
func (s *State) rewritten(dl *delivery.Delivery, d *Attempt) {
	c, was, r := s.current, dl.Request, d.Request
	if d.Moved {
		dl.Moved = true
		s.leave(was.Endpoint)
	}
	if r == nil {
		to := was.Endpoint
		if d.Moved {
			to = s.endpoint(c.App, dl.Via)
		}
		r = restoreRequest(to, dl.Faults, d.URL, was.Body())
	}
	dl.Request = r
	for _, o := range c.Deliveries {
		if o.CopyOf == dl.ID && o.Attempts == 0 {
			o.Request = r
		}
	}
	s.layRequestAside(c, was)
}

// leave remembers an address that a delivery had before: answers from there may
// repeat its secrets.
func (s *State) leave(at *delivery.Endpoint) {
	if !at.Secrets().Empty() && !slices.Contains(s.left, at.URL) {
		s.left = append(s.left, at.URL)
		s.leftSecrets.AddSet(at.Secrets())
	}
}

func (s *State) answer(e *Event, d *Answer) error {
	dl, c := s.Deliveries[d.Delivery], s.current
	if dl == nil || c == nil || dl.State != delivery.InFlight || dl.CallID != c.ID || dl.Attempts != d.Attempt {
		return fmt.Errorf("delivery %d: attempt %d is not in flight", d.Delivery, d.Attempt)
	}
	dl.Refs.Drop()
	dl.Last = d.Verdict
	dl.Last.Rule = delivery.PolicyOf(dl.Generation, s.Dialect).Rule
	if n := len(dl.Tries); n > 0 {
		dl.Tries[n-1].End(e.At, dl.Last, d.Body, d.Took)
	}
	if !(d.Verdict.Class == delivery.NoAnswer && d.Verdict.Failure.NeverConnected()) {
		s.Totals.Connected++
	}
	switch d.Then {
	case delivery.ThenRetry:
		dl.State, dl.Due = delivery.Waiting, d.Due
		return nil
	case delivery.ThenAcked:
		dl.State = delivery.Acked
		s.Totals.Acked++
	case delivery.ThenAbandoned:
		dl.State = delivery.Abandoned
		s.Totals.Abandoned++
	case delivery.ThenWithdrawn:
		dl.State = delivery.Withdrawn
		s.Totals.Withdrawn++
	}
	c.Open--
	s.settle(e, c)
	return nil
}

func (s *State) reset(d *Reset) {
	s.calls, s.Deliveries = map[string]*Call{}, map[uint64]*delivery.Delivery{}
	s.current, s.expected, s.settled, s.gone, s.spared = nil, nil, nil, 0, nil
	s.Faults, s.Warned, s.Totals, s.records, s.Live, s.Drained = nil, nil, Totals{}, records{}, 0, false
	if d.Registrations {
		s.Targets = nil
	}
}

func (s *State) settle(e *Event, c *Call) {
	if c.Over() {
		s.settled = append(s.settled, settledCall{e.Seq, c.ID})
	}
}

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
