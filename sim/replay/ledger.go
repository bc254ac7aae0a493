package replay

import (
	"cmp"
	"maps"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Difference is a callback whose answers are not those in the journal.
type Difference struct {
	Change      Change          `json:"change"`
	Call        string          `json:"call"`     // its CallId as it is sent
	WasCall     string          `json:"was_call"` // and in the journal
	Number      uint64          `json:"number"`   // of its call, here and there
	Delivery    uint64          `json:"delivery"` // its number in this run
	WasDelivery uint64          `json:"was_delivery"`
	Generation  wire.Generation `json:"generation"`
	Word        wire.Word       `json:"word"`
	User        string          `json:"user,omitempty"`
	Copy        bool            `json:"copy,omitempty"`
	After       call.Span       `json:"after"` // from the start of its call
	Then        Outcome         `json:"then"`
	Now         Outcome         `json:"now"`
}

// entry is a callback in the ledger.
type entry struct {
	Difference
	request  *delivery.Request   // identifies it until it has a number
	hide     func(string) string // hides the secrets of its address in the journal
	thenOver bool                // the journal has no more of it
	nowOver  bool                // nor has this run
	sent     bool                // it had an attempt
	closed   bool                // it is counted

	// The copies that its faults make, in order. The two sides may have different numbers
	// of them so far.
	copies                []*entry
	copiesThen, copiesNow int
	twins                 []*entry // other copies
	original              *entry   // of a copy
}

// family is a callback with its copies. They have the same bytes, so that it is chance
// which of them a receiver treats as the first.
func (e *entry) family() []*entry {
	if e.original != nil {
		e = e.original
	}
	return slices.Concat([]*entry{e}, e.copies, e.twins)
}

// pair exchanges the outcomes of this run within a family, so that as many as possible
// are the same as in the journal.
func pair(family []*entry) {
	for _, a := range family {
		if a.closed || compare(&a.Then, &a.Now) == Same {
			continue
		}
		for _, b := range family {
			if b != a && !b.closed && compare(&a.Then, &b.Now) == Same && compare(&b.Then, &b.Now) != Same {
				a.Now, b.Now = b.Now, a.Now
				a.Delivery, b.Delivery = b.Delivery, a.Delivery
				break
			}
		}
	}
}

// next returns the next copy of one side.
func (e *entry) next(side *int) *entry {
	if *side == len(e.copies) {
		c := &entry{Difference: e.Difference, original: e}
		c.Copy, c.WasDelivery, c.Delivery, c.Then, c.Now = true, 0, 0, Outcome{}, Outcome{}
		e.copies = append(e.copies, c)
	}
	*side++
	return e.copies[*side-1]
}

// ledger compares how each callback is answered now with the journal. Either may be known
// first.
type ledger struct {
	differs func(*Difference) error
	all     bool                // differs is called for callbacks that do not differ, too
	err     error               // that it returned
	hide    func(string) string // hides the secrets of the address now
	then    map[uint64]*entry   // by number in the journal
	now     map[uint64]*entry   // by number in this run, until it is settled there
	given   *entry              // to the engine, last
	again   uint64              // callbacks of the journal that were sent
	sum     Summary
	crowd   int // number of entries at which forget runs
}

const leastCrowd = 4096

func newLedger(to *delivery.Endpoint, differs func(*Difference) error) *ledger {
	return &ledger{differs: differs, hide: to.Hide, then: map[uint64]*entry{}, now: map[uint64]*entry{}, crowd: leastCrowd}
}

// enter adds a callback of the journal, which has this CallId now.
func (l *ledger) enter(s *shot, id string) *entry {
	d, e := s.callback, new(entry)
	switch original := l.then[d.CopyOf]; {
	case original == nil:
	case s.follows:
		e = original.next(&original.copiesThen)
	default:
		e.original = original
		original.twins = append(original.twins, e)
	}
	e.Call, e.WasCall, e.Number, e.WasDelivery = id, s.call.ID, s.call.Number, d.Delivery
	e.Generation, e.Word, e.User, e.Copy = d.Generation, d.Word, d.User, d.CopyOf != 0
	e.After, e.hide = call.Span(d.EventTime.Sub(s.call.StartAt)), s.was.Request.Endpoint.Hide
	e.closed = d.State == delivery.Dropped // there is nothing to compare
	l.then[d.Delivery] = e
	return e
}

// remember adds what is known about a saved callback.
func (l *ledger) remember(e *entry, d *journal.SavedDelivery, rule delivery.Rule) {
	for _, t := range d.Tries {
		if t.Verdict != nil {
			v := *t.Verdict
			v.Rule = rule // journals leave the rule to the dialect
			e.Then.read(v, []byte(t.Answer), e.hide)
		}
	}
	switch d.State {
	case delivery.Acked:
		l.overThen(e, Acked)
	case delivery.Abandoned:
		l.overThen(e, Abandoned)
	case delivery.Withdrawn:
		l.overThen(e, Withdrawn)
	}
}

// past records an answer in the journal. The state is that right after the event.
func (l *ledger) past(st *journal.State, data journal.Data) {
	switch d := data.(type) {
	case *journal.Answer:
		if e := l.then[d.Delivery]; e != nil {
			e.Then.read(st.Deliveries[d.Delivery].Last, d.Body, e.hide)
			if end, over := endOf(d.Then); over {
				l.overThen(e, end)
			}
		}
	case *journal.Withdrawn:
		l.overThen(l.then[d.Delivery], Withdrawn)
	case *journal.GivenUp:
		l.overThen(l.then[d.Delivery], GivenUp)
	case *journal.Reset:
		for _, e := range l.inOrder() {
			l.overThen(e, e.Then.End)
		}
	}
}

// see records an event of this run.
func (l *ledger) see(data journal.Data) {
	switch d := data.(type) {
	case *journal.Callback:
		l.made(d)
	case *journal.Attempt:
		l.sum.Attempts++
		if e := l.now[d.Delivery]; e != nil && !e.sent {
			e.sent = true
			l.sum.Sent++
		}
	case *journal.Answer:
		if v := d.Verdict; v.Class != delivery.NoAnswer || !v.Failure.NeverConnected() {
			l.sum.Connected++
		}
		if e := l.now[d.Delivery]; e != nil {
			e.Now.read(d.Verdict, d.Body, l.hide)
			if end, over := endOf(d.Then); over {
				l.overNow(e, end)
			}
		}
	case *journal.Withdrawn:
		l.overNow(l.now[d.Delivery], Withdrawn)
	case *journal.Reset:
		for _, id := range slices.Sorted(maps.Keys(l.now)) {
			l.overNow(l.now[id], l.now[id].Now.End)
		}
	}
}

// made gives an entry the number of its callback.
func (l *ledger) made(d *journal.Callback) {
	e := l.given
	switch original := l.now[d.CopyOf]; {
	case e != nil && e.request == d.Request:
		l.given = nil
	case original != nil:
		e = original.next(&original.copiesNow)
	default:
		return
	}
	e.Delivery = d.Delivery
	if d.State == delivery.Dropped {
		l.sum.NeverSent++
		return
	}
	l.now[d.Delivery] = e
}

func endOf(t delivery.Then) (end End, over bool) {
	switch t {
	case delivery.ThenAcked:
		return Acked, true
	case delivery.ThenAbandoned:
		return Abandoned, true
	case delivery.ThenWithdrawn:
		return Withdrawn, true
	}
	return NoEnd, false
}

func (l *ledger) overThen(e *entry, end End) {
	if e != nil && !e.thenOver {
		e.thenOver, e.Then.End = true, end
		l.settle(e)
	}
}

func (l *ledger) overNow(e *entry, end End) {
	if e != nil && !e.nowOver {
		switch e.nowOver, e.Now.End = true, end; end {
		case Acked:
			l.sum.Acked++
		case Abandoned:
			l.sum.Abandoned++
		}
		l.settle(e)
	}
}

func (l *ledger) settle(e *entry) {
	family := e.family()
	for _, one := range family {
		if !one.closed && !(one.thenOver && one.nowOver) {
			return
		}
	}
	pair(family)
	for _, one := range family {
		l.close(one)
	}
}

// close counts a callback.
func (l *ledger) close(e *entry) {
	if e.closed {
		return
	}
	e.closed = true
	if !e.sent {
		return
	}
	if e.WasDelivery != 0 {
		l.again++
	}
	e.Change = compare(&e.Then, &e.Now)
	*l.sum.of(e.Change)++
	if differs := e.Change != Same && e.Change != NotCompared; (differs || l.all) && l.err == nil {
		l.err = l.differs(&e.Difference)
	}
	e.Then, e.Now = Outcome{}, Outcome{}
}

// finish counts the rest: no more will be known about it.
func (l *ledger) finish() {
	for _, e := range l.inOrder() {
		pair(e.family())
		l.close(e)
		for _, c := range e.copies {
			l.close(c)
		}
	}
}

// summary returns the counts.
func (l *ledger) summary(callbacks uint64) *Summary {
	s := l.sum
	s.Callbacks, s.NotSent = callbacks, callbacks-l.again
	return &s
}

func (l *ledger) inOrder() []*entry {
	return slices.SortedFunc(maps.Values(l.then), func(a, b *entry) int { return cmp.Compare(a.WasDelivery, b.WasDelivery) })
}

// forget drops entries that neither the journal nor the engine can refer to again. It
// scans all entries, so it runs only when there are twice as many as last time.
func (l *ledger) forget(then, now *journal.State) {
	if len(l.then)+len(l.now) < l.crowd {
		return
	}
	maps.DeleteFunc(l.now, func(id uint64, e *entry) bool { return e.nowOver && now.Deliveries[id] == nil })
	maps.DeleteFunc(l.then, func(id uint64, e *entry) bool { return e.closed && then.Deliveries[id] == nil && l.closeCopies(e) })
	l.crowd = max(leastCrowd, 2*(len(l.then)+len(l.now)))
}

// closeCopies closes the copies of an entry about which no more will be known, and
// reports whether those are all.
func (l *ledger) closeCopies(e *entry) bool {
	all := true
	for _, c := range e.copies {
		if c.Delivery == 0 || c.nowOver {
			l.close(c)
		}
		all = all && c.closed
	}
	return all
}
