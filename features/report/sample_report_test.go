package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// sampleReport has one of each thing that a report can hold.
func sampleReport() *Report {
	r := &Report{
		Version: "v0.9.0", Seed: 18446744073709551615, Epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Run: "qbwrgj",
		Generation: "both", Target: "http://127.0.0.1:3000/callback?token=…", Took: 2140 * time.Millisecond,
		Began: time.Date(2026, 3, 1, 10, 30, 7, 8, time.FixedZone("", 3600)),
	}
	r.Scenarios = []Result{
		samplePassed("A status callback is acknowledged (normal_end)", 12),
		sampleDiff(),
		sampleWeird(),
		sampleSilent(),
		sampleWarned(),
		samplePassed("A status callback is acknowledged (取消 cancel 📵)", 13),
		sampleSkipped("A retry is stored once", "it looks at what the receiver stored, and there is no --probe"),
		sampleSkipped("A copy is stored once", "it looks at what the receiver stored, and there is no --probe"),
		sampleSkipped("An audio call becomes a video call", "MemberChanged is not registered"),
		samplePassed("A status callback is acknowledged (reject)", 14),
	}
	// Rows of one outline may have the same name, and run in both generations.
	same := samplePassed("A status callback is acknowledged (reject)", 15)
	r.Scenarios = append(r.Scenarios, same, same)
	r.Clauses = sampleClauses()
	return r
}

func sampleClauses() []Coverage {
	return []Coverage{
		{ID: "v1-ack-http-200", Document: "34354", Section: "failed webhooks", Generation: "v1", Level: "must", Words: "An acknowledgement has HTTP status 200.", Scenarios: []string{"A status callback is acknowledged (normal_end)"}, Status: Failed},
		{ID: "v1-ack-errorcode-integer", Document: "60130", Section: "response", Generation: "v1", Level: "must", Words: `ErrorCode is there, and is the integer 0. The string "0" is not.`, Scenarios: []string{"The answer is the documented object"}, Status: Failed},
		{ID: "v1-retry-once", Document: "60130", Section: "retry", Generation: "v1", Level: "must", Words: "A callback that comes again is stored once.", Scenarios: []string{"A retry is stored once"}, Status: Skipped},
		{ID: "v1-unknown-keys", Document: "60130", Section: "request", Generation: "v1", Level: "should", Words: "Keys that are not documented are ignored.", Scenarios: []string{"Unknown keys are ignored"}, Status: Warned},
		{ID: "v4-record", Document: "69215", Section: "request", Generation: "v4", Level: "must", Words: "A CallRecord is taken whatever its numbers.", Status: Skipped},
	}
}

func samplePassed(name string, line int) Result {
	return Result{
		Name: name, Feature: "Status callbacks", File: "features/v1_status.feature", Line: line, Tags: []string{"@v1"},
		Clauses: []string{"v1-ack-http-200"}, Level: "must", Status: Passed, Took: 3210 * time.Microsecond,
		Rerun: "ringback verify --target 'http://127.0.0.1:3000/callback' --seed 7 --tags @v1",
		History: []Moment{
			{Fact: "alice starts the call"},
			{Exchange: sampleExchange("caller_start_call", "alice", 1)},
			{At: 3 * time.Second, Fact: "bob answers"},
			{At: 3 * time.Second, Exchange: sampleExchange("callee_accept_call", "bob", 1)},
			{At: 12 * time.Second, Fact: "the call is over: normal_end after 9s"},
			{At: 12 * time.Second, Exchange: sampleExchange("normal_end", "alice", 1)},
		},
	}
}

func sampleExchange(word, user string, attempt int) *Exchange {
	return &Exchange{
		Delivery: 1, CallID: "rb-qbwrgj-0001", Word: word, User: user, Attempt: attempt, MaxAttempts: 7,
		URL:    "/callback?token=…&sdkappid=1400000001&command=" + word + "&contenttype=json&clientip=127.0.0.1&optplatform=iOS",
		Body:   fmt.Sprintf(`{"UserId":%q,"Event":%q,"CallId":"rb-qbwrgj-0001","StartCallTs":1767225600,"Big":12345678901234567890.10,"UserList":["alice","bob"]}`, user, word),
		Status: 200, Answer: `{"ErrorCode":0,"ErrorMessage":"","ActionStatus":"OK"}`, Verdict: "acked", Then: "acked", Took: 480 * time.Microsecond,
	}
}

// sampleDiff failed with a diff, after a retry and a fault.
func sampleDiff() Result {
	s := samplePassed("The answer is the documented object", 34)
	s.Rule, s.Status, s.Clauses = "Answers", Failed, []string{"v1-ack-errorcode-integer", "v1-ack-http-200", "v1-gone"}
	s.Step = "Then each callback is acknowledged"
	s.Message = "the answer differs (-want +got):\n  map[string]any{\n-\u00a0\t\"ErrorCode\": float64(0),\n+\u00a0\t\"ErrorCode\": string(\"0\"),\n\u00a0\u00a0\t\"ErrorMessage\": string(\"好 <ok> & 🙂\"),\n  }\n"
	for attempt := 1; attempt <= 7; attempt++ {
		x := sampleExchange("callee_accept_call", "bob", attempt)
		x.Delivery = 2
		x.Answer, x.Verdict, x.Reason, x.Then = `{"ErrorCode":"0","ErrorMessage":"好 <ok> & 🙂"}`, "string_code", `ErrorCode is the string "0", want the integer 0`, "retry"
		switch attempt {
		case 1:
			x.Status, x.Answer, x.Verdict, x.Reason, x.Faults = 0, "", "timeout", "no answer within 2s", []string{"slow", "duplicate"}
		case 7:
			x.Then = "abandoned"
		}
		s.History = append(s.History, Moment{At: time.Duration(12+attempt) * time.Second, Exchange: x})
	}
	s.Findings = []Finding{{
		Cause: "ErrorCode is a string, want the integer 0", Found: `ErrorCode is the string "0", want the integer 0`, Text: s.Message,
		Clauses: []string{"v1-ack-errorcode-integer"}, Delivery: 2, Attempt: 7,
	}}
	for i := range 6 {
		s.History = append(s.History, Moment{At: time.Duration(30+i) * time.Second, Fact: fmt.Sprintf("carol's phone rings (%d)", i)})
	}
	return s
}

// sampleWeird failed with bytes that no report may pass on as they are.
func sampleWeird() Result {
	s := samplePassed("A hostile receiver </pre><script>alert(1)</script> ]]> \x1b[31m\x00", 40)
	s.Feature, s.File = "Hostile: receivers, of 100%", "features/hostile,100%.feature"
	s.Status, s.Clauses = Failed, []string{"v1-ack-http-200"}
	s.Step = "Then the answer is JSON ]]>"
	s.Message = "answer is not JSON: \x1b[2J\xff\xfe ::error::no\r\nsecond line ]]> \u202etxt.exe"
	x := sampleExchange("Call.CallbackMemberChanged", "非常に長い名前のユーザー", 1)
	s.Findings = []Finding{{Cause: s.Message, Text: s.Message, Delivery: 1, Attempt: 1}}
	x.Answer = "<img src=http://outside.example/x.png>\x00\x01\x1b]0;title\x07\xff\xfe \u202e ]]> \ufffe\r\n" + strings.Repeat("\x80x", 20)
	x.Verdict, x.Reason, x.Then = "not_json", "the body is not JSON: \x1b[31m<img", "abandoned"
	y := sampleExchange("normal_end", "alice", 2)
	y.Answer, y.Then, y.Verdict, y.Status, y.Took = "", "", "", 0, 0
	s.History = []Moment{{Fact: "alice\x07 starts the call"}, {Exchange: x}, {Exchange: y}}
	return s
}

// sampleLong failed with much text and no place to break it.
func sampleLong() Result {
	s := samplePassed("Long "+strings.Repeat("LongName", 40), 70)
	s.Status, s.Message = Failed, strings.Repeat("message", 100)+"\n- "+strings.Repeat("x", 400)
	s.Step = "Then " + strings.Repeat("step", 100)
	x := sampleExchange(strings.Repeat("word", 30), strings.Repeat("用户", 40), 1)
	x.URL += "&user=" + strings.Repeat("very-long-value-", 40)
	x.Body = `{"UserData":"` + strings.Repeat("長い🙂", 3000) + `"}`
	x.Answer = strings.Repeat("no_blanks_to_break_at,", 2000)
	s.Findings = []Finding{{Cause: s.Message, Text: s.Message, Delivery: 1, Attempt: 1}}
	x.Status, x.Verdict, x.Reason, x.Then = 302, "status_3xx", "HTTP 302, a redirect to "+strings.Repeat("x", 300)+", which is not followed", "retry"
	y := sampleExchange("normal_end", "alice", 2)
	y.Answer = strings.Repeat(`{"a":[`, 3000) + "1" + strings.Repeat("]}", 3000)
	s.History = []Moment{{Fact: strings.Repeat("w", 300)}, {At: 100 * time.Hour, Exchange: x}, {Exchange: y}}
	for i := range 400 {
		s.History = append(s.History, Moment{At: time.Duration(i) * time.Second, Fact: "carol's phone rings"})
	}
	return s
}

// sampleSilent failed without an attempt that CallKit minds.
func sampleSilent() Result {
	s := samplePassed("A v4 answer has all three keys", 9)
	s.Feature, s.File = "v4 answers", "features/v4_answers.feature"
	s.Status, s.Message, s.Step = Failed, "ActionStatus is missing", "Then each answer is as documented"
	return s
}

func sampleWarned() Result {
	s := samplePassed("Unknown keys are ignored", 50)
	s.Status, s.Level, s.Clauses = Warned, "should", []string{"v1-unknown-keys"}
	s.Message = "want HTTP 200, got 422:\n  the body was refused"
	x := sampleExchange("normal_end", "alice", 1)
	x.Delivery = 2
	s.Findings = []Finding{{Cause: "HTTP 422, the receiver refuses", Text: s.Message, Delivery: 2, Attempt: 1, Told: true}}
	x.Status, x.Answer, x.Verdict, x.Reason, x.Then = 422, `{"detail":[{"loc":["body","x"]}]}`, "status_4xx", "HTTP 422, the receiver refuses", "abandoned"
	s.History = append(s.History, Moment{At: 13 * time.Second, Exchange: x})
	return s
}

func sampleSkipped(name, why string) Result {
	return Result{
		Name: name, Feature: "What is stored", File: "features/stored.feature", Line: 5, Clauses: []string{"v1-retry-once"},
		Level: "must", Status: Skipped, Message: why,
	}
}

// sampleAtFault could not be played as it is written.
func sampleAtFault() Result {
	s := samplePassed("bob answers\x1b[31m late", 21)
	s.File, s.Ours = "own/late.feature", false
	s.Status, s.Step, s.Message = Errored, "at 5s bob answers", "bob cannot accept: the call is over (rule call-over)"
	return s
}

// passedReport is a run without a fault, of n scenarios.
func passedReport(n int) *Report {
	r := sampleReport()
	r.Scenarios = nil
	for i := range n {
		s := samplePassed(fmt.Sprintf("Outcome %d is acknowledged", i), i+1)
		s.Feature = fmt.Sprintf("Feature %d", i%9)
		s.File = fmt.Sprintf("features/%d.feature", i%9)
		r.Scenarios = append(r.Scenarios, s)
	}
	return r
}

// fullReport has all kinds, the long ones too, among hundreds that passed.
func fullReport() *Report {
	r := sampleReport()
	r.Scenarios = append(append(r.Scenarios, sampleLong()), passedReport(200).Scenarios...)
	return r
}

// failedReport is a run against a receiver that does nothing right.
func failedReport(n int) *Report {
	r := passedReport(n)
	for i := range r.Scenarios {
		s := sampleDiff()
		s.Name = r.Scenarios[i].Name
		r.Scenarios[i] = s
	}
	return r
}

// written is what a report writes.
func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
