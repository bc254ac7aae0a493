package journal

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/call"
)

// An index does what a map would do.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x, want := newIndex(), map[string]*Call{}
		id := rapid.Custom(func(rt *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 99).Draw(rt, "id")) })
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				c := &Call{Call: call.Call{ID: id.Draw(rt, "put")}}
				x.put(c)
				want[c.ID] = c
			},
			"remove": func(rt *rapid.T) {
				gone := id.Draw(rt, "remove")
				x.remove(gone)
				delete(want, gone)
			},
			"": func(rt *rapid.T) {
				for i := range 100 {
					if got, want := x.find(fmt.Sprint(i)), want[fmt.Sprint(i)]; got != want {
						rt.Fatalf("call %d is %p, want %p", i, got, want)
					}
				}
				var got []string
				for c := range x.all() {
					got = append(got, c.ID)
				}
				slices.Sort(got)
				if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), got); diff != "" {
					rt.Fatalf("calls (-want +got):\n%s", diff)
				}
			},
		})
	})
}
