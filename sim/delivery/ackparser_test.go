package delivery_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ringback/sim/delivery"
)

// judged is what encoding/json makes of an answer: the word of the verdict
// under V1 and V4Strict, and the text of ErrorCode.
type judged struct{ v1, strict, code string }

var integer = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

func byEncodingJSON(body []byte) judged {
	all := func(word string) judged { return judged{v1: word, strict: word} }
	rest := bytes.TrimLeft(body, " \t\r\n")
	var first json.RawMessage
	switch {
	case len(rest) == 0:
		return all("empty")
	case !json.Valid(body) && rest[0] == '{' && json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil:
		return all("trailing")
	case !json.Valid(body):
		return all("not_json")
	case rest[0] != '{':
		return all("not_object")
	}
	var keys map[string]json.RawMessage // the last of equal keys wins; case counts
	if err := json.Unmarshal(body, &keys); err != nil {
		panic(err)
	}
	j := judged{code: string(keys["ErrorCode"])}
	j.v1 = codeWord(keys)
	j.strict = j.v1
	var said string
	_ = json.Unmarshal(keys["ActionStatus"], &said) // may be no string
	switch action := string(keys["ActionStatus"]); {
	case !strings.HasPrefix(action, `"`):
		j.strict = "missing_key"
	case j.v1 != "acked":
	case said != "OK":
		j.strict = "not_ok"
	case !strings.HasPrefix(string(keys["ErrorInfo"]), `"`):
		j.strict = "missing_key"
	}
	return j
}

func codeWord(keys map[string]json.RawMessage) string {
	code, there := keys["ErrorCode"]
	switch {
	case !there:
		for k := range keys {
			if len(k) == len("ErrorCode") && strings.EqualFold(k, "ErrorCode") {
				return "wrong_case"
			}
		}
		return "missing_code"
	case code[0] == '"':
		return "string_code"
	case !integer.Match(code):
		return "code_type"
	case string(code) != "0" && string(code) != "-0":
		return "error_code"
	}
	return "acked"
}

func FuzzAnswer(f *testing.F) {
	for i := range answers {
		f.Add(answers[i].answer.Body)
	}
	f.Add([]byte(`{"a":{"b":[1,2,{"c":"d"}],"e":"\ud83d\ude00"},"f":-0.5E-7,"ErrorCode" : 17 }`))
	var judges delivery.CachingJudge
	f.Fuzz(func(t *testing.T, body []byte) {
		if bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > 1000 {
			return // the two differ in how deep they go
		}
		want := byEncodingJSON(body)
		v := judges.Judge(delivery.V1, &delivery.Answer{Status: 200, Body: body})
		if again := judges.Judge(delivery.V1, &delivery.Answer{Status: 200, Body: body}); again != v {
			t.Fatalf("judged again: %+v, not %+v:\n%q", again, v, body)
		}
		if v.Word() != want.v1 {
			t.Fatalf("v1: %s (%s), encoding/json says %s:\n%q", v.Word(), v.Reason(), want.v1, body)
		}
		switch v.Class {
		case delivery.ErrorCode, delivery.StringCode, delivery.CodeType:
			if len(want.code) <= 60 && !strings.HasPrefix(v.Detail, want.code) && !strings.HasPrefix(v.Detail, strconv.Quote(want.code)) { // longer ones are cut
				t.Fatalf("ErrorCode is %q, encoding/json says %q:\n%q", v.Detail, want.code, body)
			}
		}
		if v := judges.Judge(delivery.V4Strict, &delivery.Answer{Status: 200, Body: body}); v.Word() != want.strict {
			t.Fatalf("v4 strict: %s (%s), encoding/json says %s:\n%q", v.Word(), v.Reason(), want.strict, body)
		}
	})
}

// Whatever was judged before, an answer is judged as if it were the first.
func TestJudges(t *testing.T) {
	var judges delivery.CachingJudge
	for range 2 {
		for _, rule := range []delivery.Rule{delivery.V1, delivery.V4, delivery.V4Strict} {
			for i := range answers {
				for range 2 {
					a := answers[i].answer
					if got, want := judges.Judge(rule, &a), delivery.Judge(rule, &a); got != want {
						t.Errorf("rule %d, %q: %+v, not %+v", rule, a.Body, got, want)
					}
				}
			}
		}
	}
}

// An acknowledgement is copied once and, if it repeats the one before, not at all: a
// load generator judges every answer.
func TestJudgeAllocates(t *testing.T) {
	for _, test := range []struct {
		rule delivery.Rule
		body string
	}{
		{delivery.V1, `{"ErrorCode":0,"ErrorMessage":"Success"}`},
		{delivery.V1, ` { "ErrorMessage" : "Success", "data": {"a":[1,2,3]}, "ErrorCode" : 0 } `},
		{delivery.V4, `OK`},
		{delivery.V4Strict, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`},
	} {
		a := &delivery.Answer{Status: 200, Body: []byte(test.body)}
		acked := true
		var judges delivery.CachingJudge
		first := testing.AllocsPerRun(100, func() { acked = acked && delivery.Judge(test.rule, a).Acked() })
		again := testing.AllocsPerRun(100, func() { acked = acked && judges.Judge(test.rule, a).Acked() })
		if first > 1 || again != 0 || !acked {
			t.Errorf("rule %d, %s: %v allocations, %v if it repeats, acked %t", test.rule, test.body, first, again, acked)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	a := &delivery.Answer{Status: 200, Body: []byte(`{"ErrorCode":0,"ErrorMessage":"Success"}`)}
	b.ReportAllocs()
	for b.Loop() {
		delivery.Judge(delivery.V1, a)
	}
}

// Objects as keys nest without values; they must not nest without bound.
func TestNestedKeys(t *testing.T) {
	body := bytes.Repeat([]byte("{"), 1<<20)
	if v := delivery.Judge(delivery.V1, &delivery.Answer{Status: 200, Body: body}); v.Word() != "not_json" {
		t.Errorf("judged as %s", v.Word())
	}
}
