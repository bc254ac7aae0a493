package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/probe"
)

const (
	// betweenLooks is how often a receiver is looked at while it restarts.
	betweenLooks = 50 * time.Millisecond
	// maxParting is how long a process may go on with its connections when another one
	// has taken its place.
	maxParting = time.Second
	// maxIdle is how long it is found out at most whether a receiver ends a connection
	// that is idle: one that was open for longer has ended for another reason.
	maxIdle = 15 * time.Second
)

// restartSigns look for what shows that receivers were restarted: that a connection from
// before has ended, or that one took no connection or, behind a proxy, gave no answer
// meanwhile.
type restartSigns struct {
	setup *cli.Config
	suite *features.Suite
	held  []heldReceiver
	down  context.Context // over once a receiver was seen down
	fell  context.CancelFunc
	stop  context.CancelFunc
	over  chan struct{}
}

// heldReceiver is one with a connection from before the restart.
type heldReceiver struct {
	*post.Held
	at *delivery.Endpoint
}

// watchRestart begins to look.
func watchRestart(ctx context.Context, s *cli.Config, suite *features.Suite) *restartSigns {
	r := &restartSigns{setup: s, suite: suite, over: make(chan struct{})}
	r.down, r.fell = context.WithCancel(context.Background())
	for _, e := range receivers(suite) {
		var a delivery.Answer
		if h := s.Connections.Hold(e, &a); h != nil {
			r.held = append(r.held, heldReceiver{h, e})
		}
	}
	ctx, r.stop = context.WithCancel(ctx)
	go r.watch(ctx)
	return r
}

func (r *restartSigns) close() {
	r.stop()
	<-r.over
	r.fell()
	for _, h := range r.held {
		h.Close()
	}
}

// watch looks again and again whether a receiver is down.
func (r *restartSigns) watch(ctx context.Context) {
	defer close(r.over)
	sender := r.setup.Connecting()
	defer sender.Close()
	defer context.AfterFunc(ctx, sender.Close)()
	tick := time.NewTicker(betweenLooks)
	defer tick.Stop()
	for r.down.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, e := range receivers(r.suite) {
			var a delivery.Answer
			sender.Connect(e, &a)
			r.saw(&a)
		}
		if r.suite.Probe == nil {
			continue
		}
		var wrong *probe.Error
		if _, err := r.suite.Probe.Ask(ctx, "restart"); errors.As(err, &wrong) && wrong.Down {
			r.fell()
		}
	}
}

// saw takes in what came of a connection.
func (r *restartSigns) saw(a *delivery.Answer) {
	if a.Failure == delivery.Refused || a.Failure == delivery.Reset {
		r.fell()
	}
}

// missing says why a restart that is over is not to be believed; "" if it is.
func (r *restartSigns) missing(ctx context.Context) string {
	switch {
	case r.down.Err() != nil:
		return ""
	case len(r.held) == 0:
		return "it took connections all the while, and serves too few of them for one to be kept open to see it end"
	}
	parting := time.NewTimer(maxParting)
	defer parting.Stop()
	for _, h := range r.held {
		select {
		case <-h.Ended():
		case <-parting.C:
			return fmt.Sprintf("it took connections all the while, and one to %s from before is still open, unless it is a proxy that keeps it", h.at.Shown())
		case <-r.down.Done():
			return ""
		case <-ctx.Done():
			return ""
		}
	}
	if i := slices.IndexFunc(r.held, func(h heldReceiver) bool { return r.endsIdle(ctx, h) }); i >= 0 {
		return fmt.Sprintf("it took connections all the while, and %s ends those that are idle as soon as the one from before had ended", r.held[i].at.Shown())
	}
	return ""
}

// endsIdle reports whether a receiver ends another connection as soon as the one that it
// ended, though nothing is restarted now.
func (r *restartSigns) endsIdle(ctx context.Context, h heldReceiver) bool {
	lasted := h.Lasted()
	if lasted > maxIdle {
		return false
	}
	var a delivery.Answer
	again := r.setup.Connections.Hold(h.at, &a)
	if again == nil {
		return false
	}
	defer again.Close()
	longer := time.NewTimer(lasted + lasted/2 + betweenLooks)
	defer longer.Stop()
	select {
	case <-again.Ended():
		return true
	case <-longer.C:
	case <-ctx.Done():
	}
	return false
}
