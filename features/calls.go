package features

import (
	"context"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

const maxPeople = 500

const maxCalls = 1000

// usual are the times of a whole call.
func usual(result call.Result) sim.Outcome {
	return sim.Outcome{Result: result, Ring: 3 * time.Second, Talk: 9 * time.Second}
}

// play plays a whole call.
func (s *world) play(ctx context.Context, name, caller string, callees []string, media, result string) error {
	end, err := s.launch(name, caller, callees, media, result)
	if err != nil {
		return err
	}
	return s.until(ctx, end)
}

// launch places a call with an outcome and returns the time at which it will be over.
func (s *world) launch(name, caller string, callees []string, media, result string) (end time.Duration, err error) {
	if err := s.start(); err != nil {
		return 0, err
	}
	setup := s.setup(caller, callees...)
	if err := setup.Media.UnmarshalText([]byte(media)); err != nil {
		return 0, err
	}
	word, err := parseOutcome(result)
	if err != nil {
		return 0, err
	}
	o := usual(word)
	plan, err := o.Plan(&setup)
	if err != nil {
		return 0, err
	}
	begun := s.now()
	if err := s.begin(name, sim.Place{Setup: setup, Generation: s.generation, Plan: plan}); err != nil {
		return 0, err
	}
	return begun + o.Length(), nil
}

// setup returns the setup of a call, by the names of its people.
func (s *world) setup(caller string, callees ...string) call.Setup {
	device := s.device
	setup := call.Setup{App: s.opts.App, Caller: s.opts.User(caller), Callees: s.users(callees), AnyIDs: s.opts.AnyIDs, Device: &device}
	if len(callees) > 1 {
		setup.Kind = call.Group
	}
	return setup
}

// calleesOf returns the callees of alice's call.
func calleesOf(kind string) []string {
	if kind == "group call" {
		return []string{"bob", "carol"}
	}
	return []string{"bob"}
}

func member(n int) string { return fmt.Sprintf("member-%d", n) }

// pairOf returns the people of one of many calls, and outcomeOf its result.
func pairOf(i int) []string {
	return []string{fmt.Sprintf("caller-%d", i), fmt.Sprintf("callee-%d", i)}
}

func outcomeOf(i int) call.Result { return sim.Outcomes[i%len(sim.Outcomes)] }

// placeCrowd adds concurrent calls of n pairs.
func (d *draft) placeCrowd(n int) {
	for i := range n {
		d.place(fmt.Sprint(i), pairOf(i)...)
	}
	d.meet(n)
}

// crowd plays calls of n pairs, which begin at the same time and end differently.
func (s *world) crowd(ctx context.Context, n int, resultOf func(int) string) error {
	last := time.Duration(0)
	for i := range n {
		pair := pairOf(i)
		end, err := s.launch(fmt.Sprint(i), pair[0], pair[1:], "audio", resultOf(i))
		if err != nil {
			return err
		}
		last = max(last, end)
	}
	return s.until(ctx, last)
}
