// Package preflight plays one call before a receiver is judged, so that what
// everything after it would find is said once: that no one is there, that the probe
// sees nothing, that all is refused, or that no CallId of 36 characters is taken.
//
//	found, err := preflight.Run(ctx, preflight.Config{Dialect: dialect, Probe: probe, Poll: time.Second, Play: play})
//	if found.Readable {
//		dialect = found.Dialect // go on with shorter CallIds, and say so: preflight.ShorterIDs
//	}
//
// How the call is played is left to the caller, who knows how to run an engine.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/wire"
)

// What keeps a receiver from being judged at all.
var (
	ErrUnreachable = errors.New("the receiver cannot be reached: no connection was ever made")
	ErrBlindProbe  = errors.New("the probe never saw a call that was acknowledged")
)

// SilentError says that a receiver takes connections and answers nothing, which breaks
// the contract: everything else would find the same, and take its time.
type SilentError struct {
	Attempts uint64 // that were made, of which none was answered in time
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("the receiver takes connections and answers nothing: %d attempts, none answered in time", e.Attempts)
}

// Probe asks what the receiver stored of a call, like [probe.Probe].
type Probe interface {
	Until(
		ctx context.Context, callID string, still time.Duration, wanted func(probe.Stored) bool, behind func(context.Context), also ...string,
	) (probe.Stored, bool, error)
}

// MinSight is how long a call may take to become visible to a probe, at least, before
// the probe is said to see nothing.
const MinSight = 2 * time.Second

// Config says how to play a call, and whom to tell what comes of it. Dialect and Play
// are a must.
type Config struct {
	Dialect     *wire.Dialect
	KeepCallIDs bool          // the form of CallIds was asked for: no other is tried
	Probe       Probe         // nil: answers alone are looked at
	Poll        time.Duration // how long what was acknowledged may take to be stored
	MinSight    time.Duration // 0 means [MinSight]

	// Play plays one call without faults until all its callbacks are acknowledged or
	// given up, and has look look at it while the receiver still has it before it.
	Play func(ctx context.Context, t Trial, look func(*Call) error) error
	// Before, if set, is told a request that the receiver acknowledged, once, before
	// the probe is asked: it may be sent again.
	Before func(acknowledged *delivery.Request)
	// Forbidden, if set, is told the HTTP status, 401 or 403, if the receiver answers
	// nothing else.
	Forbidden func(status int)
}

// Trial is how a call is to be played.
type Trial struct {
	Name     string // part of its ids: no two trials have one
	Dialect  *wire.Dialect
	Readable bool // shorter CallIds are tried than the dialect's own
}

// Call is a call that was played to its end.
type Call struct {
	ID   string
	Read func(look func(*journal.State)) // the state has the tries of its callbacks
	// Seen, if set, is called when the call is visible to the probe.
	Seen func(context.Context) error
}

// Result is how to go on.
type Result struct {
	Dialect  *wire.Dialect
	Readable bool // the receiver takes shorter CallIds alone: the dialect has them
	Late     bool // the call became visible only after a while
}

// Run plays the call. With an error there is nothing to go on with: [ErrUnreachable],
// [ErrBlindProbe], a [*SilentError], or what Play returns.
//
// A receiver that takes no CallId of 36 characters, but shorter ones, is to get the long
// ones from what is about those alone: all else would only find the same. That it was
// still starting when it got the long one is no such case: it gets another.
func Run(ctx context.Context, cfg Config) (Result, error) {
	if cfg.MinSight == 0 {
		cfg.MinSight = MinSight
	}
	asIs := Result{Dialect: cfg.Dialect}
	sight := max(cfg.Poll, cfg.MinSight)
	if cfg.Dialect.CallID != "uuid" || cfg.KeepCallIDs {
		only, err := cfg.try(ctx, Trial{Name: "preflight", Dialect: cfg.Dialect}, sight)
		if err == nil {
			cfg.tellForbidden(only)
			err = only.err
		}
		return asIs, err
	}
	long, err := cfg.try(ctx, Trial{Name: "preflight", Dialect: cfg.Dialect}, cfg.Poll)
	if err != nil || long.seen && long.left == 0 || long.err != nil && !errors.Is(long.err, ErrBlindProbe) {
		return asIs, errors.Join(err, long.err)
	}
	var short outcome
	dialect := *cfg.Dialect
	dialect.CallID = "readable"
	if !long.slow {
		if short, err = cfg.try(ctx, Trial{Name: "preflight, readable", Dialect: &dialect, Readable: true}, sight); err != nil {
			return asIs, err
		}
		sight = 0
	}
	if long.err != nil {
		if _, ok, _ := cfg.Probe.Until(ctx, long.call, sight, visible, nil); ok { // it took its time
			return Result{Dialect: cfg.Dialect, Late: short.err != nil || long.slow}, nil
		}
	}
	last := short
	if short.better(long) {
		if last, err = cfg.try(ctx, Trial{Name: "preflight, once more", Dialect: cfg.Dialect}, cfg.Poll); err != nil {
			return asIs, err
		}
	}
	switch {
	case ctx.Err() != nil:
		return asIs, context.Cause(ctx)
	case !short.better(long):
		cfg.tellForbidden(long)
		return asIs, long.err
	case !short.better(last):
		return asIs, last.err
	}
	return Result{Dialect: &dialect, Readable: true}, nil
}

func (c *Config) tellForbidden(o outcome) {
	if o.forbidden != 0 && c.Forbidden != nil {
		c.Forbidden(o.forbidden)
	}
}

// outcome is what came of a trial.
type outcome struct {
	call string // its id
	seen bool   // a callback was acknowledged, and the call is visible to the probe, if there is one
	left int    // how many callbacks were never acknowledged
	slow bool   // an attempt was not answered in time, which is not for its id
	err  error  // why nothing can be judged by it

	forbidden int // 401 or 403 if it was answered nothing else
}

// better reports whether the receiver took more of one call than of another.
func (o *outcome) better(than outcome) bool {
	return o.seen && (!than.seen || o.left < than.left)
}

// try plays the call once, and waits so long until the probe sees it.
func (c *Config) try(ctx context.Context, t Trial, sight time.Duration) (o outcome, err error) {
	err = c.Play(ctx, t, func(played *Call) error {
		o.call = played.ID
		var a answers
		played.Read(func(st *journal.State) { a = answersIn(st) })
		o.left, o.slow = a.left, a.timedOut > 0
		switch {
		case a.totals.Attempts > 0 && a.totals.Connected == 0:
			o.err = ErrUnreachable
		case a.tries > 0 && a.timedOut == a.tries:
			return &SilentError{a.totals.Attempts}
		case a.acknowledged == nil:
			o.forbidden = a.forbidden
		default:
			if c.Before != nil {
				c.Before(a.acknowledged)
				c.Before = nil // once
			}
			return c.look(ctx, played, a.ended, sight, &o)
		}
		return nil
	})
	return o, err
}

// look finds out whether the call becomes visible to the probe, if there is one, which
// learns from it. Of a call whose end was not acknowledged nothing has to be stored.
func (c *Config) look(ctx context.Context, played *Call, ended bool, sight time.Duration, o *outcome) error {
	if c.Probe == nil {
		o.seen = true
		return nil
	}
	if !ended {
		sight = 0
	}
	_, ok, err := c.Probe.Until(ctx, played.ID, sight, visible, nil)
	own := delivery.AsOwnFault(err)
	switch {
	case own != nil:
		return own
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case ok && played.Seen != nil:
		o.seen = true
		return played.Seen(ctx)
	case ok || !ended:
		o.seen = true
	case err != nil:
		o.err = fmt.Errorf("%w: call %s: %w", ErrBlindProbe, played.ID, err)
	default:
		o.err = fmt.Errorf("%w: call %s", ErrBlindProbe, played.ID)
	}
	return nil
}

// visible reports whether a receiver says anything of a call. Not that it has ended:
// whether that is stored is for others to judge.
func visible(p probe.Stored) bool {
	return p.Count > 0 || p.Caller != nil && *p.Caller != "" || len(p.Members) > 0
}
