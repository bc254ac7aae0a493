package recording

import (
	"bytes"
	"iter"
	"strconv"
	"strings"
)

// RequestLine is the first line of the request: method, target as it stands there, and
// protocol. Parts that are missing are empty.
func (e *Exchange) RequestLine() (method, target, protocol string) {
	first, _, _ := bytes.Cut(e.Head, []byte("\n"))
	parts := strings.SplitN(strings.TrimRight(string(first), "\r"), " ", 3)
	parts = append(parts, "", "", "")
	return parts[0], parts[1], parts[2]
}

// Query is the query of the request's target, as it stands there; nil without one.
func (e *Exchange) Query() []byte {
	first, _, _ := bytes.Cut(e.Head, []byte("\n"))
	_, rest, _ := bytes.Cut(first, []byte(" "))
	target, _, _ := bytes.Cut(rest, []byte(" "))
	_, query, _ := bytes.Cut(target, []byte("?"))
	return bytes.TrimRight(query, "\r")
}

// Status is the answer's, or 0 without one.
func (a *Answer) Status() int {
	first, _, _ := bytes.Cut(a.Head, []byte("\n"))
	_, rest, _ := bytes.Cut(first, []byte(" "))
	code, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	n, err := strconv.Atoi(string(code))
	if err != nil || n < 100 || n > 999 {
		return 0
	}
	return n
}

// SplitInterim splits the heads of informational answers from that of the answer.
func SplitInterim(heads []byte) (interim, head []byte) {
	rest := heads
	for {
		a := Answer{Head: rest}
		end := HeadEnd(rest)
		if status := a.Status(); end < 0 || status < 100 || status > 199 || status == 101 {
			break
		}
		rest = rest[end:]
	}
	at := len(heads) - len(rest)
	return heads[:at:at], rest
}

// HeadEnd is where a head ends, behind its empty line, or -1 if it does not.
func HeadEnd(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
		switch rest := b[at:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return at + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return at + 2
		}
	}
}

// Fields are the header fields of a head, in order and as they are spelled, their values
// without blanks around them.
func Fields(head []byte) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		_, rest, _ := bytes.Cut(head, []byte("\n"))
		for line := range bytes.Lines(rest) {
			name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
			if ok && !yield(string(name), string(bytes.Trim(value, " \t"))) {
				return
			}
		}
	}
}

// Field is the first header field of a name, in any case; empty if there is none.
func Field(head []byte, name string) string {
	for n, v := range Fields(head) {
		if strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

// Unchunk is the content of a body in chunks, as far as it goes. Whole reports whether
// its last chunk is there.
func Unchunk(coded []byte) (content []byte, whole bool) {
	content = []byte{}
	for {
		line, rest, ok := bytes.Cut(coded, []byte("\n"))
		if !ok {
			return content, false
		}
		digits, _, _ := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(";"))
		size, err := strconv.ParseUint(string(bytes.Trim(digits, " \t")), 16, 62)
		switch {
		case err != nil:
			return content, false
		case size == 0:
			return content, true
		case size > uint64(len(rest)):
			return append(content, rest...), false
		}
		content = append(content, rest[:size]...)
		coded = bytes.TrimPrefix(bytes.TrimPrefix(rest[size:], []byte("\r")), []byte("\n"))
	}
}
