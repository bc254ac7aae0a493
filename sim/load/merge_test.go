package load_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ringback/sim/load"
	"ringback/sim/traffic"
)

// segment plays a segment and returns its report as its file has it.
func segment(t *testing.T, index, of int, stop time.Duration, change func(*load.Config)) load.NamedReport {
	t.Helper()
	r := receiveUntil(t, func(c *load.Config) {
		c.Connections, c.Ramp, c.Duration, c.CPU = 512, time.Second, 5*time.Second, func() time.Duration { return 0 }
		if of > 1 {
			c.Segment = traffic.Segment{Index: index, Of: of}
		}
		change(c)
	}, stop).report
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	n := load.NamedReport{Name: fmt.Sprintf("%d.json", index), Report: new(load.Report)}
	if err := json.Unmarshal(text, n.Report); err != nil {
		t.Fatal(err)
	}
	return n
}

// segments plays all segments of a load.
func segments(t *testing.T, of int, change func(*load.Config)) (list []load.NamedReport) {
	t.Helper()
	for i := range of {
		list = append(list, segment(t, i+1, of, time.Hour, change))
	}
	return list
}

func steady(c *load.Config) { c.Calls, c.Callbacks, c.Faults = 0, 300, []string{"drop:5%"} }

// The merged report of segments is, figure for figure, that of one process which played
// the whole.
func TestMerge(t *testing.T) {
	for name, of := range map[string]func(*load.Config){
		"callbacks": steady,
		"calls":     func(c *load.Config) { c.Calls = 40 },
	} {
		t.Run(name, func(t *testing.T) {
			whole := segment(t, 1, 1, time.Hour, of).Report
			if whole.Retries == 0 || whole.Latency.P50 < 2 || len(whole.Series) < 6 || len(whole.ByCommand) < 15 {
				t.Fatalf("a dull run: %+v", whole)
			}
			for _, n := range []int{1, 4} {
				r, err := load.Merge(segments(t, n, of), false, nil)
				if err != nil {
					t.Fatal(err)
				}
				// Of each process: the backlog and the connections.
				if r.Overload.Backlog != n*whole.Overload.Backlog || r.Part.Connections != n*512 || len(r.Merged.Segments) != n || len(r.Notes()) != 0 {
					t.Errorf("%d segments: %+v, %+v", n, r.Overload, r.Merged)
				}
				r.Overload.Backlog, r.Part.Connections, r.Part.Segment = whole.Overload.Backlog, 512, whole.Part.Segment
				// What waits is looked at now and then, which may be in the moment in which an
				// attempt is handed over.
				moments := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Waiting" }, cmp.Ignore())
				if diff := cmp.Diff(whole, r, moments, cmpopts.IgnoreFields(load.Report{}, "Merged", "Thresholds"), cmpopts.EquateApprox(1e-12, 0), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("the whole (-), %d segments merged (+):\n%s", n, diff)
				}
				if err := r.Balance(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A segment that was stopped has a report whose sums hold, and so do those of the merged
// one, which says so. Without its report, merging is refused, or says loudly what is
// missing.
func TestMergeOfStopped(t *testing.T) {
	var parts []load.NamedReport
	for i := range 4 {
		stop := time.Hour
		if i == 2 {
			stop = 3500 * time.Millisecond
		}
		parts = append(parts, segment(t, i+1, 4, stop, steady))
	}
	r, err := load.Merge(parts, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := uint64(0)
	for _, p := range parts {
		sum += p.Callbacks
	}
	if err := r.Balance(); err != nil || r.Callbacks != sum || r.DurationS != 5 {
		t.Errorf("%v; %d callbacks, want %d; in %gs", err, r.Callbacks, sum, r.DurationS)
	}
	if notes := strings.Join(r.Notes(), "; "); notes != "segment 3/4 was stopped after 2.5s of 5s" {
		t.Errorf("notes: %s", notes)
	}
	killed := append(parts[:2:2], parts[3])
	var missing *load.MissingError
	if _, err := load.Merge(killed, false, nil); !errors.As(err, &missing) || err.Error() != "the segment's report is missing: 3/4" {
		t.Errorf("without a segment: %v", err)
	}
	if r, err = load.Merge(killed, true, nil); err != nil {
		t.Fatal(err)
	}
	var text, page bytes.Buffer
	r.WriteSummary(&text)
	if err := errors.Join(r.WriteHTML(&page), r.Balance()); err != nil {
		t.Error(err)
	}
	for what, s := range map[string]string{"the summary": text.String(), "the page": page.String()} {
		if !strings.Contains(s, "INCOMPLETE: segment 3/4 is missing") {
			t.Errorf("%s does not say that a segment is missing:\n%s", what, s)
		}
	}
	if near(t, "rate asked", r.RateAsked, 300, 0); len(r.Merged.Missing) != 1 || r.Callbacks != sum-parts[2].Callbacks {
		t.Errorf("%+v", r.Merged)
	}
}

// A segment that was stopped before the common start has a report like any other.
func TestMergeOfNotBegun(t *testing.T) {
	parts := segments(t, 2, steady)
	parts[1] = segment(t, 2, 2, time.Second, func(c *load.Config) {
		steady(c)
		c.StartAt = time.Now().Add(time.Hour)
	})
	r, err := load.Merge(parts, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(r.Notes(), "; "); notes != "segment 2/2 was stopped after 0.0s of 5s" || r.Callbacks != parts[0].Callbacks || r.Balance() != nil {
		t.Errorf("notes: %s; %d callbacks, want %d; %v", notes, r.Callbacks, parts[0].Callbacks, r.Balance())
	}
}

// Reports that do not belong together are refused, by name and with what differs.
func TestMergeRefuses(t *testing.T) {
	good := segments(t, 2, func(c *load.Config) { c.Duration = time.Second })
	for want, change := range map[string]func(a, b *load.Report){
		"1.json, 2.json: are not of one load: seed: \"1\" and \"2\"": func(_, b *load.Report) { b.About.Seed = 2 },
		"of one load: run: \"t\" and \"u\"":                          func(_, b *load.Report) { b.About.Run = "u" },
		"of one load: version:":                                      func(_, b *load.Report) { b.About.Version += "x" },
		"of one load: target:":                                       func(_, b *load.Report) { b.About.Target += "x" },
		"of one load: model:":                                        func(_, b *load.Report) { b.Part.Model = "" },
		"number of segments: \"2\" and \"3\"":                        func(_, b *load.Report) { b.Part.Segment = "2/3" },
		"1.json, 2.json: both are of segment 1/2":                    func(_, b *load.Report) { b.Part.Segment = "1/2" },
		"flags: \"--calls 50/s\" and \"--calls 60/s\"": func(a, b *load.Report) {
			a.About.Flags, b.About.Flags = []string{"--calls 50/s", "--own 1"}, []string{"--own=2", "--calls 60/s"}
		},
		"2.json: is not the JSON report of a load that can be merged: it has no part": func(_, b *load.Report) { b.Part = nil },
		"2.json: is a merged report; want those of the segments":                      func(_, b *load.Report) { b.Merged = new(load.Merged) },
		"2.json: part.segment: \"5/4\" of 64 partitions: want one like 2/4":           func(_, b *load.Report) { b.Part.Segment = "5/4" },
		"2.json: the ledger does not balance":                                         func(_, b *load.Report) { b.Acked++ },
		"2.json: part.latency: no histogram that Ringback wrote":                      func(_, b *load.Report) { b.Part.Latency = "HISTFAAAA" },
		"2.json: part.latency: no histogram that Ringback wrote: 1 digits":            func(_, b *load.Report) { b.Part.Latency = b.Part.Series[0] },
		"2.json: part.series: no histogram that Ringback wrote: 3 digits":             func(_, b *load.Report) { b.Part.Series[0] = b.Part.Latency },
		"2.json: its figures contradict each other":                                   func(_, b *load.Report) { b.Part.Series = nil },
		"2.json: by_command: ": func(_, b *load.Report) { b.ByCommand["nonsense"] = load.Command{} },
	} {
		var list []load.NamedReport
		for _, n := range good {
			text, err := json.Marshal(n.Report)
			if err != nil {
				t.Fatal(err)
			}
			again := load.NamedReport{Name: n.Name, Report: new(load.Report)}
			if err := json.Unmarshal(text, again.Report); err != nil {
				t.Fatal(err)
			}
			list = append(list, again)
		}
		change(list[0].Report, list[1].Report)
		if _, err := load.Merge(list, false, []string{"own"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := load.Merge(nil, true, nil); err == nil {
		t.Error("nothing was merged")
	}
}
