package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// plainRuns are short runs of each command, but those of tui that take a
// terminal. $TARGET is a receiver that acknowledges all, $DIR a folder with a
// journal, a secret and a script of keys.
var plainRuns = map[string][]string{
	"ringback":              {},
	"call":                  {"--target", "$TARGET", "--phones"},
	"calibrate":             {"$DIR/journal.ndjson"},
	"clauses":               {},
	"completion":            {"bash"},
	"demo":                  {},
	"dialects":              {},
	"explore":               {"--target", "$TARGET", "--budget", "3"},
	"faults":                {},
	"health":                {"http://127.0.0.1:1"},
	"help":                  {},
	"load":                  {"--target", "$TARGET", "--calls", "20/s", "--compress", "600x", "--ramp", "0s", "--duration", "1s"},
	"load merge":            {"$DIR/load.json"},
	"presets":               {"consumer"},
	"receiver":              {"--listen", "127.0.0.1:0"},
	"record":                {"--listen", "127.0.0.1:0", "--target", "$TARGET", "--out", "$DIR/recorded.ndjson"},
	"replay":                {"$DIR/journal.ndjson", "--target", "$TARGET"},
	"serve":                 {"--listen", "127.0.0.1:0", "--app", "1400000001:secret", "--callback", "$TARGET"},
	"simulate":              {"--count", "3"},
	"steps":                 {},
	"schema":                {},
	"tui":                   {"--script", "$DIR/keys.txt"},
	"usersig":               {},
	"usersig check":         {"not-a-usersig"},
	"usersig sign":          {"--key", "@$DIR/secret.txt"},
	"verify":                {"--target", "$TARGET", "--tags", "@clause-v1-result-cancel-acknowledged"},
	"version":               {},
	"completion bash":       {},
	"completion fish":       {},
	"completion powershell": {},
	"completion zsh":        {},
}

// until is what commands print that go on until they are interrupted, or for long.
var until = map[string]string{"demo": "Every outcome", "receiver": "http://", "record": "listening on http://", "serve": "http://"}

// drawing are the commands that draw or color what they print. They are run in each
// kind of terminal, the others in one of them in turn: all in each would take twice the
// time, for commands that have no use for a terminal.
var drawing = []string{"ringback", "call", "demo", "load", "tui", "verify"}

// No command but tui asks the terminal for anything, or reads what somebody
// types for the shell meanwhile: a terminal that never answers is not waited
// for, and the next line of what was pasted is still there. Neither is a terminal
// multiplexer asked.
func TestTerminalIsNotAsked(t *testing.T) {
	t.Parallel()
	receiver := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ErrorMessage":""}`)
	}))
	dir := t.TempDir()
	for name, text := range map[string]string{"secret.txt": "secret", "keys.txt": "n\nenter\nwait alice\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("ringback", "call", "--target", receiver.URL, "--journal", filepath.Join(dir, "journal.ndjson")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("ringback", "load", "--target", receiver.URL, "--max", "--duration", "100ms", "--ramp", "0s", "--report", "json="+filepath.Join(dir, "load.json")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	vars := strings.NewReplacer("$TARGET", receiver.URL, "$DIR", dir)
	terms := []string{"xterm-256color", "xterm", "screen-256color", "tmux-256color", "dumb", ""}
	if testing.Short() {
		terms = terms[3:4]
	}
	for turn, term := range terms {
		t.Run("TERM="+term, func(t *testing.T) {
			t.Parallel()
			for i, command := range commands(newRoot(cli.Env{Lookup: os.LookupEnv}), "") {
				args, ok := plainRuns[command]
				if !ok {
					t.Fatalf("%s: no plain run of it is known", command)
				}
				words := strings.Fields(strings.TrimPrefix(command, "ringback"))
				its := i%len(terms) == turn
				if its && !testing.Short() {
					askNothing(t, term, "", append(words, "--help")...)
				}
				if !its && !slices.Contains(drawing, command) {
					continue
				}
				for _, a := range args {
					words = append(words, vars.Replace(a))
				}
				askNothing(t, term, until[command], words...)
			}
		})
	}
}

// commands are all commands below one, as they are typed.
func commands(c *cobra.Command, path string) (list []string) {
	name := strings.TrimSpace(path)
	if path == "" {
		name = c.Name()
		c.InitDefaultHelpCmd()
		c.InitDefaultCompletionCmd()
	}
	list = append(list, name)
	for _, sub := range c.Commands() {
		list = append(list, commands(sub, path+" "+sub.Name())...)
	}
	return list
}

// harmless is all that a command may write to a terminal but text: colors, and
// what erases or draws over lines.
var harmless = regexp.MustCompile(`\x1b\[([0-9;]*m|[0-2]?[JK]|[0-9]*A)`)

// askNothing runs a command in a terminal that never answers, into which a line
// was typed ahead, and interrupts it when it has printed a text.
func askNothing(t *testing.T, term, until string, args ...string) {
	t.Helper()
	const typed = "echo typed ahead\n"
	p := openPTY(t)
	defer p.close()
	p.typeAhead(typed)
	before := p.settings()

	tmux, asked := t.TempDir(), filepath.Join(t.TempDir(), "asked")
	if err := os.WriteFile(filepath.Join(tmux, "tmux"), []byte("#!/bin/sh\n: > "+asked+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("ringback", args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "TERM="+term, "TMUX="+tmux+"/socket,1,0", "PATH="+tmux+":"+os.Getenv("PATH"), "COLORTERM=", "NO_COLOR=", "LC_ALL=C.UTF-8")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.slave, p.slave, p.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 1)
	go func() {
		out <- p.read(func(soFar []byte) {
			if until != "" && bytes.Contains(soFar, []byte(until)) {
				until = ""
				_ = cmd.Process.Signal(os.Interrupt)
			}
		})
	}()
	err := cmd.Wait()
	name := fmt.Sprintf("TERM=%s ringback %s", term, strings.Join(args, " "))
	if after := p.settings(); after != before {
		t.Errorf("%s: it changed the terminal (-before +after):\n%s", name, cmp.Diff(before, after))
	}
	if got := p.typed(); got != typed {
		t.Errorf("%s: of what was typed ahead, %q, there is %q left", name, typed, got)
	}
	p.slave.Close()
	text := <-out
	if rest := harmless.ReplaceAllString(text, ""); strings.ContainsAny(rest, "\x1b\x05\u0090\u009b\u009d") {
		t.Errorf("%s: it asked or changed the terminal: %q", name, text)
	}
	if _, statErr := os.Stat(asked); statErr == nil {
		t.Errorf("%s: it asked tmux", name)
	}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == cli.ExitUsage) && args[len(args)-1] != "not-a-usersig" {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
}

// A panic leaves the terminal as it was, and lines that are too long go on in the
// next one again.
func TestTerminalAfterPanic(t *testing.T) {
	t.Parallel()
	p := openPTY(t)
	defer p.close()
	before := p.settings()
	cmd := exec.Command("panics")
	// After a panic, Bubble Tea closes its input while it is still read.
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "GORACE=atexit_sleep_ms=0 exitcode=0 log_path="+filepath.Join(t.TempDir(), "race"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.slave, p.slave, p.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out, sent := make(chan string, 1), false
	go func() {
		out <- p.read(func(soFar []byte) {
			if !sent && bytes.Contains(soFar, []byte("screen")) {
				sent = true
				_, _ = io.WriteString(p.master, "x")
			}
		})
	}()
	err := cmd.Wait()
	if diff := cmp.Diff(before, p.settings()); diff != "" {
		t.Errorf("the settings of the terminal (-before +after):\n%s", diff)
	}
	p.slave.Close()
	text := <-out
	if err != nil || !strings.Contains(text, "a fault of ours") {
		t.Errorf("%v\n%s", err, text)
	}
	on, off := strings.LastIndex(text, ansi.SetModeAutoWrap), strings.LastIndex(text, ansi.ResetModeAutoWrap)
	if off < 0 || on < off || !strings.Contains(text, ansi.ResetModeAltScreenSaveCursor) {
		t.Errorf("the modes of the terminal: %q", text)
	}
}

// A terminal that is closed, so that what is left to say cannot be said, is a
// hangup and no fault.
func TestTerminalHangsUp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"tui"}, {"serve", "--listen", "127.0.0.1:0"}} {
		p := openPTY(t)
		cmd := exec.Command("ringback", args...)
		cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=1")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = p.slave, p.slave, p.slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		p.slave.Close()
		p.read(func(soFar []byte) {
			if bytes.Contains(soFar, []byte("no calls yet")) || bytes.Contains(soFar, []byte("http://")) {
				p.master.Close() // ends the reading, too
			}
		})
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != cli.ExitHungUp {
			t.Errorf("%v: %v, want exit code %d", args, err, cli.ExitHungUp)
		}
	}
}

// pty is a terminal without anybody behind it.
type pty struct {
	t             *testing.T
	master, slave *os.File
}

func openPTY(t *testing.T) *pty {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	check(err)
	check(unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	check(err)
	path := fmt.Sprintf("/dev/pts/%d", n)
	slave, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	check(err)
	check(unix.IoctlSetWinsize(slave, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	return &pty{t: t, master: os.NewFile(uintptr(master), "/dev/ptmx"), slave: os.NewFile(uintptr(slave), path)}
}

func (p *pty) close() {
	p.slave.Close()
	p.master.Close()
}

// typeAhead types a line, and waits until the terminal has it.
func (p *pty) typeAhead(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.master, line); err != nil {
		p.t.Fatal(err)
	}
	if !p.readable(int(patience(p.t).Milliseconds())) {
		p.t.Fatal("what was typed does not arrive")
	}
}

// readable waits for so many milliseconds until there is a line to be read.
func (p *pty) readable(ms int) bool {
	p.t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.slave.Fd()), Events: unix.POLLIN}}, ms)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			p.t.Fatal(err)
		}
		return n > 0
	}
}

// typed is what nobody has read yet.
func (p *pty) typed() string {
	p.t.Helper()
	var b strings.Builder
	for p.readable(0) {
		line := make([]byte, 1024)
		n, err := p.slave.Read(line)
		if err != nil {
			p.t.Fatal(err)
		}
		b.Write(line[:n])
	}
	return b.String()
}

// settings are how the terminal is set up.
func (p *pty) settings() unix.Termios {
	p.t.Helper()
	s, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return *s
}

// read is all that is written to the terminal until no one has it open any
// more.
func (p *pty) read(look func(soFar []byte)) string {
	var all []byte
	for b := make([]byte, 4096); ; {
		n, err := p.master.Read(b)
		all = append(all, b[:n]...)
		look(all)
		if err != nil {
			return string(all)
		}
	}
}
