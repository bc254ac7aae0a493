package usersig_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"io"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/usersig"
)

const plain = `{"TLS.ver":"2.0","TLS.identifier":"alice","TLS.sdkappid":1400000001,"TLS.time":1000,"TLS.expire":100,"TLS.sig":"x"}`

var plainClaims = &usersig.Claims{SDKAppID: app, Identifier: "alice", Time: 1000, Expire: 100, Sig: "x"}

// deflated is a zlib stream by the standard library.
func deflated(t testing.TB, text string, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var toUserSig = strings.NewReplacer("+", "*", "/", "-", "=", "_")

func encoded(packed []byte) string {
	return toUserSig.Replace(base64.StdEncoding.EncodeToString(packed))
}

// pack makes a UserSig of any text, without the code under test.
func pack(t testing.TB, text string, level int) string {
	t.Helper()
	return encoded(deflated(t, text, level))
}

// Any level is accepted: Node's library has the default, Go's stores.
func TestLevels(t *testing.T) {
	for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
		got, err := usersig.Parse(pack(t, plain, level))
		if diff := cmp.Diff(plainClaims, got); diff != "" || err != nil {
			t.Errorf("level %d: error %v, claims (-want +got):\n%s", level, err, diff)
		}
	}
}

// A stream in many blocks, as a writer that flushes makes it.
func TestBlocks(t *testing.T) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for i := range len(plain) {
		if _, err := z.Write([]byte{plain[i]}); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := usersig.Parse(encoded(b.Bytes()))
	if diff := cmp.Diff(plainClaims, got); diff != "" || err != nil {
		t.Errorf("error %v, claims (-want +got):\n%s", err, diff)
	}
}

// JSON may be written in any way.
func TestParse(t *testing.T) {
	for text, want := range map[string]*usersig.Claims{
		plain:                         plainClaims,
		plain + "\n":                  plainClaims, // the vendor's Go library ends so
		" \t\r\n" + plain + " \t\r\n": plainClaims,
		`{"TLS.sig":"x","TLS.expire":100,"TLS.time":1000,"TLS.sdkappid":1400000001,"TLS.identifier":"alice","TLS.ver":"2.0"}`:                  plainClaims,
		`{ "TLS.ver" : "2.0", "TLS.identifier" : "\u0061lice", "TLS.sdkappid" : 1400000001 , "TLS.time":1000,"TLS.expire":100,"TLS.sig":"x"}`:  plainClaims,
		`{"TLS\u002ever":"2.0","TLS.identifier":"alice","TLS.sdkappid":1400000001,"TLS.time":1000,"TLS.expire":100,"TLS.sig":"x","more":{}}`:   plainClaims,
		strings.Replace(plain, `"x"`, `"x","TLS.userbuf":""`, 1):                                                                               {SDKAppID: app, Identifier: "alice", Time: 1000, Expire: 100, Sig: "x", Userbuf: []byte{}},
		strings.Replace(plain, `"x"`, `"x","TLS.userbuf":"AP8="`, 1):                                                                           {SDKAppID: app, Identifier: "alice", Time: 1000, Expire: 100, Sig: "x", Userbuf: []byte{0, 255}},
		`{"TLS.ver":"2.0","TLS.identifier":"","TLS.sdkappid":0,"TLS.time":-9223372036854775808,"TLS.expire":9223372036854775807,"TLS.sig":""}`: {Time: -1 << 63, Expire: 1<<63 - 1},
		`{"TLS.ver":"2.0","TLS.identifier":"a","TLS.sdkappid":4294967295,"TLS.time":-0,"TLS.expire":-1,"TLS.sig":""}`:                          {SDKAppID: 1<<32 - 1, Identifier: "a", Expire: -1},
		`{"TLS.ver":"2.0","TLS.identifier":"张三\u2028\ud83d\ude00","TLS.sdkappid":1,"TLS.time":1,"TLS.expire":1,"TLS.sig":"","a":1,"a":2,"":0}`: {SDKAppID: 1, Identifier: "张三\u2028😀", Time: 1, Expire: 1},
	} {
		got, err := usersig.Parse(pack(t, text, 6))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v, claims (-want +got):\n%s", text, err, diff)
		}
	}
}

// What is wrong with the JSON is said in words.
func TestParseRefuses(t *testing.T) {
	field := func(name, value string) string {
		i := strings.Index(plain, `"TLS.`+name+`":`) + len(`"TLS.":`) + len(name)
		end := i + strings.IndexAny(plain[i:], ",}")
		return plain[:i] + value + plain[end:]
	}
	without := func(name string) string { return strings.Replace(plain, "TLS."+name, "tls."+name, 1) }
	for text, want := range map[string]string{
		"":                                      "no JSON (unexpected end of JSON input)",
		plain[:50]:                              "no JSON (unexpected end of JSON input)",
		plain + "x":                             "no JSON (invalid character 'x' after top-level value)",
		plain + "{}":                            "after top-level value",
		plain + "\x00":                          "after top-level value",
		"\ufeff" + plain:                        "no JSON (invalid character",
		"hello":                                 "no JSON (invalid character 'h'",
		"null":                                  "JSON but not an object: \"null\"",
		"[" + plain + "]":                       "JSON but not an object: \"[{",
		"17":                                    "JSON but not an object",
		`"` + "TLS" + `"`:                       "JSON but not an object",
		strings.Repeat("[", 8e3):                "no JSON",
		field("identifier", "\"\xff\""):         "not UTF-8",
		"{}":                                    "TLS.ver is missing",
		without("ver"):                          "TLS.ver is missing",
		without("identifier"):                   "TLS.identifier is missing",
		without("sdkappid"):                     "TLS.sdkappid is missing",
		without("time"):                         "TLS.time is missing",
		without("expire"):                       "TLS.expire is missing",
		without("sig"):                          "TLS.sig is missing",
		field("ver", `"1.0"`):                   `TLS.ver is "1.0", want "2.0"`,
		field("ver", `"2.0 "`):                  `TLS.ver is "2.0 ", want "2.0"`,
		field("ver", `2.0`):                     `TLS.ver is 2.0, want a string`,
		field("identifier", `null`):             `TLS.identifier is null, want a string`,
		field("identifier", `5`):                `TLS.identifier is 5, want a string`,
		field("identifier", `["alice"]`):        `TLS.identifier is ["alice"], want a string`,
		field("sdkappid", `"1400000001"`):       `TLS.sdkappid is "1400000001", want a whole number`,
		field("sdkappid", `4294967296`):         `TLS.sdkappid is 4294967296, want a whole number of 32 bits`,
		field("sdkappid", `-1`):                 `TLS.sdkappid is -1, want`,
		field("sdkappid", `1.0`):                `TLS.sdkappid is 1.0, want`,
		field("sdkappid", `14e8`):               `TLS.sdkappid is 14e8, want`,
		field("sdkappid", `null`):               `TLS.sdkappid is null, want`, // Node's Number("x")
		field("sdkappid", `true`):               `TLS.sdkappid is true, want`,
		field("time", `"1000"`):                 `TLS.time is "1000", want a whole number of seconds`,
		field("time", `1000.5`):                 `TLS.time is 1000.5, want`,
		field("time", `9223372036854775808`):    `TLS.time is 9223372036854775808, want`,
		field("expire", `-9223372036854775809`): `TLS.expire is -9223372036854775809, want`,
		field("expire", strings.Repeat("9", 1000)):         `TLS.expire is "` + strings.Repeat("9", 60) + `"..., want`,
		field("expire", "{\n}"):                            `TLS.expire is "{\n}", want`,
		field("sig", `null`):                               `TLS.sig is null, want a string`,
		field("sig", `"x","TLS.userbuf":null`):             `TLS.userbuf is null, want a string`,
		field("sig", `"x","TLS.userbuf":[1]`):              `TLS.userbuf is [1], want a string`,
		field("sig", `"x","TLS.userbuf":"*"`):              `TLS.userbuf is "*", want base64`,
		field("sig", `"x","TLS.userbuf":"AP8"`):            `TLS.userbuf is "AP8", want base64`,
		field("sig", `"x","TLS.userbuf":"AP9="`):           `TLS.userbuf is "AP9=", want base64`, // bits that nobody reads
		field("sig", `"x","TLS.userbuf":"AP\n8="`):         `TLS.userbuf is "AP\n8=", want base64`,
		plain[:1] + strings.Repeat(" ", 8<<10) + plain[1:]: "inflates to more than 8192 bytes",
	} {
		refused(t, pack(t, text, 6), want)
	}
}

func refused(t *testing.T, sig, want string) {
	t.Helper()
	c, err := usersig.Parse(sig)
	if c != nil || reason(err) != "malformed" || !strings.HasPrefix(err.Error(), "the UserSig is broken: ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%.80s:\ngot  %v\nwant %s", sig, err, want)
	}
}

// What is wrong with the text around the JSON is said in words.
func TestOpenRefuses(t *testing.T) {
	stream := deflated(t, plain, 6)
	changed := bytes.Clone(stream)
	changed[len(changed)-1] ^= 1
	dictionary := append([]byte{0x78, 0xbb}, stream[2:]...)
	for sig, want := range map[string]string{
		"":                               "it is empty",
		strings.Repeat("A", 16<<10+1):    "16385 characters, want up to 16384",
		node[:100] + "é" + node[101:]:    `byte 101 is "\xc3": want letters, digits, *, - and _ only`,
		node[:100] + "\x00" + node[101:]: `byte 101 is "\x00"`,
		node + "\n":                      `byte 197 is "\n": white space from a file or a terminal?`,
		"usersig?" + node:                `byte 8 is "?": more than the UserSig was copied`,
		node + "&random=1":               `byte 197 is "&": more than the UserSig was copied`,
		node[:80]:                        "its zlib stream ends early: cut short?",
		node[:4]:                         "ends early",
		node[:195]:                       "it has 195 characters, 0 of them _ at the end: cut short, or without its padding",
		node[:81]:                        "it has 81 characters",
		node[1:]:                         "it has 195 characters, 1 of them _",
		node + "____":                    "it has 200 characters, 5 of them _",
		"____":                           "it has 4 characters, 4 of them _",
		"A___":                           "3 of them _",
		"AB__":                           "its base64 is damaged",
		strings.Replace(node, "LVNGs_", "LVNGt_", 1): "its base64 is damaged", // bits that nobody reads
		"A_BC":                 "RFC 4648",
		encoded([]byte(plain)): "no zlib stream",
		encoded(stream[2:]):    "no zlib stream", // bare deflate
		encoded([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}):   "no zlib stream", // gzip
		encoded(stream[:1]):                             "ends early",
		encoded(stream[:2]):                             "ends early",
		encoded(stream[:len(stream)-4]):                 "ends early",
		encoded(stream[:len(stream)-1]):                 "ends early",
		encoded(changed):                                "its zlib checksum is wrong",
		encoded(dictionary):                             "its zlib stream is damaged (zlib: invalid dictionary)",
		encoded(append(stream[:2:2], 0xff)):             "its zlib stream is damaged (flate: corrupt input",
		encoded(append(bytes.Clone(stream), 0)):         "it goes on for 1 bytes after its zlib stream",
		encoded(append(bytes.Clone(stream), stream...)): "after its zlib stream",
	} {
		refused(t, sig, want)
	}
}

// Of the signs in a UserSig none means anything in a query; the words say which
// mistake was made where others are found.
func TestQuery(t *testing.T) {
	sig := sign(t, key, usersig.Claims{SDKAppID: app, Identifier: "alice", Userbuf: []byte("\xfb\xef\xbe>>>???~~~\xff")})
	compressed := pack(t, strings.Replace(plain, `"x"`, `"Oo>"`, 1), 9)
	for _, sig := range []string{node, sig, compressed} {
		back, err := url.ParseQuery("sdkappid=1&usersig=" + sig + "&random=1")
		if err != nil || back.Get("usersig") != sig {
			t.Errorf("%s came back as %v, %v", sig, back, err)
		}
		back, err = url.ParseQuery("usersig=" + url.QueryEscape(sig))
		if err != nil || back.Get("usersig") != sig {
			t.Errorf("%s came back as %v, %v", sig, back, err)
		}
	}
	// Node's, with the base64 that other libraries make of the same bytes.
	base := strings.NewReplacer("*", "+", "-", "/", "_", "=").Replace(node)
	spaced, err := url.QueryUnescape(base)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, base, `byte 17 is "+": this is another base64; a UserSig has * for +, - for / and _ for =`)
	refused(t, spaced, `byte 17 is " ": a + that a query turned into a space? a UserSig has * for +, - for / and _ for =`)
	refused(t, url.QueryEscape(node), `byte 17 is "%": it is still escaped for a URL, decode it once more`)
	packed, err := base64.StdEncoding.DecodeString(base)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, base64.RawURLEncoding.EncodeToString(packed), "it has _ before its end, as in the base64url of RFC 4648: a UserSig has")
	refused(t, base64.URLEncoding.EncodeToString(packed), `byte 196 is "=": this is another base64; a UserSig has`)
	refused(t, strings.ReplaceAll(node, "_", ""), "without its padding")
}

// A UserSig that inflates without end costs no memory.
func TestBomb(t *testing.T) {
	bomb := pack(t, plain+strings.Repeat(" ", 8<<20), 9)
	if len(bomb) > 16<<10 {
		t.Fatalf("the bomb has %d characters: it is refused for that alone", len(bomb))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	refused(t, bomb, "inflates to more than 8192 bytes")
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("refusing it took %d bytes", took)
	}
}
