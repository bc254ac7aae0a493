package delivery

import (
	"errors"
	"time"
)

// Answer is what came back for one attempt: an HTTP answer, or the reason why
// there is none.
type Answer struct {
	Failure   Failure       // NoFailure when a whole HTTP answer arrived
	Detail    string        // the failure in the system's own words; may be empty
	Connected bool          // a connection was made, whatever happened then
	Status    int           // HTTP status, 0 without an answer
	Location  string        // of a redirect, for the report; never followed
	Encoding  string        // Content-Encoding, for the report
	Body      []byte        // as received, capped; valid until the sender's next attempt
	Took      time.Duration // wall time, never journalled by default
}

// Failure is why an attempt brought no usable HTTP answer.
type Failure uint8

// The failures of an attempt.
const (
	NoFailure   Failure = iota
	NoAddress           // the host name has no address (DNS)
	Guarded             // the dial guard refused the address
	Refused             // nobody listens on the port
	Unreachable         // no route, or another dial error
	BadTLS              // the TLS handshake failed
	Reset               // the receiver reset the connection
	Closed              // the receiver closed the connection before answering
	CutShort            // the answer ended before its announced length
	TooLarge            // the head or the body is larger than the cap
	NotHTTP             // what came is not an HTTP/1.1 answer
	TimedOut            // no whole answer within the timeout
	OwnFault            // this machine could not make the attempt: see [OwnFaultError]
	Stopped             // Ringback itself was stopped
)

var failureWords = [...]string{
	"", "no_address", "guarded", "refused", "unreachable", "tls", "reset", "closed", "cut_short",
	"too_large", "not_http", "timeout", "own_fault", "stopped",
}

func (f Failure) String() string { return failureWords[f] }

// NeverConnected reports whether the failure means that the receiver could not
// be reached at all.
func (f Failure) NeverConnected() bool {
	return f == NoAddress || f == Guarded || f == Refused || f == Unreachable || f == BadTLS
}

// OwnFaultError says that this machine could not do its own part, for want of
// file descriptors, local ports or memory, or because its firewall forbids it.
// It says nothing of the receiver: an attempt that failed for it was never made,
// is in no journal and counts in no figure.
type OwnFaultError struct {
	Detail string // what is missing, and what to do
}

func (e *OwnFaultError) Error() string {
	return "this machine could not do its part, which says nothing of the receiver: " + e.Detail
}

// AsOwnFault is the [*OwnFaultError] that an error is or wraps, or nil.
func AsOwnFault(err error) error {
	if own := new(OwnFaultError); errors.As(err, &own) {
		return own
	}
	return nil
}
