package secret_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/secret"
)

func ExampleSet() {
	var s secret.Set
	s.AddURL("http://127.0.0.1:3000/cb?token=h/sh-hush")
	s.AddHeader("Authorization: Bearer abcdef")
	fmt.Println(secret.URL("http://127.0.0.1:3000/cb?token=h/sh-hush"))
	fmt.Println(s.Hide(`{"got":"h\/sh-hush","by":"abcdef"} at /cb?token=h%2Fsh-hush`))
	// Output:
	// http://127.0.0.1:3000/cb?token=…
	// {"got":"…","by":"…"} at /cb?token=…
}

func TestURL(t *testing.T) {
	for raw, want := range map[string]string{
		"http://h/cb":                            "http://h/cb",
		"http://h/cb?":                           "http://h/cb?",
		"http://h/cb?token=a=b&x=&y&&z=1":        "http://h/cb?token=…&x=…&…&&z=…",
		"/cb?token=hush":                         "/cb?token=…",
		"/cb@x":                                  "/cb@x",
		"http://h/@me/cb":                        "http://h/@me/cb",
		"http://user:hush@h:1/cb":                "http://…@h:1/cb",
		"http://hush@h/cb?hush":                  "http://…@h/cb?…",
		"HTTP://a@b:hush@h":                      "HTTP://…@h",
		"http://h/calls/{CallId}?token=hush":     "http://h/calls/{CallId}?token=…",
		"http://h/c?id={CallId}&k=hush{CallId}!": "http://h/c?id={CallId}&k=…{CallId}…",
		"http://h/cb#hush":                       "http://h/cb#…",
		"http://h/cb?a=1#hush":                   "http://h/cb?a=…",
		// malformed
		"http://user:hu/sh@h/cb":   "http://…@h/cb",
		"http://user:hu?sh@h/cb":   "http://…@h/cb",
		"http://user:hu#sh@h:1/cb": "http://…@h:1/cb",
		"user:hush@h/cb?hush":      "…@h/cb?…",
		"http:/user:hush@h/cb":     "http:/…@h/cb",
		"http:user:hush@h/cb":      "http:…@h/cb",
		"https//user:hush@h/cb":    "https//…@h/cb",
		"htp://user:hush@h?x=hush": "htp://…@h?x=…",
		"http://h:port/cb?k=hush":  "http://h:port/cb?k=…",
		"://user:hush@h":           "://…@h",
		"ftp://h?hush=":            "ftp://h?hush=…",
		"hush":                     "hush",
		"":                         "",
	} {
		if got := secret.URL(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
		if got := secret.URL(want); got != want {
			t.Errorf("masked again, %s is %s", want, got)
		}
	}
}

// fill adds a secret by each way in.
var ways = map[string]func(s *secret.Set, v string){
	"query":        func(s *secret.Set, v string) { s.AddURL("http://h/cb?a=1&token=" + url.QueryEscape(v)) },
	"bare query":   func(s *secret.Set, v string) { s.AddURL("http://h/cb?" + url.QueryEscape(v)) },
	"fragment":     func(s *secret.Set, v string) { s.AddURL("http://h/cb?a=1#" + url.QueryEscape(v)) },
	"around an id": func(s *secret.Set, v string) { s.AddURL("http://h/?k=" + url.QueryEscape(v) + "{CallId}") },
	"password":     func(s *secret.Set, v string) { s.AddURL("http://" + url.UserPassword("user", v).String() + "@h/") },
	"user":         func(s *secret.Set, v string) { s.AddURL("http://" + url.User(v).String() + "@h/") },
	"header":       func(s *secret.Set, v string) { s.AddHeader("X-Token: " + v) },
	"bearer":       func(s *secret.Set, v string) { s.AddHeader("Authorization: Bearer " + v) },
	"no header":    func(s *secret.Set, v string) { s.AddHeader(v) },
	"cookie":       func(s *secret.Set, v string) { s.AddHeader("Cookie: a=b; session=" + v + ";") },
	"basic": func(s *secret.Set, v string) {
		s.AddHeader("Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+v)))
	},
	"app":             func(s *secret.Set, v string) { s.AddApp("1400000001:" + v + ":nopackage") },
	"app with a tail": func(s *secret.Set, v string) { s.AddApp("1400000001:" + v + ":nopack") },
	"no app id":       func(s *secret.Set, v string) { s.AddApp(v) },
	"turned app":      func(s *secret.Set, v string) { s.AddApp(v + ":1400000001") },
	"token":           func(s *secret.Set, v string) { s.AddToken(v) },
	"any URL":         func(s *secret.Set, v string) { s.AddAny("alice=http://h/?k=" + url.QueryEscape(v)) },
	"any app":         func(s *secret.Set, v string) { s.AddAny("1400000001:" + v) },
	"any header":      func(s *secret.Set, v string) { s.AddAny("Authorization: Bearer " + v) },
	"another set": func(s *secret.Set, v string) {
		var o secret.Set
		o.AddValue(v)
		s.AddSet(&o)
	},
}

// spellings are the forms in which a secret may come back.
var spellings = map[string]func(v string) string{
	"as it is":      func(v string) string { return v },
	"query":         url.QueryEscape,
	"path":          url.PathEscape,
	"percent":       percent,
	"lower percent": func(v string) string { return strings.ToLower(percent(v)) },
	"twice":         func(v string) string { return url.QueryEscape(url.QueryEscape(v)) },
	"JSON":          jsonString,
	"PHP":           func(v string) string { return strings.ReplaceAll(jsonString(v), "/", `\/`) },
	"Python":        func(v string) string { s := strconv.QuoteToASCII(v); return s[1 : len(s)-1] },
	"Go":            func(v string) string { s := strconv.Quote(v); return s[1 : len(s)-1] },
	"JSON in JSON":  func(v string) string { return jsonString(`{"a":"` + jsonString(v) + `"}`) },
	"URL in JSON":   func(v string) string { return jsonString("http://h/?a=" + url.QueryEscape(v)) },
	"HTML":          html.EscapeString,
	"XML": func(v string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(v))
		return b.String()
	},
	"base64":        func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) },
	"base64 of URL": func(v string) string { return base64.URLEncoding.EncodeToString([]byte(v)) },
}

func percent(v string) (s string) {
	for i := range len(v) {
		s += fmt.Sprintf("%%%02X", v[i])
	}
	return s
}

func jsonString(v string) string {
	b, _ := json.Marshal(v)
	return string(b[1 : len(b)-1])
}

// A secret is hidden however it came in and however it comes back.
func TestHide(t *testing.T) {
	for _, v := range []string{"planted", "12345678", "pl/nt&d+\"q'<b>", "p%41nted\\x", "gehéim愛😀", "ends%", `ends\`} {
		for way, add := range ways {
			if way == "cookie" && strings.ContainsAny(v, `"\`) || v == "12345678" && (way == "no app id" || way == "turned app") {
				continue // no such cookies; only digits are an id
			}
			var s secret.Set
			add(&s, v)
			for name, spell := range spellings {
				v := spell(v)
				if got := s.Hide("<" + v + ">"); strings.Contains(got, v) || !strings.Contains(got, secret.Mask) || !strings.HasPrefix(got, "<") {
					t.Errorf("%s, %s: %s is shown as %s", way, name, v, got)
				}
			}
		}
	}
}

// Base64 hides no secret wherever it begins in what was encoded: little of it is
// left at the ends.
func TestHideInBase64(t *testing.T) {
	var s secret.Set
	s.AddValue("planted-secret")
	for before := range 7 {
		for after := range 7 {
			plain := strings.Repeat("a", before) + "planted-secret" + strings.Repeat("b", after)
			got := s.Hide(base64.StdEncoding.EncodeToString([]byte(plain)))
			if want := base64.StdEncoding.EncodedLen(before+after)/3*3 + len(secret.Mask) + 8; len(got) > want || !strings.Contains(got, secret.Mask) {
				t.Errorf("%s: %s", plain, got)
			}
		}
	}
}

func TestShort(t *testing.T) {
	var s secret.Set
	s.AddURL("http://u:p@h/cb?pin=1234&v=1&debug=false")
	s.AddHeader("X-Pin: 77")
	for text, want := range map[string]string{
		"1234 and 1 and false":     "1234 and 1 and false",
		"?pin=1234&v=1":            "?pin=…&v=…",
		"v=10 and dev=1 and v=1.5": "v=10 and dev=1 and v=1.5",
		`{"pin":"1234","v": 1}`:    `{"pin":"…","v": …}`,
		`{\"pin\": \"1234\"}`:      `{\"pin\": \"…\"}`,
		"X-Pin: 77":                "X-Pin: …",
		"debug=false":              "debug=…",
		"Basic dTpw":               "Basic …", // u:p
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// A number is not hidden inside another number.
func TestNumber(t *testing.T) {
	var s secret.Set
	s.AddURL("http://h/cb?pin=12345")
	if got := s.Hide("1612345678 12345 12345. 12345.67 0.12345 x12345x"); got != "1612345678 … …. 12345.67 0.12345 x12345x" {
		t.Error(got)
	}
}

// A secret that may be in other words by chance is not hidden in them.
func TestPartOfAWord(t *testing.T) {
	var s secret.Set
	s.AddURL("http://h/cb?env=local&hook=start&token=pl4nted0&pass=correct-horse-battery")
	for text, want := range map[string]string{
		"localhost localhost:1 my_local locals": "localhost localhost:1 my_local locals",
		"local, \"local\"\nlocal":               "…, \"…\"\n…",
		`{"a":"\nlocal\u0026local%20local"}`:    `{"a":"\n…\u0026…%20…"}`,
		"\x1b[31mlocal\x1b[0m [31mlocal":        "\x1b[31m…\x1b[0m [31mlocal",
		"the loca...":                           "the …...",
		"all the xloca...":                      "all the xloca...",
		"xpl4nted0x_correct-horse-batteryx":     "x…x_…x", // no word has these by chance
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What a program says itself is hidden only behind its key, and JSON is as it was
// in spite of that.
func TestOwn(t *testing.T) {
	var s secret.Set
	s.AddURL("http://h/cb?hook=caller&env=video&who=alice&seed=12345&word=caller_start_call")
	s.AddOwn("alice", "12345")
	for text, want := range map[string]string{
		"the caller alice, seed 12345":                        "the caller alice, seed 12345",
		"/cb?hook=caller&env=video&who=alice&seed=12345":      "/cb?hook=…&env=…&who=…&seed=…",
		`{"who":"alice","seed":12345,"env":"video"}`:          `{"who":"alice","seed":12345,"env":"video"}`,
		`{"word":"caller_start_call","Role":"caller"}` + "\n": `{"word":"caller_start_call","Role":"caller"}` + "\n",
		"command=caller_start_call":                           "command=caller_start_call",
	} {
		if got := s.HidePrinted(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// JSON stays JSON: what is no string is not hidden, nor is a key.
func TestHidePrinted(t *testing.T) {
	var s secret.Set
	s.AddURL("http://h/cb?pin=12345&v=1&debug=true&name=planted")
	for text, want := range map[string]string{
		`[1,12345]`: `[1,12345]`,
		`{"a":[12345,0.12345,12345.67,12345]}` + "\n":      `{"a":[12345,0.12345,12345.67,12345]}` + "\n",
		"{\n  \"pin\": 12345,\n  \"v\": [\n    1\n  ]\n}":  "{\n  \"pin\": 12345,\n  \"v\": [\n    1\n  ]\n}",
		`{"v":1,"debug":true,"planted":"a planted b"}`:     `{"v":1,"debug":true,"planted":"a … b"}`,
		`{"a":"pin 12345 {\"v\":1,\"v\":\"1\"}"}`:          `{"a":"pin … {\"v\":…,\"v\":\"…\"}"}`,
		"found 12345:\n{\"a\": [12345, \"12345\"]}\n12345": "found …:\n{\"a\": [12345, \"…\"]}\n…",
	} {
		got := s.HidePrinted(text)
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if json.Valid([]byte(text)) != json.Valid([]byte(got)) {
			t.Errorf("%s: %s is no JSON", text, got)
		}
	}
}

func TestHideCut(t *testing.T) {
	var s secret.Set
	s.AddValue("planted-secret")
	for text, want := range map[string]string{
		"an answer with planted-secr": "an answer with …",
		"an answer with plan":         "an answer with …",
		"an answer with pla":          "an answer with pla",
		"planted-secret planted":      "… …",
	} {
		if got := s.HideCut(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"planted":                    "planted",
		"it says planted...":         "it says …...",
		"it says \"<b>planted\"...":  "it says \"<b>…\"...",
		"it says planted… and a … x": "it says …… and a … x",
		"...planted":                 "...planted",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestUserSig(t *testing.T) {
	sig := "eJ" + strings.Repeat("yrVgrxCdYrSy1Ssl*-_", 6)
	var none *secret.Set
	for _, start := range []string{"eAE", "eF5", "eJy", "eNq"} { // of each level of zlib
		if got := none.Hide("sig=" + start + sig[3:]); got != "sig=…" {
			t.Error(got)
		}
	}
	for text, want := range map[string]string{
		"?usersig=" + sig + "&random=1":          "?usersig=…&random=1",
		`{"sig":"` + url.QueryEscape(sig) + `"}`: `{"sig":"…"}`,
		"eJshort":                                "eJshort",
		`"` + sig[:40] + `"...`:                  `"…"...`,
		"xx" + sig:                               "xx" + sig,
	} {
		if got := none.Hide(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Nothing but secrets is changed.
func TestNoSecret(t *testing.T) {
	var s secret.Set
	for _, path := range []string{"@secret.txt", "1400000001:@secret.txt", "1400000001:@secret.txt:nopackage", "1400000001"} {
		s.AddApp(path)
	}
	s.AddToken("@secret.txt")
	s.AddURL("http://127.0.0.1:3000/callback/@me/{CallId}?id={CallId}")
	s.AddHeader("Accept: application/json")
	s.AddAny("127.0.0.1:8080")
	s.AddAny("2026-01-01T00:00:00Z")
	s.AddAny("call_id=readable")
	s.AddAny("Standup: Monday")
	s.AddAny("12345:monday")
	const text = "@secret.txt 1400000001 http://127.0.0.1:3000/callback/@me/{CallId}?id={CallId} application/json 127.0.0.1:8080 2026-01-01T00:00:00Z call_id=readable Monday monday"
	if diff := cmp.Diff(text, s.Hide(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzHide(f *testing.F) {
	f.Add("planted", `{"a":"pl\u0061nted%20"}`)
	f.Add("http://user:pa/ss@h?tok=en#x", `\ud83d\ude00&#x41;&amp;%%%`)
	f.Add(`\\\"%25`, `\\\\\\\"%2525`)
	f.Fuzz(func(t *testing.T, v, text string) {
		var s secret.Set
		s.AddAny(v)
		s.AddURL(v)
		s.AddHeader(v)
		s.AddApp(v)
		s.AddValue(v)
		_ = secret.URL(v)
		if got := s.Hide(text); len(got) > 3*len(text) {
			t.Errorf("%q hidden in %q: %q", v, text, got)
		}
		if v = strings.TrimSpace(v); len(v) > 4 && v != "127.0.0.1" && !strings.Contains("keep-alive application/json localhost", strings.ToLower(v)) && strings.Trim(v, "0123456789") != "" {
			if got := s.Hide("<" + v + ">"); got == "<"+v+">" && v != secret.Mask {
				t.Errorf("%q is shown", v)
			}
		}
	})
}
