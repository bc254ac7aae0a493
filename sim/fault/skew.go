package fault

import (
	"errors"
	"slices"
	"time"
)

// Skew moves the times in the body by an amount, as a sender with a wrong clock
// does. Times that are 0, not known, stay 0.
//
// A good receiver compares the times of a call with each other and never with
// its own clock, and computes a duration from one callback.
type Skew struct{ By time.Duration }

// Apply adds the change.
func (f Skew) Apply(p *Plan) { p.rewrite(f) }

// Rewrite changes the times.
func (f Skew) Rewrite(m *Message) {
	for _, v := range slices.Backward(values(m.Body)) {
		if after, ok := v.Moved(m.Word.Generation(), m.Body, f.By); ok {
			m.Body = splice(m.Body, v.From, v.To, after)
		}
	}
}

const maxSkew = 100_000 * time.Hour

func parseSkew(amount string) (Fault, error) {
	by, err := time.ParseDuration(amount)
	if err != nil || by == 0 || by%time.Second != 0 || by.Abs() > maxSkew {
		return nil, errors.New("want whole seconds, like skew=-1h or skew=90s, up to 100000h")
	}
	return Skew{by}, nil
}
