package calibrate

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"ringback/sim/recording"
)

// replacer knows how to replace each kind of thing.
type replacer struct {
	cipher
	shift time.Duration
	since time.Time // a time of the traffic; zero: none is known yet
}

var newBegin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// begin finds out by how much times are moved.
func (a *replacer) begin(e *recording.Exchange) {
	at := e.At
	if at.IsZero() && a.since.IsZero() {
		switch n := gjson.GetBytes(e.Body, "EventTime").Int(); {
		case n >= 1e11 && n < 1e14:
			at = time.UnixMilli(n)
		case n >= 1e8 && n < 1e11:
			at = time.Unix(n, 0)
		}
	}
	if at.Year() < 1970 || at.Year() > 2200 {
		return
	}
	if a.since.IsZero() {
		a.since, a.shift = at, newBegin.Sub(at.Truncate(time.Second))
	}
}

// plausible reports whether a time may be one of the traffic.
func (a *replacer) plausible(at time.Time) bool {
	return !a.since.IsZero() && at.Sub(a.since).Abs() < 10*365*24*time.Hour
}

// at moves a time. One that can't be of this traffic is not known any more.
func (a *replacer) at(at time.Time) time.Time {
	if !a.plausible(at) {
		return time.Time{}
	}
	return at.Add(a.shift)
}

// word replaces a string that stands where the documents may have one of a few words.
func (a *replacer) word(known *node, s string) string {
	switch {
	case len(s) <= known.digits && digitForm.MatchString(s):
		return s
	case known.unit != 0:
		if to, ok := a.moment(s); ok {
			return to
		}
	case known.values == nil:
	case known.values[s]:
		return s
	default:
		for v := range known.values {
			if strings.EqualFold(v, s) { // in another case, it is still that word
				return s
			}
		}
		return a.stems(s)
	}
	return a.textOrAddress(s)
}

// stems are the parts of the documents' words. What has one is read as that word in
// another spelling, so they stay.
var stems = []string{"hangup", "hang", "hung", "accept", "answer", "invite", "busy", "reject", "cancel", "offline", "interrupt", "normal", "call"}

func (a *replacer) stems(s string) string {
	low := strings.ToLower(s)
	if len(low) != len(s) {
		return a.text(s)
	}
	for _, stem := range stems {
		if i := strings.Index(low, stem); i >= 0 {
			return a.text(s[:i]) + s[i:i+len(stem)] + a.text(s[i+len(stem):])
		}
	}
	return a.text(s)
}

// number replaces a number in JSON. One of as few digits as the documents have
// stays, and a time is moved.
func (a *replacer) number(known *node, raw string) string {
	whole := strings.TrimLeft(raw, "-")
	switch {
	case len(whole) <= known.digits && digitForm.MatchString(whole), whole == "0":
		return raw
	case known.unit != 0:
		if to, ok := a.moment(raw); ok {
			return to
		}
	}
	head, tail := whole, ""
	if i := strings.IndexAny(whole, ".eE"); i >= 0 {
		head, tail = whole[:i], whole[i:]
	}
	if i := strings.IndexAny(tail, "eE"); i >= 0 && len(tail)-i <= 4 { // an exponent stays: it says how large the number is
		return raw[:len(raw)-len(whole)] + a.text(head) + a.text(tail[:i]) + tail[i:]
	}
	return raw[:len(raw)-len(whole)] + a.text(head) + a.text(tail)
}

// moment moves a time in seconds or milliseconds since 1970, if it can be one of this
// traffic. 0, for one that is not known, stays.
func (a *replacer) moment(raw string) (to string, ok bool) {
	n, err := strconv.ParseInt(raw, 10, 64)
	switch {
	case err != nil:
		return "", false
	case n == 0:
		return raw, true
	case n < 1e11:
		if at := time.Unix(n, 0); a.plausible(at) {
			return strconv.FormatInt(n+int64(a.shift/time.Second), 10), true
		}
	case n < 1e14:
		if at := time.UnixMilli(n); a.plausible(at) {
			return strconv.FormatInt(n+a.shift.Milliseconds(), 10), true
		}
	}
	return "", false
}
