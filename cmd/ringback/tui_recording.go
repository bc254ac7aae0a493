package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"ringback/cmd/cli"
	"ringback/sim/run"
	"ringback/sim/secret"
	"ringback/tui"
)

// replay shows a journal or a recording.
func (c *tuiFlags) replay(ctx context.Context, w cli.Env, path string) error {
	for _, name := range slices.Sorted(maps.Keys(c.given)) {
		switch ofIt := slices.Contains(ofReceiver, name); {
		case slices.Contains(ofScreen, name) || ofIt && c.given["target"]:
		case ofIt:
			return cli.Usage(fmt.Errorf("--%s: wants --target, a receiver to which R sends callbacks of the file", name), "ringback tui "+path+" --target http://127.0.0.1:3000/callback")
		default:
			return cli.Usage(fmt.Errorf("--%s: a file is only looked at, this is for runs", name), "ringback tui "+path)
		}
	}
	s, err := c.screenOf(w)
	if err != nil {
		return err
	}
	return c.replayOn(ctx, s, w, path)
}

func (c *tuiFlags) replayOn(ctx context.Context, s screen, w cli.Env, path string) error {
	t, err := openTape(ctx, path, c.follow)
	if err == nil {
		defer t.Close()
	}
	_, scripted := s.(*scriptedScreen)
	_, spoken := s.(*spokenScreen)
	if err == nil && scripted {
		err = t.check()
	}
	switch {
	case ctx.Err() != nil: // leaving before there is a screen is the same as leaving one
		return nil
	case err != nil:
		return cli.Usage(err, "ringback tui monday.ndjson")
	}
	cfg := c.config(s, w)
	cfg.Recording, cfg.Keep = filepath.Base(path), forever
	if t.recorded {
		cfg.Target = withoutScheme(secret.URL(t.target))
	}
	a := &archive{}
	if c.given["target"] { // one of the settings is that of runs
		c.Pace = run.Instant.String() // of what is sent again
		s, err := c.Resolve()
		if err != nil {
			return err
		}
		a.resender = newResender(ctx, t, s, c.Dialect)
		defer a.resender.close()
		cfg.Resends = withoutScheme(s.Endpoint.Shown())
	}
	r := tui.NewRecording(t, time.Now)
	r.Whole = scripted || spoken
	defer debug.SetGCPercent(debug.SetGCPercent(fileGC))
	a.Recording = r
	m := tui.New(a, cfg)
	if err := s.show(ctx, m); err != nil || ctx.Err() != nil {
		return err
	}
	if err := m.Err(); err != nil {
		return cli.Usage(err, "ringback tui monday.ndjson")
	}
	return nil
}

// fileGC is the garbage collector's GOGC while a file is shown: what is read of it stays,
// so that more often costs little, and a third of the memory less.
const fileGC = 40

// forever keeps all calls of a journal.
const forever = 1 << 60
