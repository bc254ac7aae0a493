package sim

import (
	"cmp"

	"ringback/sim/call"
	"ringback/sim/fault"
	"ringback/sim/journal"
)

func parseFaults(on []string) ([]*fault.Active, error) {
	var fs []*fault.Active
	for _, s := range on {
		f, err := fault.Parse(s)
		if err != nil {
			return nil, err
		}
		fs = append(fs, f)
	}
	return fs, nil
}

// CheckFaults is the error that [Restore] would have of the faults that an event
// switches on: a newer version may know others.
func CheckFaults(e *journal.Event) error {
	var on []string
	switch d := e.Data.(type) {
	case *journal.Faults:
		on = d.On
	case *journal.Snapshot:
		on = d.Faults
	}
	_, err := parseFaults(on)
	return err
}

func (e *Engine) setFaults(now call.Instant, in SetFaults) error {
	fs, err := parseFaults(in.On)
	for _, f := range fs {
		err = cmp.Or(err, f.CheckSigned(in.Recorded || e.Signs()))
	}
	if err != nil {
		return err
	}
	e.outbox.SetFaults(fs)
	e.effects.Emit(now, "", &journal.Faults{On: in.On}, nil)
	return nil
}
