package journal

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"ringback/sim/wire"
)

// Text is bytes that are nearly always text: a JSON string if they are valid
// UTF-8, else {"base64":"..."}, so that no byte is lost either way.
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

// Words is what a registration subscribes to; JSON shows the set of all words
// as "all" and any other as a list.
type Words wire.Words

// MarshalJSON writes "all" or a list.
func (w Words) MarshalJSON() ([]byte, error) {
	if wire.Words(w) == wire.Every {
		return []byte(`"all"`), nil
	}
	return json.Marshal(wire.Words(w).List())
}

// UnmarshalJSON reads "all" or a list.
func (w *Words) UnmarshalJSON(b []byte) error {
	if string(b) == `"all"` {
		*w = Words(wire.Every)
		return nil
	}
	var names []string // a list of wire.Word, being bytes, would also take base64
	if err := json.Unmarshal(b, &names); err != nil {
		return err
	}
	set, err := wire.ParseWords(names)
	*w = Words(set)
	return err
}
