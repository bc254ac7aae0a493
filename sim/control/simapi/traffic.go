package simapi

import (
	"errors"
	"net/http"

	"ringback/sim/call"
	"ringback/sim/session"
)

// TrafficView says whether calls come by themselves, and when.
type TrafficView struct {
	On   bool         `json:"on"`
	Rate float64      `json:"rate,omitempty" jsonschema:"calls per second of simulated time; absent: as many as their people make at the time of day"`
	Next call.Instant `json:"next,omitzero" jsonschema:"when the next one comes"`
}

// Switching lets calls come by themselves, or no more.
type Switching struct {
	On   bool    `json:"on"`
	Rate float64 `json:"rate,omitempty" jsonschema:"calls per second of simulated time, up to 10000; as many as their people make at the time of day if left out"`
}

// maxRate is the max rate of traffic, in calls per second.
const maxRate = 10_000

func (b *backend) showTraffic(*http.Request) (TrafficView, error) {
	t, next := b.Session.Traffic()
	return TrafficView{t.On, t.Rate, next}, nil
}

func (b *backend) setTraffic(r *http.Request, in Switching) (TrafficView, error) {
	if in.Rate < 0 || in.Rate > maxRate {
		return TrafficView{}, wrong("rate", "2", "%g: want 0 to %d calls per second", in.Rate, maxRate)
	}
	if in.Rate != 0 && !in.On {
		return TrafficView{}, wrong("rate", "", "does not go with on=false")
	}
	switch err := b.Session.SetTraffic(session.Traffic(in)); {
	case errors.Is(err, session.ErrEndless), errors.Is(err, session.ErrNoTraffic):
		return TrafficView{}, NewProblem(http.StatusConflict, KindForbidden, "%v", err)
	case err != nil:
		return TrafficView{}, wrong("rate", "2", "%v", err)
	}
	return b.showTraffic(r)
}
