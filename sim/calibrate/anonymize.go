package calibrate

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/recording"
)

// Anonymizer replaces what is in exchanges by something else of the same form. What stays
// is what is known to be harmless: the keys of the documents, their words, small numbers
// that count, error codes, HTTP's own words, booleans, and the differences of times.
// Everything else is replaced, wherever it stands: ids, addresses, names of what is not in
// the documents, texts. The same thing is replaced by the same thing everywhere, so what
// was equal is.
//
// All times are moved by one amount, whole seconds, that puts the first one into the
// first second of 2026.
type Anonymizer struct {
	replacer
	file *Source
	join int
	base int64 // what numbers of the present recording are less
	last int64 // the largest number so far
}

// NewAnonymizer makes one with a secret key, which should be random and be kept by no one.
func NewAnonymizer(key [32]byte) *Anonymizer {
	return &Anonymizer{replacer: replacer{cipher: cipher{key: key}}}
}

// Append appends an exchange of a file as lines of a recording, with a header before the
// first one.
func (a *Anonymizer) Append(b []byte, s *Source, e *recording.Exchange) []byte {
	if a.file != s || a.join != e.Joined {
		if a.base = a.last; a.file != s {
			a.base, a.last = 0, 0
		}
		a.file, a.join = s, e.Joined
		b = recording.AppendHeader(b, recording.Header{Target: a.url(s.Target), From: s.origin})
	}
	x := a.exchange(e)
	a.last = max(a.last, x.N)
	x.N -= a.base
	if x.Delivery -= a.base; x.Delivery <= 0 && e.Delivery != 0 {
		x.Delivery = x.N // it came first in another recording
	}
	return recording.Append(b, x)
}

// Call is what a CallId is replaced by.
func (a *Anonymizer) Call(id string) string { return a.textOrAddress(id) }

// exchange is an exchange without anything that should not be known. Its N and Delivery
// stay.
func (a *Anonymizer) exchange(e *recording.Exchange) *recording.Exchange {
	a.begin(e)
	x := &recording.Exchange{N: e.N, At: a.at(e.At), Conn: max(e.Conn, 0), Cut: max(e.Cut, 0), Delivery: e.Delivery, Unfinished: e.Unfinished}
	if e.Source != "" {
		x.Source = a.textOrAddress(e.Source)
	}
	x.Body = a.body(e.Body, bodyOf(e))
	x.Coded = chunked(e.Coded, x.Body)
	x.Head = a.head(e.Head, a.requestLine(e), len(e.Body), len(x.Body)-len(e.Body))
	x.Callback = x.Recognize()
	r := &e.Answer
	x.Answer = recording.Answer{At: a.at(r.At), Ended: a.at(r.Ended), Latency: min(max(r.Latency, 0), 24*time.Hour), Cut: max(r.Cut, 0), Outcome: knownOutcome(r.Outcome)}
	x.Answer.Body = a.body(r.Body, answerBody)
	x.Answer.Coded = chunked(r.Coded, x.Answer.Body)
	x.Answer.Head = a.head(r.Head, a.statusLine(r.Head), len(r.Body), len(x.Answer.Body)-len(r.Body))
	for rest := r.Interim; len(rest) > 0; {
		head := rest
		if i := bytes.Index(rest, []byte("\r\n\r\n")); i >= 0 {
			head = rest[:i+4]
		}
		rest = rest[len(head):]
		x.Answer.Interim = append(x.Answer.Interim, a.head(head, a.statusLine(head), 0, 0)...)
	}
	return x
}

// chunked puts a body into one chunk, if the one that it replaces was in chunks.
func chunked(was, body []byte) []byte {
	if was == nil {
		return nil
	}
	_, whole := recording.Unchunk(was)
	var b []byte
	if len(body) > 0 {
		b = append(strconv.AppendInt(b, int64(len(body)), 16), "\r\n"...)
		b = append(append(b, body...), "\r\n"...)
	}
	if whole {
		b = append(b, "0\r\n\r\n"...)
	}
	return append([]byte{}, b...)
}

var outcomes = func() (list []recording.Outcome) {
	list = append(list, recording.Answered, recording.Aborted, recording.Tunnel, recording.Lost)
	for f := delivery.NoFailure + 1; f <= delivery.Stopped; f++ {
		list = append(list, recording.Failed(f))
	}
	return list
}()

func knownOutcome(o recording.Outcome) recording.Outcome {
	if slices.Contains(outcomes, o) {
		return o
	}
	return recording.Unknown
}
