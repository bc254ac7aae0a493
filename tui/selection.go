package tui

import (
	"ringback/sim/delivery"
	"ringback/tui/history"
)

// selection is what the cursors stand on. A pane in which a cursor moves returns
// the selection that comes of it; the model makes it so.
type selection struct {
	call     string
	user     string
	delivery uint64
	try      int  // the attempt that the Inspector shows; 0: the latest
	held     bool // the callback was chosen by hand: the cursor stays there
}

// choosing is the selection of a call, which another one begins anew.
func (s selection) choosing(call string) selection {
	if call == s.call {
		return s
	}
	return selection{call: call}
}

// holding is the selection of an attempt of a callback of the same call, by hand.
func (s selection) holding(delivery uint64, try int) selection {
	s.delivery, s.try, s.held = delivery, try, true
	return s
}

// at is the place of the chosen attempt among a delivery's tries, -1 if there was
// none yet.
func (s *selection) at(d *delivery.Delivery) int {
	if n := len(d.Tries); s.try < 1 || s.try > n {
		return n - 1
	}
	return s.try - 1
}

// chosenTry is the chosen attempt of a delivery, or nil if there was none yet.
func (s *selection) chosenTry(d *delivery.Delivery) *delivery.Try {
	if i := s.at(d); i >= 0 {
		return &d.Tries[i]
	}
	return nil
}

// settled is the selection on something that is there. Without a call it goes to
// the first one that is shown.
func (s selection) settled(h *history.History, shown []*history.Call) selection {
	en := h.ByID[s.call]
	if en == nil {
		if len(shown) == 0 {
			s.call = ""
			return s
		}
		en = shown[0]
		s = selection{call: en.Call.ID}
	}
	if mb, _ := en.Call.Find(s.user); mb == nil {
		s.user = en.Call.Members[0].ID
	}
	if d := h.Delivery(s.delivery); !s.held || d == nil || d.CallID != s.call {
		if best := worthSeeing(en); best != nil && best.ID != s.delivery {
			s.delivery, s.try = best.ID, 0
		}
	}
	return s
}

// worthSeeing is the callback of a call that a person wants to see first: one that
// fails, one that failed for good, else the latest; nil if none is under way yet.
func worthSeeing(en *history.Call) *delivery.Delivery {
	var best *delivery.Delivery
	high := -1
	for _, d := range en.Call.Deliveries {
		rank := 0
		switch {
		case !d.State.Settled() && d.Attempts > 0 && d.Last.Status+int(d.Last.Class) > 0 && !d.Last.Acked():
			rank = 3
		case d.State == delivery.Abandoned:
			rank = 2
		case d.Attempts > 0:
			rank = 1
		}
		if rank > high || rank == high && rank < 2 {
			best, high = d, rank
		}
	}
	return best
}
