package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
)

// crowds are the tags of scenarios with hundreds of calls, which take as many requests as
// all others together.
const crowds = "@clause-duplicate-at-once or @clause-calls-at-once-acknowledged or @clause-ack-means-stored"

// share is how much of a suite a backend must be judged by.
type share struct {
	tags            string // of the scenarios that are played; "": all
	passed, skipped int    // at least so many pass, and at most so many are skipped
}

// livingBackends are backends as people write them, with the frameworks that they
// use. Each prints its address.
var livingBackends = map[string]struct {
	needs []string // a command that succeeds where it can run
	run   []string
	daily share
	soak  share // under make soak
}{
	"express": {
		[]string{"node", "-e", "require('express'), require('sql.js')"}, // by NODE_PATH
		[]string{"node", "server.js"},
		endsAlone, endsAlone,
	},
	"flask": {
		nil, // as harness.Python finds it
		[]string{"$PYTHON", "app.py", "$DATABASE"},
		share{
			// Each request costs it 1.5 ms: what it keeps, of the generation that PHP does not have.
			"@v1 and (@clause-v1-result-stored or @clause-duplicate-stored-once or @clause-user-ids-whole or @clause-user-ids-apart or @clause-v1-members-after-change or @clause-members-none-after-end)",
			25, 0,
		},
		share{passed: 380, skipped: 10}, // it keeps callers and members, too
	},
	"php": {
		[]string{"php", "-r", "new PDO('sqlite::memory:');"},
		[]string{"php", "-S", "127.0.0.1:0", "index.php"},
		share{"@v4 and not (" + crowds + ")", 160, 40}, // it answers one request at a time
		endsAlone,
	},
}

// endsAlone is the whole suite for a backend that keeps ends alone: it is not asked for
// members.
var endsAlone = share{passed: 330, skipped: 75}

// What people write with the frameworks that they use passes.
func TestLivingBackends(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("three suites against programs of others")
	}
	for name, backend := range livingBackends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if backend.needs == nil {
				backend.run = append([]string{harness.Python(t, "flask")}, backend.run[1:]...)
			} else if out, err := exec.Command(backend.needs[0], backend.needs[1:]...).CombinedOutput(); err != nil {
				harness.Lacks(t, "what %q takes: %v\n%s", backend.needs, err, out)
			}
			url := startLiving(t, filepath.Join("..", "..", "fixtures", "living", name), backend.run)
			var out, errs bytes.Buffer
			report := filepath.Join(t.TempDir(), "verify.json")
			args := []string{
				"verify", "--report", "json=" + report, "--target", url + "/callback", "--probe", url + "/calls/{CallId}", "--seed", "7", "--level", "should",
			}
			want := backend.daily
			if os.Getenv("RINGBACK_SOAK") != "" {
				want = backend.soak
			}
			if want.tags != "" {
				args = append(args, "--tags", want.tags)
			}
			if code := Main(args, cli.Env{Stdout: &out, Stderr: &errs, Lookup: patiently}); code != cli.ExitOK {
				t.Errorf("exit code %d\n%s\n%s", code, &out, &errs)
			}
			data, err := os.ReadFile(report)
			if err != nil {
				t.Fatal(err)
			}
			n := map[string]int{}
			for _, status := range gjson.GetBytes(data, "scenarios.#.status").Array() {
				n[status.Str]++
			}
			if n["passed"] < want.passed || n["skipped"] > want.skipped {
				t.Errorf("%v, want %d passed at least, and %d skipped at most\n%s", n, want.passed, want.skipped, &out)
			}
		})
	}
}

// startLiving starts a backend and returns its address. It is ended with the test.
func startLiving(t *testing.T, dir string, args []string) string {
	t.Helper()
	database := filepath.Join(t.TempDir(), "calls.db")
	args = append([]string(nil), args...)
	for i := range args {
		if args[i] == "$DATABASE" {
			args[i] = database
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "DATABASE="+database, "PYTHONDONTWRITEBYTECODE=1")
	said := &addressIn{found: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		slow := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer slow.Stop()
		ended <- <-ended
	})
	select {
	case url := <-said.found:
		return url
	case err := <-ended:
		ended <- err
		t.Fatalf("%q ended with %v: %s", args, err, said)
	case <-time.After(patience(t)):
		t.Fatalf("%q printed no address: %s", args, said)
	}
	return ""
}

// addressIn finds an address in what is printed, of which it keeps the beginning.
type addressIn struct {
	mu    sync.Mutex
	text  bytes.Buffer
	once  sync.Once
	found chan string
}

var address = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)\D`)

func (a *addressIn) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.text.Len() < 64<<10 {
		a.text.Write(p)
	}
	if m := address.FindSubmatch(a.text.Bytes()); m != nil {
		a.once.Do(func() { a.found <- string(m[1]) })
	}
	return len(p), nil
}

func (a *addressIn) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}
