package calibrate

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/recording"
	"ringback/sim/wire"
)

var (
	methods      = []string{"POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}
	protocolForm = regexp.MustCompile(`^(?i:HTTP/[0-9](\.[0-9])?|h2|h3)$`)
	reasons      = map[int]string{
		100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
		303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
		404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 411: "Length Required", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
		429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
	}
)

func (a *replacer) requestLine(e *recording.Exchange) string {
	method, target, protocol := e.RequestLine()
	if !slices.Contains(methods, method) {
		method = a.text(method)
	}
	line := method
	if target != "" || protocol != "" {
		line += " " + a.target(e.Generation, target)
	}
	if protocol != "" {
		line += " " + a.protocol(protocol)
	}
	return line
}

func (a *replacer) protocol(s string) string {
	if protocolForm.MatchString(s) {
		return s
	}
	return a.text(s)
}

func (a *replacer) statusLine(head []byte) string {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	parts := strings.SplitN(strings.TrimRight(string(first), "\r"), " ", 3)
	parts[0] = a.protocol(parts[0])
	if len(parts) > 1 {
		status := (&recording.Answer{Head: head}).Status()
		if strconv.Itoa(status) != parts[1] {
			parts[1] = a.text(parts[1])
		}
		if len(parts) > 2 && reasons[status] != parts[2] {
			parts[2] = ""
		}
	}
	return strings.Join(parts, " ")
}

// url replaces what is in an address.
func (a *replacer) url(s string) string {
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		host, target := rest, ""
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			host, target = rest[:i], rest[i:]
		}
		if scheme != "http" && scheme != "https" {
			scheme = a.text(scheme)
		}
		return scheme + "://" + a.textOrAddress(host) + a.target(0, target)
	}
	return a.target(0, s)
}

// target replaces what is in a request's target. The order of its parameters stays, also
// in the sense that it is one by their names, or none.
func (a *replacer) target(g wire.Generation, target string) string {
	if i := strings.Index(target, "://"); i >= 0 && !strings.ContainsAny(target[:i], "/?") {
		return a.url(target)
	}
	path, query, has := strings.Cut(target, "?")
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = a.escaped(parts[i], url.PathUnescape, url.PathEscape, a.text)
	}
	path = strings.Join(parts, "/")
	if !has {
		return path
	}
	pairs := strings.Split(query, "&")
	sorted := slices.IsSortedFunc(pairs, byName)
	for try := range 100 {
		renamed := make([]string, len(pairs))
		for i, p := range pairs {
			renamed[i] = a.pair(g, p, try)
		}
		if sorted {
			slices.SortStableFunc(renamed, byName)
		}
		if pairs = renamed; sorted || !slices.IsSortedFunc(renamed, byName) {
			break
		}
		pairs = strings.Split(query, "&") // names that put it into an order by chance
	}
	return path + "?" + strings.Join(pairs, "&")
}

func byName(a, b string) int {
	a, _, _ = strings.Cut(a, "=")
	b, _, _ = strings.Cut(b, "=")
	return strings.Compare(a, b)
}

// pair replaces what is in a parameter. A name that is not known is replaced by another
// one on each try.
func (a *replacer) pair(g wire.Generation, pair string, try int) string {
	name, value, has := strings.Cut(pair, "=")
	known, safe := parameterOf(g, name)
	newName := name
	if !safe {
		newName = a.escaped(name, url.QueryUnescape, url.QueryEscape, a.text)
		for range try {
			newName = a.text(newName)
		}
	}
	if !has {
		return newName
	}
	return newName + "=" + a.escaped(value, url.QueryUnescape, escapeValue, func(s string) string { return a.word(known, s) })
}

var requestTime = &node{types: aString, unit: 1000}

// parameterOf is what is known of a parameter, in any spelling of either generation.
func parameterOf(g wire.Generation, name string) (known *node, safe bool) {
	if known = queryValues[g][name]; known != nil {
		return known, true
	}
	switch {
	case name == wire.SignKeys()[1]:
		return requestTime, true
	case name == wire.SignKeys()[0]:
		return freeText, true
	}
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		for n, k := range queryValues[g] {
			if strings.EqualFold(n, name) {
				return k, true
			}
		}
	}
	return freeText, false
}

// escapeValue escapes as the service does: a space as %20.
func escapeValue(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// escaped replaces a text that is escaped in an address. One that needs no escapes has
// none.
func (a *replacer) escaped(s string, unescape func(string) (string, error), escape, replace func(string) string) string {
	plain, err := unescape(s)
	if err != nil {
		plain = s
	}
	if to := replace(plain); to != plain {
		return escape(to)
	}
	return s
}

// knownFields are names of header fields that say nothing of anyone, in lower case, with
// the values that do not either. The values of a field that is null are replaced.
var knownFields = map[string][]string{
	"content-type":      {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8", "text/plain", "text/plain; charset=utf-8", "text/html", "text/html; charset=utf-8"},
	"transfer-encoding": {"chunked", "identity"},
	"connection":        {"keep-alive", "close", "upgrade"},
	"proxy-connection":  {"keep-alive", "close"},
	"keep-alive":        nil,
	"accept":            {"*/*", "application/json", "application/json, */*", "application/json, text/plain, */*"},
	"accept-encoding":   {"gzip", "deflate", "gzip, deflate", "gzip,deflate", "gzip, deflate, br", "identity", "br"},
	"accept-language":   nil, "accept-charset": {"utf-8"},
	"cache-control": {"no-cache", "no-store", "max-age=0", "no-cache, no-store"}, "pragma": {"no-cache"},
	"content-encoding": {"gzip", "deflate", "br", "identity"},
	"expect":           {"100-continue"}, "te": {"trailers"}, "trailer": nil, "upgrade": nil,
	"host": nil, "user-agent": nil, "server": nil, "authorization": nil, "cookie": nil, "set-cookie": nil, "referer": nil, "origin": nil, "location": nil, "etag": nil,
	"vary": nil, "via": nil, "x-powered-by": nil, "x-request-id": nil, "x-forwarded-for": nil, "x-forwarded-host": nil, "x-forwarded-port": {"80", "443"},
	"x-forwarded-proto": {"http", "https"}, "x-real-ip": nil, "forwarded": nil, "content-length": nil, "date": nil, "last-modified": nil, "expires": nil, "age": nil,
	"strict-transport-security": nil, "x-content-type-options": {"nosniff"}, "alt-svc": nil, "traceparent": nil, "x-amzn-trace-id": nil, "cf-ray": nil, "cf-connecting-ip": nil,
}

// head replaces what is in a head, whose first line was replaced. Its body was so long
// and has grown by so much.
func (a *replacer) head(head []byte, first string, length, grown int) []byte {
	if len(head) == 0 {
		return nil
	}
	_, rest, more := bytes.Cut(head, []byte("\n"))
	b := []byte(first)
	if !more {
		return b
	}
	b = append(b, "\r\n"...)
	for line := range bytes.Lines(rest) {
		text := bytes.TrimRight(line, "\r\n")
		end := line[len(text):]
		name, value, ok := bytes.Cut(text, []byte(":"))
		if !ok {
			b = append(append(b, a.text(string(text))...), end...)
			continue
		}
		plain := string(bytes.TrimSpace(value))
		b = append(b, a.fieldName(string(name))...)
		b = append(b, ':')
		b = append(b, value[:len(value)-len(bytes.TrimLeft(value, " \t"))]...)
		b = append(b, a.fieldValue(strings.ToLower(string(name)), plain, length, grown)...)
		b = append(b, end...)
	}
	return b
}

func (a *replacer) fieldName(name string) string {
	if _, ok := knownFields[strings.ToLower(name)]; ok {
		return name
	}
	return a.text(name)
}

// maxWrong is by how much a Content-Length may be wrong.
const maxWrong = 10_000

func (a *replacer) fieldValue(name, value string, length, grown int) string {
	for _, known := range knownFields[name] {
		if strings.EqualFold(known, value) {
			return value
		}
	}
	switch name {
	case "content-length":
		// A length that is wrong stays so, unless it may be something else.
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && (n-length <= maxWrong && length-n <= maxWrong) {
			return strconv.Itoa(max(n+grown, 0))
		}
	case "date", "last-modified", "expires":
		const layout = "Mon, 02 Jan 2006 15:04:05 GMT"
		if at, err := time.Parse(layout, value); err == nil && a.plausible(at) {
			return a.at(at).Format(layout)
		}
	}
	parts := strings.Split(value, ", ")
	for i := range parts {
		parts[i] = a.textOrAddress(parts[i])
	}
	return strings.Join(parts, ", ")
}
