package tui

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"ringback/sim/delivery"
)

// Curl is a command that sends the exact bytes of a request's body to the same
// address, with the same headers. It can be pasted into any POSIX shell; a body
// that a command line cannot hold goes through printf.
func Curl(r *delivery.Request) string {
	scheme := "http"
	if r.Endpoint.TLS {
		scheme = "https"
	}
	url := scheme + "://" + r.Endpoint.Host + string(r.Target())
	headers := " -H " + shell("Content-Type: "+contentType(r)) + " -H 'User-Agent: ringback' -H 'Accept:'"
	if body := r.Body(); utf8.Valid(body) && !bytes.ContainsRune(body, 0) && !bytes.HasPrefix(body, []byte("@")) {
		return "curl -sS -i -X POST " + shell(url) + headers + " --data-binary " + shell(string(body))
	}
	return "printf " + shell(octal(r.Body())) + " | curl -sS -i -X POST " + shell(url) + headers + " --data-binary @-"
}

// shell is a text as one word of a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// octal is bytes as printf takes them.
func octal(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		if c < ' ' || c > '~' || c == '\\' || c == '%' || c == '\'' {
			fmt.Fprintf(&s, `\%03o`, c)
		} else {
			s.WriteByte(c)
		}
	}
	return s.String()
}

// contentType is what a request says of its body.
func contentType(r *delivery.Request) string {
	head := r.Bytes()[:len(r.Bytes())-len(r.Body())]
	for _, line := range strings.Split(string(head), "\r\n") {
		if v, ok := strings.CutPrefix(line, "Content-Type: "); ok {
			return v
		}
	}
	return delivery.ContentType
}
