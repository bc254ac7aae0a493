package probe

import (
	"context"
	"math"
	"reflect"
	"sync"
	"time"
)

// maxWait is how long a wait may last if Options.Wait does not say.
const maxWait = 30 * time.Second

// A Wait is the time that a receiver has to store what it acknowledged, for several
// questions together. It goes on while what is stored grows: a worker that stores
// one callback after the other is behind, which is no fault.
type Wait struct {
	probe *Probe
	also  []string // calls whose rows may grow first
	began time.Time
	still time.Duration // without growth, after which it is over
	most  time.Duration

	behind   func(context.Context)
	caughtUp sync.Once
}

// watched is how many other rows are asked for at each question. If many calls take
// place at once, one row alone may not change for long.
const watched = 8

// Wait begins to wait until nothing that is stored has changed for some time, but no
// longer than Options.Wait. Changes count that any question of the probe meets while
// it waits, and those of the rows of the other calls that are named.
func (p *Probe) Wait(still time.Duration, also ...string) *Wait {
	most := p.most
	if most == 0 {
		most = max(maxWait, still)
	}
	if every := (len(also) + watched - 1) / watched; every > 1 { // they stand in the order of the calls
		some := make([]string, 0, watched)
		for i := every - 1; i < len(also); i += every {
			some = append(some, also[i])
		}
		also = some
	}
	return &Wait{probe: p, also: also, began: p.now(), still: still, most: most}
}

// Within has the wait last for a time, whatever changes meanwhile, but no longer than
// Options.Wait.
func (w *Wait) Within(d time.Duration) *Wait {
	w.most = min(w.most, d)
	w.still = w.most
	return w
}

// Whole has the wait last as long as Options.Wait, whatever changes meanwhile.
func (w *Wait) Whole() *Wait { return w.Within(math.MaxInt64) }

// Behind has catchUp called when the wait is over and an answer is not as wanted, once
// for all questions. It should wait until the receiver has stored all that it
// acknowledged (see [Probe.CatchUp]). Each question is then asked once more: however
// long nothing grew, it may not have been its turn.
func (w *Wait) Behind(catchUp func(context.Context)) *Wait {
	w.behind = catchUp
	return w
}

// left is how much longer to wait.
func (w *Wait) left() time.Duration {
	end := w.began.Add(w.still)
	if grew := w.probe.grew.Load(); grew != nil && grew.Add(w.still).After(end) {
		end = grew.Add(w.still)
	}
	if most := w.began.Add(w.most); most.Before(end) {
		end = most
	}
	return end.Sub(w.probe.now())
}

// Until asks until the answer is as wanted, or the wait is over. It returns the last
// answer and whether it was as wanted.
func (w *Wait) Until(ctx context.Context, callID string, wanted func(Stored) bool) (Stored, bool, error) {
	s, ok, err := w.until(ctx, callID, wanted)
	if ok || err != nil || w.behind == nil {
		return s, ok, err
	}
	w.caughtUp.Do(func() { w.behind(ctx) })
	s, err = w.probe.Ask(ctx, callID)
	return s, err == nil && wanted(s), err
}

func (w *Wait) until(ctx context.Context, callID string, wanted func(Stored) bool) (Stored, bool, error) {
	seen := map[string]Stored{}
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		s, err := w.ask(ctx, seen, callID)
		if err == nil && wanted(s) {
			return s, true, nil
		}
		left := w.left()
		if left <= 0 {
			return s, false, err
		}
		for _, other := range w.also {
			if other != callID {
				_, _ = w.ask(ctx, seen, other) // its error shows when it is asked for
			}
		}
		if err := w.probe.sleep(ctx, min(pause, left)); err != nil {
			return s, false, err
		}
	}
}

// ask asks, and notes whether there is more than at the question before.
func (w *Wait) ask(ctx context.Context, seen map[string]Stored, callID string) (Stored, error) {
	s, err := w.probe.Ask(ctx, callID)
	if err != nil {
		return s, err
	}
	if before, ok := seen[callID]; ok && !reflect.DeepEqual(before, s) {
		now := w.probe.now()
		w.probe.grew.Store(&now)
	}
	seen[callID] = s
	return s, nil
}

// Until waits for one answer, as a [Wait] of its own; behind may be nil.
func (p *Probe) Until(
	ctx context.Context, callID string, still time.Duration, wanted func(Stored) bool, behind func(context.Context), also ...string,
) (Stored, bool, error) {
	return p.Wait(still, also...).Behind(behind).Until(ctx, callID, wanted)
}

// CatchUp waits as long as Options.Wait until the ends of calls appear that were
// acknowledged after all that matters, and reports whether they do. Once they are stored,
// what came before them is, too, or never will be: who stores late does so one after the
// other. A receiver that does not show them does not store late, but loses what it acknowledges, or
// is further behind than it may be.
func (p *Probe) CatchUp(ctx context.Context, callIDs ...string) bool {
	wait := p.Wait(0).Whole()
	for _, id := range callIDs {
		if _, ok, _ := wait.Until(ctx, id, func(s Stored) bool { return s.Count > 0 }); !ok {
			return false
		}
	}
	return true
}

// Sleep waits, or returns the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
