package rest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync/atomic"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// envelopes writes answers in the form of each generation.
type envelopes struct {
	answers atomic.Uint64 // so far, of v4
}

// v1Answer is what v1 answers (60138). Data is null where something is wrong.
type v1Answer struct {
	ErrorCode    int    `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	RequestID    string `json:"requestId"`
	Data         any    `json:"data"`
}

// v4Answer is what v4 answers (68926).
type v4Answer struct {
	ActionStatus string `json:"ActionStatus"`
	ErrorInfo    string `json:"ErrorInfo"`
	ErrorCode    int    `json:"ErrorCode"`
	RequestID    string `json:"RequestId"`
	Response     any    `json:"Response,omitempty"`
}

// write answers with data, or with why not. The status of HTTP is 200
// whatever the answer says (60138, 68926), except for what a gateway before the
// real API would refuse: a body that is too large or does not come, and foreign
// pages.
func (e *envelopes) write(w http.ResponseWriter, g wire.Generation, data any, no *refusal) {
	status := http.StatusOK
	if no.status != 0 {
		status = no.status
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	words := findCode(g, no.code).Message
	switch {
	case no.status == http.StatusForbidden: // the code is about something else
		words = text.Short(no.words, 1000)
	case no.words != "":
		words += ": " + text.Short(no.words, 1000)
	}
	if g == wire.V1 {
		jsonhttp.Write(w, status, v1Answer{no.code, words, hex.EncodeToString(id), data})
		return
	}
	a := v4Answer{"OK", words, no.code, fmt.Sprintf("Id-%x-O-Seq-%d", id, e.answers.Add(1)), data}
	if no.code != codeOK {
		a.ActionStatus = "FAIL"
	}
	jsonhttp.Write(w, status, a)
}
