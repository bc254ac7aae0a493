package replay_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/replay"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// seen is the recording of what a journal's run sent, as a proxy before the receiver
// would have written it.
func seen(t testing.TB, lines []byte) []byte {
	t.Helper()
	state := journal.NewReader(1 << 60)
	var list []*recording.Exchange
	open := map[uint64]*recording.Exchange{}
	var known recording.Deliveries
	_, err := store.Read(bytes.NewReader(lines), func(e *journal.Event) error {
		if err := state.Apply(e); err != nil {
			return err
		}
		switch d := e.Data.(type) {
		case *journal.Attempt:
			r := state.Deliveries[d.Delivery].Request
			x := &recording.Exchange{
				N: int64(len(list) + 1), At: e.At.Time(), Conn: 1, Source: "10.0.0.9:40112",
				Head: bytes.TrimSuffix(r.Bytes(), r.Body()), Body: bytes.Clone(r.Body()),
			}
			x.Callback, x.Delivery = x.Recognize(), known.First(x)
			list, open[d.Delivery] = append(list, x), x
		case *journal.Answer:
			x := open[d.Delivery]
			x.Answer = recording.Answer{Latency: 2200 * time.Microsecond, At: e.At.Time(), Ended: e.At.Time(), Outcome: recording.Answered, Body: d.Body, Head: fmt.Appendf(nil, "HTTP/1.1 %d X\r\n\r\n", d.Verdict.Status)}
			switch {
			case d.Verdict.Failure == delivery.TimedOut:
				x.Answer.Outcome, x.Answer.Head = recording.Aborted, nil
			case d.Verdict.Failure != delivery.NoFailure:
				x.Answer.Outcome, x.Answer.Head = recording.Failed(d.Verdict.Failure), nil
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	file := recording.AppendHeader(nil, recording.Header{Version: "test", Target: "http://staging/cb?token=s3cret"})
	for _, x := range list {
		file = recording.Append(file, x)
	}
	return file
}

// sentThen are the callbacks of a journal, or of a recording, with their attempts and
// answers.
func sentThen(t testing.TB, lines []byte) (list []string) {
	t.Helper()
	state := journal.NewReader(1 << 60)
	if _, err := store.Read(bytes.NewReader(lines), state.Apply); err != nil {
		t.Fatal(err)
	}
	for _, d := range state.DeliveriesAfter(0, "") {
		if d.Word == wire.AfterMemberChanged { // who cancelled an invitation is not in its callback
			d.User = ""
		}
		s := fmt.Sprintf("%s %s %s of %s, copy of %d, %s: %s %s", d.Generation, d.Word, d.User, d.CallID, d.CopyOf, d.State, d.Request.Target(), d.Request.Body())
		for _, try := range d.Tries {
			s += fmt.Sprintf("\n  %d %s %s %s", try.Attempt, try.Began, try.Verdict.Word(), try.Answer)
		}
		list = append(list, s)
	}
	slices.Sort(list) // a callback is made before its first attempt, and a recording has that alone
	return list
}

// A recording of what a run sent shows the callbacks that its journal has, with their
// attempts and answers.
func TestSeen(t *testing.T) {
	for name, answer := range map[string]func(string, int) delivery.Answer{
		"acknowledges": acknowledges, "fails twice": stumbles("bob", 2), "always fails": stumbles("normal_end", 99),
		"times out": func(body string, before int) delivery.Answer {
			if before == 0 {
				return delivery.Answer{Failure: delivery.TimedOut}
			}
			return acknowledges(body, before)
		},
		"is refused in v4": func(string, int) delivery.Answer {
			return delivery.Answer{Status: 200, Body: []byte(`{"ErrorCode":0}`)}
		},
	} {
		for _, choice := range []string{"v4_retry=none", "v4_retry=v1"} {
			t.Run(name+" "+choice, func(t *testing.T) {
				s := calls()
				s.dialect = []string{choice}
				// the last failures are far enough from the end that it is seen whether they are retried
				s.place(200*time.Second, wire.V1, call.NormalEnd, "zoe")
				lines := record(t, s, newBackend(answer))
				tape := seen(t, lines)
				if diff := cmp.Diff(sentThen(t, lines), sentThen(t, tape)); diff != "" {
					t.Errorf("(-journal +recording):\n%s", diff)
				}
			})
		}
	}
}

// A recording that is sent again, to a receiver that answers as then, is answered the
// same, and the receiver gets the same bytes behind its address.
func TestSeenVerbatim(t *testing.T) {
	for name, answer := range map[string]func(string, int) delivery.Answer{
		"acknowledges": acknowledges, "fails twice": stumbles("bob", 2), "always fails": stumbles("alice", 99),
	} {
		for _, sorted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, sorted %t", name, sorted), func(t *testing.T) {
				s := calls()
				if sorted {
					s.dialect = []string{"query_order=sorted"}
				}
				then, now := newBackend(answer), newBackend(answer)
				r := again(t, seen(t, record(t, s, then)), now)
				if r.sum.Same != uint64(len(then.seen)) || r.sum.Same != r.sum.Callbacks || len(r.differs) > 0 {
					t.Errorf("%+v %v", r.sum, r.differs)
				}
				if diff := cmp.Diff(own(then.got), own(now.got)); diff != "" {
					t.Errorf("(-then +now):\n%s", diff)
				}
			})
		}
	}
}

// own are requests without the address's path and parameters.
func own(got []string) (list []string) {
	drop := strings.NewReplacer("/cb?token=s3cret&", "", "/callbacks?key=k&", "", "/cb?", "", "/callbacks?", "", "&token=s3cret", "", "&key=k", "")
	for _, g := range got {
		list = append(list, drop.Replace(g))
	}
	slices.Sort(list)
	return list
}

// A recording may be sent again as new calls, or in part.
func TestSeenFresh(t *testing.T) {
	tape := seen(t, record(t, calls(), newBackend(acknowledges)))
	rec := open(t, tape, replay.Pick{Calls: []string{"rb-then-0003"}})
	now := newBackend(acknowledges)
	r := send(t, rec, now, func(c *replay.Config) { c.Fresh = &replay.Fresh{Token: "now", Epoch: epoch.Add(time.Hour)} })
	if r.sum.Same == 0 || r.sum.Same != r.sum.Callbacks {
		t.Errorf("%+v", r.sum)
	}
	for _, g := range now.got {
		if strings.Contains(g, "rb-then") || !strings.Contains(g, `"EventTime":17672292`) { // an hour later
			t.Errorf("is not fresh: %s", g)
		}
	}
	if len(now.got) == 0 {
		t.Error("nothing was sent")
	}
}

// What is no callback is left out, and counted; a torn end and a request without an
// answer are, too.
func TestSeenLeft(t *testing.T) {
	tape := string(seen(t, record(t, calls(), newBackend(acknowledges))))
	whole := open(t, []byte(tape), replay.Pick{})
	header, rest, _ := strings.Cut(tape, "\n")
	lines := strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
	last := len(lines) - 1
	lines[last] = lines[last][:30] // torn
	get := `{"n":9000,"t":"2026-01-01T00:01:00Z","kind":"exchange","part":"request","head":"GET / HTTP/1.1\r\n\r\n"}`
	odd := strings.Replace(strings.Replace(lines[0], `"n":1,`, `"n":9001,`, 1), `"word":"`, `"word":"new_`, 1)
	lines = slices.Insert(lines, last, get, odd)
	rec := open(t, []byte(header+"\n"+strings.Join(lines, "\n")), replay.Pick{})
	want := "its end is torn, 30 bytes are left out; 1 request left out, no callbacks of calls; 1 callback left out, whose words no document has; " +
		fmt.Sprintf("%d exchanges missing; 3 requests without an answer", 8999-whole.Callbacks)
	if got := rec.Tail.String(); got != want || rec.Callbacks != whole.Callbacks {
		t.Errorf("%d of %d callbacks; %s\nwant %s", rec.Callbacks, whole.Callbacks, got, want)
	}
}

// Whatever became of a recording, it is refused with the line that is wrong, or read as a
// journal that is a history, and what is sent of it adds up.
func FuzzDamagedRecording(f *testing.F) {
	tape := seen(f, record(f, calls(), newBackend(stumbles("bob", 2))))
	for edit := range byte(60) {
		f.Add(edit%2 == 0, []byte{edit, edit * 11, edit, edit * 7, 19 - edit, edit * 5, 0, edit})
	}
	f.Fuzz(func(t *testing.T, fresh bool, script []byte) {
		sentAgain(t, tape, fresh, script[:min(len(script), 32)])
	})
}
