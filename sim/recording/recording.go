package recording

import (
	"time"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Version is the format's.
const Version = 1

// MaxBody is how many bytes of a body are kept, and of a head.
const MaxBody = 1 << 20

// Header is the first line.
type Header struct {
	V       int    `json:"v"`       // [Version]
	Version string `json:"version"` // Ringback's
	Target  string `json:"target"`  // where the requests went: a URL, with its secrets
	// From is the kind of file that the exchanges were taken from, such as har; empty if a
	// recorder wrote them, or someone took them from what one wrote.
	From string `json:"from,omitempty"`
}

// Exchange is a request and its answer. It is also what other logs are read as: what
// these do not know is left zero.
type Exchange struct {
	N      int64     // its number in the file, from 1, in the order of the requests
	Line   int       // where in the file its request begins, from 1
	Joined int       // how many further recordings began before it in the same file: see [Flaws]
	At     time.Time // when its first byte had come, in wall time
	Source string    // the client's address with its port
	Conn   int64     // which connection of the client's it came on, from 1
	Head   []byte    // request line and header fields, with the empty line behind them
	Body   []byte    // without the chunks' lengths
	Coded  []byte    // a body in chunks as it came; nil if Body is that
	Cut    int64     // how many bytes of the body are missing

	Callback          // what was recognized
	Delivery   int64  // number of the first exchange with the same bytes, its own if it is that; 0 without a body
	Answer     Answer // zero if the recording ends before it
	Unfinished bool   // the request did not come whole
}

// Callback is what a request is recognized as: see [Recognize]. Generation is 0 if it
// is no callback.
type Callback struct {
	Generation wire.Generation
	Word       string // the word of 60135 or 68934, or a command that these do not have
	Call       string // CallId; may be empty
	App        string // SDKAppID as the query has it; may be empty
}

// Answer is what came back.
type Answer struct {
	Line    int       // where in the file it begins; 0 without one
	At      time.Time // when its first byte came or, if none did, when the exchange ended
	Ended   time.Time // when its last byte came
	Latency time.Duration
	Interim []byte // heads of informational answers (1xx) before it
	Head    []byte // as in [Exchange]; empty if there is none
	Body    []byte
	Coded   []byte
	Cut     int64
	Outcome Outcome
	Detail  string // what is wrong, in the system's own words; may be empty
}

// Outcome is how an exchange ended: one of these, or a word of [delivery.Failure],
// which says why the far side has not given a whole answer.
type Outcome string

// Outcomes that are no failure of the far side.
const (
	Unknown  Outcome = ""         // the recording ends before
	Answered Outcome = "answered" // a whole answer was passed on
	Aborted  Outcome = "aborted"  // the client closed its connection before; Latency is how long it waited
	Tunnel   Outcome = "tunnel"   // what follows is not recorded: another protocol, or no HTTP/1.1
	Lost     Outcome = "lost"     // the recorder was killed before
)

// Failed makes an outcome of a failure.
func Failed(f delivery.Failure) Outcome { return Outcome(f.String()) }
