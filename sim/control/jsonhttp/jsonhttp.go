// Package jsonhttp has what both APIs of the fake backend do alike with requests
// and answers.
//
// The one invariant: a client that sends a body slowly, or never ends it, holds a
// connection no longer than [BodyTime].
package jsonhttp

import (
	"encoding/json"
	"net/http"
	"time"
)

// Guard lets a handler see only requests of those who may ask. It gives the others
// to refuse, which says why in the words of the API that was asked.
type Guard func(next http.Handler, refuse func(w http.ResponseWriter, r *http.Request, why string)) http.Handler

// BodyTime is how long a body may take to come.
const BodyTime = 10 * time.Second

// Hurry lets the body of a request come within [BodyTime] or not at all. That
// holds for a request that was refused before its body was read, too: the server
// reads what is left of it. It lifts the deadline before the next request.
func Hurry(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(BodyTime)) // a recorder in a test has none
}

// Write answers with v as JSON.
func Write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client may be gone
}

// Kind names what kind of JSON a value is, for errors: "an object", "a text". Raw
// must be valid JSON without space before it.
func Kind(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 'n':
		return "null"
	case 't', 'f':
		return string(raw)
	}
	return "a number"
}
