package simapi

import (
	"errors"
	"net/http"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
)

// Resetting says what to forget.
type Resetting struct {
	Registrations bool `json:"registrations,omitempty" jsonschema:"forget where callbacks go, too"`
}

// reset makes everything as it was at the start, but for the registrations and
// the ids, which go on counting.
func (b *backend) reset(r *http.Request, in Resetting) (Status, error) {
	if err := b.Session.Do(sim.Reset{Registrations: in.Registrations}, nil); err != nil {
		return Status{}, err
	}
	b.Session.Loop().SetPace(b.Pace)
	if !b.Paused {
		b.Session.Loop().Resume()
	}
	if err := errors.Join(b.REST.PlanErrors(nil), b.Session.NoteTime()); err != nil {
		return Status{}, err
	}
	return b.status(r)
}

// Status is the run and its totals.
type Status struct {
	Version string         `json:"version"`
	Run     string         `json:"run" jsonschema:"the token in all call and room ids"`
	Seed    uint64         `json:"seed"`
	Epoch   call.Instant   `json:"epoch"`
	Now     call.Instant   `json:"now"`
	Seq     uint64         `json:"seq" jsonschema:"of the latest event"`
	Calls   uint64         `json:"calls" jsonschema:"placed so far, over all resets"`
	Live    int            `json:"live" jsonschema:"calls that are not over"`
	Open    uint64         `json:"open" jsonschema:"callbacks that are neither acknowledged nor given up"`
	Totals  journal.Totals `json:"totals"`
}

func (b *backend) status(*http.Request) (v Status, _ error) {
	now := b.Session.Now()
	b.Session.State(func(s *journal.State) {
		v = Status{
			Version: s.Run.Version, Run: s.Run.Token, Seed: s.Run.Seed, Epoch: s.Run.Epoch, Now: now, Seq: s.Seq,
			Calls: s.Placed, Live: s.Live, Open: s.Totals.Open(), Totals: s.Totals,
		}
	})
	return v, nil
}
