package journal

import (
	"errors"
	"fmt"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// These checks refuse what only a damaged or edited journal says, so that an engine can
// continue from any journal that folds.

// maxCount bounds counters: up to here JSON numbers are exact, and nothing overflows.
const maxCount = 1 << 53

// MaxCopies is how many copies a fault may make of one callback.
const MaxCopies = 10_000

// CheckStep returns an error unless a refused step is in the call's plan and not done.
func (c *Call) CheckStep(step int) error {
	if step <= int(c.Steps) || step > len(c.Plan) {
		return fmt.Errorf("step %d: want %d of %d", step, c.Steps+1, len(c.Plan))
	}
	return nil
}

// Check returns an error if a fact is impossible in the call's state. See also
// [call.Call.Admits].
func (c *Call) Check(d *Fact) error {
	if err := c.Admits(d.Fact); err != nil {
		return err
	}
	if begins := d.Kind == call.Started || d.Kind == call.StartFailed; begins != (d.Setup != nil) {
		return errors.New("setup: only the beginning of a call has one")
	} else if begins {
		if d.By != d.Setup.Caller {
			return fmt.Errorf("by: want the caller, %q", d.Setup.Caller)
		}
		if d.Setup.Number == 0 || d.Setup.Number > maxCount {
			return fmt.Errorf("number %d: want 1 to %d", d.Setup.Number, uint64(maxCount))
		}
		return nil
	}
	if c.Phase == call.Over {
		return errors.New("the call is over")
	}
	if d.Step != 0 && d.Step != int(c.Steps) { // one step may lead to several facts
		return c.CheckStep(d.Step)
	}
	return nil
}

// check returns an error if a new callback is impossible.
func (s *State) check(d *Callback) error {
	switch {
	case d.Delivery != s.Made+1 || d.Delivery > maxCount:
		return fmt.Errorf("delivery %d: want %d", d.Delivery, s.Made+1)
	case d.CopyOf >= d.Delivery:
		return fmt.Errorf("copy_of %d: want an earlier delivery", d.CopyOf)
	case d.State != delivery.Queued && d.State != delivery.Waiting && d.State != delivery.Dropped:
		return fmt.Errorf("state %s: no callback begins so", d.State)
	}
	return checkDelivery(d.Generation, d.State, d.Hold, d.Faults)
}

func checkDelivery(g wire.Generation, s delivery.State, hold delivery.Hold, h *delivery.Faults) error {
	switch {
	case g != wire.V1 && g != wire.V4:
		return fmt.Errorf("generation %s: want v1 or v4", g)
	case hold != delivery.NoHold && s != delivery.Queued:
		return fmt.Errorf("hold %s: only what is queued is held back", hold)
	case hold != delivery.NoHold && h == nil:
		return fmt.Errorf("hold %s: no fault hit it", hold)
	case h != nil && (h.Race < 0 || h.Race > MaxCopies || h.Replay < 0 || h.Replay > MaxCopies):
		return fmt.Errorf("race %d, replay %d: want 0 to %d", h.Race, h.Replay, MaxCopies)
	case h != nil && h.AfterEnd < 0:
		return errors.New("after_end: want 0s or more")
	}
	return nil
}

// checkCall returns an error if a call of a snapshot is impossible.
func checkCall(c *call.Call) error {
	if c.Number == 0 || c.Number > maxCount {
		return fmt.Errorf("number %d: want 1 to %d", c.Number, uint64(maxCount))
	}
	if c.Phase == call.Idle {
		return errors.New("phase: is missing")
	}
	if len(c.Members) == 0 || c.Device == nil || c.Acting == nil {
		return errors.New("members, device, acting: want all of them")
	}
	for i := range c.Members {
		m := &c.Members[i]
		if m.ID == "" || m.Device == nil {
			return fmt.Errorf("members: %q: want an id and a device", m.ID)
		}
		if first, _ := c.Find(m.ID); first != m {
			return fmt.Errorf("members: %s is there twice", m.ID)
		}
		if int(m.Inviter) >= len(c.Members) {
			return fmt.Errorf("members: inviter %d of %s: want the index of a member", m.Inviter, m.ID)
		}
	}
	if c.Special != nil {
		for _, o := range c.Devices {
			if o.Device == nil {
				return fmt.Errorf("devices: that of %s is missing", o.User)
			}
		}
	}
	return nil
}

// checkSaved returns an error if a callback of a snapshot is impossible.
func (s *State) checkSaved(d *SavedDelivery) error {
	switch {
	case d.ID == 0 || d.ID > maxCount || s.Deliveries[d.ID] != nil:
		return fmt.Errorf("delivery %d: want a number that no other has", d.ID)
	case d.CopyOf >= d.ID:
		return fmt.Errorf("copy_of %d: want an earlier delivery", d.CopyOf)
	case d.Attempts < 0 || d.Attempts > maxAttempts || d.State == delivery.InFlight && d.Attempts == 0:
		return fmt.Errorf("attempts %d: is not what one that is %s has had", d.Attempts, d.State)
	}
	for _, t := range d.Tries {
		if t.Verdict == nil && t.Ended != 0 {
			return fmt.Errorf("tries: that of attempt %d ended without a verdict", t.Attempt)
		}
	}
	return checkDelivery(d.Generation, d.State, d.Hold, d.Faults)
}

// maxAttempts is more than anyone makes by hand.
const maxAttempts = 1 << 30

// checkSnapshot returns an error if a snapshot contradicts the calls saved before it.
func (s *State) checkSnapshot(d *Snapshot) error {
	var open uint64
	for _, c := range s.calls {
		open += uint64(c.Open)
		if c.Number > d.Placed {
			return fmt.Errorf("placed %d: call %s has the number %d", d.Placed, c.ID, c.Number)
		}
		for _, dl := range c.Deliveries {
			if dl.ID > d.Made {
				return fmt.Errorf("made %d: there is a delivery %d", d.Made, dl.ID)
			}
		}
	}
	t := &d.Totals
	for _, n := range []uint64{d.Placed, d.Made, t.Callbacks, t.Attempts, t.Acked, t.Abandoned, t.Dropped, t.Withdrawn, t.Connected} {
		if n > maxCount {
			return fmt.Errorf("%d: want at most %d", n, uint64(maxCount))
		}
	}
	if t.Open() != open {
		return fmt.Errorf("totals: %d callbacks are open, but %d are of the calls", t.Open(), open)
	}
	return nil
}
