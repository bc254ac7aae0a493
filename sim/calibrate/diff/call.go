package diff

import (
	"slices"
	"time"

	"ringback/sim/calibrate"
	"ringback/sim/call"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

type callKey struct {
	id         string
	generation wire.Generation
}

// recordedCall is a call with its callbacks, each once, in the order in which they came.
type recordedCall struct {
	callKey
	callbacks []*recordedCallback
	endsAt    time.Time // when the first callback of its end came
}

type recordedCallback struct {
	*recording.Exchange
	said   recording.Said
	word   wire.Word
	place  calibrate.Place
	fields []value // of the body, once its call is over
}

// apart is how long after the end of an exchange another one must begin so that their order
// is the sender's, and not chance on their ways.
const apart = 50 * time.Millisecond

// before reports whether a callback was clearly sent before another one.
func (cb *recordedCallback) before(other *recordedCallback) bool {
	end := cb.Answer.Ended
	if end.IsZero() {
		end = cb.At.Add(cb.Answer.Latency)
	}
	return other.At.Sub(end) >= apart
}

// has reports whether a call has a callback of one of these words.
func (c *recordedCall) has(words ...wire.Word) bool {
	return slices.ContainsFunc(c.callbacks, func(cb *recordedCallback) bool { return slices.Contains(words, cb.word) })
}

// result is how a call ended, by its callbacks.
func (c *recordedCall) result() (last call.Result) {
	for _, cb := range c.callbacks {
		if cb.word.Ends() {
			return cb.said.Result
		}
		last = cb.said.Result
	}
	return last
}

// settles is how long after its first callback of an end a call may have others.
const settles = time.Minute
