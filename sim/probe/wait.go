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

// A Wait is the time that a receiver has to store what it acknowledged, shared by several
// questions. It continues while what is stored grows: a worker that stores callbacks one
// by one and is behind is not at fault.
type Wait struct {
	probe *Probe
	also  []string // other calls whose rows may grow
	began time.Time
	still time.Duration // without growth, after which it is over
	most  time.Duration

	behind   func(context.Context)
	caughtUp sync.Once
}

// watched is how many other rows are asked for at each question. With many concurrent
// calls, a single row may not change for a long time.
const watched = 8

// Wait begins to wait until nothing that is stored has changed for some time, but no
// longer than Options.Wait. A change counts if any question of the probe finds it
// meanwhile, be it in the row asked for or in those of the other calls named here.
func (p *Probe) Wait(still time.Duration, also ...string) *Wait {
	most := p.most
	if most == 0 {
		most = max(maxWait, still)
	}
	if every := (len(also) + watched - 1) / watched; every > 1 { // spread over the calls, which are in order
		some := make([]string, 0, watched)
		for i := every - 1; i < len(also); i += every {
			some = append(some, also[i])
		}
		also = some
	}
	return &Wait{probe: p, also: also, began: p.now(), still: still, most: most}
}

// Within makes the wait last for a time, whether or not anything changes, but no longer
// than Options.Wait.
func (w *Wait) Within(d time.Duration) *Wait {
	w.most = min(w.most, d)
	w.still = w.most
	return w
}

// Whole makes the wait last as long as Options.Wait, whether or not anything changes.
func (w *Wait) Whole() *Wait { return w.Within(math.MaxInt64) }

// Behind sets a function that is called once, when the wait is over and some answer is
// not as wanted. It should wait until the receiver has stored all that it acknowledged
// (see [Probe.CatchUp]). Each question is then asked once more: its callback may still
// have been in a queue.
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
				_, _ = w.ask(ctx, seen, other) // its error shows when its own question is asked
			}
		}
		if err := w.probe.sleep(ctx, min(pause, left)); err != nil {
			return s, false, err
		}
	}
}

// ask asks, and records whether the answer differs from the one before.
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
// everything before them is, too, or never will be: receivers that store late use a
// queue. If they do not appear, the receiver loses what it acknowledges, or is further
// behind than Options.Wait allows.
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
