package replay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ringback/sim/replay"
	"ringback/sim/wire"
)

// What is wrong with a journal is said before anything is sent, with its line.
func TestWrongJournals(t *testing.T) {
	good := string(record(t, calls(), newBackend(acknowledges)))
	header, rest, _ := strings.Cut(good, "\n")
	header += "\n"
	lines := strings.SplitAfter(good, "\n")
	callback := strings.Replace(strings.Replace(lines[4], `"more":true,`, "", 1), `"seq":4`, `"seq":1`, 1)
	for _, test := range []struct {
		name, text, want string
		pick             replay.Pick
	}{
		{"empty", "", "then.ndjson: is empty, want a journal or a recording", replay.Pick{}},
		{"something else", "{}\n", "journal then.ndjson: the first line is no journal's header", replay.Pick{}},
		{"no header", rest, "journal then.ndjson: the first line is no journal's header", replay.Pick{}},
		{"no JSON", header + "oops\n", "journal then.ndjson: line 2: want an event in JSON", replay.Pick{}},
		{"a line twice", good + lines[len(lines)-2], fmt.Sprintf("journal then.ndjson: line %d: seq %d: want %d: ", len(lines), len(lines)-2, len(lines)-1), replay.Pick{}},
		{"no such call", header + callback, "journal then.ndjson: line 2: journal event 1 (callback): concerns a call that is not there", replay.Pick{}},
		{"another format", strings.Replace(header, `"v":1`, `"v":2`, 1), "journal then.ndjson: line 1: journal format 2: this Ringback reads format 1", replay.Pick{}},
		{"another address", strings.Replace(good, `"url":"/cb?token=s3cret&`, `"url":"/other?`, 1), `journal then.ndjson: line 5: the callback's url "/other?sdkappid=`, replay.Pick{}},
		{"no callbacks", header + lines[1], "then.ndjson: has no callbacks to send", replay.Pick{}},
		{"no such call", good, `then.ndjson: call "rb-then-0099": not found, or no longer kept`, replay.Pick{Calls: []string{"rb-then-0001", "rb-then-0099"}}},
		{"no such number", good, `then.ndjson: call "#99": not found, or no longer kept`, replay.Pick{Calls: []string{"1", "#99"}}},
		{"several calls", good, `then.ndjson: call "rb-then-": more than 8 calls begin so: "rb-then-0001" (#1), `, replay.Pick{Calls: []string{"rb-then-"}}},
		{"a call without callbacks", good, `then.ndjson: call "rb-then-0001": has no callbacks to send`, replay.Pick{Generation: wire.V4, Calls: []string{"1"}}},
		{"an unknown choice", strings.Replace(good, `"v4_ack":"http200"`, `"v4_ack":"maybe"`, 1), "journal then.ndjson: line 1: journal event 0 (run): dialect v4_ack=maybe: want one of", replay.Pick{}},
	} {
		_, err := replay.Open(t.Context(), "then.ndjson", strings.NewReader(test.text), int64(len(test.text)), test.pick)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

// A torn end and kinds that a newer version wrote are left out and told.
func TestTail(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	whole := open(t, lines, replay.Pick{})
	dream := fmt.Sprintf(`{"seq":%d,"t":"2026-01-01T00:00:00.000Z","kind":"dream"}`, bytes.Count(lines, []byte("\n")))
	text := string(lines) + dream + "\n" + `{"seq":999,"t":"2026`
	r := open(t, []byte(text), replay.Pick{})
	if r.Tail.Cut != 20 || r.Tail.Skipped != 1 || r.Callbacks != whole.Callbacks || r.Calls != 12 || whole.Calls != 12 {
		t.Errorf("%+v", r)
	}
	if sum := send(t, r, newBackend(acknowledges)).sum; sum.Same != r.Callbacks {
		t.Errorf("%+v", sum)
	}
	if r.First != epoch || r.Span().Seconds() != 35 {
		t.Errorf("from %s within %s", r.First, r.Span())
	}
}

// Callbacks whose answer is behind the end of the journal are sent, and not
// compared.
func TestNotAnsweredThen(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	answer := bytes.Index(lines, []byte(`"kind":"answer"`))
	r := again(t, lines[:answer], newBackend(acknowledges))
	if r.sum.Sent != 2 || r.sum.NotCompared != 2 {
		t.Errorf("%+v", r.sum)
	}
}

// Reading ends with its context.
func TestOpenStopped(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := replay.Open(ctx, "then.ndjson", bytes.NewReader(lines), int64(len(lines)), replay.Pick{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
