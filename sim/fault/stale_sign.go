package fault

import (
	"errors"
	"time"

	"ringback/sim/call"
)

// StaleSign signs a callback as if that had been an amount of wall time earlier, the
// right way otherwise. It is for callbacks that are signed at all.
//
// A good receiver that checks signatures refuses one that is more than a minute
// old: anyone who saw the request then could send it now.
type StaleSign struct{ By time.Duration }

// Apply makes the signature older.
func (f StaleSign) Apply(p *Plan) { p.Forged.SignAge += call.Span(f.By) }

func parseStaleSign(amount string) (Fault, error) {
	by, err := parseSpan(amount, "stale_sign=90s")
	if err == nil && by%time.Second != 0 {
		err = errors.New("want whole seconds, like stale_sign=90s")
	}
	return StaleSign{by}, err
}
