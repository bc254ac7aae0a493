package simapi

import (
	"errors"
	"net/http"
	"strconv"

	"ringback/sim"
	"ringback/sim/run"
)

// Handling is something that a person has done to a callback, beyond what
// CallKit does by itself.
type Handling struct {
	Do string `json:"do" enum:"handling" jsonschema:"retry_now: make the next attempt at once; give_up; duplicate: send the same bytes again"`
}

func (b *backend) handleDelivery(r *http.Request, in Handling) (v DeliveryView, err error) {
	if v, err = b.showDelivery(r); err != nil {
		return v, err
	}
	id, _ := strconv.ParseUint(r.PathValue("id"), 10, 64) // it was found
	inputs := map[string]sim.Input{"retry_now": sim.RetryNow{Delivery: id}, "give_up": sim.GiveUp{Delivery: id}, "duplicate": sim.Duplicate{Delivery: id}}
	input, ok := inputs[in.Do]
	if !ok {
		return v, wrong("do", "retry_now", "%q: want retry_now, give_up or duplicate", in.Do)
	}
	if err := b.Session.Do(input, nil); err != nil {
		if errors.Is(err, run.ErrStopped) {
			return v, err
		}
		return v, NewProblem(http.StatusConflict, KindForbidden, "%v", err)
	}
	return b.showDelivery(r)
}
