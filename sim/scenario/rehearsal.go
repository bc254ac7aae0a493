package scenario

import (
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
)

// Rehearsal is a run with a receiver that is not there and acknowledges everything
// at once.
type Rehearsal struct {
	Binding
	engine *sim.Engine
}

// Rehearse begins a rehearsal, in which nobody is in two calls at once.
func Rehearse(cfg sim.Config, b Binding) *Rehearsal {
	cfg.Exclusive, cfg.Keep = true, journal.Keep
	r := &Rehearsal{Binding: b, engine: sim.New(cfg)}
	r.engine.Begin()
	return r
}

// State is what has happened so far. It must not be changed.
func (r *Rehearsal) State() *journal.State { return r.engine.State() }

// Next is when something is due next, if anything is.
func (r *Rehearsal) Next() (at call.Instant, ok bool) { return r.engine.Next() }

// Do does what an operation says, and returns it as an input. One that is refused
// changes nothing but the time.
func (r *Rehearsal) Do(at call.Instant, do script.Deed) (sim.Input, error) {
	in := r.Input(do)
	err := r.Step(at, in, func(effects []sim.Effect) {
		if id := sim.Placed(effects); id != "" {
			r.Note(do, id)
		}
	})
	return in, err
}

// Step gives the engine an input, and acknowledges all that is sent then. Unless it is
// nil, seen gets what follows from each, valid only during the call.
func (r *Rehearsal) Step(at call.Instant, in sim.Input, seen func([]sim.Effect)) error {
	var sent []sim.Send
	step := func(in sim.Input) error {
		effects, err := r.engine.Step(at, in)
		for i := range effects {
			if effects[i].Send != nil {
				sent = append(sent, *effects[i].Send)
			}
		}
		if seen != nil {
			seen(effects)
		}
		return err
	}
	err := step(in)
	for len(sent) > 0 {
		s := sent[0]
		sent = sent[1:]
		if err := step(sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &acknowledgement}); err != nil {
			return err
		}
	}
	return err
}

// Until lets happen what is due by then.
func (r *Rehearsal) Until(at call.Instant) error {
	for next, more := r.Next(); more && next <= at; next, more = r.Next() {
		if err := r.Step(next, sim.Tick{}, nil); err != nil {
			return err
		}
	}
	return nil
}

// acknowledgement is an answer that both generations take.
var acknowledgement = delivery.Answer{Status: 200, Connected: true, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
