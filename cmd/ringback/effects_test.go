package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"ringback/cmd/cli"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// effect is what a flag changes: a command line, what is added to it, and what is
// seen then and not before, in what is printed, sent or written, or as exit code.
// $PLAIN, $TLS and $BAD are receivers.
type effect struct{ args, with, seen string }

const fixed = " --generation v1 --seed 1 --epoch 2026-01-01T00:00:00Z --run r"

// effects are those of flags that no script in testdata has and whose values no
// check of the command refuses.
var effects = map[string]effect{
	"call any-ids":            {"call --target $PLAIN --caller a,b --pace instant" + fixed, "--any-ids", "exit code 0"},
	"call insecure":           {"call --target $TLS --pace instant" + fixed, "--insecure", "exit code 0"},
	"explore any-ids":         {"explore --target $PLAIN --budget 1 --user-map alice=a,b --user-map bob=b" + fixed, "--any-ids", "exit code [01]"},
	"explore force":           {"explore --target $PLAIN --budget 1 --journal full" + fixed, "--force", "exit code [01]"},
	"explore insecure":        {"explore --target $TLS --budget 1" + fixed, "--insecure", "exit code [01]"},
	"explore journal-timings": {"explore --target $BAD --budget 2 --journal out" + fixed, "--journal-timings", `"took_us":`},
	"explore sdkappid":        {"explore --target $PLAIN --budget 1" + fixed, "--sdkappid 1400000009", "sdkappid=1400000009"},
	"faults json":             {"faults", "--json", `"name"`},
	"load insecure":           {"load --target $TLS --calls 20/s --ramp 0s --duration 300ms --compress 60x" + fixed, "--insecure", "exit code 0"},
	"load sdkappid":           {"load --target $PLAIN --calls 20/s --ramp 0s --duration 300ms --compress 60x" + fixed, "--sdkappid 1400000009", "sdkappid=1400000009"},
	"replay insecure":         {"replay monday.ndjson --target $TLS --pace instant", "--insecure", "exit code 0"},
	"replay journal-timings":  {"replay monday.ndjson --target $PLAIN --pace instant --journal out.ndjson", "--journal-timings", `"took_us":`},
	"tui any-ids":             {"tui --script keys.txt --target $PLAIN --pace instant --user-map alice=a,b" + fixed, "--any-ids", "sent POST"},
	"tui insecure":            {"tui --script keys.txt --target $TLS --pace instant" + fixed, "--insecure", "sent POST"},
	"tui journal-timings":     {"tui --script keys.txt --target $PLAIN --pace instant --journal out.ndjson" + fixed, "--journal-timings", `"took_us":`},
	"tui sdkappid":            {"tui --script keys.txt --target $PLAIN --pace instant" + fixed, "--sdkappid 1400000009", "sdkappid=1400000009"},
	"verify all-failures":     {"verify --target $BAD --tags @clause-v1-result-cancel-acknowledged" + fixed, "--all-failures", "FAILED  A status callback of cancel is acknowledged"},
	"verify any-ids":          {"verify --target $PLAIN --tags @clause-v1-result-cancel-acknowledged --user-map alice=a,b --user-map bob=b" + fixed, "--any-ids", "exit code 0"},
	"verify insecure":         {"verify --target $TLS --tags @clause-v1-result-cancel-acknowledged" + fixed, "--insecure", "exit code 0"},
	"verify verbose":          {"verify --target $BAD --tags @clause-v1-result-cancel-acknowledged" + fixed, "--verbose", `caller_start_call +alice +1/7`},
}

// shownElsewhere are flags that other tests show to be read.
var shownElsewhere = map[string]string{
	"serve no-rate-limit": "TestNoRateLimit of sim/control",
	"explore allow-net":   "TestAllowNetWarns", "load allow-net": "TestAllowNetWarns", "verify allow-net": "TestAllowNetWarns",
	"receiver verbose": "TestReceiverSays", "receiver sdkappid": "TestReceiverSays",
}

// scriptLines are the lines of the scripts in testdata that run commands.
func scriptLines(t *testing.T) (lines []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	marker := regexp.MustCompile(`(?m)^-- .* --$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script := marker.Split(string(text), 2)[0]
		if rest := string(text)[len(script):]; regexp.MustCompile(`(?m)^(exec|exits \d|serve [A-Z]+|receiver \w+|ask [A-Z]+) `).MatchString(rest) {
			t.Errorf("%s: has commands among its files, where no one runs them", file)
		}
		lines = append(lines, strings.Split(script, "\n")...)
	}
	return lines
}

// Each flag of each command is read: a script shows what it does, or a row of
// effects, or a value that only the command itself can refuse.
func TestEveryFlagIsRead(t *testing.T) {
	if testing.Short() {
		t.Skip("command lines, none of which runs anything")
	}
	lines := scriptLines(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("keys.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var missing []string
	rows := map[string]bool{}
	eachFlag(func(cmd *cobra.Command, f *pflag.Flag) {
		path := strings.TrimPrefix(cmd.CommandPath(), "ringback ")
		name := path + " " + f.Name
		short := ""
		if f.Shorthand != "" {
			short = "| -" + f.Shorthand
		}
		line := regexp.MustCompile(`^\s*(exec|exits \d+|!) ringback ` + path + ` (.* )?(--` + f.Name + short + `)([= ]|$)`)
		if path == "serve" || path == "record" {
			line = regexp.MustCompile(`^\s*(` + path + ` \w+|exits \d+ ringback ` + path + `) (.* )?(--` + f.Name + short + `)([= ]|$)`)
		}
		_, row := effects[name]
		rows[name] = true
		switch {
		case f.Name == "help" || f.Name == "config": // cobra's, and loadSettings' for all commands: see TestNonsense
		case row, shownElsewhere[name] != "":
		case slices.ContainsFunc(lines, line.MatchString):
		case refused(cmd, f, path):
		default:
			missing = append(missing, name)
		}
	})
	for _, name := range missing {
		t.Errorf("%s: nothing shows that it is read: want a line of a script, or a row of effects", name)
	}
	for name := range effects {
		if !rows[name] {
			t.Errorf("effects has %q, which is no flag", name)
		}
	}
}

// refused reports whether the command refuses a value that fits the flag's type.
func refused(cmd *cobra.Command, f *pflag.Flag, path string) bool {
	value := map[string]string{"string": "\u00a7", "stringArray": "\u00a7", "stringSlice": "\u00a7", "int": "-7", "int64": "-7", "duration": "-7s", "float64": "-7"}[f.Value.Type()]
	if value == "" {
		return false
	}
	var errs bytes.Buffer
	args := append(append(strings.Fields(path), needed[path]...), "--"+f.Name+"="+value)
	return Main(args, cli.Env{Stdout: io.Discard, Stderr: &errs, Lookup: patiently}) == cli.ExitUsage && strings.HasPrefix(errs.String(), "ringback: --"+f.Name+": ")
}

// Each row of effects is true.
func TestEffects(t *testing.T) {
	if testing.Short() {
		t.Skip("commands that other tests run, with one more flag")
	}
	t.Chdir(t.TempDir())
	var mu sync.Mutex
	var sent bytes.Buffer
	answer := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			mu.Lock()
			fmt.Fprintf(&sent, "sent %s %s\n", r.Method, r.RequestURI)
			mu.Unlock()
			fmt.Fprint(w, text)
		})
	}
	plain, bad := httptest.NewServer(answer(`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)), httptest.NewServer(answer(`{"ErrorCode":7}`))
	safe := httptest.NewUnstartedServer(answer(`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`))
	safe.Config.ErrorLog = log.New(io.Discard, "", 0)
	safe.StartTLS()
	for _, s := range []*httptest.Server{plain, bad, safe} {
		defer s.Close()
	}
	targets := strings.NewReplacer("$PLAIN", plain.URL, "$BAD", bad.URL, "$TLS", safe.URL)
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("keys.txt", "n\nenter\nwait idle\n")
	if code := Main(strings.Fields(targets.Replace("call --target $PLAIN --pace instant --journal monday.ndjson"+fixed)), cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently}); code != cli.ExitOK {
		t.Fatalf("call: exit code %d", code)
	}
	journal, err := os.ReadFile("monday.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	run := func(args string) string {
		for _, old := range []string{"out", "out.ndjson", "full"} {
			if err := os.RemoveAll(old); err != nil {
				t.Fatal(err)
			}
		}
		write("full/old.ndjson", string(journal))
		mu.Lock()
		sent.Reset()
		mu.Unlock()
		var out bytes.Buffer
		code := Main(strings.Fields(targets.Replace(args)), cli.Env{Stdout: &out, Stderr: &out, Lookup: patiently})
		fmt.Fprintf(&out, "\nexit code %d\n", code)
		mu.Lock()
		out.Write(sent.Bytes())
		mu.Unlock()
		files, _ := filepath.Glob("out/*.ndjson")
		for _, file := range append(files, "out.ndjson") {
			text, _ := os.ReadFile(file)
			out.Write(text)
		}
		return out.String()
	}
	for name, e := range effects {
		seen := regexp.MustCompile(e.seen)
		without, with := run(e.args), run(e.args+" "+e.with)
		if seen.MatchString(without) {
			t.Errorf("%s: %s is seen without it\n%s", name, e.seen, without)
		}
		if !seen.MatchString(with) {
			t.Errorf("%s: %s is not seen with %s\n%s", name, e.seen, e.with, with)
		}
	}
}

// Where no address is learned over REST, --allow-net says that it has no effect.
func TestAllowNetWarns(t *testing.T) {
	t.Chdir(t.TempDir())
	target := acknowledging(t)
	for args, want := range map[string]bool{
		"call --pace instant": true, "explore --budget 1": true, "verify --tags @clause-v1-result-cancel-acknowledged": true,
		"load --calls 1/s --ramp 0s --duration 50ms --drain 0s": true, "call --pace instant --talk 1s": false,
	} {
		var errs bytes.Buffer
		list := append(strings.Fields(args), "--target", target, "--generation", "v1")
		if want {
			list = append(list, "--allow-net", "10.0.0.0/8")
		}
		Main(list, cli.Env{Stdout: io.Discard, Stderr: &errs, Lookup: patiently})
		if got := strings.Contains(errs.String(), "warning: --allow-net: has no effect here"); got != want {
			t.Errorf("%v: warned: %t\n%s", list, got, errs.String())
		}
	}
}

// The reference receiver accepts the app that it is told, and says what arrives.
func TestReceiverSays(t *testing.T) {
	said, to := io.Pipe()
	signals, code := make(chan os.Signal, 1), make(chan int, 1)
	stdout, out := io.Pipe()
	go func() {
		code <- Main([]string{"receiver", "--listen", "127.0.0.1:0", "--verbose", "--sdkappid", "1400000009"}, cli.Env{Stdout: out, Stderr: to, Signals: signals, Lookup: patiently})
	}()
	first, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(first)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	heard := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(said).ReadString('\n')
		heard <- line
		_, _ = io.Copy(io.Discard, said)
	}()
	for app, want := range map[string]int{"1400000009": cli.ExitOK, "1400000001": cli.ExitAbandoned} {
		got := Main([]string{"call", "--target", url + "/callback", "--sdkappid", app, "--pace", "instant", "--generation", "v1"}, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently})
		if got != want {
			t.Errorf("app %s: exit code %d, want %d", app, got, want)
		}
	}
	if line := <-heard; line == "" {
		t.Errorf("said %q", line)
	}
	signals <- os.Interrupt
	<-code
}
