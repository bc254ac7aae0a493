package delivery

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"ringback/sim/secret"
)

// Endpoint is a receiver's configured URL, taken apart for sending.
type Endpoint struct {
	URL  string // as configured
	TLS  bool
	Host string // the Host header: as in the URL
	Name string // the host without port and brackets, for DNS and TLS
	Port string
	// Learned says that the address came over the network, not from the
	// operator: whoever dials it is strict with it.
	Learned bool

	prefix  string // path and query so far, ready for more parameters
	joint   string // what join added to their end
	secrets *secret.Set
}

// Addr is host and port to dial.
func (e *Endpoint) Addr() string {
	if strings.Contains(e.Name, ":") { // IPv6
		return "[" + e.Name + "]:" + e.Port
	}
	return e.Name + ":" + e.Port
}

// ParseEndpoint takes a configured URL apart. Callback parameters go behind
// it (34354): behind its own query if it has one, and "/" stands for an empty
// path. A fragment is dropped, as every HTTP client does.
func ParseEndpoint(raw string) (*Endpoint, error) {
	u, err := url.Parse(raw)
	var secrets secret.Set
	secrets.AddURL(raw)
	wrong := func(why string, args ...any) (*Endpoint, error) {
		return nil, fmt.Errorf("URL %q: %s", secret.URL(raw), secrets.Hide(fmt.Sprintf(why, args...)))
	}
	switch {
	case !strings.HasPrefix(raw, "http://") && !strings.HasPrefix(raw, "https://") && (err != nil || u.Scheme != "http" && u.Scheme != "https"):
		return wrong("want it to start with http:// or https://, like http://127.0.0.1:3000/callback")
	case err != nil && strings.Contains(raw, "@"): // what is wrong, even what reads as a port, may be a part of a password
		return wrong("cannot be read: check the port, and escape what stands in front of the @; CallKit sends no user and password, put a secret like token=1234 into the query")
	case err != nil:
		return wrong("%v", err.(*url.Error).Err)
	case u.Hostname() == "" || u.Opaque != "":
		return wrong("has no host, want something like http://127.0.0.1:3000/callback")
	case u.User != nil:
		return wrong("CallKit sends no user and password; put a secret like token=1234 into the query")
	}
	e := &Endpoint{URL: raw, TLS: u.Scheme == "https", Host: u.Host, Name: u.Hostname(), Port: u.Port()}
	if strings.ContainsFunc(e.Host, notInHost) {
		return wrong("want a host of letters, digits, - and . (a name in other letters as punycode), or an address")
	}
	if e.Port == "" {
		e.Port = map[bool]string{false: "80", true: "443"}[e.TLS]
	}
	if n, err := strconv.ParseUint(e.Port, 10, 16); err != nil || n == 0 {
		return wrong("port %s: want 1 to 65535", e.Port)
	}
	e.prefix, e.joint = join(u)
	e.secrets = &secrets
	return e, nil
}

// notInHost finds what no host has: the Host header must not be a riddle.
func notInHost(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._:[]", r))
}

// join is the path and the query of a configured URL, up to where the
// callback's own parameters begin, and the joint that it put there.
func join(u *url.URL) (prefix, joint string) {
	path := clean(u.EscapedPath())
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	query := clean(u.RawQuery)
	switch {
	case query == "":
		return path + "?", "?"
	case strings.HasSuffix(query, "&"):
		return path + "?" + query, ""
	}
	return path + "?" + query + "&", "&"
}

// clean escapes what may not stand in a request line.
func clean(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Relative is path and query of the configured URL, without the host: what
// journals carry of a target that the operator typed.
func (e *Endpoint) Relative() string {
	return strings.TrimSuffix(e.prefix, e.joint)
}

// Request is the frozen bytes of a callback: one HTTP/1.1 request, whole, so
// that a sender writes it at once and every attempt sends the same.
type Request struct {
	Endpoint *Endpoint
	raw      []byte
	target   int // length of path and query
	body     int // where the body begins
}

const method = "POST "

// headSize is what the parts of a head take that are the same in each, with
// room for the length of a body.
const headSize = 88

// ContentType is what callbacks say of their body, unless a fault changes it.
const ContentType = "application/json"

// Freeze writes the request of a callback: the endpoint's URL with query
// behind it, and a body.
func Freeze(e *Endpoint, query, body []byte) *Request {
	return new(Request).Freeze(e, query, body)
}

// Freeze is [Freeze] on a request that is blank, or was wiped, and uses its
// memory. It returns it.
func (r *Request) Freeze(e *Endpoint, query, body []byte) *Request {
	return r.freeze(e, e.prefix, ContentType, query, body)
}

// FreezeAs is Freeze with another content type. Without a query the URL is the
// configured one.
func FreezeAs(e *Endpoint, contentType string, query, body []byte) *Request {
	return new(Request).FreezeAs(e, contentType, query, body)
}

// FreezeAs is [FreezeAs] in the same way.
func (r *Request) FreezeAs(e *Endpoint, contentType string, query, body []byte) *Request {
	if len(query) == 0 {
		return r.freeze(e, "", contentType, []byte(e.Relative()), body)
	}
	return r.freeze(e, e.prefix, contentType, query, body)
}

// Restore writes a request again from what a journal says of it: path with
// query, and body. Endpoint gives the host.
func Restore(e *Endpoint, target, body []byte) *Request {
	return new(Request).freeze(e, "", ContentType, target, body)
}

// RestoreAs is Restore with another content type.
func RestoreAs(e *Endpoint, contentType string, target, body []byte) *Request {
	return new(Request).freeze(e, "", contentType, target, body)
}

func (r *Request) freeze(e *Endpoint, prefix, contentType string, query, body []byte) *Request {
	r.Endpoint = e
	b := r.raw
	if n := headSize + len(contentType) + len(prefix) + len(query) + len(e.Host) + len(body); cap(b) < n {
		b = make([]byte, 0, n)
	}
	b = append(append(append(b, method...), prefix...), query...)
	r.target = len(b) - len(method)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), e.Host...)
	b = append(append(b, "\r\nUser-Agent: ringback\r\nContent-Type: "...), contentType...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	r.body = len(b)
	r.raw = append(b, body...)
	return r
}

// Wipe makes the request blank. Its memory, and that of what it handed out, is
// used again when it is written on.
func (r *Request) Wipe() { *r = Request{raw: r.raw[:0]} }

// Size is how much memory the bytes take.
func (r *Request) Size() int { return cap(r.raw) }

// Bytes is the whole request. It must not be changed.
func (r *Request) Bytes() []byte { return r.raw }

// Target is the path with the query.
func (r *Request) Target() []byte { return r.raw[len(method) : len(method)+r.target] }

// Body is the JSON.
func (r *Request) Body() []byte { return r.raw[r.body:] }
