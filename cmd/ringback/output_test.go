package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"

	"github.com/spf13/cobra"
)

// fails is a standard output that takes nothing.
type fails struct{ err error }

func (f fails) Write([]byte) (int, error) { return 0, f.err }

// acknowledging answers well, in both generations.
func acknowledging(t *testing.T) string {
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
	}))
	return s.URL
}

// lines have, for each command of the tree, a line that prints something.
func lines(t *testing.T) map[string][]string {
	target, dir := acknowledging(t), t.TempDir()
	keys, recorded := filepath.Join(dir, "keys.txt"), filepath.Join(dir, "recorded.ndjson")
	if err := os.WriteFile(keys, []byte("?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := Main([]string{"call", "--target", target, "--journal", recorded}, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently}); code != 0 {
		t.Fatalf("call: exit code %d", code)
	}
	segment := filepath.Join(dir, "segment.json")
	if code := Main([]string{"load", "--target", target, "--max", "--duration", "10ms", "--ramp", "0s", "--report", "json=" + segment}, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently}); code != 0 {
		t.Fatalf("load: exit code %d", code)
	}
	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	return map[string][]string{
		"ringback":                       {},
		"ringback call":                  {"--target", target},
		"ringback calibrate":             {recorded},
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
		"ringback health":                {target},
		"ringback load":                  {"--target", target, "--max", "--duration", "10ms", "--ramp", "0s"},
		"ringback load merge":            {segment},
		"ringback presets":               {},
		"ringback receiver":              {"--list-breaks"},
		"ringback record":                {"--listen", "127.0.0.1:0", "--target", target, "--out", filepath.Join(dir, "new.ndjson")},
		"ringback replay":                {recorded, "--target", target},
		"ringback serve":                 {"--listen", "127.0.0.1:0"},
		"ringback simulate":              {"--count", "1", "--preset", "consumer"},
		"ringback steps":                 {},
		"ringback schema":                {},
		"ringback tui":                   {"--target", target, "--script", keys},
		"ringback usersig":               {},
		"ringback usersig check":         {sign(t, "alice"), "--sdkappid", "1400000001", "--key", defaultKey},
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
	root := newRoot(cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: noEnv})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range tree(root) {
		args, ok := lines[cmd.CommandPath()]
		if !ok {
			t.Errorf("%s: has no line that prints something", cmd.CommandPath())
			continue
		}
		if slices.Contains(args, "--help") {
			t.Errorf("%s: has a line for its help, which is asked for anyway", cmd.CommandPath())
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		for _, line := range [][]string{append(path[:len(path):len(path)], args...), append(path[:len(path):len(path)], "--help")} {
			for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EBADF} {
				if errno != syscall.ENOSPC && cmd.Name() != "version" {
					continue // the same for all errors: it need not take long
				}
				var stderr bytes.Buffer
				signals := make(chan os.Signal, 1)
				if cmd.Name() == "serve" || cmd.Name() == "record" { // else it would go on
					signals <- os.Interrupt
				}
				code := Main(line, cli.Env{Stdout: fails{errno}, Stderr: &stderr, Lookup: patiently, Signals: signals})
				if code != cli.ExitUsage || !strings.Contains(stderr.String(), errno.Error()) {
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
	code := Main([]string{"load", "--target", target, "--max", "--duration", "10ms", "--ramp", "0s"}, cli.Env{Stdout: fails{syscall.EPIPE}, Stderr: &stderr, Lookup: patiently})
	if code != cli.ExitOK || strings.Contains(stderr.String(), "pipe") {
		t.Errorf("exit code %d:\n%s", code, &stderr)
	}
}
