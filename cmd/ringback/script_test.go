package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"

	"ringback/cmd/cli"
	"ringback/fixtures/golden"
	"ringback/fixtures/harness"
	"ringback/fixtures/ported"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
)

func TestMain(m *testing.M) {
	if signal.Ignored(syscall.SIGHUP) { // under nohup: what is caught here, commands begin with as ever
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	if _, set := os.LookupEnv("GORACE"); !set { // else each command that is run sleeps for a second at its end
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	for name, v := range patient { // of all commands that are run as processes: as ringback, they begin here, too
		if _, set := os.LookupEnv(name); !set {
			_ = os.Setenv(name, v)
		}
	}
	// Tests wait for load, for terminals and for each other's processes more than they work.
	_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	testscript.Main(m, map[string]func(){"ringback": main, "panics": panicking})
}

// panicking is the command of a screen that panics at the first key.
func panicking() {
	if _, err := (&terminal{os.Stdout, os.Environ()}).program(panics{}).Run(); !errors.Is(err, tea.ErrProgramPanic) {
		fmt.Fprintf(os.Stderr, "the screen ended with %v, want a panic\n", err)
		os.Exit(1)
	}
}

type panics struct{}

func (panics) Init() tea.Cmd { return nil }

func (panics) View() tea.View {
	v := tea.NewView("a screen")
	v.AltScreen = true
	return v
}

func (p panics) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tea.KeyPressMsg); ok {
		panic("a fault of ours")
	}
	return p, nil
}

// patient is the environment of commands that wait for something, for no longer than a
// person would: machines may be busy, and stall for seconds. Where a timeout is the
// subject, it is a flag.
var patient = map[string]string{"RINGBACK_TIMEOUT": "1m", "RINGBACK_TUI_WAIT": "5m"}

// patiently is the environment of commands in this process that find nothing else in it.
func patiently(name string) (string, bool) {
	v, ok := patient[name]
	return v, ok
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: golden.Rewriting(),
		Setup: func(e *testscript.Env) error {
			// A settings file or variables of whoever runs the tests must not matter.
			e.Setenv("NO_COLOR", "yes")
			for _, name := range []string{"GOGC", "GORACE"} { // how this process was told to run holds for commands, too
				if v, set := os.LookupEnv(name); set {
					e.Setenv(name, v)
				}
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "soak" { // those of testscript come before
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Getenv("RINGBACK_SOAK") != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"receiver": startReceiver, "received": received, "await": await, "exits": exits, "closed": closedPort,
			"serve": startServe, "record": startRecord, "torn": torn, "mode": mode, "ask": ask, "halt": halt, "bom": withMark, "valid": valid, "union": union, "mergelines": mergeLines,
		},
	})
}

// withMark copies a file and puts a byte order mark before it: bom FROM TO.
func withMark(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte("\ufeff"+text), 0o600))
}

// union checks that the callbacks in a journal are those in some others together: union
// WHOLE PART...
func union(ts *testscript.TestScript, _ bool, args []string) {
	callbacks := func(names ...string) (list []string) {
		for _, name := range names {
			for line := range strings.Lines(ts.ReadFile(name)) {
				if gjson.Get(line, "kind").String() == "callback" {
					list = append(list, strings.Join([]string{gjson.Get(line, "t").String(), gjson.Get(line, "call").String(), gjson.Get(line, "url").String(), gjson.Get(line, "body").String()}, " "))
				}
			}
		}
		slices.Sort(list)
		return list
	}
	whole, parts := callbacks(args[0]), callbacks(args[1:]...)
	if diff := cmp.Diff(whole, parts); diff != "" || len(whole) == 0 {
		ts.Fatalf("%d callbacks in %s; in %s (+):\n%s", len(whole), args[0], args[1:], diff)
	}
}

// mergeLines checks that files of JSON lines, merged by some keys, are another one, to the
// bytes: mergelines KEY,... WHOLE PART...
func mergeLines(ts *testscript.TestScript, _ bool, args []string) {
	keys, whole := strings.Split(args[0], ","), ts.ReadFile(args[1])
	var lines []string
	for _, name := range args[2:] {
		part := ts.ReadFile(name)
		if part == "" {
			ts.Fatalf("%s is empty", name)
		}
		lines = slices.AppendSeq(lines, strings.Lines(part))
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		for _, key := range keys {
			if c := strings.Compare(gjson.Get(a, key).Raw, gjson.Get(b, key).Raw); c != 0 {
				return c
			}
		}
		return 0
	})
	if diff := cmp.Diff(whole, strings.Join(lines, "")); diff != "" {
		ts.Fatalf("%s (-), the others merged (+):\n%s", args[1], diff)
	}
}

// exits runs a command and checks its exit code: exits CODE COMMAND ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// closedPort sets $TARGET to a port where nobody listens. It is none that the
// system gives away: of those, another test may get the next moment.
func closedPort(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("TARGET", "http://127.0.0.1:1/cb")
}

// recorder is a receiver that keeps what arrives.
type recorder struct {
	next http.Handler

	mu       sync.Mutex
	arrived  *sync.Cond
	requests []string
}

type recorderKey string

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.requests = append(r.requests, fmt.Sprintf("%s %s\n%s\n", req.Method, req.RequestURI, body))
	r.arrived.Broadcast()
	r.mu.Unlock()
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	r.next.ServeHTTP(w, req)
}

// startReceiver starts a receiver in this process and sets $TARGET (or the
// variable named second) to its callback address, and $CALLS to the address of
// what the reference receiver stored: receiver KIND [VARIABLE].
// Kinds: reference, signed (the reference, of requests signed with xxxxyyyy), break:NAME (a
// broken variant), ported:NAME, restartable:NAME (one that a POST to /restart ends and begins anew with
// the same database), hang (never answers), jitter
// (acknowledges after a while that is never the same), redirect, or a fixed answer like
// 200:{"ErrorCode":1}.
func startReceiver(ts *testscript.TestScript, _ bool, args []string) {
	name := "TARGET"
	if len(args) == 2 {
		name = args[1]
	}
	rec := &recorder{next: handler(ts, args[0])}
	rec.arrived = sync.NewCond(&rec.mu)
	s := httptest.NewUnstartedServer(rec)
	if r, ok := rec.next.(*restartable); ok {
		s.Config.ConnState = r.connected
	}
	s.Start()
	ts.Defer(s.CloseClientConnections)
	ts.Setenv(name, s.URL+"/cb")
	ts.Setenv("CALLS", s.URL+"/calls/{CallId}")
	recorders.Store(recorderKey(ts.Getenv("WORK")+name), rec)
}

var recorders sync.Map // of recorders, by work directory and variable: a script's commands share nothing else

func handler(ts *testscript.TestScript, kind string) http.Handler {
	switch kind {
	case "reference", "signed":
		cfg := receiver.Config{SDKAppID: "1400000001"}
		if kind == "signed" {
			cfg.Token = "xxxxyyyy"
		}
		r, err := receiver.New(cfg)
		ts.Check(err)
		ts.Defer(func() { ts.Check(r.Close()) })
		return r
	case "hang":
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	case "echo":
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "Cannot POST %s", r.RequestURI) })
	case "redirect":
		return http.RedirectHandler("http://169.254.169.254/latest", http.StatusFound)
	case "jitter":
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range rand.IntN(2000) { // so that answers overtake each other
				runtime.Gosched()
			}
			if strings.Contains(r.RequestURI, "accept") {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			fmt.Fprint(w, `{"ErrorCode":0}`)
		})
	}
	if name, ok := strings.CutPrefix(kind, "ported:"); ok {
		r, found := ported.Find(name)
		if !found {
			ts.Fatalf("receiver %s: no such one", kind)
		}
		return r.New()
	}
	if name, ok := strings.CutPrefix(kind, "break:"); ok {
		h, closer, err := broken.New(name, receiver.Config{SDKAppID: "1400000001"})
		ts.Check(err)
		ts.Defer(func() { ts.Check(closer.Close()) })
		return h
	}
	if name, ok := strings.CutPrefix(kind, "restartable:"); ok {
		r := &restartable{name: name, config: receiver.Config{SDKAppID: "1400000001", DB: filepath.Join(ts.Getenv("WORK"), name+".db")}}
		ts.Check(r.start())
		ts.Defer(func() { ts.Check(r.closer.Close()) })
		return r
	}
	status, body, ok := strings.Cut(kind, ":")
	code, err := strconv.Atoi(status)
	if !ok || err != nil {
		ts.Fatalf("receiver %s: unknown kind", kind)
	}
	return harness.Answer(code, body)
}

// restartable is a broken variant that a POST to /restart ends and begins anew, as far as
// others can see: its connections end, too.
type restartable struct {
	name   string
	config receiver.Config

	mu     sync.Mutex
	h      http.Handler
	closer io.Closer
	conns  sync.Map // of net.Conn
}

func (r *restartable) connected(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		r.conns.Store(c, nil)
	case http.StateClosed, http.StateHijacked:
		r.conns.Delete(c)
	}
}

// part ends all connections but one.
func (r *restartable) part(but string) {
	r.conns.Range(func(c, _ any) bool {
		if c := c.(net.Conn); c.RemoteAddr().String() != but {
			c.Close()
		}
		return true
	})
}

func (r *restartable) start() (err error) {
	r.h, r.closer, err = broken.New(r.name, r.config)
	return err
}

func (r *restartable) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.URL.Path != "/restart" {
		r.h.ServeHTTP(w, req)
		return
	}
	if err := errors.Join(r.closer.Close(), r.start()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	r.part(req.RemoteAddr)
	fmt.Fprint(w, `{"ErrorCode":0}`)
}

func recorderOf(ts *testscript.TestScript, name string) *recorder {
	rec, ok := recorders.Load(recorderKey(ts.Getenv("WORK") + name))
	if !ok {
		ts.Fatalf("no receiver %s", name)
	}
	return rec.(*recorder)
}

// received writes what arrived to a file: received FILE
func received(ts *testscript.TestScript, _ bool, args []string) {
	rec := recorderOf(ts, "TARGET")
	rec.mu.Lock()
	defer rec.mu.Unlock()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(rec.requests, "")), 0o644))
	rec.requests = nil
}

// await waits until a number of requests arrived: await N
func await(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	rec := recorderOf(ts, "TARGET")
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for len(rec.requests) < n {
		rec.arrived.Wait()
	}
}

// served is a ringback serve in this process.
type served struct {
	signals        chan os.Signal
	stdout, stderr bytes.Buffer // to be read once it has ended
	code           chan int
}

var servers sync.Map // of served, by work directory and variable

// startServe starts ringback serve on a free port and sets a variable to its
// address: serve VARIABLE FLAG...
func startServe(ts *testscript.TestScript, _ bool, args []string) { startServer(ts, "serve", args) }

// startRecord is startServe for ringback record: record VARIABLE FLAG...
func startRecord(ts *testscript.TestScript, _ bool, args []string) { startServer(ts, "record", args) }

// torn adds the beginning of a line, as a crash leaves it: torn FILE
func torn(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY|os.O_APPEND, 0)
	ts.Check(err)
	_, err = f.WriteString(`{"n":26,"`)
	ts.Check(errors.Join(err, f.Close()))
}

// mode checks who may do what with a file, where systems have that: mode 600 FILE
func mode(ts *testscript.TestScript, _ bool, args []string) {
	st, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", st.Mode().Perm()); got != args[0] && runtime.GOOS != "windows" {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

func startServer(ts *testscript.TestScript, command string, args []string) {
	s := &served{signals: make(chan os.Signal, 1), code: make(chan int, 1)}
	r, w := io.Pipe()
	for i, a := range args { // this process has another work directory
		if i > 0 && (args[i-1] == "--journal" || args[i-1] == "--out") {
			args[i] = ts.MkAbs(a)
		}
	}
	go func() {
		s.code <- Main(append([]string{command, "--listen", "127.0.0.1:0"}, args[1:]...), cli.Env{
			Stdout: io.MultiWriter(&s.stdout, w), Stderr: io.MultiWriter(&s.stderr, w), Signals: s.signals,
			Lookup: patiently,
		})
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			ts.Setenv(args[0], url)
			servers.Store(recorderKey(ts.Getenv("WORK")+args[0]), s)
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return
		}
	}
	ts.Fatalf("%s ended with %d: %s", command, <-s.code, s.stderr.String())
}

// halt ends a server, expects its exit code, and shows what it printed:
// halt VARIABLE CODE
func halt(ts *testscript.TestScript, _ bool, args []string) {
	value, ok := servers.LoadAndDelete(recorderKey(ts.Getenv("WORK") + args[0]))
	if !ok {
		ts.Fatalf("no server %s", args[0])
	}
	s := value.(*served)
	s.signals <- os.Interrupt
	if code := <-s.code; strconv.Itoa(code) != args[1] {
		ts.Fatalf("exit code %d, want %s: %s", code, args[1], s.stderr.String())
	}
	_, _ = io.Copy(ts.Stdout(), &s.stdout)
	_, _ = io.Copy(ts.Stderr(), &s.stderr)
}

// ask sends a request and prints the answer: ask METHOD URL [BODY [HOST]]
func ask(ts *testscript.TestScript, neg bool, args []string) {
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	req, err := http.NewRequest(args[0], args[1], strings.NewReader(body))
	ts.Check(err)
	if len(args) > 3 {
		req.Host = args[3]
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	if neg != (resp.StatusCode > 299) {
		ts.Fatalf("%v: %s", args, resp.Status)
	}
}
