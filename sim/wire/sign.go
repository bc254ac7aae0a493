package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// The parameters of request authentication. The CallKit pages have none: these are
// those of the sister products Chat (34354) and Live (64412), which name the two
// alike.
const (
	signKey = "Sign"
	timeKey = "RequestTime"
)

// SignKeys are the names of the parameters that sign a request.
func SignKeys() []string { return []string{signKey, timeKey} }

// AppendSignature appends the two parameters that sign a request at a time, in
// seconds since 1970: Sign is the SHA-256 of the token with the time behind it, in
// lower-case hex. There is no "&" in front.
func AppendSignature(b []byte, token string, at int64) []byte {
	var room [128]byte
	time := strconv.AppendInt(room[:0], at, 10)
	sum := sha256.Sum256(append(append(make([]byte, 0, 128), token...), time...))
	b = hex.AppendEncode(append(b, signKey+"="...), sum[:])
	return append(append(b, "&"+timeKey+"="...), time...)
}

// SignedAt is when the request of a query was signed, in seconds since 1970. ok is
// false if it is not signed.
func SignedAt(query []byte) (at int64, ok bool) {
	from, to, ok := Parameter(query, timeKey)
	if !ok {
		return 0, false
	}
	at, err := strconv.ParseInt(string(query[from:to]), 10, 64)
	return at, err == nil
}

// SetSignedAt replaces the time of a signed query and leaves its signature as it is.
func SetSignedAt(query []byte, at int64) []byte {
	from, to, ok := Parameter(query, timeKey)
	if !ok {
		return query
	}
	return slices.Replace(query, from, to, strconv.AppendInt(nil, at, 10)...)
}

// Unsigned is a query without the parameters that sign its request.
func Unsigned(query []byte) []byte { return Without(query, SignKeys()...) }

// Without is a query without the parameters of some names.
func Without(query []byte, names ...string) []byte {
	pairs := slices.DeleteFunc(bytes.Split(query, []byte("&")), func(pair []byte) bool {
		name, _, _ := bytes.Cut(pair, []byte("="))
		return slices.Contains(names, string(name))
	})
	return bytes.Join(pairs, []byte("&"))
}
