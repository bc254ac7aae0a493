package traffic

import (
	"math"
	"sort"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// people is a society of friends: everybody has some contacts, most of them
// neighbours, and calls the first of them most.
type people struct {
	*Partition
	*People
	ranks    []float64     // share of the calls that go to the contacts up to this one
	contacts memo[[]int32] // of each user, best first
}

func newPeople(p *Partition, m *People) *people {
	s := &people{Partition: p, People: m, contacts: newMemo[[]int32](p.share(p.model.Users))}
	sum := 0.0
	for r := range m.Contacts {
		sum += math.Pow(float64(r+1), -m.Zipf)
		s.ranks = append(s.ranks, sum)
	}
	return s
}

func (s *people) others() int       { return 0 }
func (s *people) other(int) *Person { return nil }
func (s *people) chains() int       { return s.users }

func (s *people) rate(chain int) float64 {
	if s.users == 1 { // there is nobody to call, ever
		return 0
	}
	return s.CallsPerDay * s.activity(chain)
}

// activity is how much more than the average somebody calls: lognormal with a
// mean of 1.
func (p *Partition) activity(chain int) float64 {
	sigma := p.model.Arrivals.Activity
	return math.Exp(sigma*normal(p.draw("activity", p.chainID(chain))) - sigma*sigma/2)
}

func (s *people) want(at call.Instant, chain int, w Wish) (entry, bool) {
	return s.choose(entry{at: at, what: dial, Wish: w, caller: int32(chain)})
}

// choose picks one of the caller's contacts.
func (s *people) choose(e entry) (entry, bool) {
	list := s.known(int(e.caller))
	if len(list) == 0 {
		return e, false
	}
	u := s.draw("contact", e.key) * s.ranks[len(list)-1]
	e.callee = list[sort.SearchFloat64s(s.ranks[:len(list)-1], u)]
	return e, true
}

func (s *people) callee(e *entry, _ call.Instant) int32 { return e.callee }

// known are somebody's contacts. Who lives in the last neighbourhood, which may
// be small, knows fewer.
func (s *people) known(user int) []int32 {
	list := s.contacts.get(int32(user))
	if list == nil {
		list = make([]int32, 0, s.Contacts)
		for rank := range s.Contacts {
			if c, ok := s.contact(user, rank, list); ok {
				list = append(list, c)
			}
		}
		s.contacts.put(int32(user), list)
	}
	return list
}

// tries is how often a contact is looked for. Where nearly all are taken it
// may not be found, and the list is shorter.
const tries = 64

// contact looks for a contact who is not on the list.
func (s *people) contact(user, rank int, list []int32) (int32, bool) {
	home := user / s.group * s.group
	neighbours := min(s.group, s.users-home)
	inside := s.draw("neighbour", uint64(s.user(user)), uint64(rank)) < s.Inside
	for try := range tries {
		key, _ := draw.Key(s.seed, "contacts", uint64(s.user(user)), uint64(rank), uint64(try))
		c := 0
		if inside && try < tries/2 { // then any will do
			c = home + pick(key, neighbours)
		} else if c = pick(key, s.users); try < tries/2 && c/s.group == user/s.group && s.users > s.group {
			continue
		}
		if c != user && !contains(list, int32(c)) {
			return int32(c), true
		}
	}
	return 0, false
}

func contains(list []int32, c int32) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return false
}

// pick chooses one of n evenly, in such a way that with one more to choose
// from most keys choose the same: the jump hash of Lamping and Veach (2014).
func pick(key uint64, n int) int {
	b, j := int64(-1), int64(0)
	for j < int64(n) {
		b = j
		key = key*2862933555777941757 + 1
		j = int64(float64(b+1) * (float64(int64(1)<<31) / float64(key>>33+1)))
	}
	return int(b)
}

func (s *people) begin(e *entry) *Call { return s.pair(e) }
