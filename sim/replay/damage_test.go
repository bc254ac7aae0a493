package replay_test

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"ringback/fixtures/damage"
	"ringback/fixtures/harness"
	"ringback/sim/journal"
	"ringback/sim/replay"
	"ringback/sim/run"
	"ringback/sim/store"
)

// Whatever became of a journal, it is refused with the line that is wrong, or
// sent again, and what is sent of it adds up.
func FuzzDamagedJournal(f *testing.F) {
	journals := damage.Journals()
	for i := range journals {
		for edit := range byte(20) {
			f.Add(byte(i), edit%2 == 0, []byte{edit, edit * 11, edit, edit * 7, 19, 0, 0, 0})
		}
	}
	f.Fuzz(func(t *testing.T, which byte, fresh bool, script []byte) {
		sentAgain(t, journals[int(which)%len(journals)], fresh, script[:min(len(script), 32)])
	})
}

var namesLine = regexp.MustCompile(`: line \d+: |the first line is no journal's header|is empty, want a journal or a recording|has no callbacks to send`)

// sentAgain checks that a journal or a recording is refused or sent again, after some edits.
func sentAgain(t *testing.T, whole []byte, fresh bool, script []byte) {
	to := harness.Endpoint(t, "http://here/callbacks?key=k")
	edited := damage.Of(whole, script)
	rec, err := replay.Open(t.Context(), "then.ndjson", bytes.NewReader(edited), int64(len(edited)), replay.Pick{})
	if err != nil {
		if !namesLine.MatchString(err.Error()) {
			t.Fatalf("%v, with\n%s", err, damage.Lines(whole, edited))
		}
		if damage.Shows(err) {
			t.Errorf("it shows a secret: %v", err)
		}
		return
	}
	b, lines := newBackend(stumbles("call_end", 1)), []byte(nil)
	cfg := replay.Config{
		Endpoint: to, Pace: run.Instant, Timeout: 2 * time.Second, Workers: 1, NewSender: func() run.Sender { return b },
		Differs: func(*replay.Difference) error { return nil }, Journal: write(&lines),
	}
	if fresh {
		cfg.Fresh = &replay.Fresh{Token: "again", Epoch: epoch, App: 7}
	}
	s, err := replay.Play(t.Context(), rec, cfg)
	if err != nil {
		t.Fatalf("%v, with\n%s", err, damage.Lines(whole, edited))
	}
	if s.Sent != s.Same+s.AckedNow+s.RejectedNow+s.Otherwise+s.NotCompared {
		t.Errorf("the sum does not hold: %+v, with\n%s", s, damage.Lines(whole, edited))
	}
	if _, err := store.Read(bytes.NewReader(lines), journal.NewState(journal.Keep).Apply); err != nil {
		t.Errorf("its own journal: %v, with\n%s", err, damage.Lines(whole, edited))
	}
}
