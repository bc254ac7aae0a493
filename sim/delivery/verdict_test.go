package delivery_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim/delivery"
)

// answer is one that came back, with the words of the verdicts on it.
type answer struct {
	name           string
	answer         delivery.Answer
	v1, v4, strict string
}

// ok200 is HTTP 200 with a body. v4 takes it whatever the body says.
func ok200(name, body, v1, strict string) answer {
	return answer{name, delivery.Answer{Status: 200, Connected: true, Body: []byte(body)}, v1, "acked", strict}
}

// status is an answer with another status, and a body that would do.
func status(code int, word string) answer {
	body := []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)
	return answer{fmt.Sprintf("status %d", code), delivery.Answer{Status: code, Connected: true, Body: body}, word, word, word}
}

func failure(name string, f delivery.Failure, detail string) answer {
	a := delivery.Answer{Failure: f, Detail: detail, Connected: !f.NeverConnected()}
	return answer{name, a, f.String(), f.String(), f.String()}
}

func with(a answer, change func(*delivery.Answer)) answer {
	change(&a.answer)
	return a
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

var answers = []answer{
	// What the pages ask for, and bodies as good as that.
	ok200("the v1 page's answer", `{"ErrorCode": 0, "ErrorMessage": "Success"}`, "acked", "missing_key"),
	ok200("the v4 pages' answer", `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, "acked", "acked"),
	ok200("OK in other letters", `{"ActionStatus":"O\u004b","ErrorInfo":"","ErrorCode":0}`, "acked", "acked"),
	ok200("both in one", `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ErrorMessage":null}`, "acked", "acked"),
	ok200("nothing but the code", `{"ErrorCode":0}`, "acked", "missing_key"),
	ok200("space all around", " \t\r\n{ \"ErrorCode\" :\n0 } \r\n", "acked", "missing_key"),
	ok200("minus zero", `{"ErrorCode":-0}`, "acked", "missing_key"),
	ok200("the last of two codes is 0", `{"ErrorCode":1,"ErrorCode":0}`, "acked", "missing_key"),
	ok200("an escaped key", `{"\u0045rrorCode":0}`, "acked", "missing_key"),
	ok200("the code behind other things", `{"a":[{"ErrorCode":1},null,true,-1.5e+3],"b":"\"}","ErrorCode":0}`, "acked", "missing_key"),
	ok200("nested deep", `{"a":`+nested(500)+`,"ErrorCode":0}`, "acked", "missing_key"),
	ok200("bytes that are no UTF-8, in a text", "{\"ErrorMessage\":\"\xff\",\"ErrorCode\":0}", "acked", "missing_key"),

	// The code is wrong.
	ok200("an error code", `{"ErrorCode":1,"ErrorMessage":"deadlock detected"}`, "error_code", "missing_key"),
	ok200("v4 says fail", `{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":1}`, "error_code", "error_code"),
	ok200("a negative code", `{"ErrorCode":-1}`, "error_code", "missing_key"),
	ok200("a huge code", `{"ErrorCode":123456789012345678901234567890}`, "error_code", "missing_key"),
	ok200("the last of two codes is 1", `{"ErrorCode":0,"ErrorCode":1}`, "error_code", "missing_key"),
	ok200("a string", `{"ErrorCode":"0"}`, "string_code", "missing_key"),
	ok200("a string, strict", `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":"0"}`, "string_code", "string_code"),
	ok200("an empty string", `{"ErrorCode":""}`, "string_code", "missing_key"),
	ok200("null", `{"ErrorCode":null}`, "code_type", "missing_key"),
	ok200("false", `{"ErrorCode":false}`, "code_type", "missing_key"),
	ok200("a fraction", `{"ErrorCode":0.0}`, "code_type", "missing_key"),
	ok200("an exponent", `{"ErrorCode":0e0}`, "code_type", "missing_key"),
	ok200("an array", `{"ErrorCode":[0]}`, "code_type", "missing_key"),
	ok200("an object", `{"ErrorCode":{"ErrorCode":0}}`, "code_type", "missing_key"),

	// The code is missing.
	ok200("an empty object", `{}`, "missing_code", "missing_key"),
	ok200("another key", `{"code":0}`, "missing_code", "missing_key"),
	ok200("lower camel case", `{"errorCode":0,"errorMessage":"Success"}`, "wrong_case", "missing_key"),
	ok200("lower case", `{"errorcode":0}`, "wrong_case", "missing_key"),
	ok200("upper case, escaped", `{"\u0045RRORCODE":0}`, "wrong_case", "missing_key"),
	ok200("wrong case beside the right one", `{"errorCode":1,"ErrorCode":0}`, "acked", "missing_key"),
	ok200("with an underscore", `{"Error_Code":0}`, "missing_code", "missing_key"),
	ok200("one level down", `{"data":{"ErrorCode":0}}`, "missing_code", "missing_key"),

	// Strict v4 wants more.
	ok200("no ErrorInfo", `{"ActionStatus":"OK","ErrorCode":0}`, "acked", "missing_key"),
	ok200("ErrorInfo null", `{"ActionStatus":"OK","ErrorInfo":null,"ErrorCode":0}`, "acked", "missing_key"),
	ok200("ActionStatus is a number", `{"ActionStatus":0,"ErrorInfo":"","ErrorCode":0}`, "acked", "missing_key"),
	ok200("no ErrorCode, strict", `{"ActionStatus":"OK","ErrorInfo":""}`, "missing_code", "missing_code"),
	ok200("wrong case, strict", `{"ActionStatus":"OK","ErrorInfo":"","errorcode":0}`, "wrong_case", "wrong_case"),
	ok200("fails with code 0", `{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":0}`, "acked", "not_ok"),
	ok200("ok in lower case", `{"ActionStatus":"ok","ErrorInfo":"","ErrorCode":0}`, "acked", "not_ok"),

	// It is no JSON object.
	ok200("empty", "", "empty", "empty"),
	ok200("nothing but space", " \r\n", "empty", "empty"),
	ok200("plain text", "OK", "not_json", "not_json"),
	ok200("HTML", "<!DOCTYPE html>\n<html><body>Welcome to nginx!</body></html>\n", "not_json", "not_json"),
	ok200("a form", "ErrorCode=0", "not_json", "not_json"),
	ok200("a byte order mark", "\ufeff{\"ErrorCode\":0}", "not_json", "not_json"),
	ok200("single quotes", `{'ErrorCode':0}`, "not_json", "not_json"),
	ok200("a comma too many", `{"ErrorCode":0,}`, "not_json", "not_json"),
	ok200("a comment", `{"ErrorCode":0 // fine`+"\n}", "not_json", "not_json"),
	ok200("a leading zero", `{"ErrorCode":00}`, "not_json", "not_json"),
	ok200("a plus sign", `{"ErrorCode":+0}`, "not_json", "not_json"),
	ok200("hexadecimal", `{"ErrorCode":0x0}`, "not_json", "not_json"),
	ok200("NaN", `{"ErrorCode":NaN}`, "not_json", "not_json"),
	ok200("a line feed in a text", "{\"ErrorMessage\":\"a\nb\",\"ErrorCode\":0}", "not_json", "not_json"),
	ok200("a wrong escape", `{"ErrorMessage":"\x","ErrorCode":0}`, "not_json", "not_json"),
	ok200("a control character in a text", "{\"ErrorMessage\":\"a\x1fb\",\"ErrorCode\":0}", "not_json", "not_json"),
	ok200("a wrong hexadecimal escape", `{"ErrorMessage":"\u00g0","ErrorCode":0}`, "not_json", "not_json"),
	ok200("half of it", `{"ErrorCode":0`, "not_json", "not_json"),
	ok200("nested too deep", `{"a":`+nested(20000)+`,"ErrorCode":0}`, "not_json", "not_json"),
	with(ok200("gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00", "not_json", "not_json"), func(a *delivery.Answer) { a.Encoding = "gzip" }),
	with(ok200("said to be gzip, but is not", `{"ErrorCode":0}`, "acked", "missing_key"), func(a *delivery.Answer) { a.Encoding = "gzip" }),
	ok200("an array", `[{"ErrorCode":0}]`, "not_object", "not_object"),
	ok200("a number", `0`, "not_object", "not_object"),
	ok200("a text", `"{\"ErrorCode\":0}"`, "not_object", "not_object"),
	ok200("null alone", `null`, "not_object", "not_object"),
	ok200("two numbers", `0 0`, "not_json", "not_json"),
	ok200("two objects", `{"ErrorCode":0}{"ErrorCode":0}`, "trailing", "trailing"),
	ok200("garbage behind it", `{"ErrorCode":0}<br>`, "trailing", "trailing"),
	ok200("a NUL behind it", "{\"ErrorCode\":0}\x00", "trailing", "trailing"),

	// Another status.
	status(201, "status_2xx"),
	with(status(204, "status_2xx"), func(a *delivery.Answer) { a.Body = nil }),
	status(299, "status_2xx"),
	with(status(301, "status_3xx"), func(a *delivery.Answer) { a.Location = "https://app.example/callback" }),
	status(304, "status_3xx"),
	status(400, "status_4xx"),
	status(404, "status_4xx"),
	status(429, "status_4xx"),
	status(500, "status_5xx"),
	status(502, "status_5xx"),
	status(599, "status_5xx"),
	status(600, "status_odd"),
	status(999, "status_odd"),

	// No answer.
	failure("DNS", delivery.NoAddress, "no such host"),
	failure("dial guard", delivery.Guarded, "169.254.169.254 is link-local"),
	failure("refused", delivery.Refused, ""),
	failure("no route", delivery.Unreachable, "network is unreachable"),
	failure("certificate", delivery.BadTLS, "certificate signed by unknown authority"),
	failure("reset", delivery.Reset, ""),
	failure("closed", delivery.Closed, ""),
	failure("cut short", delivery.CutShort, "12 of 40 bytes came"),
	failure("too large", delivery.TooLarge, "its Content-Length is 1073741824, the cap 65536 bytes"),
	failure("not HTTP", delivery.NotHTTP, `it begins with "SSH-2.0-"`),
	failure("timeout", delivery.TimedOut, ""),
	failure("timeout with a reason", delivery.TimedOut, "2s, waiting for the answer"),
	failure("no files", delivery.OwnFault, "socket: too many open files; raise ulimit -n"),
	failure("stopped", delivery.Stopped, ""),
	with(failure("a failure after a good status", delivery.CutShort, ""), func(a *delivery.Answer) { a.Status, a.Body = 200, []byte(`{"ErrorCode":0}`) }),
}

var rules = []struct {
	name string
	rule delivery.Rule
	word func(*answer) string
}{
	{"v1", delivery.V1, func(a *answer) string { return a.v1 }},
	{"v4", delivery.V4, func(a *answer) string { return a.v4 }},
	{"v4 strict", delivery.V4Strict, func(a *answer) string { return a.strict }},
}

// What CallKit makes of each kind of answer, and why. The golden file is the
// table for a person.
func TestJudge(t *testing.T) {
	var b strings.Builder
	for i := range answers {
		a := &answers[i]
		fmt.Fprintf(&b, "%s\n", a.name)
		if a.answer.Failure == delivery.NoFailure {
			fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(fmt.Sprintf("HTTP %d  %s", a.answer.Status, plain(a.answer.Body))))
		}
		for _, r := range rules {
			v := delivery.Judge(r.rule, &a.answer)
			if v.Word() != r.word(a) {
				t.Errorf("%s, %s: %s, want %s", a.name, r.name, v.Word(), r.word(a))
			}
			if v.Acked() != (v.Word() == "acked") || v.Rule != r.rule || v.Status != a.answer.Status {
				t.Errorf("%s, %s: %+v", a.name, r.name, v)
			}
			if v.Reason() == "" {
				t.Errorf("%s, %s: no reason", a.name, r.name)
			}
			again, _ := v.Retries()
			if again != (!v.Acked() && r.rule == delivery.V1) {
				t.Errorf("%s, %s: CallKit tries again is %t", a.name, r.name, again)
			}
			next := "settled"
			if again {
				next = "again"
			}
			fmt.Fprintf(&b, "  %-9s  %-12s  %-7s  %s\n", r.name, v.Word(), next, v.Reason())
		}
	}
	golden.Compare(t, "verdicts.txt", b.String())
}

// plain is a body as it is, or quoted when a line could not show it.
func plain(body []byte) string {
	s := string(body)
	if !strconv.CanBackquote(s) || strings.TrimSpace(s) != s {
		s = strconv.Quote(s)
	}
	if len(s) > 100 {
		s = s[:100] + "..."
	}
	return s
}

func TestRetries(t *testing.T) {
	bad, good := &delivery.Answer{Status: 500}, &delivery.Answer{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
	for _, test := range []struct {
		rule   delivery.Rule
		answer *delivery.Answer
		again  bool
		why    string
	}{
		{delivery.V1, bad, true, "v1 retries unless ErrorCode is 0 (60130)"},
		{delivery.V4, bad, false, "v4 documents no retry (34354); --dialect v4_retry=v1 retries as v1 does"},
		{delivery.V4Strict, bad, false, "v4 documents no retry (34354); --dialect v4_retry=v1 retries as v1 does"},
		{delivery.V1, good, false, "acknowledged"},
		{delivery.V4, good, false, "acknowledged"},
		{delivery.V4Strict, good, false, "acknowledged"},
	} {
		again, why := delivery.Judge(test.rule, test.answer).Retries()
		if again != test.again || why != test.why {
			t.Errorf("rule %d, HTTP %d: %t, %s", test.rule, test.answer.Status, again, why)
		}
	}
}

func TestNeverConnected(t *testing.T) {
	never := map[delivery.Failure]bool{
		delivery.NoAddress: true, delivery.Guarded: true, delivery.Refused: true, delivery.Unreachable: true, delivery.BadTLS: true,
	}
	for f := range delivery.Stopped + 1 {
		if f.NeverConnected() != never[f] {
			t.Errorf("%q: never connected is %t", f, f.NeverConnected())
		}
	}
}

// A verdict survives the journal, all but the rule, which follows from the
// dialect.
func TestVerdictJSON(t *testing.T) {
	for i := range answers {
		for _, r := range rules {
			v := delivery.Judge(r.rule, &answers[i].answer)
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			var fields struct{ Is, Reason string }
			if err := json.Unmarshal(b, &fields); err != nil || fields.Is != v.Word() || fields.Reason != v.Reason() {
				t.Errorf("%s: %s, %v", answers[i].name, b, err)
			}
			var back delivery.Verdict
			if err := json.Unmarshal(b, &back); err != nil {
				t.Errorf("%s: %s: %v", answers[i].name, b, err)
			}
			back.Rule = v.Rule
			if diff := cmp.Diff(v, back); diff != "" {
				t.Errorf("%s: %s (-was +is):\n%s", answers[i].name, b, diff)
			}
		}
	}
	for _, s := range []string{`{"is":"nonsense"}`, `{"is":"ACKED"}`, `{"is":1}`, `[]`} {
		var v delivery.Verdict
		if err := json.Unmarshal([]byte(s), &v); err == nil {
			t.Errorf("%s is %+v", s, v)
		}
	}
}

// An answer in HTML stays readable in a journal.
func TestVerdictJSONKeepsHTML(t *testing.T) {
	v := delivery.Judge(delivery.V1, &delivery.Answer{Status: 200, Body: []byte("<b>&</b>")})
	b, err := v.MarshalJSON()
	if want := `{"is":"not_json","status":200,"detail":"\"<b>&</b>\"","reason":"the answer is not JSON: \"<b>&</b>\""}`; err != nil || strings.TrimSpace(string(b)) != want {
		t.Errorf("got  %s, %v\nwant %s", b, err, want)
	}
}
