package traffic

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/brianvoe/gofakeit/v6"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// Person is somebody with a phone.
type Person struct {
	ID     string // the UserID: a name and a number
	Name   string
	Device call.Device

	own [1]call.Owned // the device, as a call's setup names it
}

// alone is a list of the device alone, the same for all calls.
func (p *Person) alone() call.Devices {
	if p.own[0].Device == nil {
		p.own[0] = call.Owned{User: p.ID, Device: &p.Device}
	}
	return p.own[:]
}

// crowd makes people, each the same from one seed whoever else there is.
type crowd struct {
	seed      uint64
	platforms []platform
	source    source
	faker     *gofakeit.Faker
	id        []byte // of the person who is being made
}

type platform struct {
	name  string
	share float64
}

func newCrowd(m *Model, seed uint64) *crowd {
	c := &crowd{seed: seed}
	c.faker = gofakeit.NewCustom(&c.source)
	for _, name := range slices.Sorted(maps.Keys(m.Platforms)) {
		c.platforms = append(c.platforms, platform{name, m.Platforms[name]})
	}
	return c
}

// person makes the n-th of a kind of people, like "agent"; the kind is "" for
// users.
func (c *crowd) person(kind string, n int) *Person {
	c.source.pcg.Seed(draw.Key(c.seed, "person "+kind, uint64(n)))
	p := &Person{Name: c.faker.FirstName() + " " + c.faker.LastName()}
	first, _, _ := strings.Cut(p.Name, " ")
	id := c.id[:0]
	if kind != "" {
		id = append(append(id, kind...), '-')
	}
	c.id = strconv.AppendInt(append(appendLetters(id, first), '-'), int64(n), 36)
	p.ID = string(c.id)
	p.Device.IP = c.address()
	pick := draw.Float(c.seed, "platform "+kind, uint64(n))
	for _, o := range c.platforms {
		if p.Device.Platform = o.name; pick < o.share {
			break
		}
		pick -= o.share
	}
	return p
}

// address is one that a client out in the net can have.
func (c *crowd) address() string {
	for {
		s := c.faker.IPv4Address()
		if a, err := netip.ParseAddr(s); err == nil && a.IsGlobalUnicast() && !a.IsPrivate() && a.As4()[0] != 0 {
			return s
		}
	}
}

// appendLetters appends of a name what may be in a UserID, in small letters.
func appendLetters(b []byte, name string) []byte {
	for i := range len(name) {
		if c := name[i] | ' '; 'a' <= c && c <= 'z' {
			b = append(b, c)
		}
	}
	return b
}

// source lets the faker draw from a generator that can be seeded for each
// person.
type source struct{ pcg rand.PCG }

// Seed does nothing: the faker does not choose its seeds.
func (*source) Seed(int64) {}

// Int63 is a number of 63 random bits.
func (s *source) Int63() int64 { return int64(s.pcg.Uint64() >> 1) }

// Uint64 is a number of 64 random bits.
func (s *source) Uint64() uint64 { return s.pcg.Uint64() }
