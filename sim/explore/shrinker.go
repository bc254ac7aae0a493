package explore

import (
	"context"
	"time"
)

// shrinker simplifies the history of a finding while it shows the same kind of violation.
// It tries the same candidates in the same order each time, each once, until its budget
// is used up.
type shrinker struct {
	*explorer
	finding *Finding
	left    int       // executions left
	until   time.Time // bounds histories whose attempts time out
	tried   map[string]bool
	repeat  int // executions of a candidate, at most, until one shows the violation
}

// run shrinks the finding and counts how often the result shows it.
func (s *shrinker) run(ctx context.Context) error {
	f := s.finding
	original := *f
	s.repeat = 1
	if err := s.confirm(ctx); err != nil {
		return err
	}
	if f.Shown == 0 {
		return nil // not reproducible
	}
	if f.Shown < reruns {
		s.repeat = reruns
	}
	if err := s.shrink(ctx, passes); err != nil {
		return err
	}
	if err := s.confirm(ctx); err != nil {
		return err
	}
	if f.Shown == 0 { // the shrunk history does not reproduce: shrinking waits less than confirm
		tried, replayed := f.Tried, f.Replayed
		*f = original
		f.Tried, f.Replayed = tried, replayed
		return s.confirm(ctx)
	}
	return nil
}

// confirm plays the history [Reruns] times with the full waiting time.
func (s *shrinker) confirm(ctx context.Context) error {
	s.finding.Shown = 0
	for range reruns {
		same, err := s.reproduces(ctx, s.finding.History, s.cfg.Poll)
		if err != nil {
			return err
		}
		s.finding.Replayed++
		if same {
			s.finding.Shown++
		}
	}
	return nil
}

// reproduces plays a history and reports whether it shows the same kind of violation. If
// so, the finding is updated from it.
func (s *shrinker) reproduces(ctx context.Context, h *History, patience time.Duration) (bool, error) {
	b, x, err := s.execute(ctx, h, s.judge(ctx, patience))
	if err != nil || b == nil || b.Kind != s.finding.Violation.Kind {
		return false, err
	}
	f := s.finding
	f.update(h, b, x)
	return true, nil
}

// shrink repeats the passes until none of them simplifies the history.
func (s *shrinker) shrink(ctx context.Context, levels []pass) error {
	for again := true; again && s.left > 0; {
		again = false
		for _, candidates := range levels {
			smaller, err := s.runPass(ctx, candidates)
			if err != nil {
				return err
			}
			again = again || smaller
		}
	}
	return nil
}

// runPass tries the candidates of a pass. After a success it continues at the same place
// in the candidates of the simplified history.
func (s *shrinker) runPass(ctx context.Context, candidates pass) (smaller bool, err error) {
	list := candidates(s.finding.History)
	for i := 0; i < len(list) && s.left > 0; i++ {
		ok, err := s.try(ctx, list[i])
		if err != nil {
			return smaller, err
		}
		if ok {
			smaller = true
			list = candidates(s.finding.History)
			i--
		}
	}
	return smaller, nil
}

// try plays a candidate, unless it was tried before, cannot happen, or has call types or
// users that the configuration excludes.
func (s *shrinker) try(ctx context.Context, h *History) (ok bool, err error) {
	h = h.sameEndRepeated()
	key := h.String()
	if s.tried[key] || len(h.calls()) == 0 || key == s.finding.History.String() || !h.hasOnly(kindsOf(s.cfg.CallTypes)) || s.cfg.lacksID(h.users()...) || h.Lawful() != nil {
		return false, nil
	}
	s.tried[key] = true
	for range s.repeat {
		if time.Now().After(s.until) {
			s.left = 0
		}
		if s.left == 0 {
			return false, nil
		}
		s.left--
		s.finding.Tried++
		if ok, err = s.reproduces(ctx, h, s.shortWait()); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}
