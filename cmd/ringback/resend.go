package main

import (
	"context"
	"errors"
	"sync"

	"ringback/cmd/cli"
	"ringback/sim/replay"
	"ringback/sim/text"
	"ringback/tui"
	"ringback/tui/pane"
)

// archive is a recording from which one can copy, save and, if there is a receiver, send
// callbacks again.
type archive struct {
	*tui.Recording
	exporter
	resender *resender // nil: there is no receiver
}

// Watch returns what has come since.
func (a *archive) Watch() tui.Changes {
	c := a.Recording.Watch()
	if a.resender != nil {
		c.Resent = a.resender.take()
	}
	return c
}

// Do plays the recording, copies, saves and sends again.
func (a *archive) Do(o tui.Command) tui.Done {
	switch o := o.(type) {
	case tui.Copy, tui.Save:
		return a.exporter.Do(o)
	case tui.Resend:
		if a.resender != nil {
			return a.resender.begin(o.Calls)
		}
	}
	return a.Recording.Do(o)
}

// resender sends callbacks of a tape to a receiver, those of one command at a time.
type resender struct {
	tape *tape
	cfg  replay.Config
	to   string // as it is shown

	ctx    context.Context
	cancel context.CancelFunc
	under  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	busy   bool
	resent *tui.Resent // what came of the latest, until the screen has it
}

func newResender(ctx context.Context, t *tape, s *cli.Config, dialect []string) *resender {
	r := &resender{tape: t, to: s.Endpoint.Shown(), cfg: replay.Config{
		Endpoint: s.Endpoint, Dialect: choicesOf(dialect), Order: s.Order, Pace: s.Pace, Timeout: s.Timeout, NewSender: s.Sender, Version: cli.Version, All: true,
	}}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// close ends what is under way.
func (r *resender) close() {
	r.cancel()
	r.under.Wait()
}

// begin begins to send the callbacks of calls.
func (r *resender) begin(calls []string) tui.Done {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		return tui.Done{Err: errors.New("callbacks are being sent already; their answers come first")}
	}
	r.busy = true
	r.under.Go(func() {
		resent := r.send(calls)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy, r.resent = false, resent
	})
	return tui.Done{Note: "sending the callbacks of " + text.Count(len(calls), "call") + " to " + r.to}
}

// send sends the callbacks of calls, and returns how they were answered.
func (r *resender) send(calls []string) *tui.Resent {
	resent := &tui.Resent{}
	cfg := r.cfg
	cfg.Differs = func(d *replay.Difference) error {
		compared := d.Change != replay.NotCompared
		resent.Callbacks = append(resent.Callbacks, tui.ResentCallback{Delivery: d.WasDelivery, Again: pane.Again{
			Then: d.Then.String(), Now: d.Now.String(), Compared: compared, Changed: compared && d.Change != replay.Same,
		}})
		return nil
	}
	file, size, err := r.tape.whole()
	if err == nil {
		var recording *replay.Recording
		if recording, err = replay.Open(r.ctx, r.tape.path, file, size, replay.Pick{Calls: calls}); err == nil {
			_, err = replay.Play(r.ctx, recording, cfg)
		}
	}
	resent.Err = err
	return resent
}

// take returns what came of the latest command, once.
func (r *resender) take() (resent *tui.Resent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	resent, r.resent = r.resent, nil
	return resent
}
