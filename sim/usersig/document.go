package usersig

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"

	"ringback/sim/text"
)

// The keys of the JSON object in a UserSig, which are also the keys in the signed text.
const (
	keyVersion    = "TLS.ver"
	keyIdentifier = "TLS.identifier"
	keyApp        = "TLS.sdkappid"
	keyTime       = "TLS.time"
	keyExpire     = "TLS.expire"
	keyUserbuf    = "TLS.userbuf"
	keySig        = "TLS.sig"
)

const version = "2.0"

// document returns the claims as JSON, with the vendor's order of keys.
func (c *Claims) document() ([]byte, error) {
	return json.Marshal(struct {
		Version    string `json:"TLS.ver"`
		Identifier string `json:"TLS.identifier"`
		SDKAppID   uint32 `json:"TLS.sdkappid"`
		Time       int64  `json:"TLS.time"`
		Expire     int64  `json:"TLS.expire"`
		Userbuf    []byte `json:"TLS.userbuf,omitzero"` // an empty one is signed, so it must show
		Sig        string `json:"TLS.sig"`
	}{version, c.Identifier, c.SDKAppID, c.Time, c.Expire, c.Userbuf, c.Sig})
}

// fields holds the raw values of a JSON object. A struct would be filled from keys in any
// letter case, and accept null for any value.
type fields map[string]json.RawMessage

func read(doc []byte) (*Claims, error) {
	f, err := readFields(doc)
	if err != nil {
		return nil, err
	}
	r := reader{fields: f}
	if v := r.text(keyVersion); r.err == nil && v != version {
		return nil, malformed("%s is %s, want %q", keyVersion, text.Quote(v, maxShown), version)
	}
	c := &Claims{
		Identifier: r.text(keyIdentifier),
		SDKAppID:   uint32(r.integer(keyApp, 0, math.MaxUint32, "a whole number of 32 bits")),
		Time:       r.integer(keyTime, math.MinInt64, math.MaxInt64, "a whole number of seconds"),
		Expire:     r.integer(keyExpire, math.MinInt64, math.MaxInt64, "a whole number of seconds"),
		Userbuf:    r.userbuf(),
		Sig:        r.text(keySig),
	}
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

func readFields(doc []byte) (f fields, err error) {
	if !utf8.Valid(doc) {
		return nil, malformed("the text inside is not UTF-8")
	}
	err = json.Unmarshal(doc, &f)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, malformed("what is inside is no JSON (%v)", err)
	case err != nil || f == nil: // null makes no map, and no error
		return nil, malformed("what is inside is JSON but not an object: %s", text.Quote(doc, maxShown))
	}
	return f, nil
}

// reader reads values from fields and keeps the first error.
type reader struct {
	fields fields
	err    error
}

func (r *reader) raw(key string) string {
	if _, ok := r.fields[key]; !ok && r.err == nil {
		r.err = malformed("%s is missing", key)
	}
	return string(r.fields[key])
}

func (r *reader) wrong(key, want string) {
	if r.err == nil {
		r.err = malformed("%s is %s, want %s", key, text.Show(r.fields[key], maxShown), want)
	}
}

func (r *reader) text(key string) (s string) {
	raw := r.raw(key)
	if raw == "null" || json.Unmarshal([]byte(raw), &s) != nil {
		r.wrong(key, "a string")
	}
	return s
}

func (r *reader) integer(key string, least, most int64, want string) int64 {
	n, err := strconv.ParseInt(r.raw(key), 10, 64)
	if err != nil || n < least || n > most {
		r.wrong(key, want)
	}
	return n
}

func (r *reader) userbuf() []byte {
	if _, ok := r.fields[keyUserbuf]; !ok {
		return nil
	}
	text := r.text(keyUserbuf)
	buf, err := base64.StdEncoding.DecodeString(text)
	// The text is signed, so a userbuf must have only one encoding.
	if err != nil || base64.StdEncoding.EncodeToString(buf) != text {
		r.wrong(keyUserbuf, "base64")
	}
	return buf
}
