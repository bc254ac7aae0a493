package delivery_test

import (
	"encoding"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ringback/sim/delivery"
)

// Later callbacks of a call in serial order wait for a delivery until its first
// attempt is answered, unless a fault has taken it out of the order.
func TestFirst(t *testing.T) {
	for _, test := range []struct {
		state    delivery.State
		attempts int
		detached bool
		want     bool
	}{
		{delivery.Queued, 0, false, true},
		{delivery.Queued, 0, true, false},
		{delivery.InFlight, 1, false, true},
		{delivery.InFlight, 1, true, false},
		{delivery.InFlight, 2, false, false}, // a retry
		{delivery.InFlight, 7, false, false},
		{delivery.Waiting, 0, true, false}, // postponed by a fault
		{delivery.Waiting, 1, false, false},
		{delivery.Acked, 1, false, false},
		{delivery.Abandoned, 7, false, false},
		{delivery.Abandoned, 1, false, false},
		{delivery.Dropped, 0, false, false},
	} {
		d := delivery.Delivery{State: test.state, Attempts: test.attempts, Detached: test.detached}
		if d.First() != test.want {
			t.Errorf("%s after %d attempts, detached %t: first is %t", test.state, test.attempts, test.detached, d.First())
		}
	}
}

func TestStates(t *testing.T) {
	words := []string{"queued", "waiting", "in_flight", "acked", "abandoned", "dropped", "withdrawn"}
	for i, word := range words {
		s := delivery.State(i)
		if s.Settled() != (s == delivery.Acked || s == delivery.Abandoned || s == delivery.Dropped || s == delivery.Withdrawn) {
			t.Errorf("%s: settled is %t", s, s.Settled())
		}
		back := delivery.InFlight
		readBack(t, word, s, &back)
		if back != s {
			t.Errorf("%s: back as %s", s, back)
		}
	}
	s := delivery.Acked
	if err := s.UnmarshalText([]byte("Queued")); err == nil || err.Error() != `state "Queued": want one of `+strings.Join(words, ", ") || s != delivery.Acked {
		t.Errorf("a wrong word: %s, %v", s, err)
	}
}

// A delivery that a fault holds back is nobody's to wait for.
func TestHold(t *testing.T) {
	for i, word := range []string{"", "next", "end"} {
		h := delivery.Hold(i)
		back := delivery.UntilEnd
		readBack(t, word, h, &back)
		d := delivery.Delivery{State: delivery.Queued, Hold: h}
		if back != h || d.First() != (h == delivery.NoHold) {
			t.Errorf("%q: back as %q, first is %t", h, back, d.First())
		}
	}
	var h delivery.Hold
	if err := h.UnmarshalText([]byte("ack")); err == nil || h != delivery.NoHold {
		t.Errorf("a wrong word: %s, %v", h, err)
	}
}

func TestThen(t *testing.T) {
	for i, word := range []string{"acked", "retry", "abandoned", "withdrawn"} {
		then := delivery.Then(i)
		back := delivery.ThenAbandoned
		readBack(t, word, then, &back)
		if back != then {
			t.Errorf("%s: back as %s", then, back)
		}
	}
	then := delivery.ThenRetry
	if err := then.UnmarshalText([]byte("")); err == nil || err.Error() != `outcome "": want one of acked, retry, abandoned, withdrawn` || then != delivery.ThenRetry {
		t.Errorf("a wrong word: %s, %v", then, err)
	}
}

func readBack(t *testing.T, word string, v any, back encoding.TextUnmarshaler) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil || string(b) != `"`+word+`"` {
		t.Errorf("%s: %s, %v", word, b, err)
	}
	if err := json.Unmarshal(b, back); err != nil {
		t.Errorf("%s: %v", word, err)
	}
}

func TestPlain(t *testing.T) {
	if !(delivery.Transport{}).Plain() {
		t.Error("the zero transport is not plain")
	}
	for _, tr := range []delivery.Transport{{LoseTail: 1}, {Spread: time.Second}, {Reset: true}, {HangUp: true}} {
		if tr.Plain() {
			t.Errorf("%+v is plain", tr)
		}
	}
}

// A fault may maim the first attempts only.
func TestTransportFor(t *testing.T) {
	cut := delivery.Transport{LoseTail: 1}
	some := cut
	some.Attempts = 2
	for n, want := range map[int]delivery.Transport{1: cut, 2: cut, 3: {}, 7: {}} {
		if got := some.For(n); got != want {
			t.Errorf("attempt %d of two maimed ones: %+v", n, got)
		}
		if got := cut.For(n); got != cut {
			t.Errorf("attempt %d of all maimed ones: %+v", n, got)
		}
	}
}
