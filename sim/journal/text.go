package journal

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"ringback/sim/wire"
)

// Text is bytes that are usually text. In JSON it is a string if it is valid UTF-8, and
// {"base64":"..."} otherwise, so that no byte is lost.
type Text []byte

type binary struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON writes a string, or an object when a string would lose bytes.
func (t Text) MarshalJSON() ([]byte, error) {
	if !utf8.Valid(t) {
		return json.Marshal(binary{t})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(string(t))
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON reads both forms.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var bin binary
		err := json.Unmarshal(b, &bin)
		*t = bin.Base64
		return err
	}
	var s string
	err := json.Unmarshal(b, &s)
	*t = Text(s)
	return err
}

// Words is what a registration subscribes to, in the order in which it was
// asked for; JSON shows all words in the order of the documents as "all".
type Words []wire.Word

// MarshalJSON writes "all" or a list.
func (w Words) MarshalJSON() ([]byte, error) {
	if slices.Equal(w, wire.AllWords()) {
		return []byte(`"all"`), nil
	}
	names := make([]string, len(w)) // a list of wire.Word, being bytes, would become base64
	for i := range w {
		names[i] = w[i].String()
	}
	return json.Marshal(names)
}

// Set is the words without their order.
func (w Words) Set() (set wire.Words) {
	for _, word := range w {
		set = set.With(word)
	}
	return set
}

// UnmarshalJSON reads "all" or a list.
func (w *Words) UnmarshalJSON(b []byte) error {
	if string(b) == `"all"` {
		*w = wire.AllWords()
		return nil
	}
	var names []string
	if err := json.Unmarshal(b, &names); err != nil {
		return err
	}
	*w = Words{}
	for _, n := range names {
		var word wire.Word
		if err := word.UnmarshalText([]byte(n)); err != nil {
			return err
		}
		*w = append(*w, word)
	}
	return nil
}
