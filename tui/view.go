package tui

import (
	"net/http"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// view is what panes and windows draw with, and all that panes know: the run, what
// the cursors stand on, and how to draw. It is for reading.
type view struct {
	draw.Style
	selection
	history *history.History
	st      *journal.State
	now     call.Instant // no earlier than the latest event
	wall    time.Time    // zero: not known
	form    draw.Form
	focused bool

	recording    string        // the file that is shown, if it is no live run
	unchangeable string        // why nothing can be changed; "" if it can
	heartbeat    time.Duration // how long a phone may be silent; see [Config]
	keys         []shortKey    // the pane's own
}

// shortKey is a key as lines of them show it.
type shortKey struct {
	key, does string
	off       bool // it does nothing right now
}

// line is a line of keys, as many as fit.
func (v *view) line(keys []shortKey, w int) string {
	var line string
	for _, k := range keys {
		part := v.Key.Of(k.key) + " " + k.does
		if k.off {
			part = v.Dim.Of(k.key + " " + k.does)
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
func (v *view) chosenCall() *history.Call { return v.history.ByID[v.call] }

// chosenDelivery is the callback that the cursor stands on, or nil.
func (v *view) chosenDelivery() *delivery.Delivery { return v.history.Delivery(v.delivery) }

// callTitle names the chosen call.
func (v *view) callTitle() string {
	en := v.chosenCall()
	if en == nil {
		return ""
	}
	return draw.CallName(en.Call.Number) + " " + draw.GenerationOf(en.Call.Generation)
}

// statusOf is an answer's HTTP status, with a sign if it looks good and is not.
func (v *view) statusOf(of *delivery.Verdict) string {
	if of.Status == http.StatusOK && !of.Acked() {
		return "200 " + v.Failed
	}
	return draw.StatusOf(of)
}
