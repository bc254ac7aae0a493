package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/simapi"
	"ringback/sim/script"
)

// Do gives the server an input: one of [sim.Place], [sim.Act], [sim.RetryNow],
// [sim.GiveUp], [sim.Duplicate], [sim.Replay], [sim.SetFaults], [sim.SetDialect] and
// [sim.Reset]. It returns the CallId of the call that was placed.
func (s *Server) Do(ctx context.Context, in sim.Input) (placed string, err error) {
	var ignored json.RawMessage
	post := func(path string, body any) error { return s.ask(ctx, http.MethodPost, path, body, &ignored) }
	handle := func(id uint64, do string) error {
		return post(fmt.Sprintf("/deliveries/%d/actions", id), simapi.Handling{Do: do})
	}
	switch in := in.(type) {
	case sim.Place:
		return s.place(ctx, &in)
	case *sim.Place:
		return s.place(ctx, in)
	case sim.Act:
		body, err := acting(in.Action)
		if err != nil {
			return "", err
		}
		return "", post("/calls/"+url.PathEscape(in.Call)+"/actions", body)
	case sim.RetryNow:
		return "", handle(in.Delivery, "retry_now")
	case sim.GiveUp:
		return "", handle(in.Delivery, "give_up")
	case sim.Duplicate:
		return "", handle(in.Delivery, "duplicate")
	case sim.Replay:
		return "", post("/calls/"+url.PathEscape(in.Call)+"/actions", simapi.Acting{Do: "replay"})
	case sim.SetFaults:
		if len(in.On) == 0 {
			return "", s.ask(ctx, http.MethodDelete, "/faults", nil, &ignored)
		}
		return "", s.ask(ctx, http.MethodPut, "/faults", simapi.Faults{On: in.On}, &ignored)
	case sim.SetDialect:
		return "", post("/dialect", simapi.Choosing{Set: in.Set})
	case sim.Reset:
		return "", post("/reset", simapi.Resetting{Registrations: in.Registrations})
	}
	return "", fmt.Errorf("%T: no request of the simulation API does that", in)
}

func (s *Server) place(ctx context.Context, in *sim.Place) (string, error) {
	setup := &in.Setup
	p := simapi.Placing{
		SDKAppID: setup.App, Caller: setup.Caller, Callees: setup.Callees, Media: setup.Media.String(), Group: setup.Kind == call.Group,
		Busy: setup.Busy, Unreachable: setup.Away, Room: setup.Room, Generation: in.Generation.String(), Fails: in.Fail, RingLater: in.RingLater,
	}
	if d := setup.Device; d != nil {
		p.Platform, p.ClientIP = d.Platform, d.IP
	}
	if x := setup.Extra; x != nil {
		p.UserData, p.ChatGroup = x.UserData, x.ChatGroup
		if x.Rings != 0 {
			p.Rings = time.Duration(x.Rings).String()
		}
	}
	for _, step := range in.Plan {
		a, err := acting(step.Action)
		if err != nil {
			return "", err
		}
		p.Plan = append(p.Plan, simapi.Planned{At: time.Duration(step.After).String(), Acting: a})
	}
	var placed simapi.CallView
	err := s.ask(ctx, http.MethodPost, "/calls", p, &placed)
	return placed.ID, err
}

// acting is an action in the words of the API.
func acting(a call.Action) (in simapi.Acting, err error) {
	do, with, err := script.FormatAction(a)
	if err != nil {
		return in, err
	}
	with["do"] = do
	text, err := json.Marshal(with)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(text, &in)
}

// SetClock changes how time passes.
func (s *Server) SetClock(ctx context.Context, in simapi.Clocking) (c simapi.Clock, err error) {
	return c, s.ask(ctx, http.MethodPost, "/clock", in, &c)
}

// SetTraffic starts or stops background calls.
func (s *Server) SetTraffic(ctx context.Context, in simapi.Switching) (t simapi.TrafficView, err error) {
	return t, s.ask(ctx, http.MethodPut, "/traffic", in, &t)
}

// Traffic shows whether calls come by themselves, and when.
func (s *Server) Traffic(ctx context.Context) (t simapi.TrafficView, err error) {
	return t, s.ask(ctx, http.MethodGet, "/traffic", nil, &t)
}

// Save writes the journal so far: all events if they are all kept, else what they add up
// to. Secrets are masked in it.
func (s *Server) Save(ctx context.Context, to io.Writer) error {
	resp, err := s.open(ctx, http.MethodGet, "/snapshot?full=true", nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(to, resp.Body)
	return err
}
