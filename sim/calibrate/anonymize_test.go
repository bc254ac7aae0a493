package calibrate_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/calibrate"
	"ringback/sim/recording"
)

// anonymized is a recording of what files hold, by a key that is the same each time.
func anonymized(t testing.TB, files ...[]byte) []byte {
	t.Helper()
	a := calibrate.NewAnonymizer([32]byte{7})
	var b []byte
	for i, f := range files {
		s, err := calibrate.Open(fmt.Sprintf("file %d", i), bytes.NewReader(f))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Each(func(e *recording.Exchange) error {
			b = a.Append(b, s, e)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// judgedFiles is a report of files, and what it says without the places.
func judgedFiles(t testing.TB, o calibrate.Options, files ...[]byte) (*calibrate.Report, string) {
	t.Helper()
	c := calibrate.New(o)
	for i, f := range files {
		s, err := calibrate.Open(fmt.Sprintf("file %d", i), bytes.NewReader(f))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Read(s); err != nil {
			t.Fatal(err)
		}
	}
	r := c.Report()
	var said []string
	for _, k := range r.Keys {
		said = append(said, fmt.Sprintf("%s %s %s", k.Key, k.State, k.Value))
	}
	return r, strings.Join(said, "\n")
}

// fileOf writes exchanges as a recorder does.
func fileOf(exchanges []*recording.Exchange) []byte {
	b := recording.AppendHeader(nil, recording.Header{Target: "http://127.0.0.1:3000/callback?token=hush&Zone=1"})
	for _, e := range exchanges {
		b = recording.Append(b, e)
	}
	return b
}

// planted is what must not be in a file that is sent to others.
var planted = []string{
	"alice", "Wolfeschlegelstein", "张伟伟", "müller-lüdenscheidt", "+49-30-901820", "13912345678", "144115212830834855", "s3cr3tT0ken",
	"055662e1-bc8a-469c-a334-1126c8c17d58", "203.0.113.77", "2001:db8:85a3::8a2e", "receiver.example.com", "Quarterly Results", "1400987654",
	"8f14e45fceea167a5a36dedd4bea2543", "user@mail.example", "grüße 😀 an alle", "it's \"quoted\" \\ here", "X-Tenant-Acme", "departmentOfSecrets",
	"eyJhbGciOiJIUzI1NiJ9", "192.168.178.42:51234", "Bearer abcdef123456",
}

// forms are the ways in which a text may stand in a file.
func forms(s string) []string {
	ascii := strconv.QuoteToASCII(s)
	list := []string{
		s, url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), strings.ToLower(url.QueryEscape(s)), ascii[1 : len(ascii)-1],
		strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`), strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\\\`), `"`, `\\\"`),
		fmt.Sprintf("%x", s), fmt.Sprintf("%X", s),
	}
	for offset := range 3 { // in base64, at any place of what it was a part of
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			coded := e.EncodeToString([]byte(strings.Repeat("\x00", offset) + s))
			coded = coded[(offset*8+5)/6:]
			list = append(list, coded[:max(len(coded)-1, 0)])
		}
	}
	return list
}

// plant writes each of them into each place of an exchange.
func plant() (exchanges []*recording.Exchange) {
	n := int64(0)
	for i, s := range planted {
		quoted, word := strconv.Quote(s), s
		if !strings.ContainsAny(s, `\"`) {
			quoted = `"` + s + `"`
		}
		word = strings.ReplaceAll(url.QueryEscape(word), "+", "%20")
		v4 := `{"CallbackCommand":"Call.CallbackAfterEndCall","CallRecord":{"CallId":` + quoted + `,"Caller_Account":` + quoted + `,"MediaType":` + quoted + `,"CallType":"SingleCall","StartTime":1767225600,"EndTime":1767225630,"AcceptTime":` + quoted +
			`,"CallResult":` + quoted + `,"CalleeList_Account":[` + quoted + `,["bob",` + quoted + `]],"RoomId":` + quoted + `,"RoomIdType":` + quoted + `,` + quoted + `:{` + quoted + `:[` + quoted + `]}},"Extra":{"CallId":` + quoted + `,"n":[1,{"deep":` + quoted + `}]},"EventTime":1767225630500}`
		v1 := `{"UserId":` + quoted + `,"RoomId":` + quoted + `,"TotalNum":` + quoted + `,"CallId":` + quoted + `,"Role":` + quoted + `,"Event":` + quoted + `,"CallResult":` + quoted + `,"EventTime":` + quoted + `,"StartCallTs":1767225600}`
		if s[0] >= '1' && s[0] <= '9' && strings.Trim(s, "0123456789") == "" { // as numbers, too
			v1 = strings.ReplaceAll(v1, quoted, s)
		}
		for j, body := range []string{v1, v4, v4[:len(v4)-30], s, "<p>" + s + "</p>", "[" + quoted, `{"a":` + quoted + `} ` + s, "\xff\xfe" + s} {
			n++
			query := "SdkAppid=" + word + "&CallbackCommand=" + word + "&contenttype=" + word + "&ClientIP=" + word + "&OptPlatform=" + word + "&RequestID=" + word + "&Sign=" + word + "&RequestTime=" + word + "&" + word + "=" + word + "&" + word
			if j == 0 {
				query = "sdkappid=" + word + "&command=" + word + "&" + word + "=1"
			}
			head := "POST /" + word + "/cb?" + query + " HTTP/1.1\r\nHost: " + s + "\r\n" + s + ": " + s + "\r\nUser-Agent: " + s + "\r\nX-Forwarded-For: 10.0.0.1, " + s + "\r\nAuthorization: " + s + "\r\nContent-Type: " + s + "\r\nContent-Length: " + s + "\r\nDate: " + s + "\r\n" + s + "\r\n\r\n"
			e := &recording.Exchange{N: n, At: epoch.Time().Add(time.Duration(n) * time.Second), Source: s, Head: []byte(head), Body: []byte(body), Delivery: n}
			if i%2 == 0 {
				e.Coded = []byte(fmt.Sprintf("%x;%s\r\n%s\r\n0\r\nX-Trailer: %s\r\n\r\n", len(body), s, body, s))
			}
			e.Callback = recording.Callback{Generation: e.Recognize().Generation, Word: s, Call: s, App: s}
			e.Answer = recording.Answer{
				At: e.At, Ended: e.At, Interim: []byte("HTTP/1.1 103 " + s + "\r\nLink: " + s + "\r\n\r\n"), Head: []byte("HTTP/1.1 200 " + s + "\r\nServer: " + s + "\r\nSet-Cookie: " + s + "\r\n\r\n"),
				Body: []byte(`{"ErrorCode":0,"ErrorMessage":` + quoted + `,` + quoted + `:` + quoted + `}`), Outcome: recording.Answered, Detail: s,
			}
			if j == 3 {
				e.Answer.Outcome, e.Answer.Body = recording.Outcome(s), []byte(s)
			}
			if j == 4 {
				e.Head = []byte(s + " " + s + " " + s + "\r\n" + s)
				e.Answer.Head = []byte(s + " " + s + " " + s + "\r\n\r\n")
			}
			exchanges = append(exchanges, e)
		}
	}
	return exchanges
}

// Nothing that was planted is in the file, in no form.
func TestAnonymizeLeavesNothing(t *testing.T) {
	exchanges := plant()
	b := recording.AppendHeader(nil, recording.Header{Target: "http://user:s3cr3tT0ken@receiver.example.com/alice?departmentOfSecrets=alice"})
	for _, e := range exchanges {
		b = recording.Append(b, e)
	}
	var log bytes.Buffer
	for _, s := range planted {
		fmt.Fprintf(&log, `{"time":1767225600,"url":%q,"headers":{%q:%q},"body":%q,"status":200,"response":%q}`+"\n", "http://"+s+"/"+url.PathEscape(s), strings.ReplaceAll(s, `\`, ""), s, s, s)
	}
	out := anonymized(t, b, log.Bytes())
	whole := string(out)
	for _, s := range planted {
		if !strings.Contains(string(b), s) && !strings.Contains(string(b), strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`)) {
			t.Fatalf("%q is not planted", s)
		}
		for _, f := range forms(s) {
			if len(f) < 4 {
				continue
			}
			if i := strings.Index(whole, f); i >= 0 {
				t.Errorf("%q is there as %q: ...%s...", s, f, whole[max(0, i-80):min(len(whole), i+len(f)+40)])
			}
		}
	}
	r := recording.NewReader(bytes.NewReader(out))
	n := 0
	for {
		if _, err := r.Next(); err != nil {
			break
		}
		n++
	}
	if n != len(exchanges)+len(planted) {
		t.Errorf("%d exchanges, want %d", n, len(exchanges)+len(planted))
	}
}

// A calibration of it makes the same choices, and says the same of times, of what is
// not documented, and of what is missing.
func TestAnonymizeKeepsTheChoices(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 4))
	for range soak(4, 100) {
		d := randomDialect(r)
		tr := randomTraffic(r, d)
		file := fileOf(play(t, tr, cover(r.Uint64(), 120)).exchanges)
		was, want := judgedFiles(t, calibrate.Options{}, file)
		is, got := judgedFiles(t, calibrate.Options{}, anonymized(t, file))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-original +anonymized)\n%s", d.Map(), diff)
		}
		if diff := cmp.Diff(asJSON(t, was.Timing), asJSON(t, is.Timing)); diff != "" {
			t.Errorf("(-original +anonymized)\n%s", diff)
		}
		if len(was.Undocumented) != len(is.Undocumented) {
			t.Errorf("undocumented: %v, want %v", is.Undocumented, was.Undocumented)
		}
	}
}

// So does one of files of other kinds, of several, and of recordings that are cut,
// edited or put together.
func TestAnonymizeKeepsDoubts(t *testing.T) {
	var files [][]byte
	for _, name := range []string{"mitmproxy.har", "chrome.har", "firefox.har", "ngrok.json", "log.ndjson"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	files = append(files, []byte(journalText))
	d := retrying("v4_retry=v1", "query_order=sorted", "case=title")
	played := play(t, traffic{dialect: d, seed: 5, app: 1400000001, from: epoch, every: 30 * time.Second}, cover(5, 100)).exchanges
	whole := fileOf(played)
	gap := fileOf(append(append([]*recording.Exchange{}, played[:20]...), played[22:]...))
	other := fileOf(play(t, traffic{dialect: retrying(), seed: 6, app: 1400000001, from: epoch, every: 30 * time.Second}, cover(5, 50)).exchanges)
	files = append(files, whole, gap, whole[:len(whole)-900], append(append([]byte{}, whole...), other...), bytes.Replace(whole, []byte("audio"), []byte("video!"), 3))
	for i, f := range files {
		was, want := judgedFiles(t, calibrate.Options{}, f)
		is, got := judgedFiles(t, calibrate.Options{}, anonymized(t, f))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("file %d (-original +anonymized)\n%s", i, diff)
		}
		if (len(was.Doubts) > 0) != (len(is.Doubts) > 0) {
			t.Errorf("file %d: doubts %v, want %v", i, is.Doubts, was.Doubts)
		}
	}
	_, want := judgedFiles(t, calibrate.Options{}, files...)
	_, got := judgedFiles(t, calibrate.Options{}, anonymized(t, files...))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all files (-original +anonymized)\n%s", diff)
	}
}

// tokens are what ids look like that no document has.
var tokens = regexp.MustCompile(`[A-Za-z0-9]{8,}`)

// Whatever is in an exchange, its anonymized form can be read, is the same each time, and
// has no token of it.
func FuzzAnonymize(f *testing.F) {
	for _, e := range plant() {
		f.Add(e.Head, e.Body, e.Answer.Head, e.Answer.Body)
	}
	f.Add([]byte("POST /?a=1&sdkappid=%31&x HTTP/1.1\r\nContent-Length: 2\r\nA\r\n\r\n"), []byte(`{"a":[1e99,-0.5,"\ud83d\ude00"],"a":{}}x`), []byte("HTTP/1.1 abc d"), []byte("\xff"))
	f.Fuzz(func(t *testing.T, head, body, answerHead, answer []byte) {
		if len(head)+len(body)+len(answerHead)+len(answer) > 4000 {
			return
		}
		e := &recording.Exchange{N: 1, At: epoch.Time(), Head: head, Body: body, Delivery: 1}
		e.Callback = e.Recognize()
		e.Answer = recording.Answer{At: e.At, Ended: e.At, Head: answerHead, Body: answer, Outcome: recording.Answered}
		file := fileOf([]*recording.Exchange{e})
		out := anonymized(t, file)
		if again := anonymized(t, file); !bytes.Equal(out, again) {
			t.Errorf("twice: %q and %q", out, again)
		}
		r := recording.NewReader(bytes.NewReader(out))
		if x, err := r.Next(); err != nil || r.Flaws().Any() {
			t.Fatalf("%v %+v %+v in %q", err, r.Flaws(), x, out)
		}
		for _, part := range [][]byte{head, body, answerHead, answer} {
			for _, token := range tokens.FindAll(part, -1) {
				few := bytes.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
				if len(bytes.Trim(token, "0123456789")) > 2 && len(few) > 1 && bytes.Contains(out, token) {
					t.Errorf("%q is still there: %q", token, out)
				}
			}
		}
	})
}
