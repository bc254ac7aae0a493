package traffic

import (
	"math"
	"slices"
	"sort"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// people is a population in which each user has some contacts, most of them
// neighbors, and calls the first of them most.
type people struct {
	*Partition
	*People
	ranks    []float64          // by rank: weight of the calls to contacts up to this rank
	contacts cache[contactList] // of each user
}

// contactList holds the contacts of a user that were looked up so far.
type contactList struct {
	list  []int32 // most called first
	ranks int     // looked up so far
}

func newPeople(p *Partition, m *People) *people {
	s := &people{Partition: p, People: m, contacts: newCache[contactList](p.share(p.model.Users), p.constantRate != nil)}
	sum := 0.0
	for r := range m.Contacts {
		sum += math.Pow(float64(r+1), -m.Zipf)
		s.ranks = append(s.ranks, sum)
	}
	return s
}

func (s *people) others() int       { return 0 }
func (s *people) other(int) *Person { return nil }
func (s *people) arrivals() int     { return s.users }

func (s *people) rate(process int) float64 {
	if s.users == 1 { // there is no one to call
		return 0
	}
	return s.CallsPerDay * s.activity(process)
}

// activity returns how much a user calls compared to the average: lognormal with
// a mean of 1.
func (p *Partition) activity(process int) float64 {
	sigma := p.model.Arrivals.Activity
	return math.Exp(sigma*normal(p.draw("activity", p.processID(process))) - sigma*sigma/2)
}

func (s *people) want(at call.Instant, process int, w Intent) (task, bool) {
	return s.choose(task{at: at, kind: dial, Intent: w, caller: int32(process)})
}

// choose draws one of the caller's contacts.
func (s *people) choose(e task) (task, bool) {
	u, most := s.draw("contact", e.key), s.Contacts
	if s.users < enoughPeople*s.Contacts { // the caller may have fewer contacts
		most = len(s.firstContacts(int(e.caller), s.Contacts))
	}
	if most == 0 {
		return e, false
	}
	rank := sort.SearchFloat64s(s.ranks[:most-1], u*s.ranks[most-1])
	list := s.firstContacts(int(e.caller), rank+1)
	e.callee = list[min(rank, len(list)-1)]
	return e, true
}

// enoughPeople is how many people per contact a population needs so that each
// user finds all contacts.
const enoughPeople = 4

func (s *people) callee(e *task, _ call.Instant) int32 { return e.callee }

// firstContacts returns the contacts of the first ranks that could be found. They
// are looked up when needed, since most users call only their first contacts.
func (s *people) firstContacts(user, ranks int) []int32 {
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

// maxContactTries bounds the search for a contact. In a small population it may
// fail, and the list is shorter.
const maxContactTries = 64

// contact draws a contact who is not on the list.
func (s *people) contact(user, rank int, list []int32) (int32, bool) {
	home := user / s.group * s.group
	neighbours := min(s.group, s.users-home)
	inside := s.draw("neighbour", uint64(s.user(user)), uint64(rank)) < s.Inside
	for try := range maxContactTries {
		key, _ := draw.Key(s.seed, "contacts", uint64(s.user(user)), uint64(rank), uint64(try))
		c := 0
		if inside && try < maxContactTries/2 { // then any will do
			c = home + pick(key, neighbours)
		} else if c = pick(key, s.users); try < maxContactTries/2 && c/s.group == user/s.group && s.users > s.group {
			continue
		}
		if c != user && !slices.Contains(list, int32(c)) {
			return int32(c), true
		}
	}
	return 0, false
}

// pick maps a key to one of n with equal probability, such that with n+1 most keys
// map to the same: the jump hash of Lamping and Veach (2014).
func pick(key uint64, n int) int {
	b, j := int64(-1), int64(0)
	for j < int64(n) {
		b = j
		key = key*2862933555777941757 + 1
		j = int64(float64(b+1) * (float64(int64(1)<<31) / float64(key>>33+1)))
	}
	return int(b)
}

func (s *people) begin(e *task) *Call { return s.oneOnOne(e) }
