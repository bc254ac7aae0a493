package tui

import (
	"ringback/sim/delivery"
	"ringback/sim/text"
)

// maxWord is how long a body may be to be a word of a command line: Linux takes
// 128 KiB.
const maxWord = 64 << 10

// Curl is a command that sends the same request, byte for byte but for the order
// of its headers. It is one line and can be pasted into any POSIX shell; a body
// that no command line holds, or that can't be seen, goes through printf.
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
