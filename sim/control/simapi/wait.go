package simapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// Waiting says what to wait for.
type Waiting struct {
	Until   string `json:"until,omitempty" enum:"until" jsonschema:"idle: the calls are over and all callbacks acknowledged or given up. quiet: all callbacks so far are. idle if left out, unless count is given"`
	Call    string `json:"call,omitempty" jsonschema:"look at this call only: its CallId, its number like 12, or the first 8 characters or more of its CallId"`
	Count   int    `json:"count,omitempty" jsonschema:"wait for at least so many callbacks instead"`
	State   string `json:"state,omitempty" enum:"state" jsonschema:"count only callbacks in this state, like acked"`
	Word    string `json:"word,omitempty" enum:"word" jsonschema:"count only callbacks of this word or command"`
	Timeout string `json:"timeout,omitempty" jsonschema:"how long to wait, in wall time, up to 10m; 30s if left out"`
}

// Waited is how things stood when it happened.
type Waited struct {
	Count int    `json:"count" jsonschema:"callbacks that were counted"`
	Open  uint64 `json:"open" jsonschema:"callbacks that are neither acknowledged nor given up"`
	Live  int    `json:"live" jsonschema:"calls that are not over"`
	Seq   uint64 `json:"seq" jsonschema:"of the latest event"`
}

const maxWait = 10 * time.Minute

// wait lets tests do without sleeping.
func (b *backend) wait(r *http.Request, in Waiting) (now Waited, err error) {
	met, err := b.condition(&in)
	if err != nil {
		return now, err
	}
	timeout, err := time.ParseDuration(cmp.Or(in.Timeout, "30s"))
	if err != nil || timeout < 0 || timeout > maxWait {
		return now, wrong("timeout", "30s", "%q: want a duration up to %s", in.Timeout, maxWait)
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	ctx, rest := context.WithCancelCause(ctx)
	defer rest(nil)
	go func() {
		select {
		case <-b.Session.Loop().Quiescent():
			rest(errAtRest)
		case <-ctx.Done():
		}
	}()
	err = b.Session.Await(ctx, func(s *journal.State) (ok bool) {
		now, ok = met(s)
		return ok
	})
	if errors.Is(err, context.Canceled) && context.Cause(ctx) == errAtRest {
		return now, b.paused(now)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return now, NewProblem(http.StatusGatewayTimeout, KindTimeout,
			"after %s: %d callbacks counted, %d not settled, %d calls not over", timeout, now.Count, now.Open, now.Live)
	}
	return now, err
}

// maxUpcoming is how much of what is due next is shown.
const maxUpcoming = 10

// paused says that what is waited for does not happen by itself, and what does
// once the clock moves on.
func (b *backend) paused(now Waited) *Problem {
	at := b.Session.Now()
	p := NewProblem(http.StatusConflict, KindPaused, "the clock is paused at %s: %d callbacks counted, %d not settled, %d calls not over",
		at, now.Count, now.Open, now.Live)
	next, ok := b.Session.Loop().Next()
	if !ok {
		p.Detail += "; nothing is due, so nothing happens until a call or an action is requested"
		return p
	}
	p.Detail += fmt.Sprintf("; what is due next is due in %s", next.Sub(at))
	p.Hint = fmt.Sprintf(`POST /sim/v1/clock {"advance":"%s"}`, next.Sub(at))
	for _, u := range b.Session.Loop().Upcoming(maxUpcoming) {
		p.Due = append(p.Due, Upcoming(u))
	}
	return p
}

// errAtRest says that nothing happens by itself any more.
var errAtRest = errors.New("the clock is paused")

// condition is what to look for in the state.
func (b *backend) condition(in *Waiting) (func(*journal.State) (Waited, bool), error) {
	id, err := b.ofCall(in.Call)
	if err != nil {
		return nil, err
	}
	wants, err := deliveryFilter(id, in.State, in.Word)
	switch {
	case err != nil:
		return nil, err
	case in.Count < 0:
		return nil, wrong("count", "1", "%d: want 1 or more", in.Count)
	case in.Count > 0 && in.Until != "":
		return nil, wrong("until", "", "does not go with count")
	case in.Count == 0 && in.State+in.Word != "":
		return nil, wrong("count", "1", "state and word say what to count, but not how many")
	}
	return func(s *journal.State) (Waited, bool) {
		now := Waited{Open: s.Totals.Open(), Live: s.Live, Seq: s.Seq}
		if id != "" {
			now.Open, now.Live = standing(s.Call(id))
		}
		if in.Count > 0 {
			now.Count = count(s, id, wants)
			return now, now.Count >= in.Count
		}
		return now, now.Open == 0 && (in.Until == "quiet" || now.Live == 0)
	}, nil
}

// standing is what of a call is not settled. One that has left the state is
// over.
func standing(c *journal.Call) (open uint64, live int) {
	if c == nil {
		return 0, 0
	}
	if c.Phase != call.Over {
		live = 1
	}
	return uint64(c.Open), live
}

func count(s *journal.State, id string, wants func(*delivery.Delivery) bool) (n int) {
	if id != "" {
		if c := s.Call(id); c != nil {
			for _, d := range c.Deliveries {
				if wants(d) {
					n++
				}
			}
		}
		return n
	}
	for _, d := range s.Deliveries {
		if wants(d) {
			n++
		}
	}
	return n
}
