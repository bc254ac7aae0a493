package simapi

import (
	"cmp"
	"errors"
	"net/http"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/session"
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
	err := errors.Join(b.Session.SetTraffic(session.Traffic{On: b.TrafficOn}), b.Session.SetPace(b.Pace))
	if !b.Paused {
		b.Session.Loop().Resume()
	}
	if err = errors.Join(err, b.REST.PlanErrors(nil), b.Session.NoteTime()); err != nil {
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

	Pace      string   `json:"pace" jsonschema:"real, instant, or a factor like 10x"`
	Paused    bool     `json:"paused"`
	Traffic   bool     `json:"traffic" jsonschema:"calls come by themselves"`
	Apps      []uint32 `json:"apps" jsonschema:"whose calls can be placed; those of the first if nothing is said"`
	AnyIDs    bool     `json:"any_ids" jsonschema:"user ids may be others than CallKit's"`
	Signed    bool     `json:"signed" jsonschema:"callbacks are signed"`
	Heartbeat string   `json:"heartbeat" jsonschema:"how long a phone may be silent: a duration, or platform if that depends on the phone"`
}

func (b *backend) status(*http.Request) (v Status, _ error) {
	now, pace, paused := b.Session.Loop().Time()
	traffic, _ := b.Session.Traffic()
	heartbeat := cmp.Or(b.Heartbeat, sim.HeartbeatExpiry).String()
	if b.Heartbeat == sim.PlatformExpiry {
		heartbeat = "platform"
	}
	b.Session.State(func(s *journal.State) {
		v = Status{
			Version: s.Run.Version, Run: s.Run.Token, Seed: s.Run.Seed, Epoch: s.Run.Epoch, Now: now, Seq: s.Seq,
			Calls: s.Placed, Live: s.Live, Open: s.Totals.Open(), Totals: s.Totals,
			Pace: pace.String(), Paused: paused, Traffic: traffic.On, Apps: b.Apps, AnyIDs: b.AnyIDs, Signed: b.Signed, Heartbeat: heartbeat,
		}
	})
	return v, nil
}
