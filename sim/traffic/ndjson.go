package traffic

import (
	"strconv"

	"ringback/sim/call"
)

// AppendLine appends the call as a line of JSON with the given CallId. Times are
// in milliseconds since the Unix epoch; accept_ms is 0 if no one answered, and
// natural_ms is the talk time as drawn, before any lost line.
func (c *Call) AppendLine(b []byte, id string) []byte {
	text := func(key, value string) { // ids and words need no escapes
		b = append(append(append(append(b, key...), '"'), value...), '"')
	}
	number := func(key string, value int64) { b = strconv.AppendInt(append(b, key...), value, 10) }
	text(`{"call_id":`, id)
	number(`,"intent":`, int64(c.IntentID))
	number(`,"attempt":`, int64(c.Attempt))
	text(`,"why":`, c.Why.String())
	text(`,"caller":`, c.Caller.ID)
	b = append(b, `,"callees":[`...)
	for i, p := range c.Callees {
		if i > 0 {
			b = append(b, ',')
		}
		text("", p.ID)
	}
	text(`],"media":`, c.Media.String())
	text(`,"type":`, c.Kind.String())
	text(`,"result":`, c.Result.String())
	b = strconv.AppendBool(append(b, `,"callee_idle":`...), c.CalleeIdle)
	for _, t := range []struct {
		key string
		at  call.Instant
	}{{`,"start_ms":`, c.Start}, {`,"ring_end_ms":`, c.RingEnd}, {`,"accept_ms":`, c.Accept}, {`,"end_ms":`, c.End}} {
		number(t.key, int64(t.at))
	}
	number(`,"natural_ms":`, c.Natural.Milliseconds())
	return append(b, "}\n"...)
}
