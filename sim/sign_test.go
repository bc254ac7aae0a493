package sim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

const token = "xxxxyyyy"

// signing is an engine's configuration under which requests are signed.
func signing() sim.Config {
	cfg := config()
	cfg.Sign = token
	return cfg
}

// signature says of a request whose signature it has, and how old that is at a time.
func signature(t testing.TB, r *delivery.Request, at call.Instant) string {
	t.Helper()
	u, err := url.Parse(string(r.Target()))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	var signed int64
	if _, err := fmt.Sscan(q.Get("RequestTime"), &signed); err != nil {
		return "none"
	}
	age := wallAt(at) - signed
	for _, own := range []string{token, "another"} {
		if strings.Contains(u.RawQuery, string(wire.AppendSignature(nil, own, signed))) {
			return fmt.Sprintf("%s, %d s", own, age)
		}
	}
	if sign, _, _ := strings.Cut(string(wire.AppendSignature(nil, token, signed-120)), "&"); strings.Contains(u.RawQuery, sign) {
		return fmt.Sprintf("moved, %d s", age)
	}
	return fmt.Sprintf("wrong, %d s", age)
}

// Requests are signed behind their own parameters when they first go out, whenever
// they were made. Retries repeat the bytes, and so do copies, while a receiver can
// take them.
func TestSigned(t *testing.T) {
	fine := token + ", 0 s"
	for _, test := range []struct {
		name, faults string
		failing      int
		want         []string // first attempts of the answer
		retries      []string
	}{
		{name: "at once", want: []string{fine}},
		{name: "after its retries", failing: 7, want: []string{fine}, retries: []string{"0 s", "1 s", "2 s", "4 s", "7 s", "12 s"}},
		{name: "postponed", faults: "delay=45s@callee_accept_call", want: []string{fine}},
		{name: "after the end", faults: "late=2m@callee_accept_call", want: []string{fine}},
		{name: "behind the next", faults: "reorder@callee_accept_call", want: []string{fine}},
		{name: "copies", faults: "late=2m@callee_accept_call duplicate=2@callee_accept_call", want: []string{fine, fine, fine}},
		{name: "copies in flight", faults: "late=2m@callee_accept_call race=1@callee_accept_call", want: []string{fine, fine}},
		{name: "stale", faults: "late=2m@callee_accept_call stale_sign", want: []string{token + ", 120 s"}},
		{name: "by so much", faults: "stale_sign=61s", want: []string{token + ", 61 s"}},
		{name: "wrong", faults: "late=2m@callee_accept_call wrong_sign", want: []string{"wrong, 0 s"}},
		{name: "missing", faults: "late=2m@callee_accept_call wrong_sign=missing", want: []string{"none"}},
		{name: "moved", faults: "late=2m@callee_accept_call wrong_sign=moved", want: []string{"moved, 0 s"}},
		{name: "without other parameters", faults: "no_query", want: []string{fine}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlayer(t, signing())
			p.do(sim.SetFaults{On: strings.Fields(test.faults)})
			var got, retries []string
			var bytes string
			p.answer = func(s *sim.Send) delivery.Answer {
				if s.Word != wire.CalleeAcceptCall {
					return ok(s)
				}
				is := signature(t, s.Request, p.now)
				if s.Attempt == 1 {
					got, bytes = append(got, is), string(s.Request.Bytes())
				} else {
					retries = append(retries, strings.TrimPrefix(is, token+", "))
				}
				if string(s.Request.Bytes()) != bytes {
					t.Errorf("attempt %d of %d has other bytes than the first", s.Attempt, s.Delivery)
				}
				if s.Attempt <= test.failing {
					return delivery.Answer{Status: 500, Connected: true}
				}
				return ok(s)
			}
			p.place(wire.V1, call.NormalEnd, "bob")
			p.finish()
			if diff := cmp.Diff([][]string{test.want, test.retries}, [][]string{got, retries}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A copy that goes out when its original's signature is too old for a receiver is
// signed anew.
func TestCopySignedAnew(t *testing.T) {
	for after, want := range map[time.Duration]string{
		20 * time.Second: token + ", 20 s",
		40 * time.Second: token + ", 0 s",
	} {
		p := newPlayer(t, signing())
		p.place(wire.V1, call.Cancel, "bob")
		p.finish()
		p.now = p.now.Add(after)
		p.do(sim.Duplicate{Delivery: p.engine.State().Made})
		if got := signature(t, p.sends[0].Request, p.now); got != want {
			t.Errorf("a copy %s later: %s, want %s", after, got, want)
		}
	}
}

// What waited unsigned is signed, too: a run that goes on may have begun without.
func TestSignedAfterRestore(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.SetFaults{On: []string{"delay=5s"}})
	p.place(wire.V4, call.Cancel, "bob")
	p.settle()
	restored, err := sim.Restore(signing(), rebuild(t, p.lines))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	q := &player{t: t, engine: restored, now: p.now, lines: p.lines}
	q.answer = func(s *sim.Send) delivery.Answer {
		n++
		if got := signature(t, s.Request, q.now); got != token+", 0 s" {
			t.Errorf("%s: %s", s.Word, got)
		}
		return ok(s)
	}
	q.finish()
	if n == 0 {
		t.Error("nothing was sent")
	}
}

// Readers of the journal do not get the target's secrets from a request that was
// signed anew.
func TestSignedMasked(t *testing.T) {
	cfg := signing()
	p := newPlayer(t, cfg)
	in := registration(t)
	in.Endpoint = endpoint(t, "http://127.0.0.1:9080/cb?token=5f2cgh77")
	p.do(in)
	p.do(sim.SetFaults{On: []string{"delay=5s"}})
	p.place(wire.V4, call.Cancel, "bob")
	p.finish()
	st := journal.NewReader(journal.Keep)
	anew := 0
	for _, l := range p.lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Apply(e); err != nil {
			t.Fatal(err)
		}
		line, err := st.Masked(e).AppendLine(nil)
		if err != nil {
			t.Fatal(err)
		}
		if a, ok := e.Data.(*journal.Attempt); ok && len(a.URL) > 0 {
			anew++
			if !slices.Contains(strings.Split(string(a.URL), "&"), "SdkAppid=1400000001") {
				t.Errorf("signed anew: %s", a.URL)
			}
		}
		if strings.Contains(string(line), "5f2cgh77") {
			t.Errorf("%s", line)
		}
	}
	if anew == 0 {
		t.Error("nothing was signed anew")
	}
}
