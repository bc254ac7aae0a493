package fault

import (
	"fmt"
	"strconv"
)

// Duplicate sends the same bytes again right after the callback's first
// attempt, each copy a delivery of its own.
//
// A good receiver acknowledges the copy and stores nothing twice.
type Duplicate struct{ Copies int }

const mostCopies = 100

// Apply adds the copies.
func (d Duplicate) Apply(p *Plan) { p.Copies += d.Copies }

func parseDuplicate(amount string) (Fault, error) {
	n, err := strconv.Atoi(amount)
	if err != nil || n < 1 || n > mostCopies {
		return nil, fmt.Errorf("want the number of copies, 1 to %d, like duplicate=2", mostCopies)
	}
	return Duplicate{n}, nil
}
