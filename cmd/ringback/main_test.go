package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// start runs Main with a signal to come, and returns its output and its code.
func start(t *testing.T, signals chan os.Signal, args ...string) (stdout *bufio.Reader, code <-chan int) {
	t.Helper()
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- Main(args, world{
			stdout: w, stderr: io.Discard, signals: signals,
			lookup: func(string) (string, bool) { return "", false },
		})
		w.Close()
	}()
	return bufio.NewReader(r), done
}

// A call that is interrupted says so by its exit code.
func TestInterrupt(t *testing.T) {
	for sig, want := range map[os.Signal]int{os.Interrupt: exitInterrupted, syscall.SIGTERM: exitTerminated, syscall.SIGHUP: exitHungUp} {
		arrived := make(chan struct{}, 100)
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
			arrived <- struct{}{}
			<-r.Context().Done()
		}))
		signals := make(chan os.Signal, 1)
		stdout, code := start(t, signals, "call", "--target", s.URL, "--timeout", "60s")
		go func() { _, _ = io.Copy(io.Discard, stdout) }()
		<-arrived
		signals <- sig
		if got := <-code; got != want {
			t.Errorf("%s: exit code %d, want %d", sig, got, want)
		}
		s.Close()
	}
}

// A suite that is interrupted has no verdict.
func TestVerifyInterrupted(t *testing.T) {
	arrived := make(chan struct{}, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	signals := make(chan os.Signal, 1)
	stdout, code := start(t, signals, "verify", "--target", s.URL, "--timeout", "60s")
	said := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(stdout)
		said <- string(all)
	}()
	<-arrived
	signals <- os.Interrupt
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	if out := <-said; strings.Contains(out, "PASS") || strings.Contains(out, "FAIL") {
		t.Errorf("a verdict: %s", out)
	}
}

// An exploration that is interrupted says how far it came, and judges nothing.
func TestExploreInterrupted(t *testing.T) {
	arrived := make(chan struct{}, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	signals := make(chan os.Signal, 1)
	stdout, code := start(t, signals, "explore", "--target", s.URL, "--timeout", "60s")
	said := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(stdout)
		said <- string(all)
	}()
	<-arrived
	signals <- os.Interrupt
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	if out := <-said; strings.Contains(out, "PASS") || strings.Contains(out, "FAIL") {
		t.Errorf("a verdict: %s", out)
	}
}

// A replay that is interrupted says what it compared until then.
func TestReplayInterrupted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "then.ndjson")
	good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"ErrorCode":0}`)) }))
	defer good.Close()
	none := func(string) (string, bool) { return "", false }
	if code := Main([]string{"call", "--target", good.URL, "--journal", file}, world{stdout: io.Discard, stderr: io.Discard, lookup: none}); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	arrived := make(chan struct{}, 100)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	signals := make(chan os.Signal, 1)
	stdout, code := start(t, signals, "replay", file, "--target", s.URL, "--timeout", "60s")
	said := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(stdout)
		said <- string(all)
	}()
	<-arrived
	signals <- os.Interrupt
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	if out := <-said; !strings.Contains(out, "1 callback in 1 attempt: 0 answered the same") || !strings.Contains(out, "10 not sent") {
		t.Errorf("said %s", out)
	}
}

// The reference receiver ends well when it is told to stop.
func TestReceiverStops(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		signals := make(chan os.Signal, 1)
		stdout, code := start(t, signals, "receiver", "--listen", "127.0.0.1:0")
		line, err := stdout.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		_, url, _ := strings.Cut(line, "stored calls at ")
		resp, err := http.Get(strings.TrimSpace(url))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("GET %s: %v, %v", url, resp, err)
		}
		resp.Body.Close()
		signals <- sig
		if got := <-code; got != exitOK {
			t.Errorf("%s: exit code %d, want 0", sig, got)
		}
	}
}
