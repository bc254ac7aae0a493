package control_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// follow opens a stream. Closing the body ends it.
func (w *world) follow(query, lastID, accept string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequest("GET", w.url+"/sim/v1/events"+query, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// event is one of a stream of server-sent events.
type event struct{ id, kind, data string }

// read reads events up to one of a kind.
func read(t testing.TB, r *bufio.Reader, until string) (list []event) {
	t.Helper()
	var e event
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Errorf("the stream ended: %v", err)
			return list
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.kind != "" {
				list = append(list, e)
			}
			if e.kind == until {
				return list
			}
			e = event{}
		}
	}
}

// A stream tells facts, callbacks, attempts, answers and client events, and
// one that was broken off goes on where it was.
func TestStream(t *testing.T) {
	w := begin(t)
	all := w.follow("", "0", "text/event-stream")
	if got := all.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type %s", got)
	}
	w.place(`{"outcome":"reject"}`)
	w.advance("5s")
	list := read(t, bufio.NewReader(all.Body), "ended")
	kinds := map[string]bool{}
	for _, e := range list {
		kinds[e.kind] = true
		if !json.Valid([]byte(e.data)) || strings.Contains(e.data, "hush") {
			t.Errorf("event %s: %s", e.id, e.data)
		}
	}
	for _, k := range []string{"registered", "started", "ringing", "callback", "attempt", "answer", "rejected", "ended", "client_event"} {
		if !kinds[k] {
			t.Errorf("no %s among %d events", k, len(list))
		}
	}
	for i := range list[:len(list)-1] { // wherever it is broken off
		again := w.follow("", list[i].id, "text/event-stream")
		rest := append(list[:i+1:i+1], read(t, bufio.NewReader(again.Body), "ended")...)
		again.Body.Close()
		if diff := cmp.Diff(list, rest, cmp.AllowUnexported(event{})); diff != "" {
			t.Fatalf("resumed behind %s (-want +got):\n%s", list[i].id, diff)
		}
	}
}

// NDJSON is the journal's lines, filtered, up to the end if asked.
func TestStreamAsLines(t *testing.T) {
	w := begin(t)
	w.place(`{"caller":"carol","callees":["dave"],"outcome":"call_busy"}`)
	id := w.place(`{"outcome":"call_busy","generation":"v1"}`)
	w.post("/sim/v1/wait", `{}`, 200, nil)
	resp := w.follow("?follow=false&kind=ended,client_event&call="+id, "", "application/x-ndjson")
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, l := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		var e simapi.StreamEvent
		if err := json.Unmarshal([]byte(l), &e); err != nil || e.Call != id {
			t.Errorf("%s: %v", l, err)
		}
		kinds = append(kinds, e.Kind)
	}
	if diff := cmp.Diff([]string{"client_event", "ended", "client_event"}, kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A value of the address's own query may be anything, even a part of what the
// stream itself says: only the address and the answers are changed.
func TestSecretsSpoilNothing(t *testing.T) {
	w := begin(t)
	w.register(w.got.URL+"/cb?appid=1400000001&type=callback&fmt=audio&t=1", "caller_start_call")
	w.got.answer = func(int) (int, string) { return 500, "no such appid=1400000001" }
	w.place(`{"outcome":"call_busy"}`)
	w.advance("20s")
	resp := w.follow("?follow=false", "", "application/x-ndjson")
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, l := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		if e == nil { // what a phone sees
			continue
		}
		kinds[e.Kind()] = true
		switch d := e.Data.(type) {
		case *journal.Callback:
			if want := "/cb?appid=…&type=…&fmt=…&t=…&sdkappid=1400000001&command=caller_start_call&"; !strings.HasPrefix(string(d.URL), want) {
				t.Errorf("URL %s", d.URL)
			}
		case *journal.Answer:
			if string(d.Body) != "no such appid=…" {
				t.Errorf("answer %s", d.Body)
			}
		}
	}
	for _, k := range []string{"registered", "started", "callback", "answer"} {
		if !kinds[k] {
			t.Errorf("no %s in %s", k, data)
		}
	}
}

// A HEAD has headers and an end.
func TestStreamHead(t *testing.T) {
	w := begin(t)
	resp, err := http.Head(w.url + "/sim/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
}

// Who comes too late is told how far back the log reaches.
func TestStreamTooLate(t *testing.T) {
	w := begin(t)
	for i := 0; i < journal.Keep+10; i++ {
		if err := w.backend.Do(sim.SetFaults{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	var p simapi.Problem
	w.get("/sim/v1/events?after=1", 410, &p)
	if p.Oldest == "" || !strings.Contains(p.Detail, "no longer kept") {
		t.Errorf("%+v", p)
	}
	w.get("/sim/v1/events?follow=false&after="+p.Oldest, 200, nil)
}

// 1,000 calls in flight, 40 readers, one of whom takes nothing: the others get
// every event, the stuck one is dropped and counted, memory stays bounded.
func TestStuckReader(t *testing.T) {
	cfg := config()
	cfg.StuckAfter = 10 * time.Second // more than a machine stalls
	w := start(t, cfg)
	w.post("/sim/v1/clock", `{"do":"pause"}`, 200, nil)
	w.got = newReceiver(t)
	w.register(w.got.URL, words()...)

	stuck := w.stuckReader()
	defer stuck.Close()
	before := heap()
	const calls, readers = 1000, 39
	var group sync.WaitGroup
	for range readers {
		resp := w.follow("?kind=ended", "", "application/x-ndjson")
		group.Go(func() {
			r := bufio.NewReader(resp.Body)
			for i := range calls {
				if _, err := r.ReadString('\n'); err != nil {
					t.Errorf("a reader got %d of %d events: %v", i, calls, err)
					return
				}
			}
		})
	}
	for i := range calls {
		s := call.Setup{App: appID, Caller: fmt.Sprintf("a%d", i), Callees: []string{fmt.Sprintf("b%d", i)}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
		if err := w.backend.Do(sim.Place{Setup: s, Generation: wire.Both}, nil); err != nil {
			t.Fatal(err)
		}
	}
	var status simapi.Status
	if w.get("/sim/v1/status", 200, &status); status.Live != calls {
		t.Fatalf("%d calls are live, want %d", status.Live, calls)
	}
	w.advance("31s") // all of them time out
	w.post("/sim/v1/wait", `{}`, 200, nil)
	group.Wait()
	if grown := heap() - before; grown > 256<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	t.Parallel() // not before: the heap is that of all tests
	w.waitForMetric("ringback_stream_readers_dropped_total 1")
}

// stuckReader asks for all events and reads none of them.
func (w *world) stuckReader() net.Conn {
	w.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	if _, err := io.WriteString(c, "GET /sim/v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 0\r\n\r\n"); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) waitForMetric(line string) {
	w.t.Helper()
	var text []byte
	if !harness.Poll(time.Minute, func() bool {
		resp, err := http.Get(w.url + "/metrics")
		if err != nil {
			w.t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ = io.ReadAll(resp.Body)
		return strings.Contains(string(text), line)
	}) {
		w.t.Fatalf("no %s in\n%s", line, text)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
