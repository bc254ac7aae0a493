package journal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// A text means the call whose CallId it is; else the one whose number it is; else
// the one whose CallId begins so. Several that it may mean are listed.
func TestNamed(t *testing.T) {
	s := journal.NewState(0)
	ids := []string{"rb-test-0001", "6f1c2d3e-4a5b-4c6d-8e7f-001122334455", "6f1c2d3e-0000-4c6d-8e7f-001122334455", "12345678-4a5b-4c6d-8e7f-001122334455", "6", "12345678-ffff-4c6d-8e7f-001122334455 \x1b[2J", "会议室的电话记录号"}
	for i := range 20 {
		ids = append(ids, fmt.Sprintf("foreign-%02d", i))
	}
	for i, id := range ids {
		e := journal.Event{Seq: uint64(i + 1), Call: id, Data: &journal.Fact{Fact: call.Fact{
			Kind: call.Started, By: "alice", Setup: &call.Setup{Number: uint64(i + 1), Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS"}},
		}}}
		if err := s.Apply(&e); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ ref, id, err string }{
		{ids[1], ids[1], ""},
		{"2", ids[1], ""},
		{"#2", ids[1], ""},
		{"0002", ids[1], ""},
		{"#0002", ids[1], ""},
		{"6f1c2d3e-4", ids[1], ""},
		{"6F1C2D3E-4a", ids[1], ""}, // the letters of a UUID are alike in both cases
		{"6F1C2D3E-4A5B-4C6D-8E7F-001122334455", ids[1], ""},
		{"6", "6", ""}, // a CallId before a number
		{"#6", ids[5], ""},
		{"rb-test-", ids[0], ""},
		{"RB-TEST-", "", "not found, or no longer kept"},
		{"会议室的电话记录", ids[6], ""},
		{"foreign-07", "foreign-07", ""},
		{"6f1c2d3e", "", "2 calls begin so: \"6f1c2d3e-4a5b-4c6d-8e7f-001122334455\" (#2), \"6f1c2d3e-0000-4c6d-8e7f-001122334455\" (#3)"},
		{"12345678", "", `2 calls begin so: "12345678-4a5b-4c6d-8e7f-001122334455" (#4), "12345678-ffff-4c6d-8e7f-001122334455 \x1b[2J" (#6)`},
		{"foreign-", "", `more than 8 calls begin so: "foreign-00" (#8), "foreign-01" (#9), "foreign-02" (#10), "foreign-03" (#11), "foreign-04" (#12), "foreign-05" (#13), "foreign-06" (#14), "foreign-07" (#15), and others`},
		{"rb-test", "", "not found, or no longer kept; the beginning of a CallId has at least 8 characters"},
		{"会议室", "", "not found, or no longer kept; the beginning of a CallId has at least 8 characters"},
		{"28", "", "not found, or no longer kept"},
		{"0", "", "not found, or no longer kept; the beginning of a CallId has at least 8 characters"},
		{"#", "", "not found, or no longer kept; the beginning of a CallId has at least 8 characters"},
		{"00000002", "", "not found, or no longer kept"}, // more digits than a number has
		{"", "", "not found, or no longer kept"},
	} {
		c, err := s.Named(test.ref)
		switch {
		case test.err != "":
			if err == nil || err.Error() != test.err {
				t.Errorf("%q: got %v, want %s", test.ref, err, test.err)
			}
		case err != nil:
			t.Errorf("%q: %v, want %q", test.ref, err, test.id)
		case c.ID != test.id:
			t.Errorf("%q is %q, want %q", test.ref, c.ID, test.id)
		}
	}
	var several *journal.AmbiguousError
	if _, err := s.Named("foreign-"); !errors.As(err, &several) || several.First != "foreign-00" {
		t.Errorf("got %+v", several)
	}
}

// A call that is seen twice is one; of two that have a number, neither is meant.
func TestLookup(t *testing.T) {
	l := journal.Lookup{Ref: journal.ParseRef("12")}
	l.See("foreign-call", 12)
	l.See("foreign-call", 12)
	if id, err := l.Found(); id != "foreign-call" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
	l.See("another-call", 12)
	if _, err := l.Found(); err == nil || err.Error() != `2 calls have this number: "another-call" (#12), "foreign-call" (#12)` {
		t.Errorf("got %v", err)
	}
	l.See("12", 7)
	if id, err := l.Found(); id != "12" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
}

// What an error says of how many calls there are holds however often each is seen, and
// in whatever order.
func TestLookupCountsEachCallOnce(t *testing.T) {
	for calls, want := range map[int]string{2: "2 calls begin so: ", 8: "8 calls begin so: ", 9: "more than 8 calls begin so: ", 20: "more than 8 calls begin so: "} {
		for _, from := range []int{0, calls - 1} {
			l := journal.Lookup{Ref: journal.ParseRef("foreign-")}
			for i := range 5 * calls {
				n := max(from-i%calls, i%calls-from)
				l.See(fmt.Sprintf("foreign-%02d", n), uint64(n+1))
			}
			_, err := l.Found()
			if err == nil || !strings.HasPrefix(err.Error(), want+`"foreign-00" (#1), "foreign-01" (#2)`) {
				t.Errorf("%d calls, from %d on: got %v, want %s", calls, from, err, want)
			}
		}
	}
}
