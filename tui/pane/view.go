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

// View is what panes and windows draw from, and all that panes know: the run, the
// selection, and how to draw. It is read-only.
type View struct {
	draw.Style
	Selection
	Marks   Marks
	History *history.History
	State   *journal.State
	Now     call.Instant // no earlier than the latest event
	Wall    time.Time    // zero: not known
	Form    draw.Form
	Full    bool // the pane has the screen to itself
	Focused bool
	Search  string           // what is searched for in the pane with the focus
	Again   map[uint64]Again // what came of sending callbacks of a recording again, by delivery

	Own       bool                     // the receiver was started with the screen
	Recording string                   // the file that is shown, if it is no live run
	Heartbeat time.Duration            // how long a phone may be silent; sim.PlatformExpiry if that depends on the phone, 0 if it is not known
	Keys      []ShortKey               // the pane's own
	KeyFor    func(name string) string // the key of a command
}

// Again is how a callback of a recording was answered when it was sent again.
type Again struct {
	Then, Now string // in words
	Compared  bool   // there are answers on both sides
	Changed   bool   // they differ
}

// Pane is a part of the screen with a frame of its own.
type Pane interface {
	// Render draws the inside, in h lines of at most w cells.
	Render(v *View, w, h int) []string
	// Title stands at the right end of the frame. It may say which rows were drawn.
	Title(v *View) string
	// Move moves the cursor by some rows.
	Move(v *View, by int) Selection
	// Find moves the cursor to the next place with a text, forwards or backwards, and
	// reports whether there is one.
	Find(v *View, search string, by int) (Selection, bool)
	// Row puts the cursor on the n-th line that was drawn, from 0; if that cannot be
	// chosen, the cursor stays.
	Row(v *View, n int) Selection
}

// Unchangeable says why nothing can be changed if View.Recording is set.
const Unchangeable = "this is a recording: nothing in it can be changed"

// ShortKey is a key in a line of keys.
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

// markOf is what stands before a row.
func (v *View) markOf(marked bool) string {
	if marked {
		return v.Marked
	}
	return " "
}

// chosenCall is the call under the cursor, or nil.
func (v *View) chosenCall() *history.Call { return v.History.ByID[v.Call] }

// chosenDelivery is the callback under the cursor, or nil.
func (v *View) chosenDelivery() *delivery.Delivery { return v.History.Delivery(v.Delivery) }

// CallTitle names the chosen call.
func (v *View) CallTitle() string {
	en := v.chosenCall()
	if en == nil {
		return ""
	}
	return draw.CallName(en.Number) + " " + draw.GenerationOf(en.Generation)
}

// StatusOf is an answer's HTTP status, with a mark if the status is good and the answer
// is not.
func (v *View) StatusOf(of *delivery.Verdict) string {
	if of.Status == http.StatusOK && !of.Acked() {
		return "200 " + v.Failed
	}
	return draw.StatusOf(of)
}

// ScrollTo returns the first row to draw so that row is visible.
func ScrollTo(top, row, rows, of int) int {
	if row < top {
		top = row
	}
	if row >= top+rows {
		top = row - rows + 1
	}
	return max(0, min(top, of-rows))
}
