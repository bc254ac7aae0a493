package load

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures"
	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

func ptr[T any](v T) *T { return &v }

func TestReadEnd(t *testing.T) {
	for _, tt := range []struct {
		word wire.Word
		body string
		want EndedCall
		ok   bool
	}{
		{wire.StatusNormalEnd, `{"CallId":"a","CallResult":"normal_end","StartCallTs":1,"AcceptTs":4,"EndTs":13}`, EndedCall{CallRef{ID: "a"}, "normal_end", ptr(9.0)}, true},
		{wire.StatusInterrupt, `{"CallId":"a","CallResult":"interrupt","AcceptTs":4,"EndTs":13}`, EndedCall{CallRef{ID: "a"}, "interrupt", nil}, true},
		{wire.AfterEndCall, `{"CallRecord":{"CallId":"b","AcceptTime":4,"EndTime":13,"CallResult":"Interrupt"}}`, EndedCall{CallRef{ID: "b"}, "Interrupt", ptr(9.0)}, true},
		{wire.AfterEndCall, `{"CallRecord":{"CallId":"b","AcceptTime":0,"EndTime":13,"CallResult":"Cancel"}}`, EndedCall{CallRef{ID: "b"}, "Cancel", nil}, true},
		{wire.AfterEndCall, `{"CallRecord":{"CallId":"b","Acc`, EndedCall{}, false},
		{wire.AfterEndCall, ``, EndedCall{}, false},
		{wire.AfterEndCall, `{}`, EndedCall{}, false},
	} {
		got, ok := readEnd(tt.word, []byte(tt.body))
		if diff := cmp.Diff(tt.want, got); ok != tt.ok || diff != "" {
			t.Errorf("%s: %t, want %t (-want +got):\n%s", tt.body, ok, tt.ok, diff)
		}
	}
}

// Each ended call is sampled with the same probability, even if its end comes twice,
// and no more are kept than asked for.
func TestSampleIsFair(t *testing.T) {
	const size, calls, rounds = 10, 100, 500
	chosen := make([]int, calls)
	for seed := range uint64(rounds) {
		s := newReservoir(size, seed, 0, 1)
		for i := range calls {
			for range 1 + i%2 {
				s.body = fmt.Appendf(nil, `{"CallId":"%d","CallResult":"reject"}`, i)
				s.acked(wire.StatusReject)
			}
			s.acked(wire.CallerStartCall) // tells no end
		}
		if len(s.list) != size {
			t.Fatalf("%d are kept", len(s.list))
		}
		seen := map[string]bool{}
		for _, e := range s.list {
			var i int
			_, _ = fmt.Sscan(e.ID, &i)
			chosen[i]++
			if seen[e.ID] {
				t.Fatalf("%s is kept twice", e.ID)
			}
			seen[e.ID] = true
		}
	}
	first, last := 0, 0
	for i, n := range chosen {
		if i%2 == 0 { // whose end was told once
			if i < calls/2 {
				first += n
			} else {
				last += n
			}
		}
	}
	if ratio := float64(first) / float64(last); ratio < 0.9 || ratio > 1.1 {
		t.Errorf("of the first half %d were chosen, of the second %d", first, last)
	}
	var none *reservoir
	none.completed(nil, nil)
	none.acked(wire.StatusReject)
}

func TestHolds(t *testing.T) {
	e := EndedCall{CallRef{ID: "a"}, "NormalEnd", ptr(9.0)}
	for _, tt := range []struct {
		stored probe.Stored
		want   string
	}{
		{probe.Stored{Count: 1, Result: ptr("normal_end"), Duration: ptr(9.4)}, ""},
		{probe.Stored{Count: 1}, ""},
		{probe.Stored{}, "number of end records 0"},
		{probe.Stored{Count: 3, Result: ptr("NormalEnd")}, "number of end records 3"},
		{probe.Stored{Count: 2, Result: ptr("cancel"), Duration: ptr(0.0)}, "number of end records 2, result cancel, talk 0s"},
		{probe.Stored{Count: 1, Duration: ptr(9000.0)}, "talk 9000s"},
	} {
		var got []string
		for _, m := range e.Compare(tt.stored) {
			got = append(got, m.What+" "+m.Stored)
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%+v: %q, want %q", tt.stored, got, tt.want)
		}
	}
	if wrong := (&EndedCall{CallRef: CallRef{ID: "a"}}).Compare(probe.Stored{Count: 1, Result: ptr("x"), Duration: ptr(1.0)}); wrong != nil {
		t.Errorf("nothing was told, but %v", wrong)
	}
}

// A receiver that stores late is waited for, one that stores twice is found, and an
// answer that cannot be read is not held against it.
func TestProbe(t *testing.T) {
	l := played(t)
	last := l.latest() // which are asked for in any case: whether the receiver has caught up
	var late, twice sync.Map
	var broken atomic.Int64
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := path.Base(r.URL.Path)
		switch digit := id[len(id)-1:]; { // of a UUID
		case slices.Contains(last, id):
		case strings.Contains("123", digit): // late: at the second question
			if _, again := late.LoadOrStore(id, true); !again {
				http.NotFound(w, r)
				return
			}
		case strings.Contains("456", digit):
			twice.Store(id, true)
			fmt.Fprint(w, `{"count":2}`)
			return
		case strings.Contains("789", digit):
			broken.Add(1)
			http.Error(w, "hush", http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, `{"count":1}`)
	}))
	p, err := probe.New(probe.Options{URL: s.URL + "/{CallId}?token=hush", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := l.Probe(t.Context(), p, 40, 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if got.Asked != 40 || got.Ended < 50 || got.Results+got.Durations != 0 {
		t.Errorf("%+v", got)
	}
	stored := 0
	twice.Range(func(any, any) bool { stored++; return true })
	if len(got.Mismatches) == 0 || got.mismatched() != stored || got.Errors == 0 || !strings.Contains(got.Error, "502") || strings.Contains(got.Error, "hush") {
		t.Errorf("%d stored twice, %d broken questions: %+v", stored, broken.Load(), got)
	}
	for _, m := range got.Mismatches { // each partition has its own numbers
		own := sim.CallID(&journal.Run{Seed: 1, Token: "t"}, wire.Default(), m.Number)
		if m.Partition != fmt.Sprintf("%d/64", (m.Number-1)%64+1) || m.ID != own || m.Name() != fmt.Sprintf("#%d", m.Number) {
			t.Errorf("%+v is called %s; its CallId would be %s", m, m.Name(), own)
		}
	}
	if same, _ := l.Sample(40); len(same) != 40 {
		t.Errorf("%d in the sample", len(same))
	}
}

// A receiver that stores one callback after the other, far behind, is asked once it has
// stored the ends that it acknowledged last, however long it showed nothing new.
func TestProbeFarBehind(t *testing.T) {
	l := played(t)
	latest := l.latest()
	if len(latest) != len(l.shards) {
		t.Errorf("%d ends were the last of %d shards", len(latest), len(l.shards))
	}
	var mu sync.Mutex
	asked, stored := map[string]int{}, false
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		id := path.Base(r.URL.Path)
		asked[id]++
		if stored = stored || asked[id] > 7 && slices.Contains(latest, id); !stored {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"count":1}`)
	}))
	p, err := probe.New(probe.Options{URL: s.URL + "/{CallId}", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := l.Probe(t.Context(), p, 40, 10*time.Millisecond)
	if err != nil || got.Asked != 40 || len(got.Mismatches) != 0 || got.Errors != 0 || got.Behind {
		t.Errorf("%+v, %v", got, err)
	}
	impatient, err := probe.New(probe.Options{URL: s.URL + "/{CallId}", Wait: time.Millisecond, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer impatient.Close()
	mu.Lock()
	asked, stored = map[string]int{}, false
	mu.Unlock()
	got, err = l.Probe(t.Context(), impatient, 40, 10*time.Millisecond)
	if err != nil || len(got.Mismatches) != 40 || !got.Behind || !strings.Contains(got.Summary(), "let it have longer") {
		t.Errorf("%+v, %v", got, err)
	}
}

// played is a short load whose receiver acknowledges everything.
func played(t *testing.T) *Load {
	t.Helper()
	endpoint := harness.Endpoint(t, "http://127.0.0.1:3000/cb")
	model, err := traffic.Parse(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(Config{
		Model: model, Run: journal.Run{Seed: 1, Epoch: call.At(time.Now()), Token: "t"}, App: 1, Generation: wire.Both, Endpoint: endpoint,
		NewSender: func() run.Sender { return run.Acknowledging{} }, Calls: 500, Duration: 200 * time.Millisecond, Compress: 1e6, Sample: 50,
	})
	if err == nil {
		err = l.Run(t.Context())
	}
	if err = errors.Join(err, l.Report().Balance()); err != nil {
		t.Fatal(err)
	}
	return l
}

func preset(t *testing.T) []byte {
	t.Helper()
	text, ok := fixtures.Preset("consumer")
	if !ok {
		t.Fatal("no preset")
	}
	return text
}
