package pane

import (
	"ringback/sim/delivery"
	"ringback/tui/draw"
)

// Again is how a callback of a recording was answered when it was sent again.
type Again struct {
	Then, Now string // in words
	Compared  bool   // there are answers on both sides
	Changed   bool   // they differ
}

// again is what came of sending a callback of a recording again.
func again(v *View, d *delivery.Delivery, w int) []string {
	a, sent := v.Again[d.ID]
	said, ink := "sent again: "+a.Now, v.Wait
	switch {
	case !sent:
		return nil
	case a.Changed:
		said, ink = said+"; recorded: "+a.Then, v.Bad
	case a.Compared:
		said, ink = said+", as recorded", v.Good
	}
	return inkedLines(ink, draw.Wrap(v.Clean(said), w))
}
