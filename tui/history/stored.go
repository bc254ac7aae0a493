package history

import (
	"fmt"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
)

// Wanted is what a receiver should hold of a call that is over.
type Wanted struct {
	Ends    int    // end records
	Counted bool   // whether their number is certain: an end that was not acknowledged may be stored or not
	Result  string // in the words of the generation; "": not certain
	Talk    int64  // in seconds, as its callbacks say; -1: they do not
	Caller  string
}

// Wanted returns what a receiver should hold of the call; ok is false until it is over and
// all its callbacks are settled.
func (en *Call) Wanted() (w Wanted, ok bool) {
	c := en.Call
	if c.Phase != call.Over || c.Open > 0 || c.Failed {
		return w, false
	}
	w = Wanted{Counted: true, Talk: -1, Caller: c.Caller()}
	for _, d := range c.Deliveries {
		if !d.Word.Ends() || d.State == delivery.Dropped && len(d.Tries) == 0 {
			continue
		}
		w.Ends, w.Result = 1, resultOf(en, d)
		if d.State == delivery.Acked { // the first or a copy
			w.Counted = true
			break
		}
		w.Counted = false
	}
	if w.Ends == 1 && c.Result == call.NormalEnd && c.AcceptAt != 0 {
		w.Talk = c.EndAt.Seconds() - c.AcceptAt.Seconds()
	}
	return w, true
}

// sent changes with each callback and attempt of a call.
func (en *Call) sent() (n int) {
	for _, d := range en.Deliveries {
		n += 1 + d.Attempts
	}
	return n
}

// Answered takes an answer of the probe.
func (h *History) Answered(s *Stored) {
	if en := h.ByID[s.Call]; en != nil {
		en.Stored = s
		h.touch(en)
	}
}

// Due reports whether the probe is to be asked about the call: it is over and settled, and
// something was sent since it was asked last.
func (en *Call) Due() bool {
	_, ok := en.Wanted()
	return ok && en.asked != en.sent()
}

// Ask notes that the probe is asked about the call as it is now.
func (en *Call) Ask() { en.asked = en.sent() }

// storedSteps are the steps about what must be stored, once a probe has shown that.
func storedSteps(en *Call) (steps []string) {
	w, ok := en.Wanted()
	if !ok || en.Stored == nil || en.Stored.Err != "" || !w.Counted {
		return nil
	}
	if w.Ends == 0 {
		return []string{"no end is stored"}
	}
	steps = []string{"one end is stored"}
	shows := func(name string) bool {
		return slices.ContainsFunc(en.Stored.Fields, func(f Field) bool { return f.Name == name })
	}
	if w.Result != "" && shows("result") {
		steps = append(steps, "the result stored is "+w.Result)
	}
	talk := en.EndAt.Sub(en.AcceptAt)
	if w.Talk > 0 && talk%time.Second == 0 && shows("talk") { // another run begins at another part of a second
		steps = append(steps, fmt.Sprintf("the talk stored is %s", talk))
	}
	return steps
}

// resultOf is the result that an end tells; "" if a dialect may have another word for it.
func resultOf(en *Call, end *delivery.Delivery) string {
	switch {
	case end.Word.Status():
		return end.Word.String()
	case en.Result == call.NormalEnd || en.Result == call.Reject || en.Result == call.NotAnswer || en.Result == call.Cancel:
		return en.Result.String()
	}
	return ""
}
