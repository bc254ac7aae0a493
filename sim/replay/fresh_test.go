package replay

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Whatever ids the calls of a journal have, no two fresh ones are alike, nor is one
// that was there before, and each has the form that is asked for.
func TestFreshIDs(t *testing.T) {
	was := &journal.Run{Seed: 7, Token: "then"}
	now := &journal.Run{Seed: 7, Token: "now"}
	readable := regexp.MustCompile(`^rb-now-\d{4,}$`)
	for _, form := range []string{"", "uuid", "readable"} {
		n := renewal{seed: 7, was: "then", token: "now", form: form}
		seen, rooms := map[string]bool{}, map[string]bool{}
		for i := range uint64(10_000) {
			number := i + 1
			room := sim.RoomID(7, "then", number)
			var id string
			var want *regexp.Regexp
			switch i % 5 {
			case 0:
				id, want = sim.CallID(was, wire.Default(), number), uuid4
			case 1:
				id, want = sim.ReadableID("then", number), readable
				room = firstEditionRoom("then", number)
			case 2: // another backend's
				id, want = fmt.Sprintf("%08d", i), uuid4
			case 3: // another run's, or of another number
				id, want = sim.ReadableID("then", number+1_000_000), uuid4
			case 4:
				id, want = sim.CallID(was, wire.Default(), number+1_000_000), uuid4
			}
			switch own := i%5 < 2; {
			case own && form == "uuid":
				want = uuid4
			case own && form == "readable":
				want = readable
			}
			got := n.id(id, number)
			if !want.MatchString(got) || got == id || seen[got] || seen[id] {
				t.Fatalf("form %q: call %d, %s, is %s now, want another one of the form %s", form, number, id, got, want)
			}
			if sim.IsCallID(now, got, number) != (i%5 < 2) {
				t.Fatalf("form %q: call %d, %s, is %s now", form, number, id, got)
			}
			seen[got], seen[id] = true, true
			again := n.room(room, number)
			if k, err := strconv.ParseInt(again, 10, 32); err != nil || k < 1 || rooms[again] || again == room {
				t.Fatalf("call %d: room %s is %s now", number, room, again)
			}
			rooms[again] = true
		}
		for _, chosen := range []string{"lounge", "42", sim.RoomID(7, "then", 5)} {
			if got := n.room(chosen, 4); got != chosen {
				t.Errorf("the room %s that a person chose is %s now", chosen, got)
			}
		}
	}
	if same := (renewal{seed: 7, was: "then", token: "then"}).id("foreign", 1); same != "foreign" {
		t.Errorf("of the same run it is %s", same)
	}
}
