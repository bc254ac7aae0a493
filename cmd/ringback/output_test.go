package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"ringback/sim/delivery"
)

// fails is a standard output that takes nothing.
type fails struct{ err error }

func (f fails) Write([]byte) (int, error) { return 0, f.err }

// acknowledging answers well, in both generations.
func acknowledging(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// lines have, for each command of the tree, a line that prints something.
func lines(t *testing.T) map[string][]string {
	target, dir := acknowledging(t), t.TempDir()
	keys, recorded := filepath.Join(dir, "keys.txt"), filepath.Join(dir, "recorded.ndjson")
	if err := os.WriteFile(keys, []byte("?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := Main([]string{"call", "--target", target, "--journal", recorded}, world{stdout: io.Discard, stderr: io.Discard, lookup: noEnv}); code != 0 {
		t.Fatalf("call: exit code %d", code)
	}
	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	return map[string][]string{
		"ringback":                       {},
		"ringback call":                  {"--target", target},
		"ringback clauses":               {},
		"ringback completion":            {},
		"ringback completion bash":       {},
		"ringback completion fish":       {},
		"ringback completion powershell": {},
		"ringback completion zsh":        {},
		"ringback demo":                  {},
		"ringback dialects":              {},
		"ringback explore":               {"--target", target, "--budget", "2"},
		"ringback faults":                {},
		"ringback help":                  {},
		"ringback load":                  {"--target", target, "--max", "--duration", "10ms", "--ramp", "0s"},
		"ringback presets":               {},
		"ringback receiver":              {"--list-breaks"},
		"ringback replay":                {recorded, "--target", target},
		"ringback serve":                 {"--listen", "127.0.0.1:0"},
		"ringback simulate":              {"--count", "1", "--preset", "consumer"},
		"ringback steps":                 {},
		"ringback tui":                   {"--target", target, "--script", keys},
		"ringback usersig":               {},
		"ringback usersig check":         {"--help"},
		"ringback usersig sign":          {"--sdkappid", "1400000001", "--key", key, "--user", "alice"},
		"ringback verify":                {"--list"},
		"ringback version":               {},
	}
}

func noEnv(string) (string, bool) { return "", false }

// tree is every command that a person can run.
func tree(cmd *cobra.Command) (list []*cobra.Command) {
	list = append(list, cmd)
	for _, c := range cmd.Commands() {
		list = append(list, tree(c)...)
	}
	return list
}

// Output that cannot be written is exit code 2, whatever the command, and each
// of them says what it could not write. Nobody has to remember that: whoever adds
// a command adds a line here.
func TestOutputThatCannotBeWritten(t *testing.T) {
	lines := lines(t)
	root := newRoot(world{stdout: io.Discard, stderr: io.Discard, lookup: noEnv})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range tree(root) {
		args, ok := lines[cmd.CommandPath()]
		if !ok {
			t.Errorf("%s: has no line that prints something", cmd.CommandPath())
			continue
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		for _, line := range [][]string{append(path[:len(path):len(path)], args...), append(path[:len(path):len(path)], "--help")} {
			for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EBADF} {
				if errno != syscall.ENOSPC && cmd.Name() != "version" {
					continue // the same for all errors: it need not take long
				}
				var stderr bytes.Buffer
				signals := make(chan os.Signal, 1)
				if cmd.Name() == "serve" { // else it would go on
					signals <- os.Interrupt
				}
				code := Main(line, world{stdout: fails{errno}, stderr: &stderr, lookup: noEnv, signals: signals})
				if code != exitUsage || !strings.Contains(stderr.String(), errno.Error()) {
					t.Errorf("%s: exit code %d, %v:\n%s", strings.Join(line, " "), code, errno, &stderr)
				}
			}
		}
	}
}

// A reader that closed the pipe is no fault.
func TestClosedPipe(t *testing.T) {
	var stderr bytes.Buffer
	target := acknowledging(t)
	code := Main([]string{"load", "--target", target, "--max", "--duration", "10ms", "--ramp", "0s"}, world{stdout: fails{syscall.EPIPE}, stderr: &stderr, lookup: noEnv})
	if code != exitOK || strings.Contains(stderr.String(), "pipe") {
		t.Errorf("exit code %d:\n%s", code, &stderr)
	}
}

// The exit code is the first that applies of 2, 129/130/143, 3, 5, 1, 4.
func TestExitCode(t *testing.T) {
	own := &delivery.OwnFaultError{Detail: "socket: too many open files; raise ulimit -n"}
	full := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	plain := errors.New("something")
	for _, c := range []struct {
		name   string
		err    error
		lost   error
		caught int
		want   int
	}{
		{"all well", nil, nil, 0, 0},
		{"a server that was stopped", nil, nil, exitInterrupted, 0},
		{"well, but unwritten", nil, full, 0, 2},
		{"broken", outcome(exitBroken), nil, 0, 1},
		{"unreachable", outcome(exitUnreachable), nil, 0, 3},
		{"abandoned", outcome(exitAbandoned), nil, 0, 4},
		{"nothing judged", outcome(exitNothing), nil, 0, 5},
		{"usage", usage(plain, ""), nil, 0, 2},
		{"what cobra refuses", plain, nil, 0, 2},
		{"usage, then a signal", usage(plain, ""), nil, exitInterrupted, 2},
		{"a signal", context.Canceled, nil, exitInterrupted, 130},
		{"hung up", context.Canceled, nil, exitHungUp, 129},
		{"terminated", context.Canceled, nil, exitTerminated, 143},
		{"a signal before a verdict", outcome(exitBroken), nil, exitInterrupted, 130},
		{"a signal, and unreachable", outcome(exitUnreachable), nil, exitTerminated, 143},
		{"our own fault", fmt.Errorf("partition 1: %w", own), nil, 0, 2},
		{"our own fault, then a signal", own, nil, exitInterrupted, 2},
		{"our own fault, and a verdict", errors.Join(own, outcome(exitBroken)), nil, 0, 2},
		{"a report unwritten, and broken", judged(outcome(exitBroken), unwritten("--report html", full)), nil, 0, 2},
		{"a report unwritten, and well", judged(nil, unwritten("--report html", full)), nil, 0, 2},
		{"output unwritten, and broken", outcome(exitBroken), full, 0, 2},
		{"output unwritten, and a signal", context.Canceled, full, exitInterrupted, 2},
	} {
		if got := codeOf(c.err, c.lost, c.caught); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}
