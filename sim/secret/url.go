package secret

import (
	"net/url"
	"strings"
)

// Mask stands for a secret.
const Mask = "…"

// place is where a probe's URL takes an id. It is no secret.
const place = "{CallId}"

// URL returns a configured URL, or a path with a query, with its secrets masked:
// http://…@host/cb?token=…. It can be malformed: what may be a secret is masked.
func URL(raw string) string {
	p := split(raw)
	var b strings.Builder
	b.WriteString(p.scheme)
	if p.hasUser {
		b.WriteString(Mask + "@")
	}
	b.WriteString(p.rest)
	if p.query == "" {
		return b.String()
	}
	b.WriteByte(p.query[0])
	for i, pair := range strings.Split(p.query[1:], "&") {
		if i > 0 {
			b.WriteByte('&')
		}
		key, value, ok := strings.Cut(pair, "=")
		if !ok { // a bare key may be the secret
			key, value = "", pair
		} else {
			b.WriteString(key + "=")
		}
		b.WriteString(maskAround(value, ok))
	}
	return b.String()
}

// maskAround masks a value but for the place of an id in it. An empty value is
// shown as masked where a key says that there is one.
func maskAround(value string, keyed bool) string {
	if value == "" && keyed {
		return Mask
	}
	parts := strings.Split(value, place)
	for i, p := range parts {
		if p != "" {
			parts[i] = Mask
		}
	}
	return strings.Join(parts, place)
}

// urlParts is a URL taken apart, however malformed it is.
type urlParts struct {
	scheme  string // with ://
	user    string // user info
	hasUser bool
	rest    string // host and path
	query   string // with its ? or #, and with the fragment
}

func split(raw string) (p urlParts) {
	rest := raw
	if i := strings.Index(raw, "://"); i >= 0 && !strings.ContainsAny(raw[:i], "/?#@") {
		p.scheme, rest = raw[:i+3], raw[i+3:]
	} else if n := len(raw) - len(strings.TrimLeft(trimHTTP(raw), ":/\\")); !strings.HasPrefix(raw, "/") {
		p.scheme, rest = raw[:n], raw[n:]
	}
	if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") {
		end := strings.IndexAny(rest, "/?#\\")
		if end < 0 {
			end = len(rest)
		}
		at := strings.LastIndex(rest[:end], "@")
		if u, err := url.Parse(raw); at < 0 && (err != nil || u.Host == "") {
			at = strings.LastIndex(rest, "@") // a password with a character that should have been escaped
		}
		if at >= 0 {
			p.user, p.hasUser, rest = rest[:at], true, rest[at+1:]
		}
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest, p.query = rest[:i], rest[i:]
	}
	p.rest = rest
	return p
}

// trimHTTP cuts off the scheme of a URL that lacks its colon or a slash.
func trimHTTP(raw string) string {
	for _, scheme := range []string{"https", "http", "htp"} {
		if len(raw) > len(scheme) && strings.EqualFold(raw[:len(scheme)], scheme) && strings.ContainsRune(":/\\", rune(raw[len(scheme)])) {
			return raw[len(scheme):]
		}
	}
	return raw
}
