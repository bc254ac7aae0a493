package fault

import (
	"errors"

	"ringback/sim/delivery"
)

// WrongSign signs a callback with another token or for an earlier time than the one
// that it names, or leaves the signature out. It is for callbacks that are signed at
// all.
//
// A good receiver that checks signatures refuses it, and does not take the
// signature for optional.
type WrongSign struct{ Sign string }

// Apply makes the signature another one.
func (f WrongSign) Apply(p *Plan) { p.Forged.Sign = f.Sign }

func parseWrongSign(amount string) (Fault, error) {
	if amount != delivery.WrongSign && amount != delivery.NoSign && amount != delivery.MovedSign {
		return nil, errors.New("want wrong, missing or moved, like wrong_sign=missing")
	}
	return WrongSign{amount}, nil
}
