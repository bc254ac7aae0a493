package fault

// Replay sends the same bytes again once the receiver has acknowledged them, as
// a sender does that lost its notes.
//
// A good receiver acknowledges the copy again and stores nothing twice: what it
// has answered once is no reason to refuse it now.
type Replay struct{ Copies int }

// Apply adds the copies that come later.
func (f Replay) Apply(p *Plan) { p.Replay += f.Copies }

func parseReplay(amount string) (Fault, error) {
	n, err := parseCount(amount, "copies", "replay=2")
	return Replay{n}, err
}
