package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
)

// atWork is a run of a command that is at work when a signal comes.
type atWork struct {
	args  string // $TARGET hangs, $CLOSED takes no connection, $DIR has a journal and a script of keys, $NEW is no file yet
	shows string // what it prints then; "": when $TARGET has been asked, or its input has
}

// endsByItself says of a command that it ends before a signal could come.
var endsByItself []atWork

// works are all commands. Whoever adds one says when a signal can come.
var works = map[string][]atWork{
	"ringback":                       endsByItself,
	"ringback call":                  {{args: "--target $TARGET"}, {args: "--json --target $TARGET"}, {"--target $CLOSED --wait 1h", "waiting"}},
	"ringback calibrate":             {{args: "-"}},
	"ringback clauses":               endsByItself,
	"ringback completion":            endsByItself,
	"ringback completion bash":       endsByItself,
	"ringback completion fish":       endsByItself,
	"ringback completion powershell": endsByItself,
	"ringback completion zsh":        endsByItself,
	"ringback demo":                  {{"", "ringback demo"}, {"", "Every outcome"}, {"", "The contract suite"}},
	"ringback dialects":              endsByItself,
	"ringback explore":               {{args: "--target $TARGET"}, {"--target $CLOSED --wait 1h", "waiting"}},
	"ringback faults":                endsByItself,
	"ringback health":                endsByItself,
	"ringback help":                  endsByItself,
	"ringback load merge":            endsByItself,
	"ringback load": {
		{args: "--target $TARGET --duration 1h --timeout 100ms --calls 50/s"}, // what is in flight is waited for
		{args: "--target $TARGET --duration 1h --timeout 100ms --max"},
		{args: "--target $TARGET --duration 1h --timeout 100ms --find-limit"},
		{"--target $CLOSED --wait 1h --max", "waiting"},
	},
	"ringback presets":  endsByItself,
	"ringback receiver": {{"--listen 127.0.0.1:0", "receiver at"}},
	"ringback record":   {{"--listen 127.0.0.1:0 --target $CLOSED --out $NEW", "listening on"}},
	"ringback replay":   {{args: "$DIR/journal.ndjson --target $TARGET"}, {args: "- --target $TARGET"}, {"$DIR/journal.ndjson --target $CLOSED --wait 1h", "waiting"}},
	"ringback serve":    {{"--listen 127.0.0.1:0", "127.0.0.1:"}, {"--listen 127.0.0.1:0 --traffic consumer --pace 1000x", "127.0.0.1:"}},
	"ringback simulate": {
		{"--days 3660", "{"}, {"--days 3660 --emit callbacks", "{"}, {"--days 3660 --emit phones", "{"},
	},
	"ringback steps":         endsByItself,
	"ringback schema":        endsByItself,
	"ringback tui":           {{args: "--script $DIR/keys.txt --wait 1h --target $TARGET"}, {"--script $DIR/keys.txt --wait 1h $DIR/journal.ndjson", "now"}},
	"ringback usersig":       endsByItself,
	"ringback usersig check": endsByItself,
	"ringback usersig sign":  endsByItself,
	"ringback verify": {
		{args: "--target $TARGET"},
		{"--target $CLOSED --wait 1h", "waiting"},
		{"--await-registration --listen 127.0.0.1:0 --app 1400000001:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "127.0.0.1:"},
	},
	"ringback version": endsByItself,
}

// endless are the commands that go on until someone ends them.
var endless = map[string]bool{"ringback receiver": true, "ringback record": true, "ringback serve": true, "ringback tui": true}

// What each command ends with on each signal that ends it: 128 and the signal's
// number, or 0 where a signal is how it ends.
func TestSignals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.ndjson")
	if code := Main([]string{"call", "--target", acknowledging(t), "--journal", journal}, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently}); code != cli.ExitOK {
		t.Fatalf("exit code %d", code)
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.txt"), []byte("n\nenter\nwait nobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := newRoot(cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: noEnv})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range tree(root) {
		runs, ok := works[cmd.CommandPath()]
		if !ok {
			t.Errorf("%s: what does a signal find it at?", cmd.CommandPath())
		}
		for i, run := range runs {
			for sig, code := range map[os.Signal]int{os.Interrupt: cli.ExitInterrupted, syscall.SIGTERM: cli.ExitTerminated, syscall.SIGHUP: cli.ExitHungUp} {
				if endless[cmd.CommandPath()] && code != cli.ExitHungUp {
					code = cli.ExitOK
				}
				t.Run(fmt.Sprintf("%s %d %s", cmd.CommandPath(), i, sig), func(t *testing.T) {
					t.Parallel()
					if got, out := run.end(t, sig, dir, strings.Fields(cmd.CommandPath())[1:]); got != code {
						t.Errorf("%s: exit code %d, want %d:\n%s", run.args, got, code, out)
					}
				})
			}
		}
	}
}

// end runs a command and ends it with a signal when it is at work.
func (a atWork) end(t *testing.T, sig os.Signal, dir string, command []string) (code int, out string) {
	s := &signaler{signal: sig, signals: make(chan os.Signal, 1), caught: make(chan struct{}), until: a.shows}
	target := harness.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
		s.send()
		<-r.Context().Done()
	}))
	if a.shows == "now" {
		s.once.Do(func() { s.signals <- sig })
	}
	line := strings.NewReplacer("$TARGET", target.URL, "$CLOSED", "http://127.0.0.1:1/cb", "$DIR", dir, "$NEW", filepath.Join(t.TempDir(), "new")).Replace(a.args)
	if strings.Contains(line, target.URL) && !strings.Contains(line, "--timeout") {
		line += " --timeout 1h"
	}
	code = Main(append(command, strings.Fields(line)...), cli.Env{
		Stdin: s, Stdout: s, Stderr: s, Lookup: patiently, Signals: s.signals, Caught: func() { close(s.caught) },
	})
	return code, s.out.String()
}

// signaler sends a signal once, and lets nothing be printed or read until it was
// caught, so that no command comes to its end before.
type signaler struct {
	signal  os.Signal
	signals chan os.Signal
	caught  chan struct{}
	until   string
	once    sync.Once

	mu  sync.Mutex
	out bytes.Buffer
}

func (s *signaler) send() {
	s.once.Do(func() {
		s.signals <- s.signal
		<-s.caught
	})
}

func (s *signaler) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.Len() < 64<<10 { // simulate prints on
		s.out.Write(b)
	}
	if s.until != "" && strings.Contains(s.out.String(), s.until) {
		s.send()
	}
	return len(b), nil
}

// Read reads from a pipe that nobody writes to.
func (s *signaler) Read([]byte) (int, error) {
	s.send()
	select {}
}
