package cli

import (
	"fmt"
	"strings"
	"time"

	"ringback/fixtures"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/traffic"
)

// LoadModel reads a preset by its name, or a file.
func LoadModel(flag, preset string) (*traffic.Model, error) {
	text, known := fixtures.Preset(preset)
	if !known {
		if !strings.ContainsAny(preset, "./\\") {
			return nil, BadWord("ringback call", flag, preset, fixtures.Presets(),
				fmt.Errorf("%q: want one of %s, or a file like ./mine.yaml", preset, strings.Join(fixtures.Presets(), ", ")))
		}
		var err error
		if text, err = ReadText(preset); err != nil {
			return nil, Usage(fmt.Errorf("--%s: %w", flag, err), "ringback presets consumer > mine.yaml")
		}
	}
	m, err := traffic.Parse(text)
	if err != nil {
		return nil, Usage(fmt.Errorf("--%s: %s: %w", flag, preset, err), "ringback presets consumer")
	}
	return m, nil
}

// Background makes sources of an app's background calls, from a time on, at a rate: calls per
// second of simulated time; 0 is that of the preset. Their people are awake by the local
// time of this machine, unless the preset names a time zone.
func Background(flag, preset string, feed traffic.Feed, heartbeat time.Duration) (func(r journal.Run, app uint32, from call.Instant, rate float64) (run.Source, error), error) {
	model, err := LoadModel(flag, preset)
	if err != nil {
		return nil, err
	}
	_, offset := time.Now().Zone()
	return func(r journal.Run, app uint32, from call.Instant, rate float64) (run.Source, error) {
		generator, err := traffic.New(model, traffic.Options{
			Seed: r.Seed, Epoch: from, Salt: uint64(from - r.Epoch), // a restart continues with the same people and other calls
			Heartbeat: heartbeat, UTCOffset: time.Duration(offset) * time.Second, Rate: rate, Poisson: true,
		})
		if err != nil {
			return nil, err
		}
		feed.App = app
		return traffic.NewSource(generator, feed), nil
	}, nil
}
