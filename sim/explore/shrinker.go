package explore

import (
	"context"
	"time"
)

// shrinker makes the history of a finding shorter, as long as it shows the
// same. It tries the same candidates in the same order each time, each once,
// and stops when its budget is spent.
type shrinker struct {
	*explorer
	finding *Finding
	left    int       // executions
	until   time.Time // that of those who let one wait, whose plays take long
	tried   map[string]bool
	repeat  int // plays of a candidate, at most, until it shows the same
}

// run shrinks the finding, and finds out how often it shows.
func (s *shrinker) run(ctx context.Context) error {
	f := s.finding
	original := *f
	s.repeat = 1
	if err := s.confirm(ctx); err != nil {
		return err
	}
	if f.Shown == 0 {
		return nil // nothing to hold candidates against
	}
	if f.Shown < reruns {
		s.repeat = reruns
	}
	if err := s.shrink(ctx, levels); err != nil {
		return err
	}
	if err := s.confirm(ctx); err != nil {
		return err
	}
	if f.Shown == 0 { // shrinking went astray: it was not as patient as it should be
		tried, replayed := f.Tried, f.Replayed
		*f = original
		f.Tried, f.Replayed = tried, replayed
		return s.confirm(ctx)
	}
	return nil
}

// confirm plays the history again, with all patience.
func (s *shrinker) confirm(ctx context.Context) error {
	s.finding.Shown = 0
	for range reruns {
		same, err := s.show(ctx, s.finding.History, s.cfg.Poll)
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

// show plays a history and reports whether it shows what was found. If so, the
// finding is told by it.
func (s *shrinker) show(ctx context.Context, h *History, patience time.Duration) (bool, error) {
	b, pl, err := s.play(ctx, h, s.judge(ctx, patience))
	if err != nil || b == nil || b.Kind != s.finding.Breach.Kind {
		return false, err
	}
	f := s.finding
	f.tell(h, b, pl)
	return true, nil
}

// shrink goes through the levels until none of them helps any more.
func (s *shrinker) shrink(ctx context.Context, levels []level) error {
	for again := true; again && s.left > 0; {
		again = false
		for _, candidates := range levels {
			smaller, err := s.descend(ctx, candidates)
			if err != nil {
				return err
			}
			again = again || smaller
		}
	}
	return nil
}

// descend tries the candidates of a level. Where one works, it goes on with
// those of the smaller history from there.
func (s *shrinker) descend(ctx context.Context, candidates level) (smaller bool, err error) {
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

// try plays a candidate, unless it was tried before, has calls of another type than
// asked for or people whom the receiver does not know, or the real backend could not do it.
func (s *shrinker) try(ctx context.Context, h *History) (ok bool, err error) {
	h = h.sameAgain()
	key := h.String()
	if s.tried[key] || len(h.calls()) == 0 || key == s.finding.History.String() || !h.hasOnly(kindsOf(s.cfg.CallTypes)) || s.cfg.stranger(h.users()...) || h.Lawful() != nil {
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
		if ok, err = s.show(ctx, h, s.impatience()); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}
