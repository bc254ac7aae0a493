package explore

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// What happens in the histories of a seed is the same as ever, whatever values are
// added: a seed that found something finds it again.
func TestHappeningsStay(t *testing.T) {
	if testing.Short() {
		t.Skip("draws, and plays nothing")
	}
	h := fnv.New64a()
	for seed := range uint64(4) {
		for n := range uint64(100) {
			for _, g := range []wire.Generation{wire.V1, wire.V4} {
				fmt.Fprintln(h, generate(seed, n, g, 0, 0, ""))
			}
		}
	}
	if got, want := h.Sum64(), uint64(0x6ae8bbaec10aead1); got != want {
		t.Errorf("the histories have the hash %#x, want %#x: draws were reshuffled", got, want)
	}
}

// Each kind of value comes up, in each generation, and leaves what happens a history
// that the real backend could play.
func TestValues(t *testing.T) {
	if testing.Short() {
		t.Skip("draws, and plays nothing")
	}
	all := histories(1000)
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		seen := map[string]int{}
		for n := range uint64(all) {
			h, before := Draw(5, n, g, 0), generate(5, n, g, 0, 0, "")
			if err := h.Lawful(); err != nil {
				t.Fatalf("%v\n%s", err, h)
			}
			for what, is := range map[string]bool{
				"long ids": slices.ContainsFunc(h.users(), func(u string) bool { return len(u) == 32 }),
				"near ids": valueTraits(h, new(Violation)).has(nearIDs), "digits": strings.HasPrefix(h.users()[0], "1441"), "numbers": h.NumberIDs,
				"hours": h.Begin == 0 && h.length() >= 9*time.Hour, "a day": h.length() >= 24*time.Hour, "a boundary": h.Begin != 0,
				"trimmed":     slices.ContainsFunc(h.users(), func(u string) bool { return strings.HasSuffix(u, "_") }),
				"like":        slices.ContainsFunc(h.users(), func(u string) bool { return strings.HasPrefix(u, "a_ic") }),
				"calls alike": h.LongIDs, "a room of a URL": strings.Contains(h.String(), "%32"),
				"again": h.Repeat != nil, "nothing": h.String() == before.String(),
			} {
				if is {
					seen[what]++
				}
			}
			for _, u := range generate(5, n, g, 0, 0, "").withRareValues(5, n, false, true).users() {
				if !slices.Contains(before.users(), u) {
					t.Errorf("without names, %s takes part in\n%s", u, before)
				}
			}
		}
		for _, what := range []string{"long ids", "near ids", "trimmed", "like", "calls alike", "a room of a URL", "digits", "hours", "a day", "a boundary", "again"} {
			if seen[what] < all/200 {
				t.Errorf("%s: %s in %d of %d histories", g, what, seen[what], all)
			}
		}
		if n := seen["nothing"]; n < all*6/10 || (seen["numbers"] > 0) != (g == wire.V4) {
			t.Errorf("%s: %d histories without odd values, %d with numbers", g, n, seen["numbers"])
		}
	}
}

// What comes again at the end is told so that it can be played as it is: by names
// that tell the call from those of the crowd.
func TestFinale(t *testing.T) {
	h := story(t, wire.V1, "alice calls bob as call first", "at 3s bob declines in call first")
	h.Repeat = &Repeat{30, script.Handling{Do: script.Duplicate, Call: "first", Callback: wire.StatusReject}}
	if err := h.Lawful(); err != nil {
		t.Fatal(err)
	}
	want := []string{"30 calls end as cancel at once", "reject is sent again in call first"}
	if got := h.closingSteps(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if again := simplerNames(h)[0]; again.String() != h.String() {
		t.Errorf("the call lost its name:\n%s", again)
	}
	h.Repeat = &Repeat{0, h.Repeat.Callback}
	if got, want := simplerNames(h)[0].closingSteps(), []string{"reject is sent again"}; !slices.Equal(got, want) {
		t.Errorf("without a crowd: got %q, want %q", got, want)
	}
	h.Repeat = &Repeat{30, script.Handling{Do: script.Duplicate, Call: "first", Callback: wire.StatusCancel}}
	if err := h.Lawful(); err == nil {
		t.Error("no callback cancel was made, and it comes again")
	}
}

// However often a history about a boundary is played, it begins before that, and goes
// on until after it.
func TestBeginning(t *testing.T) {
	h := &History{Begin: call.At(time.Unix(2e9, 0))}
	for n := range uint64(2000) {
		if by := h.beginning(n).Sub(h.Begin); by < 0 || by >= beforeBoundary || by+overBoundary <= beforeBoundary {
			t.Fatalf("the %d-th begins %s later", n, by)
		}
	}
}
