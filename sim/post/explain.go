package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"ringback/sim/delivery"
)

// stage is how far an attempt got.
type stage uint8

const (
	connecting stage = iota
	handshaking
	sending
	awaiting
	readingHead
	readingBody
)

var stageWords = [...]string{
	"connecting", "the TLS handshake", "sending", "waiting for the answer", "reading the head", "reading the body",
}

// progress describes what the attempt was doing.
func (s *Sender) progress() string {
	switch stage := s.reader.stage; {
	case stage == sending || stage == awaiting && s.sent < s.toSend:
		return fmt.Sprintf("sending, %d of %d bytes", s.sent, s.toSend)
	case stage == readingBody:
		return "reading the body, " + s.reader.bodySoFar()
	default:
		return stageWords[stage]
	}
}

func (r *reader) bodySoFar() string {
	if r.want < 0 {
		return fmt.Sprintf("%d bytes so far", r.kept)
	}
	return fmt.Sprintf("%d of %d bytes", r.n-r.next, r.want)
}

// explain turns an error of an attempt into a failure.
func (s *Sender) explain(err error) *failure {
	var f *failure
	var op *net.OpError
	var own *delivery.OwnFaultError
	switch {
	case s.stopped.Load():
		return &failure{delivery.Stopped, ""}
	case errors.As(err, &f):
		return f
	case s.sent < s.toSend && errors.As(OwnFault(err), &own):
		return &failure{delivery.OwnFault, own.Detail}
	case s.reader.stage == connecting:
		return s.explainDial(err)
	case isTimeout(err):
		return s.explainTimeout()
	case s.reader.stage == handshaking:
		return explainTLS(err)
	case s.reader.stage <= awaiting && errors.As(err, &op) && op.Op == "remote error":
		return explainTLS(err) // an alert: TLS 1.3 refuses a client after the handshake
	case isReset(err):
		return &failure{delivery.Reset, s.progress() + s.closeHint()}
	case isBroken(err):
		return &failure{delivery.Closed, s.progress() + s.closeHint()}
	case isEnd(err):
		return s.explainEnd()
	}
	return &failure{delivery.Reset, s.progress() + ": " + err.Error()}
}

// Explain turns an error of dialing, or of a TLS handshake, into a failure and a
// detail in words.
func Explain(err error, handshake bool) (kind delivery.Failure, detail string) {
	f := explainDial(err)
	var own *delivery.OwnFaultError
	switch {
	case errors.As(OwnFault(err), &own):
		return delivery.OwnFault, own.Detail
	case handshake:
		f = explainTLS(err)
	}
	return f.kind, f.detail
}

// explainDial is Explain for an attempt, which has a timeout.
func (s *Sender) explainDial(err error) *failure {
	f := explainDial(err)
	var dns *net.DNSError
	switch {
	case !isTimeout(err) || f.kind == delivery.Guarded:
		return f
	case errors.As(err, &dns):
		return &failure{delivery.NoAddress, fmt.Sprintf("%s: DNS gave no answer within --timeout %v", dns.Name, s.timeout)}
	}
	return s.explainTimeout()
}

func (s *Sender) explainTimeout() *failure {
	return &failure{delivery.TimedOut, fmt.Sprintf("%s, after --timeout %v", s.progress(), s.timeout)}
}

// explainEnd returns the failure of an answer that ends too early.
func (s *Sender) explainEnd() *failure {
	switch r := &s.reader; {
	case r.stage <= awaiting:
		return &failure{delivery.Closed, s.progress() + s.closeHint()}
	case r.stage == readingHead:
		return &failure{delivery.CutShort, "it ends in its head"}
	case r.want < 0 && r.head.coded:
		return &failure{delivery.CutShort, fmt.Sprintf("it ends before its last chunk, after %d bytes", r.kept)}
	case r.want < 0:
		return &failure{delivery.CutShort, fmt.Sprintf("TLS ended without close_notify after %d bytes; send it, or a Content-Length", r.kept)}
	default:
		return &failure{delivery.CutShort, r.bodySoFar()}
	}
}

// closeHint returns a hint for a receiver that closes a connection between two requests.
func (s *Sender) closeHint() string {
	if s.reused && s.reader.stage <= awaiting {
		return "; its answer before, on the same connection, did not say Connection: close"
	}
	return ""
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

func isEnd(err error) bool { return err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) }

func isReset(err error) bool {
	return errors.Is(err, errReset) || errors.Is(err, errAborted)
}

// isBroken reports whether the other side is gone.
func isBroken(err error) bool {
	return err != nil && (isReset(err) || errors.Is(err, syscall.EPIPE))
}
