package timers_test

import (
	"cmp"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/timers"
)

type due struct {
	at int64
	id int
}

// Whatever is pushed, popped and removed in whatever order, the queue does what a
// sorted list would do.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := timers.New(func(a, b due) bool { return a.id < b.id })
		var list []due // sorted
		next := 0
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			default:
				next++
				d := due{at: rapid.Int64Range(-5, 5).Draw(t, "at"), id: next * 7919 % 1000}
				q.Push(d.at, d)
				i, _ := slices.BinarySearchFunc(list, d, func(a, b due) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
				list = slices.Insert(list, i, d)
			case 1, 2, 3:
				if len(list) == 0 {
					continue
				}
				first, peeked := q.First()
				at, got := q.Pop()
				if want := list[0]; got != want || peeked != want || at != want.at || first != want.at {
					t.Fatalf("first %d %v, popped %d %v, want %v", first, peeked, at, got, want)
				}
				list = list[1:]
			case 4:
				odd := func(d due) bool { return d.id%2 == 1 }
				q.Remove(odd)
				list = slices.DeleteFunc(list, odd)
			}
			if q.Len() != len(list) {
				t.Fatalf("%d values, want %d", q.Len(), len(list))
			}
			var all []due
			for at, d := range q.All() {
				if all = append(all, d); at != d.at {
					t.Fatalf("%v is due at %d", d, at)
				}
			}
			if d := diff.Diff(list, all, diff.AllowUnexported(due{})); d != "" && len(list)+len(all) > 0 {
				t.Fatalf("(-want +got):\n%s", d)
			}
		}
	})
}
