package features

import (
	"context"
	"slices"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/script"
)

// perform does what a sentence of the script vocabulary says.
func (s *world) perform(ctx context.Context, sentence string) error {
	if err := s.start(); err != nil {
		return err
	}
	op, err := script.ParseStep(sentence, call.Span(s.now()))
	if err != nil {
		return err
	}
	if faults, ok := op.Do.(script.Faults); ok && slices.ContainsFunc(faults, isUnknownCommand) {
		if err := s.opts.needsUnknown(); err != nil {
			return err
		}
	}
	if faults, ok := op.Do.(script.Faults); ok && s.opts.Sign == "" && slices.ContainsFunc(faults, isOfSignatures) {
		return skipped("it is about callbacks that are signed: %s", s.opts.named("--sign @token.txt"))
	}
	if err := s.until(ctx, time.Duration(op.At)); err != nil {
		return err
	}
	if h, handles := op.Do.(script.Handling); handles { // attempts in flight get their answers first
		if h.Do != script.Replay {
			if err := s.opts.needs(h.Callback); err != nil {
				return err
			}
		}
		if err := s.session.Advance(ctx, 0); err != nil {
			return err
		}
	}
	s.binding.Device, s.binding.Generation = &call.Device{Platform: s.device.Platform, IP: s.device.IP}, s.generation
	in := s.binding.Input(op.Do)
	if p, ok := in.(sim.Place); ok {
		in = s.identify(p)
	}
	return s.session.Do(in, func(fx []sim.Effect) { s.binding.Note(op.Do, sim.Placed(fx)) })
}

// begin places a call and remembers its id.
func (s *world) begin(name string, p sim.Place) error {
	return s.session.Do(s.identify(p), func(fx []sim.Effect) { s.binding.Name(name, sim.Placed(fx)) })
}

// identify gives a call its CallId, if the scenario is about CallIds.
func (s *world) identify(p sim.Place) sim.Place {
	if s.alike {
		s.placed++
		p.Setup.ID = sim.AlikeID(&journal.Run{Seed: s.opts.Seed, Token: s.runToken()}, s.placed)
	}
	return p
}

func isUnknownCommand(spec string) bool { return strings.HasPrefix(spec, "unknown_command") }

func isRace(spec string) bool { return strings.HasPrefix(spec, "race") }

func isOfSignatures(spec string) bool {
	a, err := fault.Parse(spec)
	return err == nil && a.CheckSigned(false) != nil
}
