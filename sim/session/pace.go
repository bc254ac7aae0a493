package session

import (
	"context"

	"ringback/sim/call"
	"ringback/sim/run"
)

// SetTraffic starts or stops the calls of [Config.Background]. The error is
// [ErrEndless] under the pace instant, [ErrNoTraffic] if there are none, or that of
// Background.
func (s *Session) SetTraffic(t Traffic) error {
	s.pacing.Lock()
	defer s.pacing.Unlock()
	if !t.On {
		s.loop.SetSource(nil)
		s.traffic = Traffic{}
		return nil
	}
	now, pace, _ := s.loop.Time()
	switch {
	case s.cfg.Background == nil:
		return ErrNoTraffic
	case pace == run.Instant:
		return ErrEndless
	}
	source, err := s.cfg.Background(now, t.Rate)
	if err != nil {
		return err
	}
	s.loop.SetSource(source)
	s.traffic = t
	return nil
}

// Traffic returns what SetTraffic set last, and when the next call comes; 0 if none
// does.
func (s *Session) Traffic() (t Traffic, next call.Instant) {
	s.pacing.Lock()
	defer s.pacing.Unlock()
	if s.traffic.On {
		next, _ = s.loop.NextInput()
	}
	return s.traffic, next
}

// SetPace changes the pace. The error is [ErrEndless] if that is instant while calls
// come by themselves.
func (s *Session) SetPace(p run.Pace) error {
	s.pacing.Lock()
	defer s.pacing.Unlock()
	if p == run.Instant && s.traffic.On {
		return ErrEndless
	}
	s.loop.SetPace(p)
	return nil
}

// Step pauses, and moves the simulated time on to what is due next; moved is false if
// nothing is.
func (s *Session) Step(ctx context.Context) (moved bool, err error) {
	s.loop.Pause()
	at, ok := s.loop.Next()
	if !ok {
		return false, nil
	}
	return true, s.loop.Advance(ctx, max(0, at.Sub(s.Now())))
}
