package traffic

import (
	"ringback/sim/call"
)

// center is a population of customers and agents. A call that finds no idle
// agent goes to a busy one.
type center struct {
	*Partition
	*Center
	idle []int32 // scratch space of callee
}

func (s *center) others() int {
	return (s.users + s.Customers - 1) / s.Customers * s.Agents
}

func (s *center) arrivals() int { return s.users }

// rate divides the peak hour's calls among the customers of a full center.
func (s *center) rate(process int) float64 {
	perDay := s.CallsPerPeakHour * 24 / s.model.Arrivals.Profile.peak()
	return perDay / float64(s.Customers) * s.activity(process)
}

func (s *center) want(at call.Instant, process int, w Intent) (task, bool) {
	return task{at: at, kind: dial, Intent: w, caller: int32(process)}, true
}

// callee returns an agent of the caller's center: the caller's own if agents
// are pinned, else an idle one, or any if all are busy.
func (s *center) callee(e *task, now call.Instant) int32 {
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

// other returns the n-th agent.
func (s *center) other(n int) *Person {
	return s.directory.person("agent", (n/s.Agents*s.of+s.index)*s.Agents+n%s.Agents)
}

func (s *center) begin(e *task) *Call { return s.oneOnOne(e) }
