package load_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/load"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// received is what a receiver got and when, and what is said of it.
type received struct {
	attempts []string
	report   *load.Report
	shards   int
	sample   []load.EndedCall
}

// sampled is how many calls are sampled.
const sampled = 20

// receive plays a load to a receiver that answers the same to the same bytes, after the
// same time, and now and then with an error. That is at once, unless there are more than
// 64 connections.
func receive(t *testing.T, change func(*load.Config)) received {
	t.Helper()
	return receiveUntil(t, change, time.Hour)
}

// receiveUntil does the same, and stops the load after a while.
func receiveUntil(t *testing.T, change func(*load.Config), stop time.Duration) (got received) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sleeps bool // with connections enough, so that nothing waits for them
		first := map[string]time.Time{}
		began := time.Now()
		cfg := config(t, &receiver{answer: func(_ uint64, r *delivery.Request, a *delivery.Answer) {
			text := string(r.Target()) + " " + string(r.Body())
			h := fnv.New32()
			_, _ = h.Write([]byte(text))
			at := time.Now()
			if sleeps {
				time.Sleep(time.Duration(h.Sum32()>>8%20_000) * time.Microsecond)
			}
			mu.Lock()
			defer mu.Unlock()
			if _, again := first[text]; !again {
				first[text] = at
			}
			// A while rather than a number, since the copies of a callback race.
			if h.Sum32()%5 == 0 && at.Sub(first[text]) < 500*time.Millisecond {
				a.Status = 500
			}
			got.attempts = append(got.attempts, fmt.Sprintf("%09.3f %s", at.Sub(began).Seconds(), text))
		}})
		cfg.Sample = sampled
		change(&cfg)
		sleeps = cfg.Connections > 64
		l, err := load.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), stop)
		defer cancel()
		if err := l.Run(ctx); err != nil {
			t.Fatal(err)
		}
		got.report, got.shards = l.Report(), l.Shards()
		got.sample, _ = l.Sample(sampled)
	})
	slices.Sort(got.attempts)
	return got
}

// A receiver gets the same attempts, at the same times, to the last byte, from one
// process or from several that play segments, over however many connections, on however
// many processors, and with a journal or without.
func TestSegmentsAreTheWhole(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, of := range map[string]func(*load.Config){
		"calls": func(*load.Config) {},
		"callbacks, at random, after a ramp": func(c *load.Config) {
			c.Calls, c.Callbacks, c.Poisson, c.Ramp, c.Duration = 0, 400, true, 2*time.Second, 3*time.Second
		},
		"faults": func(c *load.Config) {
			c.Faults = []string{"duplicate=1:30%", "drop:10%", "delay=400ms:20%", "reorder:10%"}
			c.Duration = 4 * time.Second
		},
		"some words of one generation, sorted": func(c *load.Config) {
			d := *wire.Default()
			if err := d.Set("query_order=sorted"); err != nil {
				t.Fatal(err)
			}
			c.Dialect, c.Generation, c.Words = &d, wire.V1, []wire.Word{wire.StatusNormalEnd, wire.CallerStartCall}
		},
		"a call center": func(c *load.Config) {
			text, _ := fixtures.Preset("callcentre")
			m, err := traffic.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			c.Model = m
		},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GOMAXPROCS(1)
			whole := receive(t, of)
			if len(whole.attempts) < 100 || whole.report.Retries == 0 {
				t.Errorf("only %d attempts, %d retries", len(whole.attempts), whole.report.Retries)
			}
			same := func(what string, got []string) {
				t.Helper()
				if diff := cmp.Diff(whole.attempts, got); diff != "" {
					t.Fatalf("on one processor (-), %s (+):\n%s", what, diff)
				}
			}
			for _, processors := range []int{1, 3, 8} {
				runtime.GOMAXPROCS(processors)
				got := whole
				if processors > 1 {
					got = receive(t, of)
					same(fmt.Sprintf("on %d", processors), got.attempts)
				}
				if got.shards != processors {
					t.Errorf("%d processors: %d shards", processors, got.shards)
				}
				ids := map[string]bool{}
				for _, e := range got.sample {
					ids[e.ID] = true
				}
				if len(ids) != sampled || len(got.sample) != sampled {
					t.Errorf("%d processors: a sample of %d calls, %d of them different", processors, len(got.sample), len(ids))
				}
			}
			same("over one connection", receive(t, func(c *load.Config) { of(c); c.Connections = 1 }).attempts)
			var header string
			same("with a journal", receive(t, func(c *load.Config) {
				of(c)
				c.Journal = func(lines []byte) error {
					if header == "" {
						header, _, _ = strings.Cut(string(lines), "\n")
					}
					return nil
				}
			}).attempts)
			if !strings.Contains(header, `"flags":{"partitions":"`) {
				t.Errorf("the header does not have the partitions: %s", header)
			}
			const n = 5 // some have more of the 64 partitions than others
			var parts []string
			var callbacks, calls uint64
			for i := range n {
				part := receive(t, func(c *load.Config) {
					of(c)
					c.Segment, c.Connections = traffic.Segment{Index: i + 1, Of: n}, 3
				})
				parts, callbacks, calls = append(parts, part.attempts...), callbacks+part.report.Callbacks, calls+part.report.Calls
			}
			slices.Sort(parts)
			same(fmt.Sprint(n, " segments"), parts)
			if callbacks != whole.report.Callbacks || calls != whole.report.Calls {
				t.Errorf("%d segments: %d calls, %d callbacks, want %d and %d", n, calls, callbacks, whole.report.Calls, whole.report.Callbacks)
			}
		})
	}
}

// A load that begins late sends at once what was due since it was to start, and the rest
// at its time: its window is the common one. One that is early waits.
func TestStartAt(t *testing.T) {
	onTime := receive(t, func(c *load.Config) { c.Duration = 4 * time.Second })
	for _, late := range []time.Duration{1500 * time.Millisecond, -2 * time.Second} {
		got := receive(t, func(c *load.Config) {
			c.Duration, c.StartAt, c.NoDrain = 4*time.Second, time.Now().Add(-late), false
		})
		r := got.report
		near(t, "late", r.Part.StartLateS, max(0, late.Seconds()), 1e-6)
		if r.DurationS != 4 || r.Callbacks != onTime.report.Callbacks || r.Calls != onTime.report.Calls || r.Acked != onTime.report.Acked {
			t.Errorf("%s late: %d callbacks in %gs, want %d", late, r.Callbacks, r.DurationS, onTime.report.Callbacks)
		}
		near(t, "how late attempts began", r.Lateness.Max, max(0, 1000*late.Seconds()), 10)
		near(t, "when the first attempt came", first(t, got), max(first(t, onTime), 0)+max(0, -late.Seconds()), 0.1)
	}
}

// first is when the first attempt came, in seconds since the test began.
func first(t *testing.T, r received) (s float64) {
	t.Helper()
	if _, err := fmt.Sscan(strings.TrimLeft(r.attempts[0][:9], "0"), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// A journal's calls carry their partitions, as many as the header says.
func TestJournalOfSegment(t *testing.T) {
	var lines []byte
	receive(t, func(c *load.Config) {
		c.Segment = traffic.Segment{Index: 2, Of: 4}
		c.Journal = func(l []byte) error { lines = append(lines, l...); return nil }
	})
	started := 0
	for line := range strings.Lines(string(lines)) {
		e, err := journal.ParseLine([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		switch d := e.Data.(type) {
		case *journal.Run:
			if d.Flags["partitions"] != "64" || d.Flags["segment"] != "2/4" {
				t.Errorf("header: %v", d.Flags)
			}
		case *journal.Fact:
			if s := d.Setup; s != nil {
				started++
				if s.Partition%4 != 2 || s.Partition > 64 || (s.Number-1)%64 != uint64(s.Partition)-1 {
					t.Errorf("call %d is in partition %d", s.Number, s.Partition)
				}
			}
		}
	}
	if started < 100 {
		t.Errorf("%d calls", started)
	}
}
