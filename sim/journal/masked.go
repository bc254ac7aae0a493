package journal

import (
	"maps"

	"ringback/sim/delivery"
)

// Masked is an event without the secrets of configured URLs, as everybody but
// the journal file gets it: the event itself if it has none. The state is that
// right after the event.
func (s *State) Masked(e *Event) *Event {
	masked := *e
	switch d := e.Data.(type) {
	case *Run:
		c := *d
		c.Flags = maps.Clone(d.Flags)
		if target, ok := c.Flags["target"]; ok {
			c.Flags["target"] = delivery.HideQuery(target)
		}
		masked.Data = &c
	case *Registered:
		c := *d
		t := s.Target(d.App, d.Generation)
		if c.URL = t.Endpoint.Shown(); d.URL != t.Endpoint.URL { // without its host
			c.URL = t.Endpoint.HideTarget(d.URL)
		}
		masked.Data = &c
	case *Callback:
		c, at := *d, s.Deliveries[d.Delivery].Request.Endpoint
		if !at.Secret() {
			return e
		}
		c.URL = Text(at.HideTarget(string(d.URL)))
		masked.Data = &c
	case *Answer:
		c, at := *d, s.Deliveries[d.Delivery].Request.Endpoint
		if !at.Secret() {
			return e
		}
		c.Verdict.Detail, c.Body = at.Hide(d.Verdict.Detail), Text(at.Hide(string(d.Body)))
		masked.Data = &c
	default:
		return e
	}
	return &masked
}
