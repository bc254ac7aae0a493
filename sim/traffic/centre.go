package traffic

import (
	"ringback/sim/call"
)

// centre is a society of customers and agents. A call that finds no idle agent
// finds a busy one.
type centre struct {
	*Partition
	*Centre
	idle []int32 // agents, while one of them is chosen
}

func (s *centre) others() int {
	return (s.users + s.Customers - 1) / s.Customers * s.Agents
}

func (s *centre) chains() int { return s.users }

// rate shares the peak hour's calls among the customers of a full centre.
func (s *centre) rate(chain int) float64 {
	perDay := s.CallsPerPeakHour * 24 / s.model.Arrivals.Profile.peak()
	return perDay / float64(s.Customers) * s.activity(chain)
}

func (s *centre) want(at call.Instant, chain int, w Wish) (entry, bool) {
	return entry{at: at, what: dial, Wish: w, caller: int32(chain)}, true
}

// callee is an agent of the caller's centre: his own, or one of the idle, or
// any if all are busy.
func (s *centre) callee(e *entry, now call.Instant) int32 {
	first := int32(s.users + int(e.caller)/s.Customers*s.Agents)
	if s.Pinned {
		return first + int32(float64(s.Agents)*s.draw("agent", uint64(s.user(int(e.caller)))))
	}
	u := s.draw("agent", e.key, e.try)
	s.idle = s.idle[:0]
	for i := first; i < first+int32(s.Agents); i++ {
		if s.busy.until(i) <= now {
			s.idle = append(s.idle, i)
		}
	}
	if len(s.idle) == 0 {
		return first + int32(float64(s.Agents)*u)
	}
	return s.idle[int(float64(len(s.idle))*u)]
}

// other makes an agent.
func (s *centre) other(n int) *Person {
	return s.crowd.person("agent", (n/s.Agents*s.of+s.index)*s.Agents+n%s.Agents)
}

func (s *centre) begin(e *entry) *Call { return s.pair(e) }
