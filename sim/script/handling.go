package script

import (
	"fmt"
	"slices"

	"ringback/sim/wire"
)

// Handling is a manual operation on a callback, beyond what the sender does by itself.
type Handling struct {
	Do       Handle
	Call     string    // which one, as its Place names it
	Callback wire.Word // the callback's; none for Replay, which is about all of the call
	Number   int       // which of the call's callbacks of that word, from 1; 0 is the first
	Copy     int       // which of that callback's copies, from 1; 0 is the callback itself
}

// Handle is what to do to a callback.
type Handle uint8

// The manual operations. RetryNow has no effect on a callback that is settled or in
// flight, nor GiveUp on one that is settled.
const (
	Duplicate Handle = iota // send it once more, in the same bytes
	Replay                  // the same with all callbacks of the call
	RetryNow                // make its next attempt, instead of when it is due
	GiveUp                  // make no further attempt
)

// handles are the words of operations, in the order of the constants.
var handles = [...]string{"duplicate", "replay", "retry_now", "give_up"}

func (Handling) deed() {}

// Which names the callback, like "copy 1 of invite_user number 2".
func (h Handling) Which() string {
	s := h.Callback.String()
	if h.Copy > 0 {
		s = fmt.Sprintf("copy %d of %s", h.Copy, s)
	}
	if h.Number > 1 {
		s += fmt.Sprintf(" number %d", h.Number)
	}
	return s
}

// ParseCallback reads what Which writes.
func ParseCallback(which string) (Handling, error) {
	o, err := ParseStep(which+" is given up by hand", 0)
	h, _ := o.Do.(Handling)
	return h, err
}

func (h Handling) encode(f fields) (*verb, fields, Errors) {
	if int(h.Do) >= len(handles) {
		return nil, nil, wrong("do", "do: duplicate", "%d is unknown", h.Do)
	}
	if !slices.Contains(wire.AllWords(), h.Callback) {
		return nil, nil, wrong("callback", findKey("callback").hint(), "%d is unknown", h.Callback)
	}
	v := findVerb(handles[h.Do])
	f.put(v, "call", h.Call)
	if h.Do != Replay || h.Callback != 0 {
		f["callback"] = h.Callback.String()
	}
	f.put(v, "number", h.Number)
	f.put(v, "copy", h.Copy)
	return v, f, nil
}

// decodeHandling turns fields into a handling; ok is false if the word names another
// operation.
func decodeHandling(word string, f fields) (h Handling, errs Errors, ok bool) {
	i := slices.Index(handles[:], word)
	if i < 0 {
		return h, nil, false
	}
	h = Handling{Do: Handle(i), Call: f.text("call"), Number: f.number("number"), Copy: f.number("copy")}
	errs = f.word("callback", &h.Callback)
	for _, k := range []string{"number", "copy"} {
		if n := f.number(k); n < 0 {
			errs = append(errs, wrong(k, findKey(k).hint(), "want a number from 1 on, got %d", n)...)
		}
	}
	return h, errs, true
}
