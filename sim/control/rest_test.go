package control_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/control"
	"ringback/sim/control/rest"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/usersig"
)

const (
	otherApp    = 1400000002
	freeApp     = 88888888 // without a package
	vendorsSig  = "eJw1ytEKgjAYBeB3*W8LmalzDbzwMrCCnNDtYFN-wm1tK6To3QOtc3e*c94gmjZ5ag8cdgmB7dJRaROxx4WlmtBgiF5G63*HoG7SOVTA05ysSdcl4qSBp2VWULanhKyqZ4deA2c0-1PAATj0jbjMdyIMK0-yMBTHwo3jtXvYtqvZy27kGcOUkdp2toLPF8LVNGs_"
	sigMadeAt   = 1735689600 // the vendor's package made it, under a frozen clock
	sigGoodFor  = 86400
	goodAddress = "http://127.0.0.1:9/callback"
)

// mute is a receiver that acknowledges everything.
type mute struct{}

func (mute) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{Connected: true, Status: 200, Body: []byte(ok)}
}
func (mute) Close() {}

// api is a backend whose REST API is asked, as administrator of the first app
// if nothing else is said.
type api struct {
	*world
	query url.Values
}

func newAPI(t testing.TB, change ...func(*control.Config)) *api {
	t.Helper()
	cfg := config()
	cfg.Apps = append(cfg.Apps, control.App{ID: otherApp, Key: key})
	cfg.NewSender = func() run.Sender { return mute{} }
	cfg.Paused, cfg.NoRateLimit = true, true
	for _, c := range change {
		c(&cfg)
	}
	a := &api{world: start(t, cfg), query: goodQuery()}
	a.backend.SetClock(func() time.Time { return time.Unix(sigMadeAt, 0) })
	return a
}

func goodQuery() url.Values {
	return url.Values{
		"sdkappid": {strconv.Itoa(appID)}, "identifier": {"administrator"}, "usersig": {vendorsSig}, "random": {"99999999"}, "contenttype": {"json"},
	}
}

// with sets the dialect.
func with(t testing.TB, choices ...string) func(*control.Config) {
	d := readable()
	for _, c := range choices {
		if err := d.Set(c); err != nil {
			t.Fatal(err)
		}
	}
	return func(cfg *control.Config) { cfg.Dialect = d }
}

func sign(t testing.TB, secret string, app uint32, who string) string {
	t.Helper()
	sig, err := usersig.Sign(secret, usersig.Claims{SDKAppID: app, Identifier: who, Time: sigMadeAt, Expire: sigGoodFor})
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// of is the query of an administrator of an app.
func of(t testing.TB, app uint32) map[string]string {
	return map[string]string{"sdkappid": strconv.Itoa(int(app)), "usersig": sign(t, key, app, "administrator")}
}

// reply is an answer of either generation.
type reply struct {
	status int
	code   int
	words  string
	data   string // JSON; "" if there is none
	header http.Header
}

// ask sends a body to a path, with changes to the query: "-" leaves a parameter
// out.
func (a *api) ask(path, body string, change map[string]string) reply {
	a.t.Helper()
	query := url.Values{}
	maps.Copy(query, a.query)
	for k, v := range change {
		if query.Set(k, v); v == "-" {
			query.Del(k)
		}
	}
	return a.send("POST", path+"?"+query.Encode(), strings.NewReader(body))
}

func (a *api) send(method, target string, body io.Reader) reply {
	a.t.Helper()
	req, err := http.NewRequest(method, a.url+"/"+target, body)
	if err != nil {
		a.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return readReply(a.t, target, resp.StatusCode, resp.Header, text)
}

var (
	v1Form = regexp.MustCompile(`^\{"errorCode":\d+,"errorMessage":"(?:[^"\\]|\\.)+","requestId":"[0-9a-f]{32}","data":(.+)\}\n$`)
	v4Form = regexp.MustCompile(`^\{"ActionStatus":"(OK|FAIL)","ErrorInfo":"(?:[^"\\]|\\.)*","ErrorCode":\d+,"RequestId":"Id-[0-9a-f]{32}-O-Seq-\d+"(?:,"Response":(.+))?\}\n$`)
)

// readReply checks that an answer has the form of its generation.
func readReply(t testing.TB, target string, status int, header http.Header, text []byte) reply {
	t.Helper()
	r := reply{status: status, header: header}
	if got := header.Get("Content-Type"); got != "application/json" {
		t.Fatalf("%s: Content-Type %s: %s", target, got, text)
	}
	var envelope struct {
		ErrorCode                                     int
		ErrorMessage, RequestID, ErrorInfo, RequestId string
		ActionStatus                                  string
		Data, Response                                json.RawMessage
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		t.Fatalf("%s: %v: %s", target, err, text)
	}
	r.code = envelope.ErrorCode
	if strings.HasPrefix(target, "v1") {
		m := v1Form.FindSubmatch(text)
		if m == nil || (r.code == 0) != (envelope.ErrorMessage == "Success") || r.code != 0 && string(m[1]) != "null" {
			t.Fatalf("%s: the answer has not the form of v1: %s", target, text)
		}
		r.words, r.data = envelope.ErrorMessage, string(m[1])
		return r
	}
	m := v4Form.FindSubmatch(text)
	if m == nil || (r.code == 0) != (string(m[1]) == "OK") || (r.code == 0) != (envelope.ErrorInfo == "") || r.code != 0 && len(m[2]) > 0 {
		t.Fatalf("%s: the answer has not the form of v4: %s", target, text)
	}
	r.words, r.data = envelope.ErrorInfo, string(m[2])
	return r
}

// good asks for what must succeed, and returns what the answer carries.
func (a *api) good(path, body string) string {
	a.t.Helper()
	r := a.ask(path, body, nil)
	if r.code != 0 || r.status != 200 {
		a.t.Fatalf("%s %s: %d %s", path, body, r.code, r.words)
	}
	return r.data
}

// bad asks for what must be refused.
func (a *api) bad(path, body string, code int, words ...string) {
	a.t.Helper()
	a.refused(path, body, nil, code, words...)
}

func (a *api) refused(path, body string, change map[string]string, code int, words ...string) {
	a.t.Helper()
	r := a.ask(path, body, change)
	if r.code != code || r.status != 200 {
		a.t.Fatalf("%s %.100s: status %d, %d %s; want 200, %d", path, body, r.status, r.code, r.words, code)
	}
	for _, w := range words {
		if !strings.Contains(r.words, w) {
			a.t.Errorf("%s %.100s: %d %s\nwant %s in it", path, body, r.code, r.words, w)
		}
	}
}

// Bodies that are all right.
var goodBodies = map[string]string{
	"v1/callback/set":                              `{"address":"` + goodAddress + `","actions":["call_busy","normal_end"]}`,
	"v1/callback/get":                              `{}`,
	"v1/callback/update":                           `{"address":"` + goodAddress + `","actions":["call_busy","normal_end"]}`,
	"v1/callback/delete":                           `{}`,
	"v1/records/get_record_by_callId":              `{"callId":"2ae7d549-c441-4a9b-87c0-61810fe19582"}`,
	"v1/records/get_records_by_filter":             `{"startTimestamp":1618705638}`,
	"v4/call_config/set_callback":                  `{"Url":"` + goodAddress + `","CallbackCommandList":["Call.CallbackAfterStartCall"]}`,
	"v4/call_config/get_callback":                  `{}`,
	"v4/call_config/delete_callback":               `{}`,
	"v4/call_record_http_srv/get_record_by_callid": `{"CallId":"04c9a0ac-8e38-4a19-be45-349c5ce7911b"}`,
	"v4/call_record_http_srv/get_record_by_filter": `{}`,
	"v4/call_engine_http_srv/get_call_info":        `{"CallId":"055662e1-bc8a-469c-a334-1126c8c17d58"}`,
	"v4/call_engine_http_srv/end_call":             `{"CallId":"055662e1-bc8a-469c-a334-1126c8c17d58"}`,
	"v4/call_engine_http_srv/start_call_by_robot":  `{"Robot_Account":"robot","CalleeList_Account":["jack"],"Timeout":300000,"CallInfo":{"MediaType":"Video"}}`,
}

// Each command has a good body here, and the documents' paths are all there.
func TestRestPaths(t *testing.T) {
	var want []string
	for path := range goodBodies {
		want = append(want, path)
	}
	got := rest.Paths()
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What the query can be wrong in, for all commands of both generations.
func TestQueryErrors(t *testing.T) {
	a := newAPI(t)
	for name, test := range map[string]struct {
		change map[string]string
		v1, v4 int
		words  string
	}{
		"no sdkappid":              {map[string]string{"sdkappid": "-"}, 70001, 60012, "sdkappid: is missing"},
		"sdkappid in another case": {map[string]string{"sdkappid": "-", "SdkAppid": "1400000001"}, 70001, 60012, "there is SdkAppid, but names are case-sensitive"},
		"sdkappid is no number":    {map[string]string{"sdkappid": "0x1"}, 70001, 60012, `sdkappid: is "0x1", want a number`},
		"sdkappid has a sign":      {map[string]string{"sdkappid": "-1400000001"}, 70001, 60012, "sdkappid: is"},
		"unknown app":              {map[string]string{"sdkappid": "5"}, 70001, 60006, "sdkappid: there is no app 5"},
		"sdkappid of 33 bits":      {map[string]string{"sdkappid": "5694967297"}, 70001, 60006, "sdkappid: there is no app 5694967297"},
		"no identifier":            {map[string]string{"identifier": "-"}, 70001, 60004, "identifier: is missing"},
		"empty identifier":         {map[string]string{"identifier": ""}, 70001, 60004, "identifier: is missing"},
		"no usersig":               {map[string]string{"usersig": "-", "userSig": vendorsSig}, 70001, 60004, "usersig: is missing; there is userSig"},
		"no random":                {map[string]string{"random": "-"}, 70001, 60004, "random: is missing"},
		"random is no number":      {map[string]string{"random": "x"}, 70001, 60004, `random: is "x"`},
		"random has a sign":        {map[string]string{"random": "-1"}, 70001, 60004, `random: is "-1"`},
		"random of 65 bits":        {map[string]string{"random": "18446744073709551616"}, 70001, 60004, `random: is "18446744073709551616"`},
		"no contenttype":           {map[string]string{"contenttype": "-"}, 70001, 60004, "contenttype: is missing"},
		"another contenttype":      {map[string]string{"contenttype": "JSON"}, 70001, 60004, `contenttype: is "JSON", want json`},
		"broken usersig":           {map[string]string{"usersig": vendorsSig[:80]}, 70002, 60004, "usersig: the UserSig is broken: "},
		"usersig of another app":   {map[string]string{"sdkappid": strconv.Itoa(otherApp)}, 70002, 60004, "usersig: the UserSig is for app 1400000001, want 1400000002"},
		"usersig of another user":  {map[string]string{"identifier": "admin"}, 70002, 60004, `usersig: the UserSig is for user "administrator", want "admin"`},
		"another key":              {map[string]string{"usersig": sign(t, "x"+key, appID, "administrator")}, 70002, 60004, "usersig: the key did not sign"},
		"no administrator":         {map[string]string{"identifier": "bob", "usersig": sign(t, key, appID, "bob")}, 70004, 60010, `identifier: is "bob", want one of administrator, admin`},
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			for path, body := range goodBodies {
				want := test.v1
				if strings.HasPrefix(path, "v4/") {
					want = test.v4
				}
				a.refused(path, body, test.change, want, test.words)
			}
		})
	}
}

// Nothing that only the app knows is in an answer.
func TestAnswersHoldNoSecrets(t *testing.T) {
	a := newAPI(t)
	for path, body := range goodBodies {
		for _, sig := range []string{sign(t, "x"+key, appID, "administrator"), vendorsSig[:100], sign(t, key, otherApp, "administrator")} {
			r := a.ask(path, body, map[string]string{"usersig": sig})
			if strings.Contains(r.words, key) || strings.Contains(r.words, "fLTRxq0Tn87NaIg5M5phhXUuoSUA8zo") {
				t.Errorf("%s: %s", path, r.words)
			}
		}
	}
	a.bad("v1/callback/set", `{"address":"ftp://u:hush@x/?token=hush","actions":["cancel"]}`, 70001)
	if r := a.ask("v1/callback/set", `{"address":"ftp://u:hush@x/?token=hush","actions":["cancel"]}`, nil); strings.Contains(r.words, "hush") {
		t.Error(r.words)
	}
}

// A UserSig is good up to and including its last second, in wall time.
func TestUserSigExpires(t *testing.T) {
	a := newAPI(t)
	for _, test := range []struct {
		now    int64
		v1, v4 int
	}{{sigMadeAt + sigGoodFor, 0, 0}, {sigMadeAt + sigGoodFor + 1, 70003, 60004}} {
		a.backend.SetClock(func() time.Time { return time.Unix(test.now, 0) })
		for path, want := range map[string]int{"v1/callback/delete": test.v1, "v4/call_config/delete_callback": test.v4} {
			if r := a.ask(path, "{}", nil); r.code != want || want != 0 && !strings.Contains(r.words, "usersig: the UserSig expired 1s ago") {
				t.Errorf("%s at %d: %d %s, want %d", path, test.now, r.code, r.words, want)
			}
		}
	}
}

// Whoever is configured is an administrator, and else both names that the
// documents use.
func TestAdmins(t *testing.T) {
	admin := map[string]string{"identifier": "admin", "usersig": sign(t, key, appID, "admin")}
	a := newAPI(t)
	if r := a.ask("v1/callback/delete", "{}", admin); r.code != 0 {
		t.Error(r.words)
	}
	a = newAPI(t, func(cfg *control.Config) { cfg.Admins = []string{"root"} })
	a.refused("v1/callback/delete", "{}", admin, 70004)
	a.refused("v1/callback/delete", "{}", map[string]string{"identifier": "root", "usersig": sign(t, key, appID, "root")}, 0)
}

// A request that is wrong in everything is told of one thing after the other,
// in the order of the checks.
func TestOrderOfChecks(t *testing.T) {
	for path, want := range map[string][]int{
		"v1/callback/set":             {70001, 70001, 70001, 70001, 70001, 70002, 70002, 70002, 70002, 70003, 70004, 70005, 70009, 70001, 70001, 50001, 0},
		"v4/call_config/set_callback": {60002, 60012, 60012, 60006, 60004, 60004, 60004, 60004, 60004, 60004, 60010, 60007, 60003, 100002, 100002, 60020, 0},
	} {
		t.Run(path, func(t *testing.T) {
			a := newAPI(t, func(cfg *control.Config) {
				cfg.NoRateLimit = false
				cfg.Apps = append(cfg.Apps, control.App{ID: 7, Key: "another " + key})
			})
			for a.ask(path, "", of(t, freeApp)).code != want[11] { // up to the rate
			}
			raw := func(query string) reply { return a.send("POST", path+"?"+query, strings.NewReader("")) }
			steps := []func() reply{
				func() reply { return raw("sdkappid=%zz") },
				func() reply { return raw("identifier=bob") },
				func() reply { return raw("identifier=bob&sdkappid=x") },
				func() reply { return raw("identifier=bob&sdkappid=5") },
				func() reply { return raw("identifier=bob&usersig=x&sdkappid=88888888") },
			}
			late := "usersig: the UserSig expired"
			old := func(secret string, app uint32, who string) string {
				sig, err := usersig.Sign(secret, usersig.Claims{SDKAppID: app, Identifier: who, Time: 1, Expire: 1})
				if err != nil {
					t.Fatal(err)
				}
				return sig
			}
			ask := func(app uint32, who, sig, body string) func() reply {
				return func() reply {
					return a.ask(path, body, map[string]string{"sdkappid": strconv.Itoa(int(app)), "identifier": who, "usersig": sig})
				}
			}
			good := goodBodies[path]
			badScheme := strings.ReplaceAll(good, "http:", "ftp:")
			steps = append(steps,
				ask(freeApp, "bob", "x", ""),
				ask(freeApp, "bob", old("x", appID, "eve"), ""),
				ask(freeApp, "bob", old("x", freeApp, "eve"), ""),
				ask(freeApp, "bob", old("x", freeApp, "bob"), ""),
				ask(freeApp, "bob", old(key, freeApp, "bob"), ""),
				ask(freeApp, "bob", sign(t, key, freeApp, "bob"), ""),
				ask(freeApp, "administrator", sign(t, key, freeApp, "administrator"), ""),
			)
			var got []int
			for i, step := range steps {
				r := step()
				if got = append(got, r.code); i == 9 && !strings.Contains(r.words, late) {
					t.Errorf("an old UserSig: %s", r.words)
				}
			}
			a.backend.SetClock(func() time.Time { return time.Unix(sigMadeAt+60, 0) }) // the bucket is full again
			for _, body := range []string{"", "{}", badScheme, good} {
				got = append(got, a.ask(path, body, of(t, freeApp)).code)
			}
			got = append(got, a.ask(path, good, nil).code)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a body can be wrong in as a whole, for all commands.
func TestBodyErrors(t *testing.T) {
	a := newAPI(t)
	for name, test := range map[string]struct{ body, words string }{
		"empty":        {"", "the body is empty, want a JSON object, at least {}"},
		"blank":        {" \r\n\t", "the body is empty"},
		"null":         {"null", "the body is null, want a JSON object"},
		"a list":       {"[]", "the body is a list, want a JSON object"},
		"a text":       {`"{}"`, "the body is a text"},
		"a number":     {"0", "the body is a number"},
		"true":         {"true", "the body is true"},
		"cut short":    {`{"CallId":"x"`, "the body is not JSON: unexpected end of JSON input"},
		"two values":   {"{}{}", "the body is not JSON: invalid character '{' after top-level value"},
		"comments":     {"{} // at least", "the body is not JSON"},
		"a form":       {"address=x", "the body is not JSON"},
		"a byte mark":  {"\ufeff{}", "the body is not JSON"},
		"not UTF-8":    {"{\"a\":\"\xff\"}", "the body is not UTF-8"},
		"bottomless":   {`{"a":` + strings.Repeat("[", 60_000), "the body is not JSON"},
		"deep":         {`{"a":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "}", "exceeded max depth at byte"},
		"deep objects": {strings.Repeat(`{"a":`, 10_001) + "0" + strings.Repeat("}", 10_001), "exceeded max depth at byte"},
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			for path := range goodBodies {
				want := 70009
				if strings.HasPrefix(path, "v4/") {
					want = 60003
				}
				a.bad(path, test.body, want, test.words)
			}
		})
	}
}

// Without the package nothing works that is all right otherwise.
func TestNoPackage(t *testing.T) {
	a := newAPI(t)
	for path, body := range goodBodies {
		want := 50001
		if strings.HasPrefix(path, "v4/") {
			want = 60020
		}
		a.refused(path, body, of(t, freeApp), want, "package")
	}
}

// The status of HTTP is 200 where the method is wrong, and says the same as the
// answer where the body is too large.
func TestStatuses(t *testing.T) {
	a := newAPI(t)
	for path, body := range goodBodies {
		target := path + "?" + goodQuery().Encode()
		for _, method := range []string{"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "post"} {
			want := map[bool]int{true: 70001, false: 60002}[strings.HasPrefix(path, "v1/")]
			words := "the method is " + strconv.Quote(method) + ", want POST"
			if r := a.send(method, target, nil); r.status != 200 || r.code != want || !strings.Contains(r.words, words) {
				t.Errorf("%s %s: status %d, %d %s", method, path, r.status, r.code, r.words)
			}
		}
		just := strings.Repeat(" ", 64<<10-len(body)) + body
		if r := a.ask(path, just, nil); r.status != 200 || r.code == 70009 || r.code == 60003 {
			t.Errorf("%s with just 64 KiB: status %d, %s", path, r.status, r.words)
		}
		for name, body := range map[string]io.Reader{
			"announced":   strings.NewReader(just + " "),
			"unannounced": io.MultiReader(strings.NewReader(just), strings.NewReader(" ")),
			"a megabyte":  bytes.NewReader(make([]byte, 1<<20)),
		} {
			if r := a.send("POST", target, body); r.status != 413 || !strings.Contains(r.words, "more than 65536 bytes") {
				t.Errorf("%s, a body too large, %s: status %d, %s", path, name, r.status, r.words)
			}
		}
	}
	resp, err := http.Head(a.url + "/v1/callback/set")
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
}

// Paths are case-sensitive. What does not exist is said with what does, in the
// form of its generation.
func TestNoSuchCommand(t *testing.T) {
	a := newAPI(t)
	for path, meant := range map[string]string{
		"v4": "", "v4/": "", "v4/call_config": "", "v4/call_config/set_callback/": "set_callback",
		"v4/call_config/set_calback": "set_callback", "v4/call_config/update_callback": "", "v4/Call_Config/set_callback": "set_callback",
		"v1": "", "v1/": "", "v1/callback": "", "v1/callback/set/": "set", "v1/callback/Set": "set", "v1/callback/up": "update",
		"v1/records/get_record_by_callid": "get_record_by_callId", "v1/callback/updat": "update",
	} {
		code, other := 60009, "/v1/callback"
		if strings.HasPrefix(path, "v1") {
			code, other = 70001, "/v4/call_"
		}
		for _, method := range []string{"POST", "GET", "PUT"} {
			r := a.send(method, path, nil)
			if r.status != 200 || r.code != code || !strings.Contains(r.words, `"/`+path+`" does not exist; `) || strings.Contains(r.words, other) {
				t.Errorf("%s %s: status %d, %d %s", method, path, r.status, r.code, r.words)
			}
			if _, rest, ok := strings.Cut(r.words, "did you mean "); ok != (meant != "") || ok && !strings.Contains(rest, "/"+meant+"? ") {
				t.Errorf("%s %s: %s; want it to mean %q", method, path, r.words, meant)
			}
		}
	}
}

// warned is what the journal warns of.
func (a *api) warned() (list []string) {
	a.backend.Read(func(s *journal.State) {
		for _, w := range s.Warned {
			list = append(list, w.About+": "+w.Text)
		}
	})
	return list
}

// A random number of 63 bits is what a real client sends: that is warned of, once
// for an app. Unknown parameters are ignored, and of a double the first
// counts.
func TestLenientQuery(t *testing.T) {
	a := newAPI(t)
	take := func(randoms ...string) {
		for _, random := range randoms {
			if r := a.ask("v1/callback/delete", "{}", map[string]string{"random": random, "Random": "x", "other": "1"}); r.code != 0 {
				t.Errorf("random %s: %s", random, r.words)
			}
		}
	}
	take("0", "4294967295", "000000000001")
	a.ask("v1/callback/delete", "{}", map[string]string{"random": "9223372036854775807", "usersig": "x"})
	if got := a.warned(); len(got) > 0 {
		t.Errorf("warned of what is documented, or of what is refused: %q", got)
	}
	take("4294967296", "9223372036854775807", "18446744073709551615")
	if r := a.ask("v4/call_config/delete_callback", "{}", map[string]string{
		"random": "9223372036854775807", "sdkappid": strconv.Itoa(otherApp), "usersig": sign(t, key, otherApp, "administrator"),
	}); r.code != 0 {
		t.Error(r.words)
	}
	want := []string{
		"random: app 1400000001 sends a random above 4294967295, the largest of the documents (60138, 68926)",
		"random: app 1400000002 sends a random above 4294967295, the largest of the documents (60138, 68926)",
	}
	if diff := cmp.Diff(want, a.warned()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if r := a.send("POST", "v1/callback/delete?"+goodQuery().Encode()+"&sdkappid=5", strings.NewReader("{}")); r.code != 0 {
		t.Error(r.words)
	}
}

// Each request is counted by its command and code.
func TestRestIsCounted(t *testing.T) {
	a := newAPI(t)
	a.good("v1/callback/delete", "{}")
	a.good("v1/callback/delete", "{}")
	a.refused("v1/callback/delete", "{}", map[string]string{"usersig": "x"}, 70002)
	a.send("GET", "v4/call_config/set_callback", nil)
	a.send("POST", "v4/x", nil)
	a.send("POST", "v4/y/z", nil)
	resp, err := http.Get(a.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "ringback_rest_requests_total") {
			got = append(got, strings.TrimSpace(strings.TrimPrefix(line, "ringback_rest_requests_total")))
		}
	}
	want := []string{
		`{code="0",path="v1/callback/delete"} 2`, `{code="60002",path="v4/call_config/set_callback"} 1`,
		`{code="60009",path="v4/"} 2`, `{code="70002",path="v1/callback/delete"} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Many clients may ask at once.
func TestRestAtOnce(t *testing.T) {
	a := newAPI(t)
	done := make(chan int)
	for range 4 {
		go func() {
			n := 0
			for range 10 {
				for path, body := range goodBodies {
					resp, err := http.Post(a.url+"/"+path+"?"+goodQuery().Encode(), "", strings.NewReader(body))
					if err != nil {
						continue
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					n++
				}
			}
			done <- n
		}()
	}
	for range 4 {
		if n := <-done; n != 10*len(goodBodies) {
			t.Errorf("%d answers", n)
		}
	}
}
