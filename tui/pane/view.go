package pane

import (
	"net/http"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// View is what panes and windows draw with, and all that panes know: the run, what
// the cursors stand on, and how to draw. It is for reading.
type View struct {
	draw.Style
	Selection
	History *history.History
	State   *journal.State
	Now     call.Instant // no earlier than the latest event
	Wall    time.Time    // zero: not known
	Form    draw.Form
	Focused bool

	Recording    string        // the file that is shown, if it is no live run
	Unchangeable string        // why nothing can be changed; "" if it can
	Heartbeat    time.Duration // how long a phone may be silent; see [Config]
	Keys         []ShortKey    // the pane's own
}

// ShortKey is a key as lines of them show it.
type ShortKey struct {
	Key, Does string
	Off       bool // it does nothing right now
}

// line is a line of keys, as many as fit.
func (v *View) line(keys []ShortKey, w int) string {
	var line string
	for _, k := range keys {
		part := v.Key.Of(k.Key) + " " + k.Does
		if k.Off {
			part = v.Dim.Of(k.Key + " " + k.Does)
		}
		if line != "" {
			part = "  " + part
		}
		if draw.Width(line)+draw.Width(part) > w {
			break
		}
		line += part
	}
	return line
}

// chosenCall is the call that the cursor stands on, or nil.
func (v *View) chosenCall() *history.Call { return v.History.ByID[v.Call] }

// chosenDelivery is the callback that the cursor stands on, or nil.
func (v *View) chosenDelivery() *delivery.Delivery { return v.History.Delivery(v.Delivery) }

// CallTitle names the chosen call.
func (v *View) CallTitle() string {
	en := v.chosenCall()
	if en == nil {
		return ""
	}
	return draw.CallName(en.Call.Number) + " " + draw.GenerationOf(en.Call.Generation)
}

// StatusOf is an answer's HTTP status, with a sign if it looks good and is not.
func (v *View) StatusOf(of *delivery.Verdict) string {
	if of.Status == http.StatusOK && !of.Acked() {
		return "200 " + v.Failed
	}
	return draw.StatusOf(of)
}
