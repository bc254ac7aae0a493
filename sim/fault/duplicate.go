package fault

// Duplicate sends the same bytes again right after the callback's first
// attempt, each copy a delivery of its own.
//
// A good receiver acknowledges the copy and stores nothing twice.
type Duplicate struct{ Copies int }

// Apply adds the copies.
func (f Duplicate) Apply(p *Plan) { p.Copies += f.Copies }

func parseDuplicate(amount string) (Fault, error) {
	n, err := parseCount(amount, "copies", "duplicate=2")
	return Duplicate{n}, err
}
