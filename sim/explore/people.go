package explore

import "fmt"

// people are the users of histories. erin and frank are not among them: they are in the
// call that is played after faults.
var people = []string{"alice", "bob", "carol", "dave", "grace", "heidi", "ivan", "judy"}

// member returns the n-th user of a long list, from 1.
func member(n int) string { return fmt.Sprintf("member-%d", n) }

// maxMembers is the largest number of callees.
const maxMembers = 29

// maxCrowd is the largest number of calls at once.
const maxCrowd = 120

// crowdPair returns caller and callee of the i-th of many calls, from 0.
func crowdPair(i int) []string {
	return []string{fmt.Sprintf("caller-%d", i), fmt.Sprintf("callee-%d", i)}
}
