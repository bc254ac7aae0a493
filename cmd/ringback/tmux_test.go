//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// In a real terminal: a call is placed, a delivery fails and counts down, the
// curl is copied and works when it is pasted, the terminal is clean afterwards,
// and the screen follows its size until a signal ends it.
func TestTerminal(t *testing.T) {
	t.Parallel()
	t.Run("local", func(t *testing.T) {
		testTerminal(t, func(target, generation string) string {
			return "--target " + target + " --pace real --run test --generation " + generation
		}, `(?s)its journal was a temporary one and is gone.*ended with 0`)
	})
	t.Run("attached", func(t *testing.T) {
		testTerminal(t, func(target, generation string) string {
			return "--attach " + startServing(t, "--callback", target, "--run", "test", "--generation", generation).url
		}, `ended with 0`)
	})
}

// testTerminal tests the screen of a run whose callbacks go to a target, by the flags that
// flags returns; it ends by showing what end matches.
func testTerminal(t *testing.T, flags func(target, generation string) string, end string) {
	t.Parallel()
	harness.Program(t, "tmux")
	harness.Program(t, "curl")
	var mu sync.Mutex
	var bodies []string
	got := make(chan string, 1000)
	receiver := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		bodies = append(bodies, r.RequestURI+"\n"+string(body))
		mu.Unlock()
		if h := r.Header; h.Get("Accept") != "" || h.Get("User-Agent") != "ringback" || h.Get("Content-Type") != "application/json" {
			t.Errorf("a request has other headers: %v", h)
		}
		http.Error(w, `{"ErrorCode":1}`, http.StatusInternalServerError)
		got <- r.RequestURI
	}))

	term := newTmux(t, 120, 36)
	temp := t.TempDir()
	term.start("TMPDIR=" + temp + " ringback tui " + flags(receiver.URL+"/cb", "v1"))
	term.await(`no calls yet`)
	term.keys("n", "Enter", "3")
	term.await(`▸ ✗ caller_start_call +alice +[\d:]+ +\d/7 +500 .* in \d\.\ds`)
	term.keys("c", "c")
	term.await(`copied \(OSC 52\), and written to last-curl.sh`)
	file, err := os.ReadFile(filepath.Join(term.dir, "last-curl.sh"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), term.buffer()+"\n"); diff != "" {
		t.Errorf("the clipboard (-file +got):\n%s", diff)
	}
	term.keys("d", "Enter") // no more of it by itself
	term.await(`† caller_start_call .* gave up`)
	mu.Lock()
	// The two callbacks of the start race to the receiver.
	want := bodies[slices.IndexFunc(bodies, func(b string) bool { return strings.Contains(b, "command=caller_start_call") })]
	seen := strings.Count(strings.Join(bodies, "\n"), want)
	mu.Unlock()
	term.run("paste-buffer", "-t", "shell")
	for again := false; !again; {
		<-got
		mu.Lock()
		again = strings.Count(strings.Join(bodies, "\n"), want) > seen
		mu.Unlock()
	}

	term.keys("q")
	screen := term.await(end)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("in the folder of temporary files %v is left, %v", left, err)
	}
	if strings.Contains(screen, "╭") {
		t.Errorf("the terminal is not clean:\n%s", screen)
	}
	if flags := term.run("display-message", "-p", "-t", "main", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"); flags != "0 0 1" {
		t.Errorf("alternate screen, mouse and cursor are %s, want 0 0 1", flags)
	}

	// Some versions of tmux leave their own traces when the size changed, so
	// this comes last.
	term.run("clear-history", "-t", "main")
	term.tui(flags(receiver.URL+"/cb", "v4"))
	term.size(80, 24)
	term.await(`\[1 Calls\]│ 2 Phones`)
	term.size(40, 10)
	term.await(`needs 60x15, has 40x10`)
	term.size(200, 50)
	term.await(`(?s)1 Calls ━.*2 Phones ─.*3 Deliveries ─.*\n.*4 Inspector ─.*5 Faults ─`)
	term.keys("q")
	term.ended(cli.ExitOK)
}

// Whatever signal ends it, the terminal is as it was before.
func TestTerminalRestored(t *testing.T) {
	t.Parallel()
	harness.Program(t, "tmux")
	term := newTmux(t, 120, 36)
	term.start("true") // the first command of a shell may set up its terminal
	term.ended(cli.ExitOK)
	before := term.state()
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: cli.ExitOK, syscall.SIGTERM: cli.ExitOK, syscall.SIGHUP: cli.ExitHungUp} {
		pid := term.tui("--generation v4 --run test")
		if drawn := term.state(); !strings.Contains(drawn, "alternate 1 ") || !strings.Contains(drawn, "wrap 0 ") {
			t.Fatalf("the alternate screen is not on, or does not cut lines: %s", drawn)
		}
		term.keys("C-z")
		term.await(`(?s)(ended with \d+.*Stopped|Stopped.*ended with \d+).*\n\$\s*$`)
		if diff := cmp.Diff(before, term.state()); diff != "" {
			t.Errorf("%s: the terminal while it is suspended (-before +after):\n%s", sig, diff)
		}
		term.start("fg")
		term.await(`no calls yet`)
		if drawn := term.state(); !strings.Contains(drawn, "alternate 1 ") || !strings.Contains(drawn, "wrap 0 ") {
			t.Fatalf("back again, the alternate screen is not on, or does not cut lines: %s", drawn)
		}
		if err := syscall.Kill(pid, sig); err != nil {
			t.Fatal(err)
		}
		if screen := term.ended(code); strings.Contains(screen, "╭") {
			t.Errorf("%s: the terminal is not clean:\n%s", sig, screen)
		}
		if diff := cmp.Diff(before, term.state()); diff != "" {
			t.Errorf("%s: the terminal (-before +after):\n%s", sig, diff)
		}
	}
}

// Who quits while the receiver hangs learns where the journal is before anybody
// waits, and need not wait.
func TestTerminalQuits(t *testing.T) {
	t.Parallel()
	harness.Program(t, "tmux")
	asked := make(chan struct{}, 100)
	receiver := harness.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	term := newTmux(t, 120, 36)
	term.start("ringback tui --target " + receiver.URL + "/cb --generation v4 --run test --timeout 60s --journal 'my run.ndjson'")
	term.await(`no calls yet`)
	term.keys("n", "Enter")
	<-asked
	term.keys("q")
	term.await(`(?s)look at it again with: ringback tui 'my run.ndjson'\s+waiting for (1 answer|\d+ answers), Ctrl-C ends`) // the call goes on until the key arrives
	term.keys("C-c")
	term.ended(cli.ExitOK)
}

// tmux is a tmux server of its own.
type tmux struct {
	t      *testing.T
	dir    string
	socket string
	output chan struct{} // something was drawn
}

func newTmux(t *testing.T, w, h int) *tmux {
	dir := t.TempDir()
	term := &tmux{t: t, dir: dir, socket: filepath.Join(dir, "tmux"), output: make(chan struct{}, 1)}
	pipe := filepath.Join(dir, "output")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	term.run("new-session", "-d", "-s", "main", "-n", "main", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "-c", dir, "env PS1='$ ' sh")
	t.Cleanup(func() { term.run("kill-server") })
	term.run("new-session", "-d", "-s", "shell", "-x", "200", "-y", "50", "-c", dir, "sh")
	term.run("set", "-s", "set-clipboard", "on")
	term.run("set", "-g", "window-size", "manual")
	go func() { // each piece of output is a reason to look
		f, err := os.Open(pipe)
		if err != nil {
			return
		}
		defer f.Close()
		for b := make([]byte, 64<<10); ; {
			if _, err := f.Read(b); err != nil {
				return
			}
			select {
			case term.output <- struct{}{}:
			default:
			}
		}
	}()
	term.run("pipe-pane", "-t", "main", "-O", "cat > "+pipe)
	return term
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-S", m.socket, "-f", "/dev/null"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMPDIR="+m.dir, "NO_COLOR=", "TMUX=", "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (m *tmux) start(command string) { m.keys(command+"; echo ended with $?", "Enter") }

// tui starts the screen, and returns its process once it is there.
func (m *tmux) tui(args string) (pid int) {
	m.t.Helper()
	m.start("clear; sh -c 'echo $$ > pid; exec ringback tui " + args + "'")
	m.await(`no calls yet`)
	text, err := os.ReadFile(filepath.Join(m.dir, "pid"))
	if err != nil {
		m.t.Fatal(err)
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		m.t.Fatal(err)
	}
	return pid
}

// tty opens the terminal that programs see.
func (m *tmux) tty() *os.File {
	m.t.Helper()
	f, err := os.OpenFile(m.run("display-message", "-p", "-t", "main", "#{pane_tty}"), os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	return f
}

// state is what a program may have changed of the terminal: its modes, and the
// settings of its line.
func (m *tmux) state() string {
	m.t.Helper()
	f := m.tty()
	defer f.Close()
	stty := exec.Command("stty", "-g")
	stty.Stdin = f
	line, err := stty.CombinedOutput()
	if err != nil {
		m.t.Fatalf("stty: %v\n%s", err, line)
	}
	return m.run("display-message", "-p", "-t", "main", "alternate #{alternate_on} mouse #{mouse_any_flag}#{mouse_button_flag}#{mouse_sgr_flag} cursor #{cursor_flag} wrap #{wrap_flag} keypad #{keypad_flag}#{keypad_cursor_flag} line ") + string(line)
}

func (m *tmux) keys(keys ...string) { m.run(append([]string{"send-keys", "-t", "main"}, keys...)...) }

// buffer is what was copied, once something was.
func (m *tmux) buffer() string {
	m.t.Helper()
	for late := time.After(patience(m.t)); m.run("list-buffers") == ""; {
		select {
		case <-m.output:
		case <-late:
			m.t.Fatal("nothing is copied")
		}
	}
	return m.run("show-buffer")
}

func (m *tmux) size(w, h int) {
	m.run("resize-window", "-t", "main", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h))
}

// ended waits until a command ended with a code, and the shell has set up its
// terminal for the next one: it draws its prompt behind that.
func (m *tmux) ended(code int) string {
	m.t.Helper()
	return m.await(fmt.Sprintf(`ended with %d\s*\n\$\s*$`, code))
}

// stoppable starts a command whose process can be stopped, and returns it. The shell of the
// terminal would take its terminal back from a child that stops: another one is between them.
func (m *tmux) stoppable(command string) (pid int) {
	m.t.Helper()
	files := map[string]string{"command.sh": "echo $$ > pid; exec " + command + "\n", "outer.sh": "trap : INT; sh command.sh\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
			m.t.Fatal(err)
		}
	}
	m.start("clear; sh outer.sh")
	if !harness.Poll(patience(m.t), func() bool {
		text, _ := os.ReadFile(filepath.Join(m.dir, "pid"))
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	}) {
		m.t.Fatal("the command does not start")
	}
	return pid
}

// sizeStopped changes the size while a process that draws is stopped. tmux moves what is on
// the screen at once and tells the process later: what it draws in between lands in a wrong
// row, which no program can know.
func (m *tmux) sizeStopped(pid, w, h int) {
	m.t.Helper()
	tty := m.tty()
	defer tty.Close()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		m.t.Fatal(err)
	}
	m.size(w, h)
	told := harness.Poll(patience(m.t), func() bool {
		size, err := unix.IoctlGetWinsize(int(tty.Fd()), unix.TIOCGWINSZ)
		return err == nil && int(size.Col) == w && int(size.Row) == h
	})
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		m.t.Fatal(err)
	}
	if !told {
		m.t.Fatalf("the terminal is not %d x %d", w, h)
	}
}

// await looks at the screen whenever something is drawn, until it is as wanted.
func (m *tmux) await(want string) string {
	m.t.Helper()
	re := regexp.MustCompile(want)
	late := time.After(patience(m.t))
	for {
		screen := m.run("capture-pane", "-p", "-J", "-t", "main") // wrapped lines as one
		if re.MatchString(screen) {
			return screen
		}
		select {
		case <-m.output:
		case <-late:
			m.t.Fatalf("the screen does not show %s:\n%s", want, screen)
		}
	}
}
