package simapi

import (
	"net/http"
	"strconv"

	"ringback/sim/journal"
)

// The headers that say which run an answer is of. Whoever streams on from an event
// compares them with those of the answer before.
const (
	HeaderVersion  = "Ringback-Version"
	HeaderRun      = "Ringback-Run"
	HeaderInstance = "Ringback-Instance"
	HeaderResumed  = "Ringback-Resumed"
	HeaderSeq      = "Ringback-Seq"
)

// ofRun is what the document says of these headers.
var ofRun = []param{
	{name: HeaderVersion, about: "of Ringback"},
	{name: HeaderRun, about: "the token in all call and room ids"},
	{name: HeaderInstance, about: "another one each time the server starts"},
	{name: HeaderResumed, about: "the latest event of the journal that the server went on from when it started; 0 if it began anew. Up to there, ids of events mean the same in an earlier instance of the same run"},
}

// nameRun says in the head of an answer which run it is of.
func (b *backend) nameRun(h http.Header) {
	b.Session.State(func(s *journal.State) { h.Set(HeaderRun, s.Run.Token) })
	h.Set(HeaderVersion, b.Version)
	h.Set(HeaderInstance, b.instance)
	h.Set(HeaderResumed, strconv.FormatUint(b.Resumed, 10))
}
