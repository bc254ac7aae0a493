package sim_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Readable ids count up, in four digits as long as there are no more.
func TestReadableID(t *testing.T) {
	for _, n := range []uint64{1, 9, 10, 99, 100, 999, 1000, 1001, 9999, 10_000, 1_234_567} {
		if got, want := sim.ReadableID("tok", n), fmt.Sprintf("rb-tok-%04d", n); got != want {
			t.Errorf("call %d is %s, want %s", n, got, want)
		}
	}
}

// An id depends on the seed, the token and the number, on nothing else, and on
// each of them; the journals that people have name calls by it.
func TestCallID(t *testing.T) {
	for want, run := range map[string]journal.Run{
		"8f1a2e5e-c63a-4f25-bfdc-92ebf4b5d632": {Seed: 7, Token: "monday"},
		"5b848ba4-7cab-4974-be6a-ef6869bcfd21": {Seed: 7},
	} {
		if got := sim.CallID(&run, wire.Default(), 12); got != want {
			t.Errorf("call 12 of %+v is %s, want %s", run, got, want)
		}
	}
	// Not even where one text ends and the next begins.
	seen := map[string]string{}
	for _, seed := range []uint64{0, 1, 256, '1' << 56} {
		for _, token := range []string{"", "1", "11", "1\x00", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x01", "a-1", "a"} {
			for _, n := range []uint64{0, 1, 11, 256, '1' << 56, 1<<64 - 1} {
				id := sim.CallID(&journal.Run{Seed: seed, Token: token}, wire.Default(), n)
				key := fmt.Sprintf("call %d of run %q, seed %d", n, token, seed)
				if was, ok := seen[id]; ok {
					t.Errorf("%s is %s, as %s", key, id, was)
				}
				seen[id] = key
				if !isUUID(id) {
					t.Errorf("%s is %s", key, id)
				}
			}
		}
	}
}

// From an id alone it is known whether a run gave it to a call.
func TestIsCallID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run := journal.Run{Seed: rapid.Uint64().Draw(t, "seed"), Token: rapid.StringMatching(`[a-z-]{0,9}`).Draw(t, "token")}
		n := rapid.Uint64Range(1, 1e7).Draw(t, "number")
		for _, d := range []*wire.Dialect{wire.Default(), readable()} {
			id := sim.CallID(&run, d, n)
			if !sim.IsCallID(&run, id, n) || sim.IsCallID(&run, id, n+1) || sim.IsCallID(&run, id+"x", n) {
				t.Fatalf("%s is call %d", id, n)
			}
		}
	})
}

// Many calls, in one engine or in 64 that share a run, have as many ids and as many rooms,
// which all are what they should be. Were rooms drawn at random, some would be alike. To
// soak, they are millions.
func TestManyCalls(t *testing.T) {
	many := 320_000 // if drawn at random, of 2147483647, 24 pairs are expected
	if os.Getenv("RINGBACK_SOAK") != "" {
		many = 3_200_000
	}
	for _, of := range []int{1, 64} {
		ids, rooms := make([]string, 0, many), make([]int, 0, many)
		for index := range of {
			cfg := sim.Config{Run: journal.Run{Seed: 7, Epoch: epoch, Token: "many"}}
			if of > 1 {
				cfg.Run.Token += fmt.Sprintf("-%d", index+1)
				cfg.Rooms = sim.Rooms{Token: "many", First: uint64(index*many/of) + 1}
			}
			e := sim.New(cfg)
			for n := range uint64(many / of) {
				id, room := e.Name(n + 1)
				number, err := strconv.Atoi(room)
				if err != nil || number < 1 || number > 2147483647 || !isUUID(id) {
					t.Fatalf("call %d of engine %d: id %s, room %s", n+1, index, id, room)
				}
				ids, rooms = append(ids, id), append(rooms, number)
			}
		}
		slices.Sort(ids)
		slices.Sort(rooms)
		if n, m := len(slices.Compact(ids)), len(slices.Compact(rooms)); n != many || m != many {
			t.Errorf("%d engines: %d ids, %d rooms", of, n, m)
		}
	}
}

// The names of a call take one piece of memory, in each form.
func TestNamesTakeOnePiece(t *testing.T) {
	for _, d := range []*wire.Dialect{wire.Default(), readable()} {
		cfg := config()
		cfg.Dialect = d
		e, n := sim.New(cfg), uint64(0)
		if got := testing.AllocsPerRun(1000, func() { n++; e.Name(n) }); got != 1 {
			t.Errorf("call_id=%s: %g allocations, want 1", d.CallID, got)
		}
	}
}

// isUUID reports whether a text is a UUID of version 4.
func isUUID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case i == 14 && c != '4', i == 19 && !strings.ContainsRune("89ab", rune(c)):
			return false
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return len(s) == 36
}

// No two of 2147483647 rooms of a run are alike, and neighbors are far apart.
func TestRoomsDoNotRepeat(t *testing.T) {
	const all = 2147483647
	room := func(n uint64) int64 {
		r, err := strconv.ParseInt(sim.RoomID(7, "t", n), 10, 64)
		if err != nil || r < 1 || r > all {
			t.Fatalf("room of call %d: %d, %v", n, r, err)
		}
		return r
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		n, m := 1+rng.Uint64N(all), 1+rng.Uint64N(all)
		if a, b := room(n), room(m); (a == b) != (n == m) {
			t.Fatalf("calls %d and %d have the rooms %d and %d", n, m, a, b)
		}
		if a, b := room(n), room(n+1); max(a-b, b-a) < all/4 {
			t.Fatalf("calls %d and %d have the rooms %d and %d", n, n+1, a, b)
		}
	}
	if a, b := room(1), room(1+all); a != b {
		t.Errorf("after all rooms were there, the first does not come again: %d, %d", a, b)
	}
	for _, n := range []uint64{all - 1, all, all + 1, 1 << 62, 1<<64 - 1} {
		room(n)
	}
}

// A room that the user chose stays; one that is a text is none of the numbers.
func TestChosenNames(t *testing.T) {
	p := newPlayer(t, config())
	for _, test := range []struct {
		setup    call.Setup
		id, room string
	}{
		{call.Setup{ID: "055662e1-bc8a-469c-a334-1126c8c17d58"}, "055662e1-bc8a-469c-a334-1126c8c17d58", sim.RoomID(1, "test", 1)},
		{call.Setup{Room: "Alice's Room", RoomTag: call.StringRoom}, "rb-test-0002", "Alice's Room"},
		{call.Setup{RoomTag: call.StringRoom}, "rb-test-0003", ""},
		{call.Setup{Room: "42", RoomTag: call.DigitRoom}, "rb-test-0004", "42"},
		{call.Setup{RoomTag: call.DigitRoom}, "rb-test-0005", sim.RoomID(1, "test", 5)},
	} {
		s := test.setup
		s.App, s.Caller, s.Callees, s.Device = 1400000001, "alice", []string{"bob"}, phone
		p.do(sim.Place{Setup: s, Fail: true})
		if c := p.engine.State().Call(test.id); c == nil || c.Room != test.room {
			t.Errorf("%+v: %+v", test.setup, c)
		}
	}
}
