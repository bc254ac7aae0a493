package draw

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Hash mixes a seed, a text and a number. It works in the space behind b, so that
// nothing is allocated where there is some.
func Hash(b []byte, seed uint64, text string, n uint64) [sha256.Size]byte {
	in := binary.BigEndian.AppendUint64(b, seed)
	in = binary.BigEndian.AppendUint64(in, n)
	return sha256.Sum256(append(in, text...)[len(b):])
}

// AppendUUID appends a UUID of the form of version 4, whose bits are not random but a
// [Hash]. In 122 of them a billion UUIDs of all runs ever have a pair that is alike
// with a probability of 1e-19.
func AppendUUID(b []byte, seed uint64, text string, n uint64) []byte {
	u := Hash(b, seed, text, n)
	u[6] = u[6]&0x0f | 0x40 // the version
	u[8] = u[8]&0x3f | 0x80 // the variant
	b = append(hex.AppendEncode(b, u[:4]), '-')
	b = append(hex.AppendEncode(b, u[4:6]), '-')
	b = append(hex.AppendEncode(b, u[6:8]), '-')
	b = append(hex.AppendEncode(b, u[8:10]), '-')
	return hex.AppendEncode(b, u[10:16])
}
