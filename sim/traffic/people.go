package traffic

import (
	"math"
	"slices"
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
	contacts memo[friends] // of each user
}

// friends are the contacts of a user as far as they were looked for.
type friends struct {
	list  []int32 // best first
	ranks int     // that were looked for
}

func newPeople(p *Partition, m *People) *people {
	s := &people{Partition: p, People: m, contacts: newMemo[friends](p.share(p.model.Users), p.even != nil)}
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
	u, most := s.draw("contact", e.key), s.Contacts
	if s.users < plenty*s.Contacts { // perhaps there are fewer
		most = len(s.known(int(e.caller), s.Contacts))
	}
	if most == 0 {
		return e, false
	}
	rank := sort.SearchFloat64s(s.ranks[:most-1], u*s.ranks[most-1])
	list := s.known(int(e.caller), rank+1)
	e.callee = list[min(rank, len(list)-1)]
	return e, true
}

// plenty is how many people there have to be for each contact, so that everybody
// finds all of his.
const plenty = 4

func (s *people) callee(e *entry, _ call.Instant) int32 { return e.callee }

// known are the first of somebody's contacts: all those of some ranks that
// could be found. Most people need only their best ones.
func (s *people) known(user, ranks int) []int32 {
	k := s.contacts.get(int32(user))
	if k.ranks < ranks {
		k.list = slices.Grow(k.list, ranks-k.ranks)
		for ; k.ranks < ranks; k.ranks++ {
			if c, ok := s.contact(user, k.ranks, k.list); ok {
				k.list = append(k.list, c)
			}
		}
		s.contacts.put(int32(user), k)
	}
	return k.list
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
