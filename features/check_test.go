package features_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/cucumber/godog"

	"ringback/features"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// misspelt are steps that cannot stand where they do, after those in front of them,
// and what is said of each; "" if it can.
var misspelt = []struct{ before, step, says string }{
	{"", "the phones run iPhone", `platform "iPhone": want one of iOS, Android, Web, miniProgram, Windows, macOS, Mac, iPad, RESTAPI, Unknown`},
	{"", "the phones run Andriod", "; did you mean Android?"},
	{"", "the phones run iPad", ""},
	{"", "the callbacks are v2", `no step reads "the callbacks are v2"; the nearest is the callbacks are {generation}; try: the callbacks are v1`},
	{"", "the receiver subscribes to normal_end, cancle", `callback word "cancle": is in no page of the documents, want one like normal_end or Call.CallbackAfterEndCall; did you mean cancel?`},
	{"", "the receiver subscribes to Call.CallbackAfterEndcall", "did you mean Call.CallbackAfterEndCall?"},
	{"", "the sender says user_acount=number", `did you mean user_account?`},
	{"", "the sender says user_account=numbers", `want one of string, number; did you mean number?`},
	{"", "the callback address ends in a=\x7f", "control character"},
	{"", "the app id is missing", "say first to which one word the receiver subscribes"},
	{"the receiver subscribes to normal_end", "the app id is missing", ""},
	{"", "the faults are duplicat", `faults: fault "duplicat": no such fault; want one of delay, drop`},
	{"", "the faults are duplicat", "; did you mean duplicate?"},
	{"", `the faults are "drop@normal_ent"`, "did you mean normal_end?"},
	{"", `the faults are "drop=200%"`, "want 0% to 100%"},
	{"", "it is 2026-03-29T00:30:00Z", ""},
	{"", "it is 2026-03-29", `time "2026-03-29": want RFC 3339`},
	{"", "it is 1970-01-01T00:00:00Z", "the year 1970: want 1971 to 9000; try: it is 2026-03-29T00:30:00Z"},
	{"an audio call ends as reject", "it is 2026-03-29T00:30:00Z", "a call is placed before"},
	{"", "an audio call ends as rejectd", `result "rejectd": want one of normal_end, reject, not_answer, call_busy, cancel, interrupt; did you mean reject?`},
	{"", "a vidio call ends as reject", "the nearest is a {media} call ends as {result}"},
	{"", "a group call of 2 people is under way", "2 people: want 3 to 500"},
	{"", "a group call of 99999999999999999999 people is under way", "want 3 to 500"},
	{"", "0 calls take place at once", "0 calls: want 1 to 1000"},
	{"", "alice calls bob by vidio", `media: "vidio": want one of audio, video; did you mean video?`},
	{"", "alice calls bob with v3 callbacks", "want v1, v4 or both"},
	{"", "bob answers", "no call is placed before"},
	{"alice calls bob", "at 3s bobb answers", `"bobb" is in no call of the scenario so far; did you mean bob?`},
	{"alice calls bob", "bob answers in call first", `call "first": none of that name is placed before`},
	{"alice calls bob as call first", "bob answers in call frist", `did you mean first?`},
	{"alice calls bob, carol", "at 5s alice invites dave", ""},
	{"alice calls bob, carol", "at 5s grace joins", ""},
	{"alice calls bob, carol", "at 5s alice withdraws the invitation of dave", `"dave" is in no call`},
	{"alice calls bob", "at 3 bob answers", "want a time with its unit, like 3s or 1m30s"},
	{"alice calls bob; at 9s bob answers", "at 3s alice hangs up", "is earlier than the step before, which is at 9s"},
	{"an audio call ends as normal_end", "at 3s alice calls bob", "is earlier than the step before, which is at 12s"},
	{"alice calls bob", "at 8s bob's network becomes poor", "did you mean Poor?"},
	{"alice calls bob", "at 8s bob speaks at volume 400", "a volume is 0 to 100, got 400"},

	{"", "every callback is acknowledged", "there is nothing to look at: no call is placed before"},
	{"an audio call ends as reject", "every callbak is acknowledged", "the nearest is every callback is acknowledged; try: every callback is acknowledged"},
	{"an audio call ends as reject", "caller_start_cal and reject are acknowledged", "did you mean caller_start_call?"},
	{"an audio call ends as reject", "the change Cancel_Invitation is acknowledged", `action "Cancel_Invitation": want one of`},
	{"an audio call ends as reject", "the change Rejekt is acknowledged", "did you mean Reject?"},
	{"an audio call ends as reject", "the change Hang Up is acknowledged", "no step reads"},
	{"an audio call ends as reject", "the result stored is rejectd", `result "rejectd": want one of normal_end, cancel, reject, not_answer, call_busy, interrupt, offline; did you mean reject?`},
	{"an audio call ends as reject", "the result stored is Reject", ""},
	{"an audio call ends as reject", "the result stored is NotAnswer of call first", `call "first": none`},
	{"an audio call ends as reject", "the talk stored is 9", "talk \"9\": want a time with its unit, like 9s or 1m30s; try: the talk stored is 9s"},
	{"an audio call ends as reject", "the talk stored is -9s", "talk -9s: want 0s to"},
	{"an audio call ends as reject", "the caller stored is alcie", `did you mean alice?`},
	{"an audio call ends as reject", "the media stored are vidio", `media "vidio": want one of audio, video; did you mean video?`},
	{"an audio call ends as reject", `the room stored is "\ud83d"`, "half of a surrogate pair"},
	{"an audio call ends as reject", "the times stored are those of the call first", `call "first": none`},
	{"an audio call ends as reject", "the members stored are alice, carol", `"carol" is in no call`},
	{"a video group call ends as reject", "the members stored are alice, carol", ""},
	{"a group call of 5 people is under way", "the members stored are member-1, member-6", `"member-6" is in no call`},
	{"3 calls take place at once", "the caller stored is caller-2 of call 2", ""},
	{"an audio call ends as reject", "99999999999999999999 ends are stored", "want 0 to 1000"},
	{"an audio call ends as reject", "501 members are stored", "501 members: want 0 to 500"},
	{"an audio call ends as reject", "every answer has the integer ErrorCode zero", "integer zero: want digits, like 0"},
	{"an audio call ends as reject", "every answer has the integer errorcode 0", "did you mean ErrorCode?"},
	{"an audio call ends as reject", "every answer has the string RequestId", ""},
	{"an audio call ends as reject", "every answer spells ErrorCode and ErorMessage like that", "did you mean ErrorMessage?"},
	{"an audio call ends as reject", "every answer comes within 2", "want a time with its unit"},
	{"an audio call ends as reject", "every answer comes within 0s", "time 0s: want 1ms to"},
	{"an audio call ends as reject", "rejectd is refused", "did you mean reject?"},
	{"an audio call ends as reject", "reject is acknowledged after 0 tries", "0 tries: want 1 to"},
	{"an audio call ends as reject", "copy 1 of caller_start_call is acknowledged of call first", `call "first": none`},
	{"an audio call ends as reject; every callback is acknowledged; the receiver goes on", "the caller stored is erin", ""},
}

// featureOf writes a scenario with a step, and says at which line that is.
func featureOf(before, step string) (text string, line int) {
	steps := strings.Split(before, "; ")
	if before == "" {
		steps = nil
	}
	steps = append(steps, step)
	text = "Feature: Words\n  Scenario: one\n    * " + strings.Join(steps, "\n    * ") + "\n"
	return text, 2 + len(steps)
}

// The words of steps are checked with file and line before anything is sent.
func TestWordsOfSteps(t *testing.T) {
	for _, tt := range misspelt {
		text, line := featureOf(tt.before, tt.step)
		text += "  Scenario: two\n    * no one reads this\n" // so that none is played
		at := harness.Endpoint(t, "http://127.0.0.1:3000/cb")
		_, err := features.Run(t.Context(), features.Suite{
			Options: features.Options{Target: at, NewSender: func() run.Sender { return refusing{t} }},
			Only:    true, Folders: []features.Folder{{Path: "own", Files: fstest.MapFS{"x.feature": {Data: []byte(text)}}}},
		})
		var wrong features.FileErrors
		switch where := fmt.Sprintf("own/x.feature:%d: ", line); {
		case tt.says == "":
			if errors.As(err, &wrong) && slices.ContainsFunc(wrong, func(s string) bool { return strings.HasPrefix(s, where) }) {
				t.Errorf("%s; %s: %v", tt.before, tt.step, err)
			}
		case !errors.As(err, &wrong):
			t.Errorf("%s; %s: error %v, want %q", tt.before, tt.step, err, tt.says)
		case !slices.ContainsFunc(wrong, func(s string) bool { return strings.HasPrefix(s, where) && strings.Contains(s, tt.says) }):
			t.Errorf("%s; %s: %v\nwant %s...%s", tt.before, tt.step, err, where, tt.says)
		}
	}
}

// The suite's own scenarios are as well written as any must be.
func TestWordsOfSuite(t *testing.T) {
	list, err := features.List(features.Suite{Only: true, Folders: []features.Folder{{Path: "features", Files: features.Files()}}})
	if err != nil || len(list) == 0 {
		t.Errorf("%d scenarios: %v", len(list), err)
	}
}

// refusing fails the test by whatever is sent.
type refusing struct{ t *testing.T }

func (r refusing) Send(*delivery.Request, delivery.Transport, *delivery.Answer) {
	r.t.Error("something is sent")
}

func (refusing) Close() {}

// In somebody else's suite such a step fails its scenario, which says that it is at
// fault itself, before a call is placed. Where a step is not ours, it may have
// placed calls by others.
func TestWordsOfGuests(t *testing.T) {
	var sent atomic.Int64
	server := harness.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent.Add(1) }))
	target := harness.Endpoint(t, server.URL+"/callback")
	play := func(text string) (int, string) {
		var out bytes.Buffer
		code := godog.TestSuite{
			ScenarioInitializer: func(sc *godog.ScenarioContext) {
				features.Register(sc, &features.Options{Target: target})
				sc.Step("^our staff are in a call$", func() godog.Steps { return godog.Steps{"alice calls bob as call first"} })
			},
			Options: &godog.Options{Format: "pretty", NoColors: true, Strict: true, Output: &out, FeatureContents: []godog.Feature{{Name: "x.feature", Contents: []byte(text)}}},
		}.Run()
		return code, out.String()
	}
	for _, tt := range misspelt {
		if tt.says == "" || strings.HasPrefix(tt.says, "no step reads") || strings.HasPrefix(tt.says, "the nearest is") { // a step that is none is godog's to tell
			continue
		}
		text, _ := featureOf(tt.before, tt.step)
		text += "    * the receiver goes on\n"
		code, out := play(text)
		if quoted := fmt.Sprintf("the scenario is at fault, not the receiver: %q: ", tt.step); code == 0 || !strings.Contains(out, quoted) || !strings.Contains(out, tt.says) {
			t.Errorf("%s; %s: godog ended with %d, want %s...%s:\n%s", tt.before, tt.step, code, quoted, tt.says, out)
		}
		if n := sent.Swap(0); n > 0 {
			t.Errorf("%s; %s: %d callbacks were sent", tt.before, tt.step, n)
		}
	}
	code, out := play("Feature: Staff\n  Scenario: one\n    Given our staff are in a call\n    When at 3s bob answers in call first\n    Then every callback is refused\n")
	if code != 0 || sent.Load() == 0 {
		t.Errorf("godog ended with %d, %d callbacks were sent:\n%s", code, sent.Load(), out)
	}
}
