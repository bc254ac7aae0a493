package simapi

import (
	"cmp"
	"errors"
	"net/http"

	"ringback/sim"
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
	if b.Paused {
		b.Session.Loop().Pause()
	} else {
		b.Session.Loop().Resume()
	}
	if err = errors.Join(err, b.REST.PlanErrors(nil), b.Session.NoteTime()); err != nil {
		return Status{}, err
	}
	return b.status(r)
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
			Version: b.Version, Run: s.Run.Token, Seed: s.Run.Seed, Epoch: s.Run.Epoch, Now: now, Seq: s.Seq,
			Calls: s.Placed, Live: s.Live, Open: s.Totals.Open(), Totals: s.Totals,
			Pace: pace.String(), Paused: paused, Traffic: traffic.On, Apps: b.Apps, AnyIDs: b.AnyIDs, Signed: b.Signed, Heartbeat: heartbeat,
		}
	})
	return v, nil
}
