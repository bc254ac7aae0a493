package traffic

import (
	"maps"
	"slices"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
)

// team is a population of people who hold meetings: one calls some of the others,
// who join in time or late, leave, come back, or lose their line. A team holds
// one meeting at a time.
type team struct {
	*Partition
	*Team
	until  []call.Instant // when each team's meeting ends
	sizes  []int          // in order
	engine *sim.Engine    // plays each meeting once before it is held
}

func newTeam(p *Partition, m *Team) *team {
	s := &team{Partition: p, Team: m, sizes: slices.Sorted(maps.Keys(m.Sizes))}
	s.until = make([]call.Instant, p.share(p.model.Users)/m.Members)
	s.engine = sim.New(sim.Config{Run: journal.Run{Token: "rehearsal"}, HeartbeatExpiry: p.expiry, RingTimeout: p.model.Ring.Timeout})
	s.engine.Begin()
	return s
}

func (s *team) others() int       { return 0 }
func (s *team) other(int) *Person { return nil }
func (s *team) arrivals() int     { return len(s.until) }
func (s *team) rate(int) float64  { return s.MeetingsPerDay }

func (s *team) want(at call.Instant, process int, w Intent) (task, bool) {
	return task{at: s.snap(at, w.key), kind: start, Intent: w, caller: int32(process)}, true
}

func (s *team) callee(e *task, _ call.Instant) int32 { return e.callee }

// free reports whether a team is in no meeting.
func (s *team) free(e *task) bool { return s.until[e.caller] <= e.at }

// begin holds a meeting, unless the team is in one.
func (s *team) begin(e *task) *Call {
	if !s.free(e) {
		s.Suppressed++
		return nil
	}
	m := s.meeting(e)
	c := m.simulate(s.engine)
	s.until[e.caller] = c.End
	return c
}

// size returns how many people a meeting has, the caller included.
func (s *team) size(u float64) int {
	for _, k := range s.sizes {
		if u < s.Sizes[k] {
			return k
		}
		u -= s.Sizes[k]
	}
	return s.sizes[len(s.sizes)-1]
}

// lateness returns the share of the meetings of a size that someone joins late.
func (s *team) lateness(size int) (share float64) {
	from := 0
	for k, v := range s.Late {
		if k <= size && k > from {
			from, share = k, v
		}
	}
	return share
}
