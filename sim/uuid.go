package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// appendUUID appends a UUID of the form of version 4, whose bits are not random
// but a hash.
func appendUUID(b []byte, seed uint64, token string, n uint64) []byte {
	in := binary.BigEndian.AppendUint64(nil, seed)
	in = binary.BigEndian.AppendUint64(in, n)
	u := sha256.Sum256(append(in, token...))
	u[6] = u[6]&0x0f | 0x40 // the version
	u[8] = u[8]&0x3f | 0x80 // the variant
	b = append(hex.AppendEncode(b, u[:4]), '-')
	b = append(hex.AppendEncode(b, u[4:6]), '-')
	b = append(hex.AppendEncode(b, u[6:8]), '-')
	b = append(hex.AppendEncode(b, u[8:10]), '-')
	return hex.AppendEncode(b, u[10:16])
}
