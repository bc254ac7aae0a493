package post

import (
	"fmt"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// failure is a delivery.Failure as an error.
type failure struct {
	kind   delivery.Failure
	detail string
}

func (f *failure) Error() string { return f.kind.String() + ": " + f.detail }

func fail(kind delivery.Failure, format string, args ...any) error {
	return &failure{kind, fmt.Sprintf(format, args...)}
}

func notHTTP(format string, args ...any) error  { return fail(delivery.NotHTTP, format, args...) }
func tooLarge(format string, args ...any) error { return fail(delivery.TooLarge, format, args...) }

// notAnAnswer returns the failure for what does not begin like an HTTP answer.
func notAnAnswer(b []byte) error {
	hint := ""
	switch {
	case len(b) >= 2 && (b[0] == 0x15 || b[0] == 0x16) && b[1] == 3:
		hint = "; it looks like TLS: is the URL https://?"
	case len(b) >= 9 && b[3] == 4 && string(b[5:9]) == "\x00\x00\x00\x00", looksLike(b, "HTTP/2"), looksLike(b, "PRI * HTTP/2"):
		hint = "; it looks like HTTP/2, and CallKit speaks HTTP/1.1"
	}
	return notHTTP("it begins with %s%s", text.Quote(b, maxQuoted), hint)
}

func looksLike(b []byte, begin string) bool {
	return len(b) >= len(begin) && string(b[:len(begin)]) == begin
}

// maxQuoted is the maximum number of bytes that an error quotes.
const maxQuoted = 40
