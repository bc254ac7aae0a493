package control

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
)

// Waiting says what to wait for.
type Waiting struct {
	Until   string `json:"until,omitempty" enum:"until" jsonschema:"idle: the calls are over and all callbacks acknowledged or given up. quiet: all callbacks so far are. idle if left out, unless count is given"`
	Call    string `json:"call,omitempty" jsonschema:"look at this call only"`
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

const (
	mostWait = 10 * time.Minute
	// lookEvery is how often a condition is looked at, at most, while events
	// come in quick succession.
	lookEvery = 10 * time.Millisecond
)

// wait lets tests do without sleeping.
func (b *Backend) wait(r *http.Request, in Waiting) (now Waited, err error) {
	met, err := b.condition(&in)
	if err != nil {
		return now, err
	}
	timeout, err := time.ParseDuration(or(in.Timeout, "30s"))
	if err != nil || timeout < 0 || timeout > mostWait {
		return now, wrong("timeout", "30s", "%q: want a duration up to %s", in.Timeout, mostWait)
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	err = b.Await(ctx, func(s *journal.State) (ok bool) {
		now, ok = met(s)
		return ok
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return now, problem(http.StatusGatewayTimeout, kindTimeout,
			"after %s: %d callbacks counted, %d not settled, %d calls not over", timeout, now.Count, now.Open, now.Live)
	}
	return now, err
}

// Await waits until the state is as wanted, or the context ends.
func (b *Backend) Await(ctx context.Context, wanted func(*journal.State) bool) error {
	for {
		changed, ok := b.changes(), false
		b.Read(func(s *journal.State) { ok = wanted(s) })
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-b.closing:
			return run.ErrStopped
		case <-b.done:
			return errors.Join(run.ErrStopped, b.err)
		case <-ctx.Done():
			return ctx.Err()
		}
		pause(ctx, lookEvery)
	}
}

// pause gives events that come in quick succession the time to do so.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// condition is what to look for in the state.
func (b *Backend) condition(in *Waiting) (func(*journal.State) (Waited, bool), error) {
	wants, err := deliveryFilter(in.Call, in.State, in.Word)
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
	if in.Call != "" {
		if _, err := b.callView(in.Call); err != nil {
			return nil, err
		}
	}
	return func(s *journal.State) (Waited, bool) {
		now := Waited{Open: s.Totals.Open(), Live: s.Live, Seq: s.Seq}
		if in.Call != "" {
			now.Open, now.Live = standing(s.Call(in.Call))
		}
		if in.Count > 0 {
			now.Count = count(s, in.Call, wants)
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

// changes is closed at the next event.
func (b *Backend) changes() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.awaited = true
	return b.changed
}
