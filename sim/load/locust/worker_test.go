package locust_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/google/go-cmp/cmp"
	"github.com/vmihailenco/msgpack/v5"

	"ringback/fixtures/harness"
	"ringback/sim/load/locust"
)

// object is a msgpack map.
type object = map[any]any

// fakeMaster is a master of one worker.
type fakeMaster struct {
	t      *testing.T
	socket zmq4.Socket
	stop   context.CancelFunc
	got    chan []any // messages of the worker
}

func newFakeMaster(t *testing.T, address string) *fakeMaster {
	ctx, stop := context.WithCancel(t.Context())
	m := &fakeMaster{t: t, stop: stop, got: make(chan []any)}
	m.socket = zmq4.NewRouter(ctx, zmq4.WithLogger(log.New(io.Discard, "", 0)))
	if err := m.socket.Listen("tcp://" + address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	go func() {
		for {
			msg, err := m.socket.Recv()
			if err != nil || len(msg.Frames) < 2 {
				if ctx.Err() != nil {
					return
				}
				continue
			}
			var fields []any
			dec := msgpack.NewDecoder(bytes.NewReader(msg.Frames[1]))
			dec.SetMapDecoder(func(d *msgpack.Decoder) (any, error) { return d.DecodeUntypedMap() })
			dec.UseLooseInterfaceDecoding(true)
			if err := dec.Decode(&fields); err != nil {
				t.Error(err)
				return
			}
			select {
			case m.got <- fields:
			case <-ctx.Done():
				return
			}
		}
	}()
	return m
}

func (m *fakeMaster) close() {
	m.stop()
	_ = m.socket.Close()
}

func (m *fakeMaster) send(kind string, data any) {
	m.t.Helper()
	body, err := msgpack.Marshal([]any{kind, data, "w1"})
	if err != nil {
		m.t.Fatal(err)
	}
	if err := m.socket.Send(zmq4.NewMsgFrom([]byte("w1"), body)); err != nil {
		m.t.Fatal(err)
	}
}

// next returns the data of the next message of a kind.
func (m *fakeMaster) next(kind string) any {
	for {
		if got := <-m.got; got[0] == kind {
			return got[1]
		}
	}
}

// requests adds up the requests of reports until there are as many.
func (m *fakeMaster) requests(want uint64) {
	for sum := uint64(0); sum < want; {
		total := m.next("stats").(object)["stats_total"].(object)
		sum += total["num_requests"].(uint64)
		if sum > want {
			m.t.Fatalf("%d requests were reported, want %d", sum, want)
		}
	}
}

// fixedLoad has what was put into it.
type fixedLoad struct {
	users   chan int // what SetUsers was called with
	entries chan []locust.Entry
}

func newFixedLoad() *fixedLoad {
	return &fixedLoad{users: make(chan int, 10), entries: make(chan []locust.Entry, 10)}
}

func (l *fixedLoad) SetUsers(_, n int) error {
	l.users <- n
	return nil
}

func (l *fixedLoad) Take() ([]locust.Entry, error) {
	select {
	case e := <-l.entries:
		return e, nil
	default:
		return nil, nil
	}
}

func start(t *testing.T, address string, load locust.Load) (ended chan error) {
	w := locust.New(locust.Config{Master: address, Name: "w1", Load: load, Note: func(text string) { t.Log(text) }}).Fast()
	ended = make(chan error, 1)
	go func() { ended <- w.Run(t.Context(), time.Hour) }()
	return ended
}

func users(n int, at float64) map[string]any {
	return map[string]any{"timestamp": at, "user_classes_count": map[string]int{"Ringback": n}, "host": nil, "parsed_options": map[string]any{"headless": true}}
}

func TestWorker(t *testing.T) {
	address := harness.FreeAddresses(t, 1)[0]
	m, load := newFakeMaster(t, address), newFixedLoad()
	ended := start(t, address, load)
	if got := m.next("client_ready"); got != int64(-1) {
		t.Errorf("version %v, want -1", got)
	}
	m.send("ack", map[string]int{"index": 0})
	m.send("spawn", users(3, 5))
	m.next("spawning")
	if got := <-load.users; got != 3 {
		t.Errorf("%d users, want 3", got)
	}
	want := object{"user_classes_count": object{"Ringback": int64(3)}, "user_count": int64(3)}
	if diff := cmp.Diff(want, m.next("spawning_complete")); diff != "" {
		t.Errorf("spawning_complete (-want +got):\n%s", diff)
	}

	m.send("spawn", users(9, 4)) // overtaken
	m.send("spawn", users(2, 6))
	if got := <-load.users; got != 2 {
		t.Errorf("%d users, want 2", got)
	}

	load.entries <- []locust.Entry{{Type: "v1", Name: "a", Requests: 5, Failures: map[string]uint64{"HTTP 500": 2}, Times: []locust.Count{{Time: 3 * time.Millisecond, N: 4}, {Time: 147 * time.Millisecond, N: 1}}}}
	var row object
	for row == nil {
		if rows := m.next("stats").(object)["stats"].([]any); len(rows) > 0 {
			row = rows[0].(object)
		}
	}
	for _, key := range []string{"last_request_timestamp", "start_time", "num_reqs_per_sec", "num_fail_per_sec"} { // the time of the test
		delete(row, key)
	}
	wantRow := object{
		"name": "a", "method": "v1", "num_requests": uint64(5), "num_none_requests": uint64(0), "num_failures": uint64(2), "total_response_time": 159.0,
		"max_response_time": 147.0, "min_response_time": 3.0, "total_content_length": uint64(0), "response_times": object{uint64(3): uint64(4), uint64(150): uint64(1)},
	}
	if diff := cmp.Diff(wantRow, row); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}

	load.entries <- []locust.Entry{{Type: "v1", Name: "a", Requests: 7}}
	m.send("stop", nil)
	if got := <-load.users; got != 0 {
		t.Errorf("%d users after stop, want none", got)
	}
	m.next("client_stopped")
	m.next("client_ready")
	m.send("quit", nil)
	m.next("quit")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A worker goes on when the connection breaks, and reports later what it measured
// meanwhile.
func TestMasterGoesAway(t *testing.T) {
	address := harness.FreeAddresses(t, 1)[0]
	m, load := newFakeMaster(t, address), newFixedLoad()
	start(t, address, load)
	m.next("client_ready")
	m.send("ack", map[string]int{"index": 0})
	m.send("spawn", users(1, 1))
	m.next("spawning_complete")
	load.entries <- []locust.Entry{{Name: "a", Requests: 5}}
	m.requests(5)
	m.close()
	m = newFakeMaster(t, address)
	m.next("client_ready")
	m.send("ack", map[string]int{"index": 0})
	load.entries <- []locust.Entry{{Name: "a", Requests: 6}}
	m.requests(6)
}

// A load whose master stays away for more than a minute ends, since no one could stop it;
// the next master can begin it anew.
func TestMasterStaysAway(t *testing.T) {
	address := harness.FreeAddresses(t, 1)[0]
	m, load := newFakeMaster(t, address), newFixedLoad()
	var seconds atomic.Int64 // each look at the clock takes one
	w := locust.New(locust.Config{Master: address, Name: "w1", Load: load}).Fast().At(func() time.Time { return time.Unix(seconds.Add(1), 0) })
	ended := make(chan error, 1)
	go func() { ended <- w.Run(t.Context(), time.Hour) }()
	m.next("client_ready")
	m.send("ack", map[string]int{"index": 0})
	m.send("spawn", users(3, 1))
	m.next("spawning_complete")
	for range 100 { // a master that sends no heartbeats is there all the same
		m.next("heartbeat")
	}
	m.close()
	for _, want := range []int{3, 0} {
		if got := <-load.users; got != want {
			t.Errorf("%d users, want %d", got, want)
		}
	}
	m = newFakeMaster(t, address)
	m.next("client_ready")
	m.send("ack", map[string]int{"index": 0})
	m.send("spawn", users(2, 2))
	if got := <-load.users; got != 2 {
		t.Errorf("%d users, want 2", got)
	}
	m.send("quit", nil)
	m.next("quit")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A worker ends although its master asks for users at that moment.
func TestSpawnAtTheEnd(t *testing.T) {
	load := newFixedLoad()
	if err := locust.New(locust.Config{Name: "w1", Load: load}).SpawnAtTheEnd(); err != nil {
		t.Error(err)
	}
	last := -1
	for len(load.users) > 0 {
		last = <-load.users
	}
	if last != 0 {
		t.Errorf("%d users in the end, want none", last)
	}
}

func TestNoMaster(t *testing.T) {
	w := locust.New(locust.Config{Master: harness.FreeAddresses(t, 1)[0], Name: "w1", Load: newFixedLoad()})
	if err := w.Run(t.Context(), time.Millisecond); !errors.Is(err, locust.ErrNoMaster) {
		t.Errorf("%v, want ErrNoMaster", err)
	}
}
