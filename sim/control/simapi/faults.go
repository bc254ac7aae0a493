package simapi

import (
	"net/http"

	"ringback/sim"
	"ringback/sim/fault"
	"ringback/sim/journal"
)

// Faults are the faults that are on.
type Faults struct {
	On []string `json:"on" jsonschema:"each a NAME[=AMOUNT][:SHARE%][@WORD], like delay=5s or drop:30%@call_end"`
}

func (b *backend) showFaults(*http.Request) (f Faults, _ error) {
	f.On = []string{}
	b.Session.State(func(s *journal.State) { f.On = append(f.On, s.Faults...) })
	return f, nil
}

func (b *backend) setFaults(r *http.Request, in Faults) (Faults, error) {
	for _, f := range in.On {
		active, err := fault.Parse(f)
		if err == nil {
			err = active.CheckSigned(b.Signed)
		}
		if err != nil {
			return Faults{}, wrong("on", "drop:30%@call_end", "%v", err)
		}
	}
	if err := b.Session.Do(sim.SetFaults{On: in.On}, nil); err != nil {
		return Faults{}, err
	}
	return b.showFaults(r)
}
