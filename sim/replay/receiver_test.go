package replay_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringback/fixtures"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/load"
	"ringback/sim/post"
	"ringback/sim/replay"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// serve starts a receiver and returns its address.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := harness.Serve(t, h)
	return s.URL
}

func reference(t *testing.T) string {
	t.Helper()
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return serve(t, r)
}

// stored are the CallIds that the reference receiver holds.
func stored(t *testing.T, url string) (ids []string) {
	t.Helper()
	resp, err := http.Get(url + "/calls")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct {
		Calls []struct {
			CallID string `json:"call_id"`
			Count  int    `json:"count"`
		} `json:"calls"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Calls {
		if c.Count > 1 {
			t.Errorf("%s was stored %d times", c.CallID, c.Count)
		}
		ids = append(ids, c.CallID)
	}
	slices.Sort(ids)
	return ids
}

// over sends over the network to an address.
func over(t *testing.T, url string) func(*replay.Config) {
	t.Helper()
	return func(c *replay.Config) {
		var err error
		if c.Endpoint, err = delivery.ParseEndpoint(url + "/callback"); err != nil {
			t.Fatal(err)
		}
		c.NewSender, c.Workers = func() run.Sender { return post.New(&post.Options{Timeout: time.Minute}) }, 8
	}
}

func fresh(c *replay.Config) { c.Fresh = &replay.Fresh{Token: "now", Epoch: epoch.Add(24 * time.Hour)} }

// Over the network: a receiver that has seen nothing stores the same calls, one
// that has stores nothing twice, and fresh calls are others, as many.
func TestReceiver(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	rec := open(t, lines, replay.Pick{})
	url := reference(t)
	var ids []string
	for _, step := range []struct {
		name   string
		change func(*replay.Config)
		calls  int
	}{
		{"verbatim", func(*replay.Config) {}, 12},
		{"verbatim again", func(*replay.Config) {}, 12},
		{"fresh", fresh, 24},
		{"fresh again", fresh, 24},
	} {
		r := send(t, rec, nil, over(t, url), step.change)
		if r.sum.Acked != rec.Callbacks || r.sum.Attempts != rec.Callbacks {
			t.Errorf("%s: %+v", step.name, r.sum)
		}
		if ids = stored(t, url); len(ids) != step.calls {
			t.Errorf("%s: %d calls are stored, want %d: %v", step.name, len(ids), step.calls, ids)
		}
	}
	for i, id := range ids[:12] {
		if then := ids[12+i]; strings.Replace(id, "now", "then", 1) != then {
			t.Errorf("%s is a fresh one of %s", id, then)
		}
	}
}

// A receiver that is wrong in one way answers otherwise what it is wrong about,
// and nothing else.
func TestBrokenReceiver(t *testing.T) {
	url := reference(t)
	first := send(t, open(t, record(t, calls(), newBackend(acknowledges)), replay.Pick{}), nil, over(t, url))
	h, closer, err := broken.New("errorcode_0_with_500", receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closer.Close() })
	r := send(t, open(t, first.journal, replay.Pick{}), nil, over(t, serve(t, h)), fresh)
	for _, d := range r.differs {
		if !strings.HasPrefix(d, "rejected_now rb-now-00") || !strings.Contains(d, ": acked -> HTTP 500, the receiver failed; abandoned") || strings.Contains(d, "EndCall") {
			t.Error(d)
		}
	}
	if ends := r.sum.Same; ends == 0 || r.sum.RejectedNow != r.sum.Callbacks-ends || uint64(len(r.differs)) != r.sum.RejectedNow {
		t.Errorf("%+v", r.sum)
	}
}

// A load's journal, with calls that were under way at its start, retries and
// faults, makes a receiver that answers alike answer alike.
func TestLoadAgain(t *testing.T) {
	answer := stumbles(`"video"`, 2)
	var lines []byte
	synctest.Test(t, func(t *testing.T) {
		text, _ := fixtures.Preset("consumer")
		model, err := traffic.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		to := harness.Endpoint(t, "http://staging/cb?token=s3cret")
		b := newBackend(answer)
		l, err := load.New(load.Config{
			Model: model, Run: journal.Run{Seed: 1, Epoch: epoch, Token: "then"}, App: app, Generation: wire.Both, Endpoint: to,
			Faults: []string{"replay:5%", "late:2%", "drop:1%"}, NewSender: func() run.Sender { return b },
			Callbacks: 200, Duration: 3 * time.Second, Compress: 60, Connections: 1, Journal: write(&lines),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	rec := open(t, lines, replay.Pick{})
	for name, change := range map[string]func(*replay.Config){"verbatim": func(*replay.Config) {}, "fresh": fresh} {
		r := send(t, rec, newBackend(answer), change)
		// Some wait for the end of a call that had none when the load was over.
		if r.sum.Same != rec.Callbacks-r.sum.NotSent || r.sum.NotSent > 10 || r.sum.NeverSent == 0 || r.sum.Attempts <= r.sum.Sent || r.sum.Same < 500 {
			t.Errorf("%s: %+v %v", name, r.sum, r.differs)
		}
	}
	url := reference(t)
	if r := send(t, rec, nil, over(t, url)); r.sum.RejectedNow+r.sum.NotCompared > 0 || r.sum.Otherwise == 0 || r.sum.Acked != r.sum.Sent {
		t.Errorf("of a receiver that acknowledges all: %+v", r.sum)
	}
	if rec.Span() > 20*time.Second {
		t.Errorf("the callbacks take %s, as if they began with the calls that were under way", rec.Span())
	}
}
