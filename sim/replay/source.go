package replay

import (
	"cmp"
	"maps"
	"slices"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// source feeds an engine from a recording, each input at its time. It is a
// [ringback/sim/run.Source].
type source struct {
	tape    *tape
	next    func() (*journal.Event, error, bool) // event of the journal
	ledger  *ledger
	renewal renewal
	to      *delivery.Endpoint
	dialect map[string]string // choices that stay, whatever the journal says

	inputs []input // that the latest event makes
	led    bool    // what comes before the first callback was read
	err    error   // that ended the journal
}

// lead is the part of a source before the first callback. It plays without waiting, at
// any pace: calls may have been in progress for hours.
type lead struct{ *source }

// Next returns the time of the next input.
func (l lead) Next() (at call.Instant, ok bool) {
	at, ok = l.source.Next()
	if ok && l.inputs[0].callback == nil {
		return at, true
	}
	l.led = l.err == nil
	return 0, false
}

// input is an input at a time, and the callback that it sends.
type input struct {
	at       call.Instant
	input    sim.Input
	callback *entry
	copyOf   *entry
}

// Next returns the time of the next input.
func (s *source) Next() (at call.Instant, ok bool) {
	for len(s.inputs) == 0 {
		if !s.read() {
			return 0, false
		}
	}
	return s.inputs[0].at, true
}

// Take returns the next input.
func (s *source) Take() sim.Input {
	in := s.inputs[0]
	s.inputs = s.inputs[1:]
	s.ledger.given = in.callback
	if in.copyOf != nil { // its original has its number now
		in.input.(sim.Recorded).Data.(*journal.Callback).CopyOf = in.copyOf.Delivery
	}
	return in.input
}

// Refused counts an input that the engine refused, most likely because its call ended so
// long ago that it was dropped.
func (s *source) Refused(error) error {
	s.ledger.sum.LeftOut++
	return nil
}

// read handles the journal's next event, if there is one.
func (s *source) read() bool {
	if s.err != nil {
		return false
	}
	e, err, ok := s.next()
	if !ok {
		return false
	}
	if err == nil {
		s.inputs = s.inputs[:0]
		err = s.tape.wind(e, s.shoot)
	}
	if s.err = err; err != nil {
		return false
	}
	s.ledger.past(s.tape.state, e.Data)
	return true
}

// shoot makes an input of something that is to be repeated.
func (s *source) shoot(sh shot) {
	in := input{at: s.renewal.time(sh.at)}
	if sh.callback != nil {
		s.shootCallback(sh, in)
		return
	}
	switch d := sh.data.(type) {
	case *journal.Registered:
		in.input = sim.Register{App: s.renewal.appOf(d.App), Generation: d.Generation, Endpoint: s.to, Typed: true, Words: d.Words}
	case *journal.Unregistered:
		in.input = sim.Unregister{App: s.renewal.appOf(d.App), Generation: d.Generation}
	case *journal.Reset:
		in.input = sim.Reset{Registrations: d.Registrations}
	case *journal.DialectSet:
		in.input = s.speak(d)
	case *journal.Faults:
		in.input = sim.SetFaults{On: d.On, Recorded: true} // for readers of this run's journal: their effects are in the callbacks
	case *journal.Drained:
		in.input = sim.Drain{}
	case *journal.Fact:
		in.input = s.again(sh, s.renewal.fact(d))
	case *journal.SavedCall:
		in.input = s.again(sh, s.renewal.savedCall(d))
	default:
		in.input = s.again(sh, d)
	}
	s.inputs = append(s.inputs, in)
}

// again repeats what happened in a call.
func (s *source) again(sh shot, d journal.Data) sim.Recorded {
	return sim.Recorded{Call: s.renewal.id(sh.call.ID, sh.call.Number), Data: d}
}

// speak applies the journal's dialect, except for the choices of this run.
func (s *source) speak(d *journal.DialectSet) sim.SetDialect {
	var set []string
	for _, key := range slices.Sorted(maps.Keys(d.Set)) {
		if _, stays := s.dialect[key]; !stays {
			set = append(set, key+"="+d.Set[key])
		}
	}
	return sim.SetDialect{Set: set}
}

// sorted reports whether the parameters of queries are sorted, by the journal's dialect
// or by the choices of this run.
func (s *source) sorted() bool {
	return cmp.Or(s.dialect["query_order"], s.tape.state.Dialect.QueryOrder) == "sorted"
}

func (s *source) shootCallback(sh shot, in input) {
	d := *sh.callback
	in.callback = s.ledger.enter(&sh, s.renewal.id(sh.call.ID, sh.call.Number))
	if sh.saved != nil {
		s.ledger.remember(in.callback, sh.saved, delivery.PolicyOf(d.Generation, s.tape.state.Dialect).Rule)
	}
	if sh.follows {
		return
	}
	in.copyOf = s.ledger.then[d.CopyOf]
	d.CopyOf = 0
	d.Due, d.EventTime = s.renewal.time(d.Due), s.renewal.time(d.EventTime)
	d.Request = s.renewal.request(&sh, s.to, s.sorted())
	d.URL, d.Body = d.Request.Target(), d.Request.Body()
	in.callback.request = d.Request
	in.input = s.again(sh, &d)
	s.inputs = append(s.inputs, in)
}
