package delivery

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Endpoint is a receiver's configured URL, taken apart for sending.
type Endpoint struct {
	URL    string // as configured
	TLS    bool
	Host   string // the Host header: as in the URL
	Name   string // the host without port and brackets, for DNS and TLS
	Port   string
	prefix string // path and query so far, ready for more parameters
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
	if err != nil {
		return nil, fmt.Errorf("URL %q: %w", raw, err.(*url.Error).Err)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("URL %q: want it to start with http:// or https://, like http://127.0.0.1:3000/callback", raw)
	case u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("URL %q: has no host, want something like http://127.0.0.1:3000/callback", raw)
	case u.User != nil:
		return nil, fmt.Errorf("URL %q: CallKit sends no user and password; put a secret like token=1234 into the query", raw)
	}
	e := &Endpoint{URL: raw, TLS: u.Scheme == "https", Host: u.Host, Name: u.Hostname(), Port: u.Port()}
	for _, c := range e.Host {
		if c <= ' ' || c >= 0x7f {
			return nil, fmt.Errorf("URL %q: write the host name in ASCII (punycode)", raw)
		}
	}
	if e.Port == "" {
		e.Port = map[bool]string{false: "80", true: "443"}[e.TLS]
	}
	if n, err := strconv.ParseUint(e.Port, 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("URL %q: port %s: want 1 to 65535", raw, e.Port)
	}
	e.prefix = join(u)
	return e, nil
}

// join is the path and the query of a configured URL, up to where the
// callback's own parameters begin.
func join(u *url.URL) string {
	path := clean(u.EscapedPath())
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	query := clean(u.RawQuery)
	if query != "" && !strings.HasSuffix(query, "&") {
		query += "&"
	}
	return path + "?" + query
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
	return strings.TrimRight(strings.TrimSuffix(e.prefix, "?"), "&")
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

// Freeze writes the request of a callback: the endpoint's URL with query
// behind it, and a body.
func Freeze(e *Endpoint, query, body []byte) *Request {
	return freeze(e, e.prefix, query, body)
}

// Restore writes a request again from what a journal says of it: path with
// query, and body. Endpoint gives the host.
func Restore(e *Endpoint, target, body []byte) *Request {
	return freeze(e, "", target, body)
}

func freeze(e *Endpoint, prefix string, query, body []byte) *Request {
	r := &Request{Endpoint: e}
	b := make([]byte, 0, 160+len(prefix)+len(query)+len(e.Host)+len(body))
	b = append(append(append(b, method...), prefix...), query...)
	r.target = len(b) - len(method)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), e.Host...)
	b = append(b, "\r\nUser-Agent: ringback\r\nContent-Type: application/json\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	r.body = len(b)
	r.raw = append(b, body...)
	return r
}

// Bytes is the whole request. It must not be changed.
func (r *Request) Bytes() []byte { return r.raw }

// Target is the path with the query.
func (r *Request) Target() []byte { return r.raw[len(method) : len(method)+r.target] }

// Body is the JSON.
func (r *Request) Body() []byte { return r.raw[r.body:] }
