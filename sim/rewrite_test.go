package sim_test

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
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

// Sorted parameters have the address's own among them, whose bytes stay, and a
// RequestID that each delivery has for itself and all its attempts and copies
// share. In the same run it is the same again, in another one another.
func TestSortedQuery(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	play := func(token string) (ids map[uint64]string) {
		cfg := saying(t, "query_order=sorted")
		cfg.Sign, cfg.Run.Token = "xxxxyyyy", token
		p := newPlayer(t, cfg)
		in := registration(t)
		in.Endpoint = endpoint(t, "http://127.0.0.1:9080/cb?token=%C3%B6+1&B=&Z=z")
		p.do(in)
		p.do(sim.SetFaults{On: []string{"duplicate@normal_end", "replay@caller_start_call"}})
		ids = map[uint64]string{}
		bytes := map[uint64]string{}
		p.answer = func(s *sim.Send) delivery.Answer {
			_, query, _ := strings.Cut(string(s.Request.Target()), "?")
			pairs := strings.Split(query, "&")
			if !slices.IsSortedFunc(pairs, func(a, b string) int {
				a, _, _ = strings.Cut(a, "=")
				b, _, _ = strings.Cut(b, "=")
				return strings.Compare(a, b)
			}) {
				t.Errorf("not sorted: %s", query)
			}
			for _, own := range []string{"token=%C3%B6+1", "B=", "Z=z", "contenttype=json"} {
				if !slices.Contains(pairs, own) {
					t.Errorf("%s lacks %s", query, own)
				}
			}
			q, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			d := p.engine.State().Deliveries[s.Delivery]
			original := cmp.Or(d.CopyOf, d.ID)
			if id := q.Get("RequestID"); !uuid.MatchString(id) || q.Get("Sign") == "" || q.Get("RequestTime") == "" {
				t.Errorf("RequestID %q, Sign %q", id, q.Get("Sign"))
			} else {
				ids[original] = id
			}
			if text := string(s.Request.Bytes()); bytes[original] == "" {
				bytes[original] = text
			} else if text != bytes[original] {
				t.Errorf("attempt %d of %d has other bytes", s.Attempt, s.Delivery)
			}
			if s.Attempt < 3 {
				return delivery.Answer{Status: 500, Connected: true}
			}
			return ok(s)
		}
		p.place(wire.V1, call.NormalEnd, "bob")
		p.finish()
		p.place(wire.V4, call.NormalEnd, "carol")
		p.finish()
		return ids
	}
	first, again, other := play("test"), play("test"), play("test-2")
	if d := diff.Diff(first, again); d != "" || len(first) < 8 {
		t.Errorf("%d deliveries, in another play (-first +again):\n%s", len(first), d)
	}
	seen := map[string]bool{}
	for _, run := range []map[uint64]string{first, other} {
		for n, id := range run {
			if seen[id] {
				t.Errorf("delivery %d: the RequestID %s is another's", n, id)
			}
			seen[id] = true
		}
	}
}

// Faults find what they change in a sorted query, too; without parameters the address
// stays as it is.
func TestSortedFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"wrong_app=7":                "/cb?A=1&CallbackCommand=Call.CallbackAfterStartCall&ClientIP=127.0.0.1&OptPlatform=iOS&RequestID=…&SdkAppid=7&contenttype=json&z=2",
		"unknown_command=CallPaused": "/cb?A=1&CallbackCommand=CallPaused&ClientIP=127.0.0.1&OptPlatform=iOS&RequestID=…&SdkAppid=1400000001&contenttype=json&z=2",
		"no_query":                   "/cb?z=2&A=1",
	} {
		p := newPlayer(t, saying(t, "query_order=sorted"))
		in := registration(t)
		in.Endpoint = endpoint(t, "http://127.0.0.1:9080/cb?z=2&A=1")
		p.do(in)
		p.do(sim.SetFaults{On: []string{fault}})
		p.place(wire.V4, call.Cancel, "bob")
		got := regexp.MustCompile(`RequestID=[^&]*`).ReplaceAllString(string(p.sends[0].Request.Target()), "RequestID=…")
		if d := diff.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", fault, d)
		}
	}
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
