package calibrate_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/record"
	"ringback/sim/recording"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/wire"
)

// A covering plan over HTTP, through a recorder, into a file and back.
func TestThroughRecorder(t *testing.T) {
	for seed := range uint64(soak(2, 20)) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := randomDialect(r)
		var plan []planned
		for _, c := range cover(seed, 100) {
			if c.answers != nil && c.answers(1) == timeout {
				c.answers = always(closed) // nobody waits here
			}
			plan = append(plan, c)
		}
		file, deeds := throughRecorder(t, d, plan)
		wantAll(t, readReport(t, calibrate.Options{Calls: deeds}, file), d)
		// Lines that someone took out.
		lines := bytes.SplitAfter(file, []byte("\n"))
		for range 20 {
			left := bytes.Clone(lines[0])
			share := r.Float64()
			for _, l := range lines[1:] {
				if r.Float64() >= share {
					left = append(left, l...)
				}
			}
			if r.IntN(2) == 0 {
				left = left[:len(lines[0])+r.IntN(len(left)-len(lines[0])+1)]
			}
			wantNoneWrong(t, readReport(t, calibrate.Options{Calls: deeds}, left), d)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func readReport(t *testing.T, o calibrate.Options, file []byte) *calibrate.Report {
	t.Helper()
	s, err := calibrate.Open("test.ndjson", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := calibrate.New(o)
	if err := c.Read(s); err != nil {
		t.Fatal(err)
	}
	return c.Report()
}

// throughRecorder plays a plan with a recorder in front of the receiver, and returns what
// it wrote.
func throughRecorder(t *testing.T, d *wire.Dialect, plan []planned) (file []byte, deeds map[string]calibrate.Deed) {
	t.Helper()
	header := journal.Run{Version: "test", Seed: 7, Epoch: epoch, Token: "test"}
	deeds = map[string]calibrate.Deed{}
	answersOf := map[string]answers{}
	var calls run.List
	for i, c := range plan {
		id := sim.CallID(&header, d, uint64(i+1))
		if answersOf[id] = c.answers; c.deed != "" {
			deeds[id] = c.deed
		}
		c.setup.App = 1400000001
		calls = append(calls, run.Timed{At: epoch.Add(time.Duration(i) * time.Minute), Input: sim.Place{Setup: c.setup, Generation: c.gen, Plan: c.steps}})
	}
	path := filepath.Join(t.TempDir(), "test.ndjson")
	front := recorder(t, path, receiver(t, answersOf))
	to := harness.Endpoint(t, "http://"+front.addr+"/callback?token=hush")
	options := &post.Options{Timeout: time.Minute}
	_, err := session.Run(t.Context(), session.Config{
		Engine: sim.Config{Run: header, Dialect: d}, Pace: run.Instant, NewSender: func() run.Sender { return post.New(options) },
		Before: &run.List{{At: epoch, Input: sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: to, Words: wire.AllWords()}}},
		Source: &calls,
	})
	if err != nil {
		t.Fatal(err)
	}
	front.stop()
	if file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return file, deeds
}

// receiver answers as planned.
func receiver(t *testing.T, answersOf map[string]answers) (address string) {
	var mu sync.Mutex
	tried := map[string]int{}
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		call, g := gjson.GetBytes(body, "CallId").Str, wire.V1
		if strings.Contains(req.URL.RawQuery, "CallbackCommand=") {
			g = wire.V4
		}
		for _, key := range []string{"CallInfo.CallId", "CallRecord.CallId"} {
			if call == "" {
				call = gjson.GetBytes(body, key).Str
			}
		}
		mu.Lock()
		tried[req.URL.RawQuery+string(body)]++
		n := tried[req.URL.RawQuery+string(body)]
		mu.Unlock()
		reply := good
		if a := answersOf[call]; a != nil {
			reply = a(n)
		}
		if reply == closed {
			panic(http.ErrAbortHandler)
		}
		_, a := reply.answer(g)
		w.WriteHeader(a.Status())
		w.Write(a.Body)
	}))
	return s.Listener.Addr().String()
}

type front struct {
	addr string
	stop func()
}

func recorder(t *testing.T, path, target string) front {
	t.Helper()
	file, err := record.Open(path, recording.Header{Version: "test", Target: "http://" + target})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- record.New(record.Config{Address: target, File: file}).Serve(ctx, l) }()
	return front{l.Addr().String(), func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}}
}
