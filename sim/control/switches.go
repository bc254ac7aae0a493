package control

import (
	"net/http"

	"ringback/sim"
	"ringback/sim/control/rest"
	"ringback/sim/fault"
	"ringback/sim/journal"
)

// Registrations are all registrations.
type Registrations struct {
	Registrations []RegistrationView `json:"registrations"`
}

func (b *Backend) listRegistrations(*http.Request) (list Registrations, _ error) {
	list.Registrations = []RegistrationView{}
	b.Read(func(s *journal.State) {
		for _, t := range s.Targets {
			v := RegistrationView{SDKAppID: t.App, Generation: t.Generation, Address: t.Endpoint.Shown(), Typed: t.Typed}
			for _, w := range t.Listed {
				v.Words = append(v.Words, w.String())
			}
			list.Registrations = append(list.Registrations, v)
		}
	})
	return list, nil
}

// Faults are the faults that are on.
type Faults struct {
	On []string `json:"on" jsonschema:"each a NAME[=AMOUNT][:SHARE%][@WORD], like delay=5s or drop:30%@call_end"`
}

func (b *Backend) showFaults(*http.Request) (f Faults, _ error) {
	f.On = []string{}
	b.Read(func(s *journal.State) { f.On = append(f.On, s.Faults...) })
	return f, nil
}

func (b *Backend) setFaults(r *http.Request, in Faults) (Faults, error) {
	for _, f := range in.On {
		active, err := fault.Parse(f)
		if err == nil {
			err = active.CheckSigned(b.cfg.Sign != "")
		}
		if err != nil {
			return Faults{}, wrong("on", "drop:30%@call_end", "%v", err)
		}
	}
	if err := b.Do(sim.SetFaults{On: in.On}, nil); err != nil {
		return Faults{}, err
	}
	return b.showFaults(r)
}

// Errors are the errors that the REST API will answer.
type Errors struct {
	Errors []rest.PlannedError `json:"errors"`
}

func (b *Backend) showErrors(*http.Request) (Errors, error) {
	return Errors{append([]rest.PlannedError{}, b.PlannedErrors()...)}, nil
}

func (b *Backend) setErrors(r *http.Request, in Errors) (Errors, error) {
	if err := b.PlanErrors(in.Errors); err != nil {
		return Errors{}, wrong("errors", `[{"path":"/v1/callback/set","code":70005,"times":1}]`, "%v", err)
	}
	return b.showErrors(r)
}
