package fault_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/fault"
	"ringback/sim/wire"
)

func parse(t testing.TB, s string) *fault.Active {
	t.Helper()
	a, err := fault.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What each fault makes of a plain plan.
func TestParse(t *testing.T) {
	for text, want := range map[string]fault.Plan{
		"delay":                            {Wait: 5 * time.Second},
		"delay=":                           {Wait: 5 * time.Second},
		"delay=20s":                        {Wait: 20 * time.Second},
		"delay=1m30s:100%":                 {Wait: 90 * time.Second},
		"delay=100%":                       {Wait: 5 * time.Second},
		"delay=:100%@normal_end":           {Wait: 5 * time.Second},
		"drop":                             {Drop: true},
		"drop=100%":                        {Drop: true},
		"drop@call_end":                    {Drop: true},
		"duplicate":                        {Copies: 1},
		"duplicate=2":                      {Copies: 2},
		"duplicate=100":                    {Copies: 100},
		"duplicate=2@normal_end":           {Copies: 2},
		"delay=0%":                         {},
		"drop=0%":                          {},
		"duplicate=3:0%":                   {},
		"drop@cancel":                      {},
		"drop@caller_start_call":           {},
		"drop@Call.CallbackAfterStartCall": {},
		"duplicate=2@callee_accept_call":   {},
		"delay=20s:100%@Call.CallbackAfterEndCall": {},
	} {
		a := parse(t, text)
		var got fault.Plan
		hit := a.Apply(&got, wire.StatusNormalEnd, 1, 1, 1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if hit != (want != fault.Plan{}) {
			t.Errorf("%s: hit is %t", text, hit)
		}
		if a.String() != text || !strings.HasPrefix(text, a.Name()) {
			t.Errorf("%s is shown as %s, named %s", text, a, a.Name())
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                   `fault "": no such fault; want one of delay, drop, duplicate`,
		"flood":              `fault "flood": no such fault; want one of delay, drop, duplicate`,
		"Drop":               `fault "Drop": no such fault`,
		" drop":              `fault " drop": no such fault`,
		"delay=-5s":          `fault delay: amount "-5s": want a positive duration, like delay=5s`,
		"delay=0s":           `fault delay: amount "0s": want a positive duration, like delay=5s`,
		"delay=5":            `fault delay: amount "5": want a positive duration, like delay=5s`,
		"drop=3":             `fault drop: amount "3": want none, or a share, like drop=30%`,
		"duplicate=0":        `fault duplicate: amount "0": want the number of copies, 1 to 100, like duplicate=2`,
		"duplicate=101":      `fault duplicate: amount "101": want the number of copies, 1 to 100`,
		"duplicate=two":      `fault duplicate: amount "two": want the number of copies`,
		"duplicate=1.5":      `fault duplicate: amount "1.5": want the number of copies`,
		"delay=5s:101%":      `fault delay: share "101%": want 0% to 100%, like delay:10%`,
		"delay=5s:-1%":       `fault delay: share "-1%": want 0% to 100%`,
		"delay=5s:NaN%":      `fault delay: share "NaN%": want 0% to 100%`,
		"delay=5s:0.5":       `fault delay: share "0.5": want 0% to 100%`,
		"delay=5s:half%":     `fault delay: share "half%": want 0% to 100%`,
		"drop@":              `fault drop: callback word "": not one of`,
		"drop@Normal_end":    `fault drop: callback word "Normal_end": not one of 60135 or 68934; did you mean normal_end?`,
		"drop@normal_end@ca": `fault drop: callback word "normal_end@ca": not one of`,
	} {
		a, err := fault.Parse(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) || a != nil {
			t.Errorf("%q: %v, %v, want %s", text, a, err, want)
		}
	}
}

// call_end stands for every v1 status, and a word for itself.
func TestScope(t *testing.T) {
	for _, w := range wire.AllWords() {
		for scope, want := range map[string]bool{
			"":                                 true,
			"@call_end":                        w.Status(),
			"@reject":                          w == wire.StatusReject,
			"@caller_call_busy":                w == wire.CallerCallBusy,
			"@Call.CallbackAfterMemberChanged": w == wire.AfterMemberChanged,
		} {
			var p fault.Plan
			if hit := parse(t, "drop"+scope).Apply(&p, w, 1, 1, 1); hit != want || p.Drop != want {
				t.Errorf("drop%s hits %s: %t", scope, w, hit)
			}
		}
	}
}

// Faults add up in one plan.
func TestFaultsAddUp(t *testing.T) {
	var p fault.Plan
	for _, s := range []string{"delay=5s", "duplicate=2", "delay=1s", "duplicate", "drop"} {
		parse(t, s).Apply(&p, wire.StatusCancel, 1, 1, 1)
	}
	if diff := cmp.Diff(fault.Plan{Wait: 6 * time.Second, Copies: 3, Drop: true}, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A share of the callbacks is hit: the same ones for the same seed, others for
// another, and each callback of a call by itself.
func TestShare(t *testing.T) {
	const calls, callbacks = 500, 20
	a, b, all := parse(t, "drop=30%"), parse(t, "delay=1s:30%"), parse(t, "drop=99%")
	hits := map[string]int{}
	for call := range uint64(calls) {
		inCall := 0
		for n := range uint64(callbacks) {
			var p fault.Plan
			hit := a.Apply(&p, wire.StatusCancel, 42, call, n)
			if hit != parse(t, "drop=30%").Apply(&p, wire.StatusCancel, 42, call, n) {
				t.Fatalf("callback %d of call %d is hit once and not again", n, call)
			}
			if hit {
				hits["drop"]++
				inCall++
			}
			if hit && a.Apply(&p, wire.StatusCancel, 43, call, n) {
				hits["both seeds"]++
			}
			if hit && b.Apply(&p, wire.StatusCancel, 42, call, n) {
				hits["drop and delay"]++
			}
			if hit && !all.Apply(&p, wire.StatusCancel, 42, call, n) {
				t.Fatalf("callback %d of call %d is among 30 %%, but not among 99 %%", n, call)
			}
		}
		if inCall == 0 || inCall == callbacks {
			hits["all or none of a call"]++
		}
	}
	// Of 10,000: 3,000 with a deviation of 46, and 900 with one of 29, as for
	// independent draws. The draws are seeded, so this never fails by chance.
	for what, want := range map[string][2]int{
		"drop": {2770, 3230}, "both seeds": {755, 1045}, "drop and delay": {755, 1045}, "all or none of a call": {0, 3},
	} {
		if got := hits[what]; got < want[0] || got > want[1] {
			t.Errorf("%s: %d hits, want %d to %d", what, got, want[0], want[1])
		}
	}
}

// Every fault is described, by name, and its usual amount is one that it takes.
func TestList(t *testing.T) {
	last := ""
	for _, f := range fault.List() {
		if f.Name <= last || f.About == "" {
			t.Errorf("%+v follows %q", f, last)
		}
		last = f.Name
		parse(t, f.Name)
		if f.Usual != "" {
			var with, without fault.Plan
			parse(t, f.Name+"="+f.Usual).Apply(&with, wire.StatusCancel, 1, 1, 1)
			parse(t, f.Name).Apply(&without, wire.StatusCancel, 1, 1, 1)
			if with != without {
				t.Errorf("%s alone is %+v, with its usual amount %+v", f.Name, without, with)
			}
		}
	}
}

// Whatever parses can be applied, shows as it was written, and parses again to
// the same fault.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"drop", "drop=30%", "delay=20s@call_end", "duplicate=2:10%", "delay=:1e1%", "duplicate=0x2", "drop=%", "delay=2562047h:.5%@cancel"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := fault.Parse(s)
		if err != nil {
			if a != nil {
				t.Fatalf("%q: a fault and an error: %v", s, err)
			}
			return
		}
		again, err := fault.Parse(a.String())
		if err != nil {
			t.Fatalf("%q does not parse again: %v", s, err)
		}
		for n, w := range wire.AllWords() {
			var p, q fault.Plan
			if a.Apply(&p, w, 1, 1, uint64(n)) != again.Apply(&q, w, 1, 1, uint64(n)) || p != q {
				t.Fatalf("%q hits %s with %+v, and again with %+v", s, w, p, q)
			}
			if p.Wait < 0 || p.Copies < 0 || p.Copies > 100 {
				t.Fatalf("%q makes the plan %+v", s, p)
			}
		}
	})
}
