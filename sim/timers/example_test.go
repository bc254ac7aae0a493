package timers_test

import (
	"fmt"

	"ringback/sim/timers"
)

type alarm struct{ id int }

func Example() {
	q := timers.New(func(a, b alarm) bool { return a.id < b.id })
	q.Push(30, alarm{1})
	q.Push(5, alarm{3})
	q.Push(5, alarm{2}) // due at the same time, so its id decides
	for now := int64(10); q.Len() > 0; {
		if at, _ := q.First(); at > now {
			fmt.Println("nothing else is due before", at)
			break
		}
		at, a := q.Pop()
		fmt.Println("alarm", a.id, "was due at", at)
	}
	// Output:
	// alarm 2 was due at 5
	// alarm 3 was due at 5
	// nothing else is due before 30
}
