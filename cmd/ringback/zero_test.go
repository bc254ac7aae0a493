package main

import (
	"strings"
	"testing"

	"ringback/features"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver"
	"ringback/sim"
	"ringback/sim/control"
	"ringback/sim/explore"
	"ringback/sim/load"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/replay"
	"ringback/sim/run"
)

// What a user of the packages forgets to fill in is an error that names it, not a
// panic.
func TestForgottenFields(t *testing.T) {
	at := harness.Endpoint(t, "http://127.0.0.1:9/")
	sender := func() run.Sender { return post.New(&post.Options{}) }
	ignored := func(_ any, err error) error { return err }
	for name, c := range map[string]struct {
		call func() error
		want string
	}{
		"run, nothing":      {func() error { return run.New(run.Config{}).Run(t.Context()) }, "run.Config.Engine"},
		"run, engine":       {func() error { return run.New(run.Config{Engine: sim.New(sim.Config{})}).Run(t.Context()) }, "run.Config.NewSender"},
		"explore, nothing":  {func() error { return ignored(explore.Run(t.Context(), explore.Config{})) }, "explore.Config.Endpoint"},
		"explore, endpoint": {func() error { return ignored(explore.Run(t.Context(), explore.Config{Endpoint: at})) }, "explore.Config.NewSender"},
		"explore, sender": {func() error {
			return ignored(explore.Run(t.Context(), explore.Config{Endpoint: at, NewSender: sender}))
		}, "explore.Config.Budget"},
		"explore, budget": {func() error {
			return ignored(explore.Run(t.Context(), explore.Config{Endpoint: at, NewSender: sender, Budget: 1}))
		}, "explore.Config.Findings"},
		"replay, nothing":   {func() error { return ignored(replay.Play(t.Context(), nil, replay.Config{})) }, "recording"},
		"replay, recording": {func() error { return ignored(replay.Play(t.Context(), &replay.Recording{}, replay.Config{})) }, "replay.Config.Endpoint"},
		"control, nothing":  {func() error { return ignored(control.New(control.Config{})) }, "control.Config.Apps"},
		"control, app":      {func() error { return ignored(control.New(control.Config{Apps: []control.App{{ID: 1}}})) }, "app 1"},
		"load, nothing":     {func() error { return ignored(load.New(load.Config{})) }, "calls"},
		"load, rate":        {func() error { return ignored(load.New(load.Config{Calls: 1})) }, "endpoint"},
		"probe":             {func() error { return ignored(probe.New(probe.Options{})) }, "URL"},
		"receiver":          {func() error { return ignored(receiver.New(receiver.Config{})) }, "SDKAppID"},
		"suite":             {func() error { return ignored(features.Run(t.Context(), features.Suite{})) }, "features.Options.Target"},
		"suite, level":      {func() error { return ignored(features.Run(t.Context(), features.Suite{Level: "MUST"})) }, "features.Suite.Level"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.call(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v: want one that names %s", err, c.want)
			}
		})
	}
}

// A loop that could not begin takes no input, and keeps no one waiting.
func TestLoopWithoutEngine(t *testing.T) {
	loop := run.New(run.Config{})
	_ = loop.Run(t.Context())
	if err := loop.Do(sim.Tick{}, nil); err == nil {
		t.Error("it takes an input")
	}
}
