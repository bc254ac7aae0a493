package usersig

import (
	"fmt"
)

// Reason is what is wrong with a UserSig.
type Reason uint8

// The reasons, in the order in which [Check] looks for them.
const (
	Malformed          Reason = iota // the base64, the zlib stream or the JSON is broken
	AppMismatch                      // it is for another app
	IdentifierMismatch               // it is for another user
	SignatureMismatch                // the key did not sign these claims
	Expired                          // its time is over
)

var reasonWords = [...]string{"malformed", "app_mismatch", "identifier_mismatch", "signature_mismatch", "expired"}

func (r Reason) String() string { return reasonWords[r] }

// Error is why a UserSig is refused. Its text holds what the UserSig says and
// what was wanted, but nothing of the key nor anything that the key makes.
type Error struct {
	Reason Reason
	words  string
}

func (e *Error) Error() string { return e.words }

func refuse(r Reason, format string, args ...any) error {
	return &Error{r, fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) error {
	return refuse(Malformed, "the UserSig is broken: "+format, args...)
}

// maxShown is how many bytes of a UserSig's text an error shows.
const maxShown = 60
