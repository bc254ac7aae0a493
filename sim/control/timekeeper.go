package control

import (
	"time"

	"ringback/sim/journal"
	"ringback/sim/session"
)

// keepEvery is how often the journal is told what time it is while calls go on.
const keepEvery = 5 * time.Second

// keepTime notes the time now and then, so that a restart after a kill does not
// set it back by much.
func keepTime(s *session.Session, closing <-chan struct{}) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.Done():
			return
		case <-closing:
			return
		}
		live := 0
		s.State(func(st *journal.State) { live = st.Live })
		if _, _, paused := s.Loop().Time(); live == 0 || paused {
			continue
		}
		if s.NoteTime() != nil {
			return
		}
	}
}
