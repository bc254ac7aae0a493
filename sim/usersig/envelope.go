package usersig

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/adler32"
	"io"
	"strings"

	"ringback/sim/text"
)

const (
	maxInflated = 8 << 10  // bytes of JSON; a usual one has 200
	maxText     = 16 << 10 // characters of a UserSig
)

// alphabet is that of base64 with other characters for the three that have a meaning in
// a query: * for +, - for /, and _ for the padding =. It is not RFC 4648's base64url.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-"

const padding = '_'

var encoding = base64.NewEncoding(alphabet).WithPadding(padding).Strict()

// seal returns the UserSig of its JSON. The zlib stream is one stored block, as in the
// vendor's Go library. A compressor needs a megabyte of memory, and its output differs
// between versions of Go.
func seal(doc []byte) string {
	const (
		deflate = "\x78\x01" // zlib's header
		last    = 1          // one block, stored as it is
	)
	b := append(make([]byte, 0, len(doc)+11), deflate...)
	b = append(b, last)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(doc)))
	b = binary.LittleEndian.AppendUint16(b, ^uint16(len(doc)))
	b = append(b, doc...)
	return encoding.EncodeToString(binary.BigEndian.AppendUint32(b, adler32.Checksum(doc)))
}

// open returns the JSON in a UserSig.
func open(sig string) ([]byte, error) {
	if err := checkText(sig); err != nil {
		return nil, err
	}
	packed, err := encoding.DecodeString(sig)
	if err != nil {
		return nil, malformed("its base64 is damaged (%v)", err)
	}
	return inflate(packed)
}

// checkText finds what a decoder could only call illegal: UserSigs go through
// queries, files and libraries that mean another base64.
func checkText(sig string) error {
	switch {
	case sig == "":
		return malformed("it is empty")
	case len(sig) > maxText:
		return malformed("it has %d characters, want up to %d", len(sig), maxText)
	}
	if i := foreign(sig); i >= 0 {
		return malformed("byte %d is %s: %s", i+1, text.Quote(sig[i:i+1], maxShown), whence(sig[i]))
	}
	body := strings.TrimRight(sig, string(padding))
	switch {
	case strings.ContainsRune(body, padding):
		return malformed("it has _ before its end, as in the base64url of RFC 4648: %s", signs)
	case len(sig)%4 != 0 || len(sig)-len(body) > 2:
		return malformed("it has %d characters, %d of them _ at the end: cut short, or without its padding", len(sig), len(sig)-len(body))
	}
	return nil
}

// foreign is where a byte stands that no UserSig has, or -1. A space comes
// first: it was a +, so it tells most about what happened.
func foreign(sig string) int {
	if i := strings.IndexByte(sig, ' '); i >= 0 {
		return i
	}
	return strings.IndexFunc(sig, func(r rune) bool { return r != padding && !strings.ContainsRune(alphabet, r) })
}

const signs = "a UserSig has * for +, - for / and _ for ="

// whence guesses how a byte came into a UserSig.
func whence(b byte) string {
	switch b {
	case ' ':
		return "a + that a query turned into a space? " + signs
	case '+', '/', '=':
		return "this is another base64; " + signs
	case '%':
		return "it is still escaped for a URL, decode it once more"
	case '\r', '\n', '\t':
		return "white space from a file or a terminal?"
	case '&', '?':
		return "more than the UserSig was copied from a URL?"
	}
	return "want letters, digits, *, - and _ only"
}

func inflate(packed []byte) ([]byte, error) {
	rest := bytes.NewReader(packed) // an io.ByteReader, of which zlib takes no byte too many
	z, err := zlib.NewReader(rest)
	if err != nil {
		return nil, damaged(err)
	}
	doc, err := io.ReadAll(io.LimitReader(z, maxInflated+1))
	switch {
	case len(doc) > maxInflated:
		return nil, malformed("it inflates to more than %d bytes", maxInflated)
	case err != nil:
		return nil, damaged(err)
	case rest.Len() > 0:
		return nil, malformed("it goes on for %d bytes after its zlib stream", rest.Len())
	}
	return doc, nil
}

func damaged(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("its zlib stream ends early: cut short?")
	case errors.Is(err, zlib.ErrHeader):
		return malformed("what is inside its base64 is no zlib stream")
	case errors.Is(err, zlib.ErrChecksum):
		return malformed("its zlib checksum is wrong, a character was changed on the way")
	}
	return malformed("its zlib stream is damaged (%v)", err)
}
