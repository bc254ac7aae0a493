package record_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/record"
)

// FuzzFramer: what a byte belongs to does not depend on how the bytes came. What is no
// HTTP is known as that from the first byte that shows it, or from the first byte of the
// piece that it came in.
func FuzzFramer(f *testing.F) {
	for _, text := range []string{
		ask, good, ask + ask + "\r\n" + ask, good + good, head + "\r\n\r\nall", "SSH-2.0\r\n", "HTTP/1.1 100 C\r\n\r\n" + good,
		"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\nT: 1\n\n" + ask, "HTTP/1.1 101 x\r\n\r\nabc", head + "\r\nTransfer-Encoding: x, chunked\r\n\r\nzz\r\n",
	} {
		f.Add(true, []byte(text), uint8(1))
		f.Add(false, []byte(text), uint8(7))
	}
	f.Fuzz(func(t *testing.T, answers bool, b []byte, size uint8) {
		if len(b) > 1<<12 {
			return
		}
		whole, ends, why := record.Follow(answers, b, len(b)+1)
		pieces, endsToo, whyToo := record.Follow(answers, b, int(size)+1)
		if len(whole) != len(b) || len(pieces) != len(b) {
			t.Fatalf("%d and %d of %d bytes", len(whole), len(pieces), len(b))
		}
		const unknown = 3
		if i := strings.IndexByte(string(whole), unknown); i >= 0 { // from there on it may be known later
			whole, pieces = whole[:i], pieces[:i]
		} else if diff := cmp.Diff(ends, endsToo); diff != "" || why != whyToo {
			t.Errorf("ends: %s; %q, %q", diff, why, whyToo)
		}
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Errorf("at once, and in pieces of %d:\n%s", int(size)+1, diff)
		}
	})
}
