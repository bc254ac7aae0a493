package tui

import (
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// maxWord bounds the bytes of a body in a command line: Linux takes words of 128 KiB.
const maxWord = 64 << 10

// shellBody returns how a command line has a body: as a word and, if it is too long for a
// command line, not printable, or begins with a sign that has a meaning, as a command
// that pipes it.
func shellBody(r *delivery.Request) (word, pipe string) {
	body := string(r.Body())
	word = text.Shell(body)
	if len(body) > maxWord || word[0] == '"' || body[:min(1, len(body))] == "@" {
		return "", "printf '" + text.Octal(body) + "' | "
	}
	return word, ""
}

// addressOf is the full URL of a request.
func addressOf(r *delivery.Request) string {
	scheme := "http"
	if r.Endpoint.TLS {
		scheme = "https"
	}
	return scheme + "://" + r.Endpoint.Host + string(r.Target())
}

// Curl is a command that sends the same request, byte for byte but for the order of its
// headers. It is one line and can be pasted into any POSIX shell; a body that is too long
// for a command line, or not printable, is piped from printf.
func Curl(r *delivery.Request) string {
	data, send := shellBody(r)
	if send != "" {
		data = "@-"
	}
	return send + "curl -sS -i -X POST " + text.Shell(addressOf(r)) +
		" --globoff --path-as-is --http1.1 --noproxy '*' -H " + text.Shell("Host: "+r.Endpoint.Host) + " -H " + text.Shell("Content-Type: "+r.ContentType()) +
		" -H 'User-Agent: ringback' -H 'Accept:' -H 'Expect:' --data-binary " + data
}

// HTTPie is a command of HTTPie, from version 3 on, that sends the same target, body and
// content type. It is one line, as of [Curl].
func HTTPie(r *delivery.Request) string {
	data, send := shellBody(r)
	end := ""
	if send == "" {
		send, end = "", " --ignore-stdin --raw "+data
	}
	return send + "http --path-as-is -v POST " + text.Shell(addressOf(r)) + " " + text.Shell("Content-Type:"+r.ContentType()) + " User-Agent:ringback Accept: Accept-Encoding:" + end
}

// HTTPFile is a request as HTTP clients of editors read it: the line with the full URL,
// the headers that they do not set themselves, and the body.
func HTTPFile(r *delivery.Request) string {
	head := string(r.Bytes()[:len(r.Bytes())-len(r.Body())])
	var b strings.Builder
	b.WriteString("POST " + addressOf(r) + "\n")
	for _, l := range strings.Split(strings.TrimSpace(head), "\r\n")[1:] {
		if !strings.HasPrefix(l, "Content-Length:") && !strings.HasPrefix(l, "Host:") {
			b.WriteString(l + "\n")
		}
	}
	b.WriteString("\n" + string(r.Body()) + "\n")
	return b.String()
}
