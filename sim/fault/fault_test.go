package fault_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/delivery"
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
	first := func(t delivery.Transport, n int32) fault.Plan {
		t.Attempts = n
		return fault.Plan{Transport: t}
	}
	rewrite := func(r ...fault.Rewriter) fault.Plan { return fault.Plan{Rewrites: r} }
	for text, want := range map[string]fault.Plan{
		"replay":                  {Replay: 1},
		"replay=3:100%":           {Replay: 3},
		"race":                    {Race: 1},
		"race=4@call_end":         {Race: 4},
		"reorder":                 {Swap: true},
		"reorder=100%":            {Swap: true},
		"late":                    {AfterEnd: 10 * time.Second},
		"late=1m@normal_end":      {AfterEnd: time.Minute},
		"lose_answer":             first(delivery.Transport{HangUp: true}, 1),
		"lose_answer=7":           first(delivery.Transport{HangUp: true}, 7),
		"reset=2":                 first(delivery.Transport{Reset: true}, 2),
		"truncate":                first(delivery.Transport{LoseTail: 20}, 1),
		"truncate=2KiB":           first(delivery.Transport{LoseTail: 2048}, 1),
		"slow":                    first(delivery.Transport{Spread: time.Second}, 1),
		"slow=1500ms":             first(delivery.Transport{Spread: 1500 * time.Millisecond}, 1),
		"wrong_app":               rewrite(fault.WrongApp{}),
		"wrong_app=7":             rewrite(fault.WrongApp{App: 7}),
		"no_query":                rewrite(fault.NoQuery{}),
		"unknown_command":         rewrite(fault.UnknownCommand{Name: "call_paused"}),
		"unknown_command=Call.V5": rewrite(fault.UnknownCommand{Name: "Call.V5"}),
		"unknown_field":           rewrite(fault.UnknownField{}),
		"content_type":            rewrite(fault.ContentType{Type: "text/plain"}),
		"content_type=text/xml; charset=gbk@call_end": rewrite(fault.ContentType{Type: "text/xml; charset=gbk"}),
		"oversize":                         rewrite(fault.Oversize{Bytes: 1 << 20}),
		"oversize=300000B":                 rewrite(fault.Oversize{Bytes: 300000}),
		"bad_utf8":                         rewrite(fault.BadUTF8{}),
		"malformed:100%":                   rewrite(fault.Malformed{}),
		"empty_body":                       rewrite(fault.EmptyBody{}),
		"skew":                             rewrite(fault.Skew{By: -time.Hour}),
		"skew=90s":                         rewrite(fault.Skew{By: 90 * time.Second}),
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
		if hit == cmp.Equal(want, fault.Plan{}) {
			t.Errorf("%s: hit is %t", text, hit)
		}
		if a.String() != text || !strings.HasPrefix(text, a.Name()) {
			t.Errorf("%s is shown as %s, named %s", text, a, a.Name())
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                           `fault "": no such fault; want one of delay, drop, duplicate`,
		"flood":                      `fault "flood": no such fault; want one of delay, drop, duplicate`,
		"Drop":                       `fault "Drop": no such fault`,
		" drop":                      `fault " drop": no such fault`,
		"delay=-5s":                  `fault delay: amount "-5s": want a positive duration, like delay=5s`,
		"delay=0s":                   `fault delay: amount "0s": want a positive duration, like delay=5s`,
		"delay=5":                    `fault delay: amount "5": want a positive duration, like delay=5s`,
		"drop=3":                     `fault drop: amount "3": want none, or a share, like drop=30%`,
		"duplicate=0":                `fault duplicate: amount "0": want the number of copies, 1 to 100, like duplicate=2`,
		"duplicate=101":              `fault duplicate: amount "101": want the number of copies, 1 to 100`,
		"duplicate=two":              `fault duplicate: amount "two": want the number of copies`,
		"duplicate=1.5":              `fault duplicate: amount "1.5": want the number of copies`,
		"delay=5s:101%":              `fault delay: share "101%": want 0% to 100%, like delay:10%`,
		"delay=5s:-1%":               `fault delay: share "-1%": want 0% to 100%`,
		"delay=5s:NaN%":              `fault delay: share "NaN%": want 0% to 100%`,
		"delay=5s:0.5":               `fault delay: share "0.5": want 0% to 100%`,
		"delay=5s:half%":             `fault delay: share "half%": want 0% to 100%`,
		"delay=1us":                  `fault delay: amount "1us": want a positive duration, like delay=5s`,
		"late=1001h":                 `fault late: amount "1001h": want at most 1000h, like late=10s`,
		"replay=0":                   `fault replay: amount "0": want the number of copies, 1 to 100, like replay=2`,
		"race=1000":                  `fault race: amount "1000": want the number of copies, 1 to 100, like race=2`,
		"reorder=2":                  `fault reorder: amount "2": want none, or a share, like reorder=50%`,
		"lose_answer=x":              `fault lose_answer: amount "x": want the number of attempts, 1 to 100, like lose_answer=2`,
		"reset=-1":                   `fault reset: amount "-1": want the number of attempts, 1 to 100, like reset=2`,
		"truncate=0":                 `fault truncate: amount "0": want a number of bytes, up to 16MiB, like truncate=20`,
		"truncate=KiB":               `fault truncate: amount "KiB": want a number of bytes`,
		"truncate=5GiB":              `fault truncate: amount "5GiB": want a number of bytes`,
		"oversize=17MiB":             `fault oversize: amount "17MiB": want a number of bytes, up to 16MiB, like oversize=1MiB`,
		"oversize=1KB":               `fault oversize: amount "1KB": want a number of bytes`,
		"slow=0s":                    `fault slow: amount "0s": want a positive duration, like slow=1s`,
		"wrong_app=0":                `fault wrong_app: amount "0": want an app id, like wrong_app=1400000002`,
		"wrong_app=-1":               `fault wrong_app: amount "-1": want an app id`,
		"no_query=1":                 `fault no_query: amount "1": want none, or a share, like no_query:10%`,
		"unknown_command=a&":         `fault unknown_command: amount "a&": want a name of up to 64 letters, digits, _ and ., like unknown_command=call_paused`,
		"unknown_command=normal_end": `fault unknown_command: amount "normal_end": want a command that no document knows`,
		"unknown_command=call_end":   `fault unknown_command: amount "call_end": want a command that no document knows`,
		"unknown_command=Call.CallbackAfterStartCall": `fault unknown_command: amount "Call.CallbackAfterStartCall": want a command that no document knows`,
		"content_type=json":                           `fault content_type: amount "json": want a media type, like content_type=text/plain`,
		"content_type=text/a b":                       `fault content_type: amount "text/a b": want a media type`,
		"content_type=a/b;\r\nX":                      `fault content_type: amount "a/b;\r\nX": want a media type`,
		"skew=0s":                                     `fault skew: amount "0s": want whole seconds, like skew=-1h or skew=90s, up to 100000h`,
		"skew=1500ms":                                 `fault skew: amount "1500ms": want whole seconds`,
		"skew=200000h":                                `fault skew: amount "200000h": want whole seconds`,
		"drop#":                                       `fault drop: call "": want the number of a call, like drop#3`,
		"drop#0":                                      `fault drop: call "0": want the number of a call`,
		"drop@":                                       `fault drop: callback word "": is in no page of the documents`,
		"drop@Normal_end":                             `fault drop: callback word "Normal_end": is in no page of the documents, want one like normal_end or Call.CallbackAfterEndCall; did you mean normal_end?`,
		"drop@normal_end@ca":                          `fault drop: callback word "normal_end@ca": is in no page of the documents`,
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

// A number of a call behind # leaves all other calls alone.
func TestScopeOfACall(t *testing.T) {
	for text, want := range map[string][]bool{
		"drop#2": {false, true, false}, "drop@reject#2": {false, true, false}, "drop:100%@call_end#3": {false, false, true}, "drop@cancel#2": {false, false, false},
	} {
		for i, w := range want {
			if hit := parse(t, text).Apply(new(fault.Plan), wire.StatusReject, 1, uint64(i+1), 1); hit != w {
				t.Errorf("%s hits call %d: %t", text, i+1, hit)
			}
		}
	}
}

// Faults add up in one plan, rewriting in the order in which they are on. Those
// that maim attempts share the longest run.
func TestFaultsAddUp(t *testing.T) {
	var p fault.Plan
	for _, s := range []string{
		"delay=5s", "duplicate=2", "delay=1s", "duplicate", "drop", "late=10s", "late=5s", "replay", "replay=2", "race=3", "reorder",
		"skew=1h", "empty_body", "skew=1s", "truncate=5", "lose_answer=3", "slow", "truncate=6", "reset",
	} {
		parse(t, s).Apply(&p, wire.StatusCancel, 1, 1, 1)
	}
	want := fault.Plan{
		Wait: 6 * time.Second, AfterEnd: 15 * time.Second, Copies: 3, Race: 3, Replay: 3, Swap: true, Drop: true,
		Rewrites:  []fault.Rewriter{fault.Skew{By: time.Hour}, fault.EmptyBody{}, fault.Skew{By: time.Second}},
		Transport: delivery.Transport{LoseTail: 11, HangUp: true, Reset: true, Spread: time.Second, Attempts: 3},
	}
	if diff := cmp.Diff(want, p); diff != "" {
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

// Every fault is described, its usual amount is one that it takes, and so is its
// example.
func TestList(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fault.List() {
		if seen[f.Name] || f.Name == "" || f.About == "" || f.Expect == "" {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
		if name := parse(t, f.Example).Name(); name != f.Name {
			t.Errorf("the example of %s is one of %s", f.Name, name)
		}
		var with, without fault.Plan
		parse(t, f.Name+"="+f.Usual).Apply(&with, wire.StatusCancel, 1, 1, 1)
		parse(t, f.Name).Apply(&without, wire.StatusCancel, 1, 1, 1)
		if !cmp.Equal(with, without) || cmp.Equal(with, fault.Plan{}) {
			t.Errorf("%s alone is %+v, with its usual amount %+v", f.Name, without, with)
		}
	}
}

// Whatever parses can be applied, shows as it was written, and parses again to
// the same fault.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"drop", "drop=30%", "delay=20s@call_end", "duplicate=2:10%", "delay=:1e1%", "duplicate=0x2", "drop=%", "delay=999h:.5%@cancel", "oversize=15MiB", "skew=-1m0s", "content_type=a/b;c=d", "wrong_app=4294967295"} {
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
			if a.Apply(&p, w, 1, 1, uint64(n)) != again.Apply(&q, w, 1, 1, uint64(n)) || !cmp.Equal(p, q) {
				t.Fatalf("%q hits %s with %+v, and again with %+v", s, w, p, q)
			}
			if p.Wait < 0 || p.AfterEnd < 0 || min(p.Copies, p.Race, p.Replay) < 0 || max(p.Copies, p.Race, p.Replay) > 100 {
				t.Fatalf("%q makes the plan %+v", s, p)
			}
		}
	})
}

// What is said of good receivers in words and what is asked of them agree.
func TestAnswerTo(t *testing.T) {
	for _, f := range fault.List() {
		want := fault.Acknowledges
		switch {
		case strings.Contains(f.Expect, " or refuses"), strings.Contains(f.Expect, "may acknowledge"), strings.Contains(f.Expect, "from its limit on"):
			want = fault.Either
		case strings.HasPrefix(f.Expect, "refuses it"):
			want = fault.Refuses
		}
		if got := fault.AnswerTo(f.Name); got != want {
			t.Errorf("%s: %d, want %d, since a good receiver %s", f.Name, got, want, f.Expect)
		}
	}
}
