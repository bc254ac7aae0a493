package journal_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                   `""`,
		"/cb?a=1&b=<2>":      `"/cb?a=1&b=<2>"`,
		`{"UserId":"alice"}`: `"{\"UserId\":\"alice\"}"`,
		"会议室 🎉":              `"会议室 🎉"`,
		"\x00\n":             `"\u0000\n"`,
		"\xff":               `{"base64":"/w=="}`,
		"ok\xc3":             `{"base64":"b2vD"}`,
		"\ufffd":             `"` + "\ufffd" + `"`,
	} {
		b, err := journal.Text(text).MarshalJSON()
		if err != nil || string(b) != want {
			t.Errorf("%q: %s, %v, want %s", text, b, err, want)
		}
	}
	for _, s := range []string{`1`, `["a"]`, `{"base64":"?"}`, `{"base64":1}`} {
		var text journal.Text
		if err := json.Unmarshal([]byte(s), &text); err == nil {
			t.Errorf("%s is the text %q", s, text)
		}
	}
}

// No byte is lost, whatever a receiver answers.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "ok", "\xff\xfe", "\u2028", "<html>&</html>", `{"base64":"/w=="}`, "a\xc3", "🎉"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := journal.Text(text).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var back journal.Text
		if err := json.Unmarshal(b, &back); err != nil || !bytes.Equal(text, back) {
			t.Fatalf("%q is written as %s and back as %q, %v", text, b, back, err)
		}
		if bytes.ContainsAny(b, "\n\r") {
			t.Fatalf("%q is written on two lines: %q", text, b)
		}
	})
}

// Whatever bytes an answer, a URL or a CallId has, its line is one line and
// reads back as it was.
func TestLinesKeepBytes(t *testing.T) {
	any := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) []byte { return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes") }),
		rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		id := "c" + string(any.Draw(t, "call"))
		for _, data := range []journal.Data{
			&journal.Callback{
				Delivery: 1, Generation: wire.V4, Word: wire.AfterEndCall, State: delivery.Queued, EventTime: 1767225600001,
				URL: any.Draw(t, "url"), Body: any.Draw(t, "body"),
			},
			&journal.Answer{
				Delivery: 1, Attempt: 2, Verdict: delivery.Verdict{Class: delivery.Status5xx, Status: 500}, Body: any.Draw(t, "answer"), Then: delivery.ThenRetry,
			},
		} {
			was := journal.Event{Seq: 9, At: 1767225600000, Call: id, Data: data}
			line, err := was.AppendLine(nil)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.IndexByte(line, '\n') != len(line)-1 {
				t.Fatalf("not one line: %q", line)
			}
			is, err := journal.ParseLine(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if diff := cmp.Diff(&was, is, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-was +is):\n%s", line, diff)
			}
		}
	})
}

func TestWordLists(t *testing.T) {
	for _, test := range []struct {
		words journal.Words
		json  string
	}{
		{wire.AllWords(), `"all"`},
		{journal.Words{}, `[]`},
		{journal.Words{wire.InviteUser, wire.StatusNormalEnd, wire.AfterEndCall}, `["invite_user","normal_end","Call.CallbackAfterEndCall"]`},
	} {
		b, err := json.Marshal(test.words)
		if err != nil || string(b) != test.json {
			t.Errorf("%v: %s, %v, want %s", test.words, b, err, test.json)
		}
		back := journal.Words{wire.InviteUser}
		if err := json.Unmarshal(b, &back); err != nil || !slices.Equal(back, test.words) {
			t.Errorf("%s: back as %v, %v", b, back, err)
		}
	}
	for _, s := range []string{`["Normal_end"]`, `[1]`, `{}`} {
		var w journal.Words
		if err := json.Unmarshal([]byte(s), &w); err == nil {
			t.Errorf("%s is the list %v", s, w)
		}
	}
}

// Reading a journal never panics, whatever is in it: a line is taken, skipped
// or an error, and what is taken can be applied or is refused.
func FuzzParseLine(f *testing.F) {
	const header = `{"v":1,"kind":"run","version":"0.1.0","seed":1,"epoch":"2026-01-01T00:00:00.000Z","run":"test","dialect":{},"flags":{}}`
	const started = `{"seq":1,"t":"2026-01-01T00:00:00.000Z","kind":"started","call":"c","by":"alice","setup":{"number":1,"sdkappid":1,"caller":"alice","callees":["bob"],"media":"audio","type":"single","room":"1","room_type":1,"device":{"platform":"iOS","ip":"127.0.0.1"}},"generation":"v1"}`
	f.Add(header, started, `{"seq":2,"t":"2026-01-01T00:00:01.000Z","kind":"accepted","call":"c","by":"bob","first":true}`)
	f.Add(header, started, `{"seq":2,"t":"2026-01-01T00:00:01.000Z","kind":"timed_out","call":"c","users":["bob"]}`)
	f.Add(started, `{"seq":2,"t":"2026-01-01T00:00:00.000Z","kind":"callback","call":"c","delivery":1,"generation":"v1","word":"caller_start_call","state":"queued","event_time":"2026-01-01T00:00:00.000Z","url":"/","body":{"base64":"/w=="}}`,
		`{"seq":3,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"c","delivery":1,"attempt":1}`)
	f.Add(`{"kind":"tomorrow"}`, `{"seq":1,"kind":"registered","url":"/cb","typed":true,"words":"all","generation":"both"}`, `{"kind":"answer","verdict":{"is":"timeout"},"then":"retry"}`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		st := journal.NewState(journal.Keep)
		for _, line := range []string{a, b, c} {
			e, err := journal.ParseLine([]byte(line))
			if err != nil || e == nil {
				continue
			}
			if err := st.Apply(e); err != nil && !strings.HasPrefix(err.Error(), "journal event ") {
				t.Fatalf("%s: %v", line, err)
			}
		}
	})
}
