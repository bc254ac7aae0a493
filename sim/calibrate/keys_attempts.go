package calibrate

import (
	"fmt"

	"ringback/sim/recording"
)

var (
	sevenAttempts = choose("attempts", "7")
	sixAttempts   = choose("attempts", "6")
	retriesNone   = choose("v4_retry", "none")
	retriesAsV1   = choose("v4_retry", "v1")
	ackHTTP200    = choose(v4AckKey, "http200")
	ackStrict     = choose(v4AckKey, "strict")
)

const v4AckKey = "v4_ack"

// retriesV4 reports whether v4 callbacks are retried, without which nothing shows what
// acknowledges them.
func (k *keys) retriesV4() bool {
	t := &k.tallies[retriesAsV1.key]
	marks := t.confirmed()
	left, evidence := t.decide(&marks)
	return len(evidence) > 0 && left == retriesAsV1.set
}

// minRetried is how many attempts in a row show that a v4 callback is retried as v1's are,
// and not sent twice or three times by chance.
const minRetried = 6

// attempted takes in an attempt of a delivery.
func (k *keys) attempted(f *File, c *callState, t *tries, e *recording.Exchange, at Place) {
	s := k.segment
	if t.n > 0 {
		switch {
		case t.last == acked:
			s.acked.add(at)
			t.tainted = true
		case t.last == unclear, t.overlaps(e):
			t.tainted = true
		case t.last == softly:
			t.soft++
		}
	}
	t.n++
	t.last = judgeAnswer(e)
	if f.Exact && !exactAnswer(e) {
		s.edited.add(at)
		t.last = unclear
	}
	t.ended, t.answer = e.At.Add(e.Answer.Latency), e.Answer.Line
	if t.last != acked {
		c.failed += maxWait + e.Answer.Latency.Milliseconds()
		c.until = max(c.until, t.begin+c.failed)
	}
	if t.tainted {
		return
	}
	if t.v4 && t.n == minRetried {
		k.saw(retriesAsV1, t.at)
	}
	if t.soft >= minRetried-1 && !t.strict {
		t.strict = true
		k.saw(ackStrict, t.at)
	}
}

// overlaps reports whether a request came before the latest attempt had its answer, as a
// duplicate does and no retry. Where the file has both as lines, their order says it, too.
func (t *tries) overlaps(e *recording.Exchange) bool {
	return e.Line < t.answer || e.At.Before(t.ended)
}

// judgeAttempts is what the deliveries of a call show that is over, by what did not
// follow.
func (k *keys) judgeAttempts(c *callState) {
	s := k.segment
	for i := range c.deliveries {
		t := &c.deliveries[i]
		switch {
		case t.tainted:
		case t.n == 7:
			k.saw(sevenAttempts, t.at)
		case t.n > 7:
			k.odd(sevenAttempts.key, "8 attempts or more", t.at)
		}
		if !t.whole || t.tainted || !s.within(t.begin) || t.last == acked || t.last == unclear {
			continue
		}
		switch {
		case t.v4 && t.last == softly:
			if t.n < 6 && t.soft == 0 {
				k.missing(ackHTTP200, t.at, c, "")
			}
		case t.v4 && t.n == 1:
			k.missing(retriesNone, t.at, c, "")
		case t.v4 && t.n < minRetried:
			k.gaveUp(retriesNone.key, t, c)
		case t.n == 6:
			k.missing(sixAttempts, t.at, c, "")
		case t.n < 6:
			k.gaveUp(sixAttempts.key, t, c)
		}
	}
}

// gaveUp notes that a delivery came to its end after an odd number of attempts.
func (k *keys) gaveUp(key int, t *tries, c *callState) {
	k.oddMissing(key, fmt.Sprintf("given up after %d attempts", t.n), t.at, c)
}
