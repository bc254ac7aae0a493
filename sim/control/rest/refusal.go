package rest

import "fmt"

// action does what a request asks for. It returns what its answer carries.
type action func() (data any, no *refusal)

// refusal is why a request is refused.
type refusal struct {
	code   int
	words  string // behind the message of the code; in place of it if status is 403
	status int    // of HTTP; 0 means 200
}

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code: code, words: fmt.Sprintf(format, args...)}
}
