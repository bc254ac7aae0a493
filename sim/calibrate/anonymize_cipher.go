package calibrate

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// cipher replaces texts by others of the same form: a digit by a digit, a letter by a
// letter of the same case, a UUID by a UUID; other ASCII characters stay where they are.
// Equal texts have equal replacements, and different ones of ASCII have different ones,
// without any memory of them. Without the key nothing leads back.
type cipher struct {
	key   [32]byte
	cache map[string]string // the latest, since ids come again and again
}

// maxCached is how many replacements are cached.
const maxCached = 10_000

func (c *cipher) text(s string) string {
	if to, ok := c.cache[s]; ok {
		return to
	}
	to := c.replace(s)
	if len(s) <= 200 {
		if len(c.cache) >= maxCached || c.cache == nil {
			c.cache = map[string]string{}
		}
		c.cache[strings.Clone(s)] = to
	}
	return to
}

// symbol is a character that is replaced by another one of its alphabet.
type symbol struct {
	at, value int
	alphabet  string
}

const (
	digits  = "0123456789"
	nonzero = "123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hexes   = "0123456789abcdef"
	hexesUp = "0123456789ABCDEF"
)

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	hexForm   = regexp.MustCompile(`^([0-9a-f]{32,}|[0-9A-F]{32,})$`)
	digitForm = regexp.MustCompile(`^[0-9]+$`)
	ourForm   = regexp.MustCompile(`^rb-.+-[0-9]{4,}$`) // of a run of Ringback: dialect call_id=readable
)

func (c *cipher) replace(s string) string {
	b := []byte(s)
	var halves [2][]symbol
	kind := formOf(s)
	form := sha256.New()
	n := 0
	for i := 0; i < len(b); {
		ch := b[i]
		if ch >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(b[i:])
			c.foreign(b[i:i+size], r, s, i)
			i += size
			continue
		}
		if alphabet := kind.alphabet(ch, i); alphabet != "" {
			value := max(strings.IndexByte(alphabet, ch), strings.IndexByte(alphabet, ch|0x20), strings.IndexByte(alphabet, ch&^0x20))
			halves[n%2] = append(halves[n%2], symbol{i, value, alphabet})
			n++
			form.Write([]byte{alphabet[0], alphabet[len(alphabet)-1]})
		} else if ch < ' ' && ch != '\t' && ch != '\n' && ch != '\r' {
			b[i] = '?'
		}
		i++
	}
	// A Feistel network: each half is moved by a function of the other one, so that it
	// could be moved back.
	shape := form.Sum(nil)
	for round := range byte(6) {
		moved, by := halves[round%2], halves[1-round%2]
		var stream stream
		stream.begin(c.key[:], shape, []byte{round}, valuesOf(by))
		for i := range moved {
			m := &moved[i]
			shift := stream.next() % len(m.alphabet)
			if len(by) == 0 { // or it might stay as it is
				shift = 1 + stream.next()%(len(m.alphabet)-1)
				if round > 1 {
					shift = 0
				}
			}
			m.value = (m.value + shift) % len(m.alphabet)
		}
	}
	for _, half := range halves {
		for _, m := range half {
			b[m.at] = m.alphabet[m.value]
		}
	}
	return string(b)
}

// form is what kind of id a text is.
type form uint8

const (
	plainText form = iota
	uuidText       // its version and its variant stay
	uuidUpper
	hexText // a hash, say
	hexUpper
	digitText // a number without zeros in front stays one
	ourText   // a CallId under call_id=readable, whose beginning stays
)

func formOf(s string) form {
	upper := strings.ContainsAny(s, "ABCDEF")
	switch {
	case digitForm.MatchString(s):
		return digitText
	case uuidForm.MatchString(s) && upper:
		return uuidUpper
	case uuidForm.MatchString(s):
		return uuidText
	case hexForm.MatchString(s) && upper:
		return hexUpper
	case hexForm.MatchString(s):
		return hexText
	case ourForm.MatchString(s):
		return ourText
	}
	return plainText
}

// alphabet is what a character may become; "" if it stays.
func (f form) alphabet(ch byte, i int) string {
	hex := '0' <= ch && ch <= '9' || 'a' <= ch && ch <= 'f' || 'A' <= ch && ch <= 'F'
	switch {
	case (f == uuidText || f == uuidUpper) && (i == 14 || i == 19), f == ourText && i < 3, f == digitText && i == 0 && ch == '0':
		return ""
	case hex && (f == uuidText || f == hexText):
		return hexes
	case hex && (f == uuidUpper || f == hexUpper):
		return hexesUp
	case f == digitText && i == 0:
		return nonzero
	case '0' <= ch && ch <= '9':
		return digits
	case 'a' <= ch && ch <= 'z':
		return lower
	case 'A' <= ch && ch <= 'Z':
		return upper
	}
	return ""
}

// foreign replaces a character that is not ASCII by a letter that takes as many bytes.
// Two texts may become the same one, if they differ in few such characters.
func (c *cipher) foreign(b []byte, r rune, s string, at int) {
	var stream stream
	stream.begin(c.key[:], []byte(s), binary.AppendUvarint(nil, uint64(at)))
	n := rune(stream.next())
	switch {
	case r == utf8.RuneError && len(b) == 1:
		b[0] = '?'
	case len(b) == 2:
		utf8.EncodeRune(b, 0x430+n%32) // Cyrillic
	case len(b) == 3:
		utf8.EncodeRune(b, 0x4e00+n%0x5000) // Han
	default:
		utf8.EncodeRune(b, 0x20000+n%0x8000) // Han, too
	}
}

func valuesOf(half []symbol) []byte {
	b := make([]byte, len(half))
	for i := range half {
		b[i] = byte(half[i].value)
	}
	return b
}

// stream is a sequence of numbers that follow from a key and parts.
type stream struct {
	seed  [32]byte
	block [32]byte
	n     uint64
	used  int
}

func (s *stream) begin(parts ...[]byte) {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write(p)
	}
	h.Sum(s.seed[:0])
	s.used = len(s.block)
}

// next is a number below 65,536.
func (s *stream) next() int {
	if s.used == len(s.block) {
		s.block = sha256.Sum256(binary.AppendUvarint(s.seed[:len(s.seed):len(s.seed)], s.n))
		s.n++
		s.used = 0
	}
	n := binary.BigEndian.Uint16(s.block[s.used:])
	s.used += 2
	return int(n)
}

// address replaces an IP address by one of a range that belongs to no one; ok is false if
// it is none. Those of the machine itself stay: server-made events have them.
func (c *cipher) address(s string) (to string, ok bool) {
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" {
		return "", false
	}
	if ip.IsLoopback() || ip.IsUnspecified() {
		return ip.String(), true
	}
	var stream stream
	raw := ip.As16()
	stream.begin(c.key[:], []byte("address"), raw[:])
	if ip.Unmap().Is4() {
		n := stream.next()
		return netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), byte(stream.next())}).String(), true
	}
	b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	for i := 8; i < 16; i += 2 {
		binary.BigEndian.PutUint16(b[i:], uint16(stream.next()))
	}
	return netip.AddrFrom16(b).String(), true
}

// textOrAddress is [cipher.text], but for an IP address with or without a port.
func (c *cipher) textOrAddress(s string) string {
	if to, ok := c.address(strings.Trim(s, "[]")); ok {
		return to
	}
	if at, err := netip.ParseAddrPort(s); err == nil {
		if to, ok := c.address(at.Addr().String()); ok {
			return to
		}
	}
	return c.text(s)
}
