package delivery

import "time"

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
	Stopped             // Ringback itself was stopped
)

var failureWords = [...]string{
	"", "no_address", "guarded", "refused", "unreachable", "tls", "reset", "closed", "cut_short",
	"too_large", "not_http", "timeout", "stopped",
}

func (f Failure) String() string { return failureWords[f] }

// NeverConnected tells whether the failure means that the receiver could not
// be reached at all.
func (f Failure) NeverConnected() bool {
	return f == NoAddress || f == Guarded || f == Refused || f == Unreachable || f == BadTLS
}
