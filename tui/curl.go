package tui

import (
	"ringback/sim/delivery"
	"ringback/sim/text"
)

// maxWord bounds the bytes of a body in a command line: Linux takes words of 128 KiB.
const maxWord = 64 << 10

// Curl is a command that sends the same request, byte for byte but for the order of its
// headers. It is one line and can be pasted into any POSIX shell; a body that is too long
// for a command line, or not printable, is piped from printf.
func Curl(r *delivery.Request) string {
	scheme := "http"
	if r.Endpoint.TLS {
		scheme = "https"
	}
	body := string(r.Body())
	send, data := "", text.Shell(body)
	if len(body) > maxWord || data[0] == '"' || body[:min(1, len(body))] == "@" {
		send, data = "printf '"+text.Octal(body)+"' | ", "@-"
	}
	return send + "curl -sS -i -X POST " + text.Shell(scheme+"://"+r.Endpoint.Host+string(r.Target())) +
		" --globoff --path-as-is --http1.1 --noproxy '*' -H " + text.Shell("Host: "+r.Endpoint.Host) + " -H " + text.Shell("Content-Type: "+r.ContentType()) +
		" -H 'User-Agent: ringback' -H 'Accept:' -H 'Expect:' --data-binary " + data
}
