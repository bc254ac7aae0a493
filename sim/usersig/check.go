package usersig

import (
	"crypto/hmac"
	"fmt"
	"math"
	"time"

	"ringback/sim/text"
)

// Check returns an error unless a UserSig was signed with a key for an app and a user,
// and is valid at a time (Unix seconds). The error is an [*Error] with the first reason,
// in the order of the constants. A userbuf is optional; the signature covers it.
func Check(key, sig string, app uint32, identifier string, now int64) error {
	c, err := Parse(sig)
	if err != nil {
		return err
	}
	if err := c.CheckApp(app); err != nil {
		return err
	}
	if err := c.CheckIdentifier(identifier); err != nil {
		return err
	}
	if err := c.CheckSignature(key); err != nil {
		return err
	}
	return c.CheckTime(now)
}

// CheckApp returns an error unless the UserSig is for an app.
func (c *Claims) CheckApp(app uint32) error {
	if c.SDKAppID != app {
		return refuse(AppMismatch, "the UserSig is for app %d, want %d", c.SDKAppID, app)
	}
	return nil
}

// CheckIdentifier returns an error unless the UserSig is for a user.
func (c *Claims) CheckIdentifier(identifier string) error {
	if c.Identifier != identifier {
		return refuse(IdentifierMismatch, "the UserSig is for user %s, want %s", text.Quote(c.Identifier, maxShown), text.Quote(identifier, maxShown))
	}
	return nil
}

// CheckSignature returns an error unless the claims were signed with a key. An empty key
// is always an error, since anyone has it.
func (c *Claims) CheckSignature(key string) error {
	if key == "" || !hmac.Equal([]byte(c.mac(key)), []byte(c.Sig)) {
		return refuse(SignatureMismatch, "the key did not sign these claims: another key did, or they were changed since")
	}
	return nil
}

// CheckTime returns an error if the UserSig has expired at a time (Unix seconds). The
// last second still counts as valid. A time of issue in the future is not an error,
// as with the vendor.
func (c *Claims) CheckTime(now int64) error {
	until := c.Until()
	switch {
	case now <= until:
		return nil
	case c.Expire < 0:
		return refuse(Expired, "the UserSig was never good: it expires %s before it was issued", span(c.Time, until))
	}
	return refuse(Expired, "the UserSig expired %s ago, at %s", span(now, until), When(until))
}

// When formats a time of a UserSig for people: RFC 3339 in UTC, or the number of seconds
// if the year does not have four digits.
func When(unix int64) string {
	t := time.Unix(unix, 0).UTC()
	const first, last = -62135596800, 253402300799 // the years 1 to 9999
	if unix < first || unix > last {
		return fmt.Sprintf("Unix second %d", unix)
	}
	return t.Format(time.RFC3339)
}

// span returns the time between two Unix times in words.
func span(later, earlier int64) string {
	seconds := uint64(later) - uint64(earlier) // fits for any two int64
	const day = 24 * 60 * 60
	switch {
	case seconds > math.MaxInt64 || seconds > 1000*365*day:
		return "ages"
	case seconds >= 2*day:
		return fmt.Sprintf("%d days", seconds/day)
	}
	return (time.Duration(seconds) * time.Second).String()
}
