package usersig

import (
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ringback/sim/call"
	"ringback/sim/text"
)

// Wants is what a UserSig is held against.
type Wants struct {
	App     uint32
	Key     string // "": no one knows it
	User    string
	Now     int64  // Unix seconds
	Expire  *int64 // seconds; nil: any
	Userbuf []byte // nil: any
}

// Account says what is in a UserSig, and what is wrong with it.
type Account struct {
	Good   bool            `json:"good"`
	Claims *accountClaims  `json:"claims,omitempty"` // none of a broken one
	Checks []*accountCheck `json:"checks"`
}

type accountClaims struct {
	SDKAppID   uint32 `json:"sdkappid"`
	Identifier string `json:"identifier"`
	Time       int64  `json:"time"`
	Expire     int64  `json:"expire"`
	IssuedAt   string `json:"issued_at"`
	ValidUntil string `json:"valid_until"`
	Userbuf    []byte `json:"userbuf,omitzero"`
}

type accountCheck struct {
	Name   string `json:"check"`
	Result string `json:"result"` // ok, wrong or unknown
	Words  string `json:"words"`
}

func (r *Account) add(name string, err error, words string, args ...any) {
	c := &accountCheck{name, "ok", fmt.Sprintf(words, args...)}
	if err != nil {
		c.Result, c.Words, r.Good = "wrong", err.Error(), false
	}
	r.Checks = append(r.Checks, c)
}

// NewAccount holds a UserSig against what is wanted.
func NewAccount(sig string, s *Wants) *Account {
	r := &Account{Good: true}
	c, err := Parse(sig)
	r.add("form", err, "base64, zlib and JSON are as they should be")
	if err != nil {
		return r
	}
	r.Claims = &accountClaims{
		SDKAppID: c.SDKAppID, Identifier: c.Identifier, Time: c.Time, Expire: c.Expire,
		IssuedAt: When(c.Time), ValidUntil: When(c.Until()), Userbuf: c.Userbuf,
	}
	r.add("sdkappid", about(c.CheckApp(s.App), "--sdkappid"), "it is for this app")
	r.add("identifier", about(c.CheckIdentifier(s.User), "--user"), "it is for this user")
	s.signature(r, c)
	r.add("expiry", c.CheckTime(s.Now), "%s", good(c, s.Now))
	if s.Expire != nil {
		r.add("expire", differs(fmt.Sprint(c.Expire, " seconds"), fmt.Sprint(*s.Expire, " seconds"), "--expire"), "it has this lifetime")
	}
	if s.Userbuf != nil {
		r.add("userbuf", differs(bufText(c.Userbuf), bufText(s.Userbuf), "--userbuf"), "it has this userbuf")
	}
	return r
}

// about names the flag that says what was wanted.
func about(err error, flag string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w (%s)", err, flag)
}

func differs(got, want, flag string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("the UserSig has %s, want %s (%s)", got, want, flag)
}

func (s *Wants) signature(r *Account, c *Claims) {
	if s.Key != "" {
		r.add("signature", about(c.CheckSignature(s.Key), "--key"), "this key signed these claims")
		return
	}
	r.Good = false
	r.Checks = append(r.Checks, &accountCheck{
		"signature", "unknown", "not checked: without --key anybody may have signed it; give the app's secret key, or @FILE with it",
	})
}

func good(c *Claims, now int64) string {
	words := fmt.Sprintf("it is %s, and it is good until %s", When(now), When(c.Until()))
	if c.Time > now {
		words += "; but it was issued later than now, so a clock may be wrong"
	}
	return words
}

// Write writes the account for people, with a style.
func (r *Account) Write(w io.Writer, style text.Style) error {
	var b strings.Builder
	if c := r.Claims; c != nil {
		text.Fprintf(&b, "app          %d\nidentifier   %s\n", c.SDKAppID, idText(c.Identifier))
		text.Fprintf(&b, "issued at    %s\nvalid until  %s, %d seconds later\n", c.IssuedAt, c.ValidUntil, c.Expire)
		text.Fprintf(&b, "userbuf      %s\n\n", bufText(c.Userbuf))
	}
	marks := map[string]text.Styled{"ok": style.Good.Render("✓"), "wrong": style.Bad.Render("✗"), "unknown": style.Wait.Render("?")}
	verdict := "good"
	for _, c := range r.Checks {
		text.Fprintf(&b, "%s %-11s %s\n", marks[c.Result], c.Name, c.Words)
		switch {
		case c.Result == "wrong":
			verdict = "not good"
		case c.Result == "unknown" && verdict == "good":
			verdict = "not known to be good"
		}
	}
	fmt.Fprintln(&b, verdict)
	_, err := io.WriteString(w, b.String())
	return err
}

// idText shows a user id as it is if CallKit would take it: others may do
// something to a terminal.
func idText(id string) string {
	if call.CheckUserID(id) == nil {
		return id
	}
	return strconv.Quote(id)
}

func bufText(buf []byte) string {
	switch {
	case buf == nil:
		return "none"
	case utf8.Valid(buf):
		return strconv.Quote(string(buf))
	}
	return "base64 " + base64.StdEncoding.EncodeToString(buf)
}
