package fault

// Race sends the same bytes over several connections at once: the copies are in
// flight together with the original.
//
// A good receiver stores the callback once. It leaves that to a unique key of
// its database; looking first and storing then lets both through.
type Race struct{ Copies int }

// Apply adds the copies that come along.
func (f Race) Apply(p *Plan) { p.Race += f.Copies }

func parseRace(amount string) (Fault, error) {
	n, err := parseCount(amount, "copies", "race=2")
	return Race{n}, err
}
