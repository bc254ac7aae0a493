package explore

import "fmt"

// people take part. erin and frank are not among them: they call each other
// when somebody wants to know whether the receiver goes on.
var people = []string{"alice", "bob", "carol", "dave", "grace", "heidi", "ivan", "judy"}

// member is someone in a long list, from 1.
func member(n int) string { return fmt.Sprintf("member-%d", n) }

// maxMembers is how long such a list is at most.
const maxMembers = 29

// maxCrowd is how many calls there are at once, at most.
const maxCrowd = 120

// pairOf are the people of one of many calls at once, from 0.
func pairOf(i int) []string {
	return []string{fmt.Sprintf("caller-%d", i), fmt.Sprintf("callee-%d", i)}
}
