package sim

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"ringback/sim/call"
	"ringback/sim/draw"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// CheckToken says what is wrong with a run's token, if anything is.
func CheckToken(t string) error {
	if len(t) > 32 || strings.ContainsFunc(t, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}) {
		return fmt.Errorf("%q: want up to 32 letters, digits, - and _", t)
	}
	return nil
}

// CallID is the id of a run's n-th call in a dialect: a UUID, as in all samples of
// v4 (68941), or rb-RUN-0001. Whatever n is, no two are alike.
func CallID(run *journal.Run, d *wire.Dialect, n uint64) string {
	return string(appendCallID(nil, run, d, n))
}

// ReadableID is [CallID] in the dialect call_id=readable.
func ReadableID(token string, n uint64) string { return string(appendReadable(nil, token, n)) }

// IsCallID reports whether an id is that of a run's n-th call, in any dialect.
func IsCallID(run *journal.Run, id string, n uint64) bool {
	return id == ReadableID(run.Token, n) || id == string(draw.AppendUUID(nil, run.Seed, run.Token, n))
}

func appendCallID(b []byte, run *journal.Run, d *wire.Dialect, n uint64) []byte {
	if d.CallID == "readable" {
		return appendReadable(b, run.Token, n)
	}
	return draw.AppendUUID(b, run.Seed, run.Token, n)
}

func appendReadable(b []byte, token string, n uint64) []byte {
	b = append(append(append(b, "rb-"...), token...), '-')
	for least := uint64(1000); n < least && least > 1; least /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendUint(b, n, 10)
}

// ForeignID is the id that a run gives to a call that another backend placed, whose
// id there was another one.
func ForeignID(run *journal.Run, was string) string {
	return string(draw.AppendUUID(nil, run.Seed, run.Token+"\x00"+was, 0)) // no token has a NUL
}

// Rooms says which numeric rooms the calls of an engine get. The zero value is that
// of a run with one engine. A run of several in turn, each with a token of its own,
// gives them one token here, and to each other numbers: then no two of its calls share
// a room.
type Rooms struct {
	Token string // of the whole run; "": the engine's own
	First uint64 // which call of the whole run the engine's first is, from 1; 0: the first
}

// number is which call of the whole run the engine's n-th is.
func (r *Rooms) number(n uint64) uint64 { return max(1, r.First) + n - 1 }

// Digit rooms are 1 to 2147483647 in CallKit, which types them as int. Their number
// is a prime, so that steps of any length come to each of them before one comes
// again. This one keeps the rooms of calls that follow each other far apart.
const (
	rooms    = 2147483647
	roomStep = 1327217885
)

// RoomID is the room of a run's n-th call: it begins at a place that follows from
// seed and token, and no two of 2147483647 calls share one. Runs with other tokens
// may meet: two of a thousand calls with a probability of 1e-6.
func RoomID(seed uint64, token string, n uint64) string {
	return string(appendRoom(nil, firstRoom(seed, token), n))
}

func firstRoom(seed uint64, token string) uint64 {
	sum := draw.Hash(nil, seed, token, 0)
	return binary.BigEndian.Uint64(sum[:]) % rooms
}

func appendRoom(b []byte, first, n uint64) []byte {
	return strconv.AppendUint(b, 1+(first+n%rooms*roomStep)%rooms, 10)
}

// names gives calls their ids.
type names struct {
	run   *journal.Run
	rooms Rooms
	first uint64 // room
	space []byte // used again
}

func newNames(run *journal.Run, rooms Rooms) names {
	rooms.Token = cmp.Or(rooms.Token, run.Token)
	return names{run: run, rooms: rooms, first: firstRoom(run.Seed, rooms.Token)}
}

// give gives a call the ids that it was not given, in one piece of memory.
func (n *names) give(s *call.Setup, d *wire.Dialect) {
	room := s.Room == "" && s.RoomTag != call.StringRoom
	b, id := n.space[:0], 0
	if s.ID == "" {
		b = appendCallID(b, n.run, d, s.Number)
		id = len(b)
	}
	if room {
		b = appendRoom(b, n.first, n.rooms.number(s.Number))
	}
	text := string(b)
	if id > 0 {
		s.ID = text[:id]
	}
	if room {
		s.Room, s.RoomTag = text[id:], call.DigitRoom
	}
	n.space = b
}

// AlikeID is one of the UUIDs of a run that have 32 of 36 characters in common, from 0. No
// call has such an id of itself.
func AlikeID(run *journal.Run, n int) string {
	return fmt.Sprintf("%.32s%04x", draw.AppendUUID(nil, run.Seed, run.Token, 0), n)
}
