package fault

// Reset resets the connection (TCP RST) when the callback is sent, for the
// first attempts. The receiver may have read all of it, a part or nothing.
//
// A good receiver goes on to live, leaks nothing and takes the retry, whether
// or not it has stored the callback before.
type Reset struct{ Attempts int }

// Apply resets the connection of the first attempts.
func (f Reset) Apply(p *Plan) { p.maim(f.Attempts).Reset = true }

func parseReset(amount string) (Fault, error) {
	n, err := parseCount(amount, "attempts", "reset=2")
	return Reset{n}, err
}
