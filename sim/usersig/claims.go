package usersig

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"ringback/sim/text"
)

// Claims are the contents of a UserSig.
type Claims struct {
	SDKAppID   uint32
	Identifier string // the user; call.CheckUserID checks which ids CallKit allows
	Time       int64  // of issue, Unix seconds
	Expire     int64  // seconds after Time for which it is valid
	Userbuf    []byte // nil means none, which differs from an empty one
	Sig        string // the HMAC in base64; set by Parse, ignored by Sign
}

// Until returns the last second in which the UserSig is valid. It does not overflow.
func (c *Claims) Until() int64 {
	switch {
	case c.Expire > 0 && c.Time > math.MaxInt64-c.Expire:
		return math.MaxInt64
	case c.Expire < 0 && c.Time < math.MinInt64-c.Expire:
		return math.MinInt64
	}
	return c.Time + c.Expire
}

// Sign returns a UserSig. Equal claims give equal UserSigs. It accepts any identifier and
// any times, since tests need invalid ones, too.
func Sign(key string, c Claims) (string, error) {
	switch {
	case key == "":
		return "", errors.New("the secret key is empty")
	case !utf8.ValidString(c.Identifier):
		return "", fmt.Errorf("identifier %s: is not UTF-8, so JSON cannot hold it", text.Quote(c.Identifier, maxShown))
	}
	c.Sig = c.mac(key)
	doc, err := c.document()
	if err != nil {
		return "", err
	}
	if len(doc) > maxInflated {
		return "", fmt.Errorf("the claims take %d bytes, want up to %d", len(doc), maxInflated)
	}
	return seal(doc), nil
}

// Parse parses a UserSig without checking its signature. Its errors are of type [*Error]
// with the reason [Malformed].
func Parse(sig string) (*Claims, error) {
	doc, err := open(sig)
	if err != nil {
		return nil, err
	}
	return read(doc)
}

// mac returns the signature of the claims with a key.
func (c *Claims) mac(key string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write(c.message())
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// message returns the text that is signed. Different claims have different texts, since
// from the end of it each line except the identifier's is recognized by its form.
func (c *Claims) message() []byte {
	line := func(b []byte, name, value string) []byte {
		return append(append(append(append(b, name...), ':'), value...), '\n')
	}
	b := line(nil, keyIdentifier, c.Identifier)
	b = line(b, keyApp, strconv.FormatUint(uint64(c.SDKAppID), 10))
	b = line(b, keyTime, strconv.FormatInt(c.Time, 10))
	b = line(b, keyExpire, strconv.FormatInt(c.Expire, 10))
	if c.Userbuf != nil {
		b = line(b, keyUserbuf, base64.StdEncoding.EncodeToString(c.Userbuf))
	}
	return b
}
