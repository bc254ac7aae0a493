package delivery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// MarshalText writes the word.
func (t Then) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the word.
func (t *Then) UnmarshalText(b []byte) error { return parse(t, "outcome", thenWords[:], b) }

func parse[E ~uint8](e *E, what string, words []string, b []byte) error {
	for i, w := range words {
		if w == string(b) {
			*e = E(i)
			return nil
		}
	}
	return fmt.Errorf("%s %q: want one of %s", what, b, strings.Join(words, ", "))
}

// verdictJSON is a verdict in journals. The reason is derived from the rest.
type verdictJSON struct {
	Word   string `json:"is"`
	Status int    `json:"status,omitempty"`
	Detail string `json:"detail,omitempty"`
	Reason string `json:"reason"`
}

// MarshalJSON returns an object with the word, the status, the detail and the reason.
func (v Verdict) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // answers in HTML stay readable
	err := enc.Encode(verdictJSON{v.Word(), v.Status, v.Detail, v.Reason()})
	return b.Bytes(), err
}

// UnmarshalJSON parses what MarshalJSON returns. The rule is not set, since journals do
// not contain it.
func (v *Verdict) UnmarshalJSON(b []byte) error {
	var j verdictJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	return v.Restore([]byte(j.Word), j.Status, j.Detail)
}

// Restore makes it the verdict that journals describe with a word (see [Verdict.Word]),
// the status and the detail.
func (v *Verdict) Restore(word []byte, status int, detail string) error {
	*v = Verdict{Status: status, Detail: detail}
	if parse(&v.Class, "verdict", classWords[:NoAnswer], word) == nil {
		return nil
	}
	v.Class = NoAnswer
	err := parse(&v.Failure, "verdict", failureWords[1:], word)
	v.Failure++ // the words begin with the first failure
	return err
}
