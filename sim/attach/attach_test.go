package attach_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/attach"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/control/simapi"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

const (
	appID   = 1400000001
	token   = "hush-hush-0123"
	version = "2.0-test"
)

// site is a server whose backend can be stopped, replaced, and got in the way of.
type site struct {
	t    *testing.T
	cfg  control.Config
	url  string
	mu   sync.Mutex
	back *control.Backend
	// before sees each request, and reports whether it answered that itself.
	before func(http.ResponseWriter, *http.Request) bool
}

func newSite(t *testing.T, change func(*control.Config)) *site {
	s := &site{t: t, cfg: control.Config{
		Apps: []control.App{{ID: appID, Key: "0123456789abcdef"}}, Run: journal.Run{V: 1, Version: version, Seed: 7, Epoch: 1767225600000, Token: "monday"}, Paused: true,
		Token: token, Timeout: time.Minute,
	}}
	if change != nil {
		change(&s.cfg)
	}
	s.start()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token || strings.Contains(r.RequestURI, token) {
			t.Errorf("the token of %s is %q", r.RequestURI, r.Header.Get("Authorization"))
		}
		s.mu.Lock()
		back, before := s.back, s.before
		s.mu.Unlock()
		switch {
		case before != nil && before(w, r):
		case back == nil:
			panic(http.ErrAbortHandler) // no one is there
		default:
			back.ServeHTTP(w, r)
		}
	}))
	s.url = web.URL
	t.Cleanup(func() {
		s.stop()
		web.Close()
	})
	return s
}

func (s *site) start() {
	b, err := control.New(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.back = b
	s.mu.Unlock()
}

func (s *site) stop() {
	s.mu.Lock()
	b := s.back
	s.back = nil
	s.mu.Unlock()
	if b == nil {
		return
	}
	if err := b.Close(context.Background()); err != nil {
		s.t.Error(err)
	}
}

func (s *site) meddle(before func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

// want is the state of the backend.
func (s *site) want() (seq uint64, lines string) {
	s.back.Read(func(st *journal.State) { seq, lines = st.Seq, compacted(s.t, st) })
	return seq, lines
}

// place places calls, and lets time pass until they are over.
func (s *site) place(n int) {
	s.t.Helper()
	for range n {
		err := s.back.Do(sim.Place{Generation: wire.Both, Setup: call.Setup{
			App: appID, Caller: "alice", Callees: []string{"bob", "carol"}, Kind: call.Group, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
		}, Plan: []call.Step{{After: call.Span(time.Second), Action: call.Action{Do: call.DoAccept, By: "bob"}}, {After: call.Span(2 * time.Second), Action: call.Action{Do: call.DoEndByServer}}}}, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/sim/v1/clock", strings.NewReader(`{"advance":"40s"}`))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if s.back.ServeHTTP(w, r); w.Code != 200 {
			s.t.Fatal(w.Body)
		}
	}
}

// compacted is a state as the lines that it is saved as, without what differs between one
// that is read and one that is lived through: how exactly times on the wall are known.
func compacted(t *testing.T, st *journal.State) string {
	var b []byte
	for e := range st.Shown() {
		line, err := e.AppendLine(nil)
		if err != nil {
			t.Error(err)
		}
		b = append(b, line...)
	}
	return tookNS.ReplaceAllString(string(b), "")
}

var tookNS = regexp.MustCompile(`,"took_ns":\d+`)

// reader folds what it follows.
type reader struct {
	t      *testing.T
	server *attach.Server
	cancel context.CancelFunc
	done   chan error
	fed    chan struct{} // something came

	mu    sync.Mutex
	state *journal.State
	anew  int
	lost  []error
}

func (s *site) config() attach.Config {
	return attach.Config{URL: s.url, Token: token, Version: version, Pause: func(context.Context, int) {}}
}

func (s *site) follow(cfg attach.Config) *reader {
	s.t.Helper()
	server, err := attach.New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &reader{t: s.t, server: server, cancel: cancel, done: make(chan error, 1), fed: make(chan struct{}, 1)}
	go func() { r.done <- server.Follow(ctx, r.take) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-r.done; !errors.Is(err, context.Canceled) {
			s.t.Errorf("following ended: %v", err)
		}
		server.Close()
	})
	return r
}

func (r *reader) take(u attach.Update) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if u.Anew {
		r.anew++
		r.state = journal.NewReader(journal.Keep)
	}
	if u.Lost != nil {
		r.lost = append(r.lost, u.Lost)
	}
	for _, e := range u.Events {
		if err := r.state.Apply(e); err != nil {
			r.t.Error(err)
		}
	}
	select {
	case r.fed <- struct{}{}:
	default:
	}
	return nil
}

// await waits until what was read is as wanted.
func (r *reader) await(want func() bool) {
	r.t.Helper()
	for {
		r.mu.Lock()
		ok := want()
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-r.fed:
		case err := <-r.done:
			r.done <- context.Canceled
			r.t.Fatalf("following ended: %v", err)
		}
	}
}

// counts are how often the journal began anew, and why the connection was lost.
func (r *reader) counts() (anew int, lost []error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.anew, slices.Clone(r.lost)
}

// caughtUp waits until all was read, and compares.
func (r *reader) caughtUp(s *site) {
	r.t.Helper()
	seq, want := s.want()
	r.await(func() bool { return r.state != nil && r.state.Seq >= seq })
	r.mu.Lock()
	defer r.mu.Unlock()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(compacted(r.t, r.state), "\n")); diff != "" {
		r.t.Errorf("what was read (-server +client):\n%s", diff)
	}
}

// register sends the calls' callbacks to a receiver that echoes secrets and refuses some.
func (s *site) register() {
	var n atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1)%5 == 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
		fmt.Fprintf(w, `{"ErrorCode":0,"ErrorMessage":%q}`, r.RequestURI)
	}))
	s.t.Cleanup(receiver.Close)
	e, err := delivery.ParseEndpoint(receiver.URL + "/cb?key=hidden-hidden")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		if err := s.back.Do(sim.Register{App: appID, Generation: g, Endpoint: e, Typed: true, Words: wire.AllWords()}, nil); err != nil {
			s.t.Fatal(err)
		}
	}
}

// cut ends an answer after so many bytes, as a connection that breaks does.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(b []byte) (int, error) {
	if c.left -= len(b); c.left < 0 {
		_, _ = c.ResponseWriter.Write(b[:len(b)+c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return c.ResponseWriter.Write(b)
}

func (c *cut) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Whatever a connection that breaks at any byte leaves out comes later, once.
func TestBrokenConnections(t *testing.T) {
	s := newSite(t, nil)
	s.register()
	s.place(5)
	var cuts atomic.Uint64
	s.meddle(func(w http.ResponseWriter, r *http.Request) bool {
		n := cuts.Add(1)
		if r.Method != http.MethodGet || n > 200 {
			return false
		}
		least := 1
		if strings.Contains(r.URL.Path, "snapshot") {
			least = 20_000 << (n / 8) // sometimes it is whole
		}
		s.back.ServeHTTP(&cut{w, least + rand.New(rand.NewPCG(1, n)).IntN(3000)}, r)
		return true
	})
	r := s.follow(s.config())
	for range 20 {
		s.place(1)
		r.caughtUp(s)
	}
	if anew, lost := r.counts(); anew != 1 || len(lost) < 50 {
		t.Errorf("the journal began anew %d times, and the connection was lost %d times", anew, len(lost))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if all := compacted(t, r.state); strings.Contains(all, "hidden-hidden") {
		t.Error("a secret came along")
	}
}

// What is no longer kept, or never was, is read anew.
func TestReadsAnew(t *testing.T) {
	for name, answer := range map[string]*simapi.Problem{
		"no longer kept":       simapi.NewProblem(http.StatusGone, simapi.KindGone, "no longer kept"),
		"ahead of the latest":  {Type: "/sim/v1/problems#bad-request", Title: "Bad request", Status: 400, Detail: "ahead", Field: "Last-Event-ID"},
		"a gap in the stream":  nil,
		"twice the same event": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			s.register()
			s.place(1)
			var asked atomic.Int64
			s.meddle(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/events") {
					return false
				}
				if asked.Add(1) > 1 {
					return false
				}
				if name == "twice the same event" {
					r.Header.Set("Last-Event-ID", "1")
					return false
				}
				if answer != nil {
					simapi.WriteProblem(w, answer)
					return true
				}
				rec := httptest.NewRecorder()
				head := r.Clone(r.Context())
				head.Method = http.MethodHead
				s.back.ServeHTTP(rec, head)
				for k, v := range rec.Header() {
					w.Header()[k] = v
				}
				_, _ = io.WriteString(w, "data: {\"seq\":999999,\"t\":\"2026-01-01T00:00:00.000Z\",\"kind\":\"drained\"}\n\n")
				return true
			})
			r := s.follow(s.config())
			r.caughtUp(s)
			s.place(1)
			r.caughtUp(s)
			want := 2
			if name == "twice the same event" {
				want = 1
			}
			if anew, lost := r.counts(); anew != want || len(lost) > 0 {
				t.Errorf("the journal began anew %d times, want %d; the connection was lost: %v", anew, want, lost)
			}
		})
	}
}

// A server that is started again with its journal goes on; another run on its address is
// read anew, also one that has the same token and got further.
func TestRestart(t *testing.T) {
	for name, want := range map[string]struct {
		change func(*control.Config)
		anew   int
	}{
		"with its journal":      {func(*control.Config) {}, 1},
		"another run":           {func(c *control.Config) { c.Journal, c.Run.Token = "", "tuesday" }, 2},
		"the same run, further": {func(c *control.Config) { c.Journal = "" }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(c *control.Config) { c.Journal = filepath.Join(t.TempDir(), "j.ndjson") })
			s.register()
			s.place(2)
			up := make(chan struct{})
			cfg := s.config()
			cfg.Pause = func(ctx context.Context, _ int) {
				select {
				case <-up:
				case <-ctx.Done():
				}
			}
			r := s.follow(cfg)
			r.caughtUp(s)
			s.stop()
			r.await(func() bool { return len(r.lost) > 0 })
			want.change(&s.cfg)
			s.start()
			s.register()
			s.place(4)
			close(up)
			r.caughtUp(s)
			s.place(1)
			r.caughtUp(s)
			if anew, _ := r.counts(); anew != want.anew {
				t.Errorf("the journal began anew %d times, want %d", anew, want.anew)
			}
		})
	}
}

// A server that says nothing counts as lost, one that is slow does not.
func TestQuietServer(t *testing.T) {
	s := newSite(t, nil)
	s.register()
	s.place(2)
	var asked atomic.Int64
	s.meddle(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/events") {
			return false
		}
		switch asked.Add(1) {
		case 1: // it takes the request and hangs
			<-r.Context().Done()
			return true
		case 2: // it answers, and hangs then
			s.back.ServeHTTP(w, r.WithContext(r.Context()))
			return true
		}
		s.back.ServeHTTP(&bytewise{w}, r)
		return true
	})
	cfg := s.config()
	cfg.Quiet = 200 * time.Millisecond
	r := s.follow(cfg)
	r.await(func() bool { return len(r.lost) >= 2 })
	for range 3 {
		s.place(1)
		r.caughtUp(s)
	}
	if anew, _ := r.counts(); anew != 1 {
		t.Errorf("the journal began anew %d times", anew)
	}
}

// bytewise sends an answer byte by byte.
type bytewise struct{ http.ResponseWriter }

func (b *bytewise) Write(text []byte) (int, error) {
	control := http.NewResponseController(b.ResponseWriter)
	for i := range text {
		if _, err := b.ResponseWriter.Write(text[i : i+1]); err != nil {
			return i, err
		}
		if i%16 == 0 {
			_ = control.Flush()
		}
	}
	return len(text), nil
}

func (b *bytewise) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// What can't be followed is refused in words, without the token.
func TestRefuses(t *testing.T) {
	plain := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	b, err := control.New(control.Config{Apps: []control.App{{ID: appID, Key: "0123456789abcdef"}}, Run: journal.Run{V: 1, Version: "1.9", Token: "monday"}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(context.Background())
	guarded, err := control.New(control.Config{Apps: []control.App{{ID: appID, Key: "0123456789abcdef"}}, Run: journal.Run{V: 1, Version: version, Token: "monday"}, Token: "another-token"})
	if err != nil {
		t.Fatal(err)
	}
	defer guarded.Close(context.Background())
	for name, c := range map[string]struct {
		serve  http.Handler
		change func(*attach.Config)
		want   string
	}{
		"another version":   {b, nil, "the server is Ringback 1.9, this is 2.0-test: use the same version of both"},
		"another token":     {guarded, nil, "asks for the token of its --token, and that is not it"},
		"no token":          {guarded, func(c *attach.Config) { c.Token = "" }, "asks for the token of its --token, and none was given"},
		"a page":            {plain(200, "<html>hello</html>"), nil, "that can't be attached to"},
		"nothing there":     {plain(404, "<html>not found</html>"), nil, "404 Not Found, and not as ringback serve does"},
		"an older Ringback": {plain(404, `{"type":"/sim/v1/problems#not-found","title":"Not found","status":404,"detail":"GET /sim/v1/snapshot: no such route"}`), nil, "no such route"},
		"elsewhere":         {plain(302, ""), nil, "302 Found"},
		"no such sandbox":   {b, func(c *attach.Config) { c.Sandbox = "7" }, `sandbox "7": not found`},
		"no journal": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for k, v := range map[string]string{simapi.HeaderVersion: version, simapi.HeaderRun: "monday", simapi.HeaderInstance: "x", simapi.HeaderSeq: "1"} {
				w.Header().Set(k, v)
			}
			_, _ = io.WriteString(w, "no journal\n")
		}), nil, "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(c.serve)
			defer web.Close()
			cfg := attach.Config{URL: web.URL + "/", Token: token, Version: version}
			if c.change != nil {
				c.change(&cfg)
			}
			server, err := attach.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			err = server.Follow(t.Context(), func(u attach.Update) error { return u.Lost })
			var refused *attach.RefusedError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), token) || refused.Token != strings.HasSuffix(name, " token") {
				t.Errorf("%v (%T), want a refusal with %q", err, err, c.want)
			}
		})
	}
	for _, url := range []string{"", "127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://user:pass@127.0.0.1", "http://127.0.0.1?token=x", "http://127.0.0.1#x"} {
		if _, err := attach.New(attach.Config{URL: url}); err == nil {
			t.Errorf("%q is taken", url)
		}
	}
}

// A sandbox that is ended while it is followed does not come back.
func TestSandboxEnds(t *testing.T) {
	s := newSite(t, nil)
	cfg := s.config()
	do := func(method, path, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, cfg.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+cfg.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode/100 != 2 {
			t.Fatal(resp.Status)
		}
	}
	do("POST", "/sim/v1/sandboxes", `{"sdkappid":7}`)
	cfg.Sandbox, cfg.Pause = "7", func(context.Context, int) {}
	server, err := attach.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var once sync.Once
	err = server.Follow(t.Context(), func(attach.Update) error {
		once.Do(func() { do("DELETE", "/sim/v1/sandboxes/7", "") })
		return nil
	})
	var refused *attach.RefusedError
	if !errors.As(err, &refused) || err.Error() != `sandbox "7": not found` {
		t.Errorf("it ended with %v", err)
	}
}

// Whoever takes the updates can end it.
func TestTakeEnds(t *testing.T) {
	s := newSite(t, nil)
	server, err := attach.New(s.config())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if c, err := server.SetClock(t.Context(), simapi.Clocking{Do: "step"}); err != nil || !c.Paused || !c.Still {
		t.Errorf("a step: %+v, %v", c, err)
	}
	enough := errors.New("enough")
	if err := server.Follow(t.Context(), func(attach.Update) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("it ended with %v", err)
	}
}

// Each input does the same over the API as to the simulator itself.
func TestDo(t *testing.T) {
	until := make(chan struct{})
	deafened := func(c *control.Config) { c.NewSender = func() run.Sender { return deaf{until} } }
	direct, remote := newSite(t, deafened), newSite(t, deafened)
	t.Cleanup(func() { close(until) })
	server, err := attach.New(remote.config())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	device := &call.Device{Platform: "Android", IP: "10.0.0.7"}
	setup := func(caller string, callees ...string) call.Setup {
		return call.Setup{App: appID, Caller: caller, Callees: callees, Kind: call.Group, Media: call.Video, Device: device}
	}
	lobby := setup("erin", "frank")
	lobby.Kind, lobby.Room, lobby.RoomTag, lobby.Extra = call.Single, "lobby", call.StringRoom, &call.Extra{UserData: "gold", ChatGroup: "team", Rings: call.Span(7 * time.Second)}
	busy := setup("heidi", "ivan", "judy")
	busy.Busy, busy.Away = []string{"ivan"}, []string{"judy"}
	first := ""
	act := func(do call.Verb, by string, more func(*call.Action)) sim.Act {
		a := call.Action{Do: do, By: by}
		if more != nil {
			more(&a)
		}
		return sim.Act{Action: a}
	}
	e, err := delivery.ParseEndpoint("http://127.0.0.1:9/cb")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*site{direct, remote} {
		if err := s.back.Do(sim.Register{App: appID, Generation: wire.V4, Endpoint: e, Typed: true, Words: wire.AllWords()}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, in := range []sim.Input{
		sim.SetDialect{Set: []string{"v4_retry=v1"}},
		sim.Place{Setup: setup("alice", "bob", "carol"), Generation: wire.Both, Plan: []call.Step{
			{After: call.Span(90 * time.Second), Action: call.Action{Do: call.DoMic, By: "alice"}}, {After: call.Span(95 * time.Second), Action: call.Action{Do: call.DoEndByServer}},
		}},
		act(call.DoAccept, "bob", nil), act(call.DoReject, "carol", nil),
		act(call.DoInvite, "alice", func(a *call.Action) { a.Users = []string{"dave", "mallory"} }),
		act(call.DoCancelInvite, "alice", func(a *call.Action) { a.Users = []string{"mallory"} }),
		act(call.DoMic, "bob", nil), act(call.DoMic, "bob", func(a *call.Action) { a.Detail.On = true }), act(call.DoCamera, "bob", nil),
		act(call.DoSpeak, "bob", func(a *call.Action) { a.Detail.Level = 40 }), act(call.DoQuality, "bob", func(a *call.Action) { a.Detail.Quality = call.Unknown + 3 }),
		act(call.DoFail, "bob", func(a *call.Action) { a.Detail.Code, a.Detail.Text = -1, "no microphone" }),
		act(call.DoChangeMedia, "alice", func(a *call.Action) { a.Media = call.Audio }),
		act(call.DoJoin, "peggy", nil), act(call.DoSecondLogin, "peggy", nil), act(call.DoExpireSig, "bob", nil),
		act(call.DoPullBattery, "bob", nil), act(call.DoLoseLine, "dave", nil),
		sim.Place{Setup: lobby, Generation: wire.V1},
		sim.Place{Setup: busy, Generation: wire.V4, RingLater: true},
		sim.Place{Setup: setup("olivia", "rupert"), Generation: wire.V4, Fail: true},
		sim.SetFaults{On: []string{"delay=5s@EndCall"}},
		sim.SetFaults{},
		sim.Duplicate{Delivery: 1},
		sim.GiveUp{Delivery: 1},
		sim.Replay{},
		sim.RetryNow{Delivery: 999}, // each refuses it
	} {
		name := fmt.Sprintf("%d: %T %+v", i, in, in)
		switch x := in.(type) { // what is about a call is about the first
		case sim.Act:
			x.Call = first
			in = x
		case sim.Replay:
			x.Call = first
			in = x
		}
		id := ""
		wrong := direct.back.Do(in, func(fx []sim.Effect) { id = sim.Placed(fx) })
		placed, err := server.Do(t.Context(), in)
		if (wrong == nil) != (err == nil) || placed != id {
			t.Fatalf("%s: itself %v, over the API %v; placed %q and %q", name, wrong, err, id, placed)
		}
		if first == "" {
			first = id
		}
		_, want := direct.want()
		_, got := remote.want()
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Fatalf("%s (-itself +over the API):\n%s", name, diff)
		}
	}
	if _, err := server.Do(t.Context(), sim.Tick{}); err == nil {
		t.Error("what the API does not have is done")
	}
	if _, err := server.SetTraffic(t.Context(), simapi.Switching{On: true}); err == nil {
		t.Error("calls come where no one calls")
	}
	if _, err := server.Do(t.Context(), sim.Reset{Registrations: true}); err != nil {
		t.Error(err)
	}
	if st, err := server.Status(t.Context()); err != nil || st.Live != 0 || st.Heartbeat != "30s" || st.Version != version {
		t.Errorf("the status is %+v, %v", st, err)
	}
}

// deaf sends attempts nowhere: they are not answered before it is told.
type deaf struct{ until chan struct{} }

func (d deaf) Send(*delivery.Request, delivery.Transport, *delivery.Answer) { <-d.until }

func (deaf) Close() {}
