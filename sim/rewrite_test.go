package sim_test

import (
	"fmt"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// saying is a configuration with choices of the dialect.
func saying(t testing.TB, choices ...string) sim.Config {
	t.Helper()
	cfg := config()
	for _, c := range choices {
		if err := cfg.Dialect.Set(c); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// Under set_pending=new what waits for a retry or for its first attempt goes to the
// address that was set last, and what was being sent does with its next attempt; by
// default all of it goes where it was made for. A delivery keeps its own parameters.
func TestSetPending(t *testing.T) {
	for _, test := range []struct {
		choice string
		want   []string // where the attempts of the first callback went, and that of the second
	}{
		{"set_pending=keep", []string{"old 1", "old 2", "old 3", "old 1"}},
		{"set_pending=new", []string{"old 1", "old 2", "new 3", "new 1"}},
	} {
		for _, order := range []string{"documented", "sorted"} {
			t.Run(test.choice+" "+order, func(t *testing.T) {
				cfg := saying(t, test.choice, "query_order="+order)
				cfg.Hosts = true
				p := newPlayer(t, cfg)
				set := func(name string) {
					in := registration(t)
					in.Typed, in.Endpoint = false, endpoint(t, "http://"+name+".example/"+name+"?token="+name+"5f2cgh77&A=1")
					p.do(in)
				}
				set("old")
				p.do(sim.SetFaults{On: []string{"delay=1m@callee_receive_call"}})
				var got []string
				queries := map[string]bool{}
				p.answer = func(s *sim.Send) delivery.Answer {
					at := s.Request.Endpoint
					name, _, _ := strings.Cut(at.Host, ".")
					if s.Delivery <= 2 {
						got = append(got, fmt.Sprint(name, " ", s.Attempt))
						if !strings.HasPrefix(string(s.Request.Target()), "/"+name+"?") || !strings.Contains(string(s.Request.Bytes()), "Host: "+at.Host) {
							t.Errorf("to %s: %s", at.Host, s.Request.Bytes())
						}
						own, _ := at.Parameters(s.Request.Target())
						queries[fmt.Sprint(s.Delivery, " ", string(own))] = true
					}
					if s.Delivery == 1 && s.Attempt == 2 { // while it is being sent
						set("new")
					}
					if s.Delivery == 1 && s.Attempt < 3 {
						return delivery.Answer{Status: 500, Connected: true, Body: []byte("no: " + string(s.Request.Target()))}
					}
					return ok(s)
				}
				p.place(wire.V1, call.Cancel, "bob")
				p.finish()
				if d := diff.Diff(test.want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
				if len(queries) != 2 {
					t.Errorf("a delivery has other parameters of its own: %v", queries)
				}
				checkLeft(t, p)
			})
		}
	}
}

// checkLeft wants that a reader of the journal, or one that goes on from a snapshot of
// it, shows no secret of an address, be it one that deliveries had before.
func checkLeft(t *testing.T, p *player) {
	t.Helper()
	for _, lines := range [][]string{p.lines, snapshot(t, readerOf(t, p.lines))} {
		st := readerOf(t, lines)
		for _, d := range st.Deliveries {
			for _, try := range d.Tries {
				shown := st.Hide(d.Request.Endpoint, try.Answer) + d.Request.Endpoint.HideTarget(string(d.Request.Target()))
				if strings.Contains(shown, "5f2cgh77") {
					t.Errorf("try %d of %d shows %s", try.Attempt, d.ID, shown)
				}
			}
		}
	}
	st := journal.NewReader(journal.Keep)
	for _, l := range p.lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Apply(e); err != nil {
			t.Fatal(err)
		}
		if line, err := st.Masked(e).AppendLine(nil); err != nil || strings.Contains(string(line), "5f2cgh77") {
			t.Errorf("%v: %s", err, line)
		}
	}
}

func readerOf(t testing.TB, lines []string) *journal.State {
	t.Helper()
	st := journal.NewReader(journal.Keep)
	refold(t, st, lines)
	return st
}
