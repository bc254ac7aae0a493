package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
)

// start runs Main with a signal to come, and returns its output and its code.
func start(t *testing.T, signals chan os.Signal, args ...string) (stdout *bufio.Reader, code <-chan int) {
	t.Helper()
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- Main(args, cli.Env{
			Stdout: w, Stderr: io.Discard, Signals: signals,
			Lookup: patiently,
		})
		w.Close()
	}()
	return bufio.NewReader(r), done
}

// A call that is interrupted says so by its exit code.
func TestInterrupt(t *testing.T) {
	for sig, want := range map[os.Signal]int{os.Interrupt: cli.ExitInterrupted, syscall.SIGTERM: cli.ExitTerminated, syscall.SIGHUP: cli.ExitHungUp} {
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

// interrupted runs a command against a receiver, and presses Ctrl-C when so many
// attempts have arrived there.
func interrupted(t *testing.T, after int64, answer http.HandlerFunc, args ...string) (stdout string) {
	t.Helper()
	signals := make(chan os.Signal, 1)
	var n atomic.Int64
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1) == after {
			signals <- os.Interrupt
		}
		answer(w, r)
	}))
	out, code := start(t, signals, append(args, "--target", s.URL)...)
	all, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-code; got != cli.ExitInterrupted {
		t.Errorf("exit code %d, want %d", got, cli.ExitInterrupted)
	}
	return string(all)
}

// hang does not answer.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// A suite that is interrupted has no verdict, and neither has an exploration.
func TestInterruptedWithoutVerdict(t *testing.T) {
	for _, command := range []string{"verify", "explore"} {
		if out := interrupted(t, 1, hang, command, "--timeout", "60s"); strings.Contains(out, "PASS") || strings.Contains(out, "FAIL") {
			t.Errorf("%s: a verdict: %s", command, out)
		}
	}
}

// A replay that is interrupted says what it compared until then.
func TestReplayInterrupted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "then.ndjson")
	good := harness.Serve(t, harness.Answer(200, `{"ErrorCode":0}`))
	if code := Main([]string{"call", "--target", good.URL, "--journal", file}, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently}); code != cli.ExitOK {
		t.Fatalf("exit code %d", code)
	}
	out := interrupted(t, 1, hang, "replay", file, "--timeout", "60s")
	if !strings.Contains(out, "1 callback in 1 attempt: 0 answered the same") || !strings.Contains(out, "10 not sent") {
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
		if got := <-code; got != cli.ExitOK {
			t.Errorf("%s: exit code %d, want 0", sig, got)
		}
	}
}
