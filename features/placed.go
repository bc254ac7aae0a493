package features

import (
	"bytes"
	"context"
	"errors"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// Call is a call that a scenario placed, with its callbacks.
type Call struct {
	ID      string   // the CallId
	Number  int      // counts the calls of the scenario, from 1
	Name    string   // that the scenario gave it, as in "alice calls bob as call first"; else empty
	Media   string   // audio or video
	Group   bool     // it is a group call
	Caller  string   // user ids are those of callbacks
	Callees []string // all who were ever invited or joined
	Members []string // who is called or in the call now
	Result  string   // normal_end, reject, not_answer, call_busy, cancel or interrupt; empty until it is over
	// When it began, was answered and ended, in simulated time; zero if it did not.
	Start, Accept, End time.Time
	Callbacks          []Callback // so far
}

// Callback is a callback about a call.
type Callback struct {
	Word         string // normal_end, caller_start_call, or a command of v4
	Generation   string // v1 or v4
	User         string // whom it is about
	Body         []byte // of the request; each attempt sends the same
	Acknowledged bool   // the sender took an answer for an acknowledgement
	State        string // acked, abandoned or dropped; else it is not settled, see [Deliver]
	Attempts     []Attempt
}

// Attempt is one request of a callback, and its answer.
type Attempt struct {
	Status  int           // of HTTP; 0 without an answer
	Answer  string        // its body
	Problem string        // why it does not acknowledge the callback, in words; else empty
	Took    time.Duration // wall time; 0 while there is no answer
}

// CallsOf returns the calls that a scenario has placed so far, in that order: for steps and
// hooks of your own, which hand on their context. It panics if that is no scenario's with
// Ringback's steps.
func CallsOf(ctx context.Context) (list []Call) {
	s := worldIn(ctx)
	if s == nil {
		panic(errNoScenario)
	}
	names := map[string]string{}
	for name, id := range s.binding.Calls() {
		names[id] = name
	}
	s.read(func(st *journal.State) {
		for _, c := range st.CallsAfter(0) {
			list = append(list, seen(c, names[c.ID]))
		}
	})
	return list
}

// Deliver lets simulated time pass until each callback so far is acknowledged or given up,
// for a step of your own that looks at the receiver. At a Then it was called already. The
// context is that of the step.
func Deliver(ctx context.Context) error {
	s := worldIn(ctx)
	switch {
	case s == nil:
		return errNoScenario
	case s.session == nil: // no call is placed
		return nil
	}
	return s.settle(ctx)
}

var errNoScenario = errors.New("the context is not that of a step or hook of a scenario with Ringback's steps: see features.Suite and features.Register")

func seen(c *journal.Call, name string) Call {
	is := Call{
		ID: c.ID, Number: int(c.Number), Name: name, Media: c.Media.String(), Group: c.Kind == call.Group, Caller: c.Caller(),
		Start: when(c.StartAt), Accept: when(c.AcceptAt), End: when(c.EndAt),
	}
	for i := range c.Members {
		m := &c.Members[i]
		if i > 0 {
			is.Callees = append(is.Callees, m.ID)
		}
		if m.Present() && c.EndAt == 0 {
			is.Members = append(is.Members, m.ID)
		}
	}
	if c.EndAt != 0 {
		is.Result = c.Result.String()
	}
	for _, d := range c.Deliveries {
		is.Callbacks = append(is.Callbacks, callback(d))
	}
	return is
}

func callback(d *delivery.Delivery) Callback {
	is := Callback{
		Word: d.Word.String(), Generation: d.Generation.String(), User: d.User, Body: bytes.Clone(d.Request.Body()),
		Acknowledged: d.State == delivery.Acked, State: d.State.String(),
	}
	for i := range d.Tries {
		t := &d.Tries[i]
		a := Attempt{Answer: t.Answer, Took: t.Took}
		if v := t.Verdict; v != nil {
			if a.Status = v.Status; !v.Acked() {
				a.Problem = v.Reason()
			}
		}
		is.Attempts = append(is.Attempts, a)
	}
	return is
}

func when(at call.Instant) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return at.Time()
}
