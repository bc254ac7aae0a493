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
	// betweenLooks is the time between two checks of a receiver that restarts.
	betweenLooks = 50 * time.Millisecond
	// maxParting is how long the old process may keep its connections after the new one
	// has started.
	maxParting = time.Second
	// maxIdle bounds the test whether a receiver closes idle connections: one that was
	// open for longer was closed for another reason. A proxy that keeps idle ones for longer
	// (nginx: 75 s) and closes one during a command that restarts nothing is believed: to
	// find that out would take as long again.
	maxIdle = 15 * time.Second
)

// restartSigns look for evidence that receivers were restarted: a connection from before
// has ended, or a receiver took no connection meanwhile or, behind a proxy, gave no
// answer.
type restartSigns struct {
	setup *cli.Config
	suite *features.Suite
	held  []heldReceiver
	down  context.Context // done once a receiver was seen down
	fell  context.CancelFunc
	stop  context.CancelFunc
	over  chan struct{}
}

// heldReceiver is a receiver with a connection from before the restart.
type heldReceiver struct {
	*post.Held
	at *delivery.Endpoint
}

// watchRestart starts the checks.
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

// watch checks repeatedly whether a receiver is down.
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

// saw records the result of a connection.
func (r *restartSigns) saw(a *delivery.Answer) {
	if a.Failure == delivery.Refused || a.Failure == delivery.Reset {
		r.fell()
	}
}

// missing says why there is no evidence of the restart; "" if there is.
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

// endsIdle reports whether a receiver closes another idle connection just as soon, though
// nothing is restarted now.
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
	longer := time.NewTimer(lasted + lasted/2 + maxParting)
	defer longer.Stop()
	select {
	case <-again.Ended():
	case <-longer.C:
	case <-ctx.Done():
	}
	select {
	case <-again.Ended(): // even if both came during a stall
		return true
	default:
		return false
	}
}
