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

// Person is a user with a phone.
type Person struct {
	ID     string // the UserID: a name and a number
	Name   string
	Device call.Device

	own [1]call.Owned // the list that deviceList returns
}

// deviceList returns a list of this device only, shared by all calls.
func (p *Person) deviceList() call.Devices {
	if p.own[0].Device == nil {
		p.own[0] = call.Owned{User: p.ID, Device: &p.Device}
	}
	return p.own[:]
}

// directory generates people. Each depends only on the seed and their number, not
// on who else there is.
type directory struct {
	seed      uint64
	platforms []platform
	source    source
	faker     *gofakeit.Faker
	id        []byte // scratch space of person
}

type platform struct {
	name  string
	share float64
}

func newDirectory(m *Model, seed uint64) *directory {
	c := &directory{seed: seed}
	c.faker = gofakeit.NewCustom(&c.source)
	for _, name := range slices.Sorted(maps.Keys(m.Platforms)) {
		c.platforms = append(c.platforms, platform{name, m.Platforms[name]})
	}
	return c
}

// person returns the n-th person of a kind, like "agent"; users have kind "".
func (c *directory) person(kind string, n int) *Person {
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

// address returns an IPv4 address that a client on the internet can have.
func (c *directory) address() string {
	for {
		s := c.faker.IPv4Address()
		if a, err := netip.ParseAddr(s); err == nil && a.IsGlobalUnicast() && !a.IsPrivate() && a.As4()[0] != 0 {
			return s
		}
	}
}

// appendLetters appends the letters of a name that a UserID allows, in lower case.
func appendLetters(b []byte, name string) []byte {
	for i := range len(name) {
		if c := name[i] | ' '; 'a' <= c && c <= 'z' {
			b = append(b, c)
		}
	}
	return b
}

// source makes the faker draw from a generator that is reseeded for each person.
type source struct{ pcg rand.PCG }

// Seed does nothing: directory seeds the generator.
func (*source) Seed(int64) {}

// Int63 returns 63 random bits.
func (s *source) Int63() int64 { return int64(s.pcg.Uint64() >> 1) }

// Uint64 returns 64 random bits.
func (s *source) Uint64() uint64 { return s.pcg.Uint64() }
