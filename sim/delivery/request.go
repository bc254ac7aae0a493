package delivery

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"ringback/sim/secret"
)

// Endpoint is a receiver's configured URL, parsed for sending.
type Endpoint struct {
	URL  string // as configured
	TLS  bool
	Host string // the Host header, as in the URL
	Name string // the host without port and brackets, for DNS and TLS
	Port string
	// Learned means that the address came over the network, not from the operator, so
	// that the dial guard is strict.
	Learned bool

	prefix    string // path and query, up to where parameters are appended
	separator string // that join appended to the prefix: ?, & or ""
	secrets   *secret.Set
}

// Addr returns the host and port to dial.
func (e *Endpoint) Addr() string {
	if strings.Contains(e.Name, ":") { // IPv6
		return "[" + e.Name + "]:" + e.Port
	}
	return e.Name + ":" + e.Port
}

// ParseEndpoint parses a configured URL. Callback parameters are appended to it
// (34354), after its own query if it has one. An empty path becomes "/", and a fragment
// is dropped, as every HTTP client does. Errors do not contain the URL's secrets.
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
	case err != nil && strings.Contains(raw, "@"): // the error may quote a part of a password
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
	e.prefix, e.separator = join(u)
	e.secrets = &secrets
	return e, nil
}

// notInHost reports whether no host name or address contains the character.
func notInHost(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._:[]", r))
}

// join returns the path and query of a configured URL, up to where parameters are
// appended, and the separator at its end that is not part of the URL.
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

// clean escapes characters that a request line must not contain.
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

// Relative returns the path and query of the configured URL, without the host. Journals
// contain no more of a target that the operator typed.
func (e *Endpoint) Relative() string {
	return strings.TrimSuffix(e.prefix, e.separator)
}

// Request is a complete HTTP/1.1 request with a callback, so that a sender writes it at
// once and all attempts send the same bytes.
type Request struct {
	Endpoint *Endpoint
	raw      []byte
	target   int // length of path and query
	body     int // offset of the body

	block    *block // of an [Archive] that has the bytes; nil: raw has them
	at, size int32  // where they are in it
}

// block is the bytes of some requests one behind the other, which an [Archive] has.
type block struct {
	raw    []byte // nil once it is packed
	packed []byte
	unpack func(*block) []byte
}

// read returns the bytes of all requests of the block.
func (b *block) read() []byte {
	if b.raw != nil {
		return b.raw
	}
	return b.unpack(b)
}

const method = "POST "

// headSize is the size of the constant parts of a head, with room for the
// Content-Length.
const headSize = 88

// ContentType is the Content-Type of callbacks, unless a fault changes it.
const ContentType = "application/json"

// Freeze returns the request of a callback: the endpoint's URL with query appended, and
// a body.
func Freeze(e *Endpoint, query, body []byte) *Request {
	return new(Request).Freeze(e, query, body)
}

// Freeze is the function [Freeze] with the memory of r, which must be new or reset. It
// returns r.
func (r *Request) Freeze(e *Endpoint, query, body []byte) *Request {
	return r.freeze(e, e.prefix, ContentType, query, body)
}

// FreezeAs is [Freeze] with another content type. Without a query the URL is the
// configured one, with no separator.
func FreezeAs(e *Endpoint, contentType string, query, body []byte) *Request {
	return new(Request).FreezeAs(e, contentType, query, body)
}

// FreezeAs is the function [FreezeAs] with the memory of r; see [Request.Freeze].
func (r *Request) FreezeAs(e *Endpoint, contentType string, query, body []byte) *Request {
	if len(query) == 0 {
		return r.freeze(e, "", contentType, []byte(e.Relative()), body)
	}
	return r.freeze(e, e.prefix, contentType, query, body)
}

// Restore returns a request as it was, from the path with query and the body that a
// journal has.
func Restore(e *Endpoint, target, body []byte) *Request {
	return new(Request).freeze(e, "", ContentType, target, body)
}

// RestoreAs is [Restore] with another content type.
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

// Reset empties the request, so that its memory can be reused. Slices that it returned
// become invalid.
func (r *Request) Reset() { *r = Request{raw: r.raw[:0]} }

// Size returns the memory of the bytes.
func (r *Request) Size() int { return cap(r.raw) }

// Bytes returns the complete request. It must not be changed.
func (r *Request) Bytes() []byte {
	if r.block != nil {
		return r.block.read()[r.at : r.at+r.size : r.at+r.size]
	}
	return r.raw
}

// Target returns the path with the query.
func (r *Request) Target() []byte { return r.Bytes()[len(method) : len(method)+r.target] }

// Body returns the JSON body.
func (r *Request) Body() []byte { return r.Bytes()[r.body:] }

// ContentType is what the request says of its body.
func (r *Request) ContentType() string {
	head := r.Bytes()[:len(r.Bytes())-len(r.Body())]
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if v, ok := strings.CutPrefix(line, "Content-Type: "); ok {
			return v
		}
	}
	return ContentType
}
