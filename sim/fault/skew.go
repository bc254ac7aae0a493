package fault

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"ringback/sim/wire"
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
		unit := unitOf(m.Word.Generation(), v)
		if unit == 0 {
			continue
		}
		n, err := strconv.ParseInt(string(m.Body[v.from:v.to]), 10, 64)
		if err != nil || n == 0 {
			continue
		}
		m.Body = splice(m.Body, v.from, v.to, strconv.FormatInt(n+int64(f.By/unit), 10))
	}
}

// unitOf is what a value counts if it is a time, else 0 (60130; 68940).
func unitOf(g wire.Generation, v value) time.Duration {
	switch v.in + "." + v.key {
	case ".EventTime":
		if g == wire.V4 {
			return time.Millisecond
		}
		return time.Second
	case ".StartCallTs", ".AcceptTs", ".EndTs", "CallRecord.StartTime", "CallRecord.EndTime", "CallRecord.AcceptTime":
		return time.Second
	}
	return 0
}

const mostSkew = 100_000 * time.Hour

func parseSkew(amount string) (Fault, error) {
	by, err := time.ParseDuration(amount)
	if err != nil || by == 0 || by%time.Second != 0 || by.Abs() > mostSkew {
		return nil, errors.New("want whole seconds, like skew=-1h or skew=90s, up to 100000h")
	}
	return Skew{by}, nil
}
