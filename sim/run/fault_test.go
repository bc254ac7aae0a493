package run_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// arrival is one request as a receiver sees it on its connection.
type arrival struct {
	conn   int
	target string // path and query
	kind   string // Content-Type
	length int64  // Content-Length
	body   string
	end    string // how it ended: "" whole, "cut" in the middle, "reset"
}

// wiretap is a receiver that notes what arrives, acknowledges what is whole and
// refuses the rest.
type wiretap struct {
	listener net.Listener
	together int // requests that are answered only when so many are there
	hurry    chan struct{}

	mu    sync.Mutex
	conns int
	seen  []arrival
	group sync.WaitGroup
}

func newWiretap(t *testing.T, together int) *wiretap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wiretap{listener: l, together: together, hurry: make(chan struct{})}
	w.group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.conns++
			n := w.conns
			w.mu.Unlock()
			w.group.Go(func() { w.serve(c, n) })
		}
	})
	return w
}

// close waits until all that came was noted.
func (w *wiretap) close() []arrival {
	w.listener.Close()
	w.group.Wait()
	return w.seen
}

func (w *wiretap) serve(c net.Conn, number int) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		if _, err := in.Peek(1); err != nil {
			return
		}
		a := arrival{conn: number}
		r, err := http.ReadRequest(in)
		if err == nil {
			var body []byte
			body, err = io.ReadAll(r.Body)
			a = arrival{number, r.RequestURI, r.Header.Get("Content-Type"), r.ContentLength, string(body), ""}
		}
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			a.end = "cut"
		case errors.Is(err, syscall.ECONNRESET):
			a.end = "reset"
		case err != nil:
			a.end = err.Error()
		}
		w.note(a)
		if err != nil {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"ErrorCode\":0}")
	}
}

// note keeps an arrival and, if asked, holds it until the others are there.
func (w *wiretap) note(a arrival) {
	w.mu.Lock()
	w.seen = append(w.seen, a)
	if len(w.seen) == w.together {
		close(w.hurry)
	}
	w.mu.Unlock()
	if w.together > 0 {
		<-w.hurry
	}
}

// mistreat plays a call with faults over real connections and returns what
// arrived and how it ended; seen, if not nil, gets the journal.
func mistreat(t *testing.T, together int, words []wire.Word, seen func(*journal.Event), faults ...string) ([]arrival, *journal.State) {
	t.Helper()
	w := newWiretap(t, together)
	endpoint := harness.Endpoint(t, "http://"+w.listener.Addr().String()+"/cb?token=x")
	s := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}
	plan, err := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&s)
	if err != nil {
		t.Fatal(err)
	}
	engine := sim.New(sim.Config{Run: journal.Run{Seed: 7, Epoch: epoch, Token: "test"}, Dialect: readable(), Keep: journal.Keep})
	options := &post.Options{Timeout: 10 * time.Second}
	loop := run.New(run.Config{
		Engine: engine, Pace: run.Instant, Timeout: 10 * time.Second, Journal: reader(seen), NewSender: func() run.Sender { return post.New(options) },
		Source: &run.List{
			{At: epoch, Input: sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: endpoint, Typed: true, Words: words}},
			{At: epoch, Input: sim.SetFaults{On: faults}},
			{At: epoch, Input: sim.Place{Setup: s, Generation: wire.V1, Plan: plan}},
		},
	})
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w.close(), engine.State()
}

// reader hands each event of a journal on.
func reader(seen func(*journal.Event)) func([]sim.Effect) error {
	return func(step []sim.Effect) error {
		for i := 0; i < len(step) && seen != nil; i++ {
			seen(&step[i].Event)
		}
		return nil
	}
}

// The bytes of the callback that the tests below mistreat.
const (
	query = "/cb?token=x&sdkappid=1400000001&command=caller_start_call&contenttype=json&clientip=127.0.0.1&optplatform=iOS"
	body  = `{"UserId":"alice","RoomId":"1784479521","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"rb-test-0001",` +
		`"Role":"caller","Event":"start_call","CallResult":"","EventTime":1767225600,"StartCallTs":1767225600,"AcceptTs":0,"EndTs":0}`
)

// What each fault of the request and the connection puts on the wire.
func TestFaultsOnTheWire(t *testing.T) {
	whole := arrival{1, query, "application/json", int64(len(body)), body, ""}
	changed := func(change func(*arrival)) []arrival {
		a := whole
		change(&a)
		a.length = int64(len(a.body))
		return []arrival{a}
	}
	short := whole
	short.body, short.end = body[:len(body)-20], "cut"
	again := whole
	again.conn = 2
	for name, want := range map[string][]arrival{
		"duplicate":   {whole, whole},
		"replay=2":    {whole, whole, whole},
		"lose_answer": {whole, again},
		"truncate":    {short, again},
		"slow=20ms":   {whole},
		"late=5s":     {whole},
		"reorder":     {whole},
		"delay":       {whole},
		"drop":        nil,
		"wrong_app":   changed(func(a *arrival) { a.target = strings.Replace(query, "sdkappid=1400000001", "sdkappid=1400000002", 1) }),
		"no_query":    changed(func(a *arrival) { a.target = "/cb?token=x" }),
		"unknown_command": changed(func(a *arrival) {
			a.target, a.body = strings.Replace(query, "caller_start_call", "call_paused", 1), strings.Replace(body, `"start_call"`, `"call_paused"`, 1)
		}),
		"unknown_field": changed(func(a *arrival) { a.body = body[:len(body)-1] + `,"NewField":{"Since":"v5","List":[1,null,"x"]}}` }),
		"content_type":  changed(func(a *arrival) { a.kind = "text/plain" }),
		"oversize=1MiB": changed(func(a *arrival) { a.body = strings.Repeat(" ", 1<<20-len(body)) + body }),
		"bad_utf8":      changed(func(a *arrival) { a.body = strings.Replace(body, "alice", "\xffalice", 1) }),
		"malformed":     changed(func(a *arrival) { a.body = body[:len(body)-1] }),
		"empty_body":    changed(func(a *arrival) { a.body = "" }),
		"skew":          changed(func(a *arrival) { a.body = strings.ReplaceAll(body, "1767225600", "1767222000") }),
	} {
		t.Run(name, func(t *testing.T) {
			var took time.Duration // by the slowest attempt
			got, st := mistreat(t, 0, []wire.Word{wire.CallerStartCall}, func(e *journal.Event) {
				if a, ok := e.Data.(*journal.Answer); ok {
					took = max(took, a.Took)
				}
			}, name)
			slices.SortStableFunc(got, func(a, b arrival) int { return a.conn - b.conn }) // the second may be read first
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(arrival{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if name == "slow=20ms" && took < 20*time.Millisecond {
				t.Errorf("it took %s", took)
			}
			if st.Totals.Open() != 0 || st.Totals.Acked+st.Totals.Dropped != st.Totals.Callbacks {
				t.Errorf("%+v", st.Totals)
			}
		})
	}
}

// A retry has the same bytes as the attempt that was reset. What a receiver
// gets of that one is up to the network.
func TestResetOnTheWire(t *testing.T) {
	got, st := mistreat(t, 0, []wire.Word{wire.CallerStartCall}, nil, "skew", "reset=2")
	if len(got) == 0 {
		t.Fatal("nothing arrived")
	}
	last := got[len(got)-1]
	if last.end != "" || last.body != strings.ReplaceAll(body, "1767225600", "1767222000") {
		t.Errorf("the retry is %+v", last)
	}
	d := st.Deliveries[1]
	if d.State != delivery.Acked || d.Attempts != 3 || st.Totals.Attempts != 3 {
		t.Errorf("%s after %d attempts", d.State, d.Attempts)
	}
}

// The copies of a race are there before any of them is answered, each on a
// connection of its own.
func TestRaceOnTheWire(t *testing.T) {
	got, st := mistreat(t, 4, []wire.Word{wire.CallerStartCall}, nil, "race=3")
	conns := map[int]bool{}
	for _, a := range got {
		conns[a.conn] = true
		if a.body != body || a.target != query {
			t.Errorf("%+v", a)
		}
	}
	if len(got) != 4 || len(conns) != 4 || st.Totals.Acked != 4 {
		t.Errorf("%d arrived over %d connections, %d acknowledged, want 4", len(got), len(conns), st.Totals.Acked)
	}
}

// Which callback comes when.
func TestOrderOnTheWire(t *testing.T) {
	for faults, want := range map[string]string{
		"":                           "caller_start_call callee_receive_call callee_accept_call caller_call_accepted caller_call_end callee_call_end call_end",
		"reorder@caller_start_call":  "callee_receive_call caller_start_call callee_accept_call caller_call_accepted caller_call_end callee_call_end call_end",
		"reorder":                    "callee_receive_call caller_start_call caller_call_accepted callee_accept_call callee_call_end caller_call_end call_end",
		"late@callee_accept_call":    "caller_start_call callee_receive_call caller_call_accepted caller_call_end callee_call_end call_end callee_accept_call",
		"delay=4s@caller_start_call": "callee_receive_call callee_accept_call caller_call_accepted caller_start_call caller_call_end callee_call_end call_end",
		"replay@callee_receive_call": "caller_start_call callee_receive_call callee_receive_call callee_accept_call caller_call_accepted caller_call_end callee_call_end call_end",
	} {
		got, _ := mistreat(t, 0, wire.AllWords(), nil, strings.Fields(faults)...)
		var words []string
		for _, a := range got {
			_, rest, _ := strings.Cut(a.target, "command=")
			word, _, _ := strings.Cut(rest, "&")
			words = append(words, word)
		}
		if diff := cmp.Diff(want, strings.Join(words, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", faults, diff)
		}
	}
}

// Equal seeds mistreat in the same way, over real connections too.
func TestMistreatedAlike(t *testing.T) {
	var faults []string
	for _, i := range fault.List() {
		if strings.HasSuffix(i.Name, "_sign") { // a signature has the wall time
			continue
		}
		if i.Name != "race" && i.Name != "reset" && i.Name != "slow" { // what of these arrives, and when, is up to the network
			faults = append(faults, i.Name+":30%")
		}
	}
	text := func() (lines, arrived []string) {
		got, _ := mistreat(t, 0, wire.AllWords(), func(e *journal.Event) {
			line, err := e.AppendLine(nil)
			if err != nil {
				t.Error(err)
			}
			lines = append(lines, string(line))
		}, faults...)
		for _, a := range got {
			arrived = append(arrived, fmt.Sprintf("%s %s %d %q %s", a.target, a.kind, a.length, a.body, a.end))
		}
		slices.Sort(arrived) // a retry and the next callback may overtake each other
		return lines, arrived
	}
	lines, arrived := text()
	againLines, again := text()
	if diff := cmp.Diff(lines, againLines); diff != "" {
		t.Errorf("the journal (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(arrived, again); diff != "" {
		t.Errorf("what arrived (-first +second):\n%s", diff)
	}
}
