package pane

import (
	"ringback/sim/delivery"
	"ringback/tui/history"
)

// Selection is what the cursors are on. A pane whose cursor moves returns the new
// selection, which the model applies.
type Selection struct {
	Call     string
	User     string
	Delivery uint64
	Try      int  // the attempt that the Inspector shows; 0: the latest
	Held     bool // the callback was chosen by hand: the cursor stays there
}

// Choosing returns the selection of a call; a new call resets the rest.
func (s Selection) Choosing(call string) Selection {
	if call == s.Call {
		return s
	}
	return Selection{Call: call}
}

// Holding returns the selection of an attempt of a callback of the same call, chosen by
// hand.
func (s Selection) Holding(delivery uint64, try int) Selection {
	s.Delivery, s.Try, s.Held = delivery, try, true
	return s
}

// at is the place of the chosen attempt among a delivery's tries, -1 if there was
// none yet.
func (s *Selection) at(d *delivery.Delivery) int {
	if n := len(d.Tries); s.Try < 1 || s.Try > n {
		return n - 1
	}
	return s.Try - 1
}

// ChosenTry is the chosen attempt of a delivery, or nil if there was none yet.
func (s *Selection) ChosenTry(d *delivery.Delivery) *delivery.Try {
	if i := s.at(d); i >= 0 {
		return &d.Tries[i]
	}
	return nil
}

// Settled returns the nearest selection that exists. Without a call it is the first one
// shown.
func (s Selection) Settled(h *history.History, shown []*history.Call) Selection {
	en := h.ByID[s.Call]
	if en == nil {
		if len(shown) == 0 {
			s.Call = ""
			return s
		}
		en = shown[0]
		s = Selection{Call: en.ID}
	}
	if mb, _ := en.Find(s.User); mb == nil {
		s.User = en.Members[0].ID
	}
	if d := h.Delivery(s.Delivery); !s.Held || d == nil || d.CallID != s.Call {
		if best := worthSeeing(en); best != nil && best.ID != s.Delivery {
			s.Delivery, s.Try = best.ID, 0
		}
	}
	return s
}

// worthSeeing returns the callback of a call to show first: one that is failing, one that
// was given up, else the latest; nil if there is none yet.
func worthSeeing(en *history.Call) *delivery.Delivery {
	var best *delivery.Delivery
	high := -1
	for _, d := range en.Deliveries {
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
