package journal

import (
	"iter"
	"maps"
	"slices"

	"ringback/sim/delivery"
	"ringback/sim/secret"
)

// Masked returns an event without the secrets of configured URLs, or e itself if it has
// none. Everyone but the journal file gets this form. The state must be the one right
// after the event.
func (s *State) Masked(e *Event) *Event {
	masked := *e
	switch d := e.Data.(type) {
	case *Run:
		c := *d
		c.Flags = maps.Clone(d.Flags)
		if target, ok := c.Flags["target"]; ok {
			c.Flags["target"] = secret.URL(target)
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
		c := *d
		if c.URL = Text(s.Deliveries[d.Delivery].Request.Endpoint.HideTarget(string(d.URL))); string(c.URL) == string(d.URL) {
			return e
		}
		masked.Data = &c
	case *Attempt:
		if len(d.URL) == 0 {
			return e
		}
		c := *d
		c.URL = Text(s.Deliveries[d.Delivery].Request.Endpoint.HideTarget(string(d.URL)))
		masked.Data = &c
	case *Answer:
		c, at := *d, s.Deliveries[d.Delivery].Request.Endpoint
		c.Verdict.Detail, c.Body = s.Hide(at, d.Verdict.Detail), Text(s.Hide(at, string(d.Body)))
		if len(d.Head) > 0 {
			c.Head = Text(s.Hide(at, string(d.Head)))
		}
		if c.Verdict.Detail == d.Verdict.Detail && string(c.Body) == string(d.Body) && string(c.Head) == string(d.Head) {
			return e
		}
		masked.Data = &c
	case *SavedCall:
		masked.Data = s.maskedCall(d)
	case *Snapshot:
		masked.Data = maskedSnapshot(d)
	default:
		return e
	}
	return &masked
}

// Hide returns a text that came from a receiver without the secrets of any
// configured address: one receiver may be registered at several.
func (s *State) Hide(at *delivery.Endpoint, text string) string {
	hide := s.Secrets.Hide
	if len(text) >= delivery.MaxAnswer { // it may end within a secret
		hide = s.Secrets.HideCut
	}
	text = at.Hide(text)
	for i := range s.Targets {
		if other := s.Targets[i].Endpoint; other != at {
			text = other.Hide(text)
		}
	}
	return hide(s.hideOld(text))
}

// hideOld hides the secrets of addresses that deliveries had before.
func (s *State) hideOld(text string) string {
	if len(text) >= delivery.MaxAnswer {
		return s.oldSecrets.HideCut(text)
	}
	return s.oldSecrets.Hide(text)
}

// Shown returns the header and the events of [State.Snapshot] as everyone but the journal
// file gets them: without secrets, see [State.Masked]. They fold into the same state, but
// for what is masked.
func (s *State) Shown() iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		if !yield(s.Masked(&Event{At: s.Run.Epoch, Data: &s.Run})) {
			return
		}
		for e := range s.Snapshot() {
			if !yield(s.Masked(e)) {
				return
			}
		}
	}
}

func (s *State) maskedCall(d *SavedCall) *SavedCall {
	c := *d
	c.Deliveries = slices.Clone(d.Deliveries)
	for i := range c.Deliveries {
		saved := &c.Deliveries[i]
		at := s.Deliveries[saved.ID].Request.Endpoint
		saved.Address, saved.URL = at.Shown(), Text(at.HideTarget(string(saved.URL)))
		saved.Last = s.maskedVerdict(at, saved.Last)
		saved.Tries = slices.Clone(saved.Tries)
		for j := range saved.Tries {
			t := &saved.Tries[j]
			t.Verdict, t.Documented, t.Answer = s.maskedVerdict(at, t.Verdict), s.maskedVerdict(at, t.Documented), s.Hide(at, t.Answer)
		}
	}
	return &c
}

func (s *State) maskedVerdict(at *delivery.Endpoint, v *delivery.Verdict) *delivery.Verdict {
	if v == nil || v.Detail == "" {
		return v
	}
	masked := *v
	masked.Detail = s.Hide(at, v.Detail)
	return &masked
}

func maskedSnapshot(d *Snapshot) *Snapshot {
	c := *d
	c.Targets = slices.Clone(d.Targets)
	for i := range c.Targets {
		c.Targets[i].URL = secret.URL(c.Targets[i].URL)
	}
	c.Left = nil // of addresses with secrets, which are not shown
	return &c
}
