package draw

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// CallName is the short name of a call, for people. Its CallId is in the bodies.
func CallName(number uint64) string { return fmt.Sprintf("#%d", number) }

// FileOf is CallName for file names: a shell would take # for a comment.
func FileOf(number uint64) string { return fmt.Sprintf("call-%d", number) }

// Spelled is a word of the journal as people write it.
func Spelled(word string) string { return strings.ReplaceAll(word, "_", " ") }

// KindOf is a call's kind in three letters.
func KindOf(c *journal.Call) string {
	if c.Kind == call.Group {
		return "grp"
	}
	return "1v1"
}

// StateOf is where a call is, or how it ended, in a word.
func StateOf(c *journal.Call) string {
	switch {
	case c.Failed:
		return "failed"
	case c.Phase == call.Over && c.Result == call.NormalEnd:
		return "ended"
	case c.Phase == call.Over:
		return Spelled(c.Result.String())
	case c.Phase == call.Connected:
		return "talking"
	}
	return "ringing"
}

// Took is a wall time, in at most five letters.
func Took(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < time.Millisecond:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}

// Age is a length of simulated time, in at most six letters.
func Age(d time.Duration) string {
	switch {
	case d < 0:
		return "-"
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// Clock is a time of day.
func Clock(at call.Instant) string { return at.Time().Format("15:04:05") }

// Tenths is a time of day with tenths of a second.
func Tenths(at call.Instant) string { return at.Time().Format("15:04:05.0") }

// Word is a callback's name, without what all v4 commands begin with. A copy
// has a sign in front.
func Word(d *delivery.Delivery) string {
	name := strings.TrimPrefix(d.Word.String(), "Call.Callback")
	if d.Word.Status() {
		name = "call_end " + name
	}
	if d.CopyOf != 0 {
		return "+" + name
	}
	return name
}

// Attempts is the max number of attempts of a delivery.
func Attempts(st *journal.State, d *delivery.Delivery) int {
	return delivery.PolicyOf(d.Generation, st.Dialect).Attempts()
}

// GenerationOf is a generation as titles have it.
func GenerationOf(g wire.Generation) string {
	if g == wire.Both {
		return "v1+v4"
	}
	return g.String()
}

// StatusOf is an answer's HTTP status, or why there is none.
func StatusOf(v *delivery.Verdict) string {
	if v.Status == 0 {
		return Spelled(v.Word())
	}
	return strconv.Itoa(v.Status)
}
