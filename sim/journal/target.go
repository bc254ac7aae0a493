package journal

import (
	"errors"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Target is a registration: where callbacks of an app go.
type Target struct {
	App        uint32
	Generation wire.Generation // whose API registered it
	Typed      bool
	Listed     Words      // what it subscribes to, in the order in which it was asked for
	Words      wire.Words // the same as a set
	Endpoint   *delivery.Endpoint
}

// Target finds a registration, or nil.
func (s *State) Target(app uint32, g wire.Generation) *Target {
	for i := range s.Targets {
		if s.Targets[i].App == app && s.Targets[i].Generation == g {
			return &s.Targets[i]
		}
	}
	return nil
}

func (s *State) register(d *Registered) error {
	if d.Generation == 0 {
		return errNoGeneration
	}
	t := Target{App: d.App, Generation: d.Generation, Typed: d.Typed, Listed: d.Words, Words: d.Words.Set(), Endpoint: d.Endpoint}
	if t.Endpoint == nil {
		url := d.URL
		if strings.HasPrefix(url, "/") { // the host was not journalled: it may be another one each time
			url = "http://target.invalid" + url
		}
		e, err := delivery.ParseEndpoint(url)
		if err != nil {
			return err
		}
		t.Endpoint = e
	}
	if t.Endpoint.Learned == d.Typed { // others may hold it: it does not change
		e := *t.Endpoint
		e.Learned = !d.Typed
		t.Endpoint = &e
	}
	for i := range s.Targets {
		if s.Targets[i].App == t.App && s.Targets[i].Generation == t.Generation {
			s.Targets[i] = t
			return nil
		}
	}
	s.Targets = append(s.Targets, t)
	return nil
}

// endpoint is where the callbacks of a registration go.
func (s *State) endpoint(app uint32, via wire.Generation) *delivery.Endpoint {
	if t := s.Target(app, via); t != nil {
		return t.Endpoint
	}
	e, _ := delivery.ParseEndpoint("http://target.invalid/")
	return e
}

var errNoGeneration = errors.New("generation: is missing")
