package term_test

import (
	"strings"
	"testing"
	"time"

	"ringback/cmd/term"
	"ringback/sim/record"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Of many exchanges in a second some are printed, and how many are not; the summary
// counts all.
func TestManyExchanges(t *testing.T) {
	var out strings.Builder
	x := term.NewExchanges(&out, text.Style{})
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range int64(500) {
		s := &record.Seen{Method: "GET", Target: "/a?token=hush", Status: 200}
		s.N, s.At, s.Answer = i+1, at, recording.Answer{Ended: at.Add(time.Duration(i) * 3 * time.Millisecond), Outcome: recording.Answered}
		switch i {
		case 0:
			s.Generation, s.Word, s.Delivery = wire.V1, "a\x1bword", 1
		case 1:
			s.Generation, s.Word, s.Delivery, s.Status = wire.V4, "Call.CallbackAfterEndCall", 1, 500
		case 2:
			s.Answer.Outcome, s.Answer.Detail, s.Status = recording.Tunnel, "it is not HTTP/1.1", 0
		}
		x.Print(s)
	}
	x.Flush()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 367 { // 200, how many more, 166, no more
		t.Errorf("%d lines", len(lines))
	}
	for i, want := range map[int]string{
		0:   `#1     00:00:00.000  ✓ v1 a\x1bword                       200`,
		1:   `#2     00:00:00.000  ✗ v4 AfterEndCall                    500          again, like #1`,
		2:   `#3     00:00:00.000  † GET /a                               -          tunnel: it is not HTTP/1.1`,
		200: `... 134 more exchanges, recorded and not shown`,
	} {
		if lines[i] != want {
			t.Errorf("line %d:\n%s, want\n%s", i+1, lines[i], want)
		}
	}
	want := "500 exchanges in f: 1 v1 callback, 1 v4 callback, 498 other requests, 1 retry, 1 without a whole answer (tunnel)"
	if got := x.Summary("f"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := term.NewExchanges(nil, text.Style{}).Summary("f"); got != "0 exchanges in f" {
		t.Error(got)
	}
}
