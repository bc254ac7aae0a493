package delivery

import (
	"errors"
	"time"
)

// Answer is the outcome of one attempt: an HTTP answer, or the reason why there is
// none.
type Answer struct {
	Failure   Failure       // NoFailure if a complete HTTP answer arrived
	Detail    string        // the failure in the system's own words; may be empty
	Connected bool          // whether a connection was made
	Status    int           // HTTP status; 0 without an answer
	Location  string        // of a redirect, for the report; never followed
	Encoding  string        // Content-Encoding, for the report
	Body      []byte        // as received, up to a maximum size; valid until the sender's next attempt
	Head      []byte        // the header lines, as name: value and a line feed, if the sender keeps them; valid as long as Body
	Took      time.Duration // wall time; journaled only if asked for
}

// Failure is why an attempt brought no usable HTTP answer.
type Failure uint8

// The failures of an attempt.
const (
	NoFailure   Failure = iota
	NoAddress           // the host name has no address (DNS)
	Guarded             // the dial guard refused the address
	Refused             // no one listens on the port
	Unreachable         // no route, or another dial error
	BadTLS              // the TLS handshake failed
	Reset               // the receiver reset the connection
	Closed              // the receiver closed the connection before answering
	CutShort            // the answer ended before its announced length
	TooLarge            // the head or the body exceeds its maximum size
	NotHTTP             // what came is not an HTTP/1.1 answer
	TimedOut            // no complete answer within the timeout
	OwnFault            // this machine could not make the attempt: see [OwnFaultError]
	Stopped             // Ringback itself was stopped
)

var failureWords = [...]string{
	"", "no_address", "guarded", "refused", "unreachable", "tls", "reset", "closed", "cut_short",
	"too_large", "not_http", "timeout", "own_fault", "stopped",
}

func (f Failure) String() string { return failureWords[f] }

// NeverConnected reports whether the failure means that no connection was made.
func (f Failure) NeverConnected() bool {
	return f == NoAddress || f == Guarded || f == Refused || f == Unreachable || f == BadTLS
}

// OwnFaultError means that this machine could not make an attempt, because it lacks
// file descriptors, local ports or memory, or because its firewall forbids it. It says
// nothing about the receiver: such an attempt appears in no journal and no figure.
type OwnFaultError struct {
	Detail string // what is missing, and what to do
}

func (e *OwnFaultError) Error() string {
	return "this machine could not do its part, which says nothing of the receiver: " + e.Detail
}

// AsOwnFault returns the [*OwnFaultError] that an error is or wraps, or nil.
func AsOwnFault(err error) error {
	if own := new(OwnFaultError); errors.As(err, &own) {
		return own
	}
	return nil
}
