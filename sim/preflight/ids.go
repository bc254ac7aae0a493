package preflight

import (
	"hash/fnv"
	"strings"

	"ringback/sim/text"
)

// RunToken is the token in all ids of a part of a run. A receiver that takes no CallId of
// 36 characters gets readable ones of no more than 32, like rb-RUN-PART-0001, in which
// a hash stands for a token that is too long.
func RunToken(run, part string, readable bool) string {
	if len("rb--")+len(run)+len(part)+len("-0001") > 32 && readable {
		h := fnv.New64a()
		h.Write([]byte(run))
		run = text.SixLetters(h.Sum64())
	}
	return strings.Trim(run+"-"+part, "-")
}

// ShorterIDs says what is done about a receiver that takes no CallIds of 36 characters:
// those who are named sent others.
func ShorterIDs(who string) string {
	return "CallIds of 36 characters are not taken, so " + who + " sent shorter ones (call_id=readable)"
}
