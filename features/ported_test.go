package features_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/fixtures/ported"
	"ringback/sim/delivery"
	"ringback/sim/probe"
	"ringback/sim/wire"
)

// Receivers of the kinds that people run are judged as their entries expect, by a
// suite that knows nothing of their own words and limits and by one that does.
func TestPorted(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty suites")
	}
	t.Parallel()
	list := ported.List()
	var group sync.WaitGroup
	for _, seed := range seeds() {
		for _, told := range []bool{false, true} {
			for _, r := range list {
				want := r.Outcome
				if told {
					want = r.Told
				}
				if told && r.Results == nil && r.CallTypes == "" { // the other suite was told as much
					if diff := cmp.Diff(r.Outcome, r.Told); diff != "" {
						t.Errorf("%s: there is nothing to tell, and another outcome (-untold +told):\n%s", r.Name, diff)
					}
					continue
				}
				group.Go(func() {
					defer place()()
					if got, err := judgePorted(t, r, seed, told); err != nil {
						t.Errorf("%s: %v", r.Name, err)
					} else if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s, told %t, seed %d (-want +got):\n%s", r.Name, told, seed, diff)
					}
				})
			}
		}
	}
	group.Wait()
}

func judgePorted(t *testing.T, r ported.Receiver, seed uint64, told bool) (got ported.Outcome, err error) {
	h := r.New()
	server := harness.Serve(t, h)
	o := probe.Options{URL: server.URL + "/calls/{CallId}", Fields: r.Fields, Timeout: longest, Wait: noTime}
	if told {
		o.Results = r.Results
	}
	p, err := probe.New(o)
	if err != nil {
		return got, err
	}
	defer p.Close()
	target, err := delivery.ParseEndpoint(server.URL + r.Callback)
	if err != nil {
		return got, err
	}
	s := features.Suite{Options: features.Options{Target: target, Seed: seed, Run: "test", Probe: p, Poll: noTime}}
	patient(t, &s.Options, h)
	if told {
		s.CallTypes = r.CallTypes
	}
	least := r.Judged
	if len(seeds()) == 1 { // all of it is judged to soak
		s.Tags = ofEachClause(t, "@clause-v4-result-stored") // which a receiver of pairs gets wrong in group calls
		least = least * 3 / 10
		if !told && (r.Results != nil || r.CallTypes != "") { // or told
			s.Generation, least = wire.V4, least/3
		}
	}
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		return got, err
	}
	var judged bool
	if got.Exit, judged = map[string]int{"pass": 0, "fail": 1}[rep.Verdict()]; !judged {
		return got, fmt.Errorf("its verdict is %s", rep.Verdict())
	}
	if n := len(rep.Scenarios) - rep.Count(report.Skipped); n < least {
		return got, fmt.Errorf("%d of %d scenarios were judged, want %d or more", n, len(rep.Scenarios), least)
	}
	for i := range rep.Scenarios {
		s := &rep.Scenarios[i]
		if s.Status == report.Errored {
			return got, fmt.Errorf("%s: %s", s.Name, s.Message)
		}
		for _, f := range s.Findings {
			switch s.Status {
			case report.Failed:
				got.Failed = append(got.Failed, f.Cause)
			case report.Warned:
				got.Warned = append(got.Warned, f.Cause)
			default:
				return got, fmt.Errorf("%s: %s: %s", s.Name, s.Status, s.Message)
			}
		}
	}
	for _, list := range []*[]string{&got.Failed, &got.Warned} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	got.Warned = slices.DeleteFunc(got.Warned, func(cause string) bool { return slices.Contains(got.Failed, cause) })
	if len(got.Warned) == 0 {
		got.Warned = nil
	}
	return got, nil
}
