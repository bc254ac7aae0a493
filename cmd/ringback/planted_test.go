package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/pflag"

	"ringback/sim/text"
)

// planted is a text that does harm wherever it is printed as it is: to a
// terminal, to a runner of GitHub Actions, and to whoever reads line by line.
const planted = "p\x1b]0;title\x07\x1b[31m\u009b2J\u202e\r\n::error::planted\nFORGED ##[error]planted"

// actsOnNothing fails unless what was printed does no harm.
func actsOnNothing(t *testing.T, what string, printed []byte) {
	t.Helper()
	if i := bytes.IndexFunc(printed, func(r rune) bool { return r != '\n' && r != '\t' && text.Unprintable(r) }); i >= 0 {
		t.Errorf("%s: %q is printed", what, printed[max(0, i-60):min(len(printed), i+20)])
	}
	for line := range bytes.Lines(printed) {
		if bytes.HasPrefix(line, []byte("FORGED")) || bytes.HasPrefix(bytes.TrimLeftFunc(line, unicode.IsSpace), []byte("::error::planted")) {
			t.Errorf("%s: the line %q is printed", what, line)
		}
		if bytes.Contains(line, []byte("##[")) {
			t.Errorf("%s: the command %q is printed", what, line)
		}
	}
}

// plant runs a command on GitHub and looks at what it prints.
func plant(t *testing.T, env map[string]string, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	signals := make(chan os.Signal, 1)
	if args[0] == "serve" || args[0] == "receiver" {
		signals <- os.Interrupt // else it would go on
	}
	Main(args, world{stdout: &out, stderr: &errs, signals: signals, lookup: func(name string) (string, bool) {
		if name == "GITHUB_ACTIONS" {
			return "true", true
		}
		v, ok := env[name]
		return v, ok
	}})
	what := fmt.Sprintf("%.200q %q", args, env)
	actsOnNothing(t, what, out.Bytes())
	actsOnNothing(t, what, errs.Bytes())
	return out.String(), errs.String()
}

// Whatever flag, argument, variable or setting it stands in.
func TestPlantedFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	lines := lines(t)
	root := newRoot(world{stdout: io.Discard, stderr: io.Discard, lookup: noEnv})
	for _, cmd := range tree(root) {
		path := strings.Fields(cmd.CommandPath())[1:]
		with := func(more ...string) []string { return append(path[:len(path):len(path)], more...) }
		plant(t, nil, with(planted)...)
		plant(t, nil, with("--"+planted)...)
		plant(t, nil, with("--"+planted+"=1")...)
		base := with(lines[cmd.CommandPath()]...)
		if cmd.Name() == "demo" {
			base = append(base, "nothing to play") // which takes seconds
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" && cmd.Name() != "verify" {
				return
			}
			plant(t, nil, append(base[:len(base):len(base)], "--"+f.Name+"="+planted)...)
			key := strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			plant(t, map[string]string{"RINGBACK_" + strings.ToUpper(path[0]) + "_" + key: planted}, base...)
			value, _ := json.Marshal(planted)
			settings := filepath.Join(t.TempDir(), "settings.yaml")
			if err := os.WriteFile(settings, fmt.Appendf(nil, "%s: {%s: %s}\n", path[0], f.Name, value), 0o600); err != nil {
				t.Fatal(err)
			}
			plant(t, nil, append(base[:len(base):len(base)], "--config", settings)...)
		})
	}
}

// plantedAnswers is a receiver whose every answer has it somewhere else.
func plantedAnswers(t *testing.T) string {
	said, _ := json.Marshal(planted)
	line := strings.NewReplacer("\r", "", "\n", " ").Replace(planted)
	answers := []string{
		"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" + fmt.Sprintf(`{"ErrorCode":1,"ErrorMessage":%s,"ActionStatus":"FAIL","ErrorInfo":%[1]s}`, said),
		"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" + planted,
		"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" + fmt.Sprintf(`{"ErrorCode":%s}`, said),
		"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" + "{\"ErrorCode\":0}\n::error::planted\nFORGED ##[error]\x1b[31m",
		"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" + "{\n\"ErrorCode\"\n:\u009b}",
		"HTTP/1.1 200 OK\r\nContent-Encoding: " + line + "\r\nContent-Length: %d\r\n\r\n" + planted,
		"HTTP/1.1 302 " + line + "\r\nLocation: " + line + "\r\nContent-Length: %d\r\n\r\n",
		"HTTP/1.1 500 \u009b2J##[error]planted\r\nLocation: \u009b\u202e\r\nContent-Length: %d\r\n\r\n" + planted,
		"HTTP/1.1 302 Found\r\nLocation: /\u009b2J\u202e##[error]\r\nContent-Length: %d\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + line + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + planted,
		"HTTP/1.1 200 OK\r\n" + planted + "\r\n\r\n",
		planted,
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				head, body, _ := strings.Cut(answers[n%len(answers)], "\r\n\r\n")
				if strings.Contains(head, "%d") {
					head = fmt.Sprintf(head, len(body))
				}
				buf := make([]byte, 8<<10)
				if _, err := c.Read(buf); err == nil {
					_, _ = io.WriteString(c, head+"\r\nConnection: close\r\n\r\n"+body)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/callback"
}

// plantedStory is a script with it wherever a script has a text.
func plantedStory(t *testing.T) string {
	q, _ := json.Marshal(planted)
	file := filepath.Join(t.TempDir(), "story.yaml")
	story := fmt.Sprintf(`
name: %[1]s
about: %[1]s
script:
- {do: call, who: alice, whom: [%[1]s, bob], room: %[1]s, user_data: %[1]s, chat_group: %[1]s}
- {at: 1s, do: accept, who: bob}
- {at: 2s, do: fail, who: bob, code: -1, text: %[1]s}
- {at: 3s, do: accept, who: %[1]s}
- {at: 4s, do: hang_up, who: alice}
- {at: 5s, do: call, call: x, who: alice, whom: [%[1]s], room: %[1]s}
`, q)
	if err := os.WriteFile(file, []byte(story), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Whatever an answer, a script, a journal or a probe has it in.
func TestPlantedCalls(t *testing.T) {
	t.Chdir(t.TempDir())
	target, bad, dir := acknowledging(t), plantedAnswers(t), t.TempDir()
	probe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"count": 1, "result": planted, "duration": 1, "caller": planted, "members": []string{planted}})
	}))
	defer probe.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "\u009b2J##[error]")
		_, _ = io.WriteString(w, planted)
	}))
	defer broken.Close()
	journal := filepath.Join(dir, "planted\x1b]0;\u009b\n::error::planted\nFORGED ##[error].ndjson")
	story := plantedStory(t)
	texts := []string{"--caller", "alice" + planted, "--callee", planted, "--room", planted, "--any-ids", "--run", "r1"}
	for _, args := range [][]string{
		append([]string{"call", "--target", target, "--journal", journal, "--phones"}, texts...),
		append([]string{"call", "--target", bad, "--phones", "--dialect", "v4_retry=v1"}, texts...),
		append([]string{"call", "--target", bad, "--phones", "--json"}, texts...),
		{"call", "--target", target, "--script", story, "--phones", "--any-ids"},
		{"call", "--target", bad, "--script", story, "--phones", "--any-ids", "--generation", "v1"},
		{"call", "--target", bad, "--script", story, "--phones", "--any-ids", "--json"},
		{"call", "--target", target, "--script", story},
		{"replay", journal, "--target", target},
		{"replay", journal, "--target", bad},
		{"replay", journal, "--target", bad, "--json"},
		{"replay", journal, "--target", bad, "--fresh"},
		{"load", "--target", bad, "--calls", "50/s", "--duration", "200ms", "--ramp", "0s", "--compress", "600x", "--drain", "1s"},
		{"load", "--target", target, "--calls", "50/s", "--duration", "200ms", "--ramp", "0s", "--compress", "6000x", "--probe", probe.URL + "/{CallId}"},
		{"load", "--target", target, "--calls", "50/s", "--duration", "200ms", "--ramp", "0s", "--compress", "6000x", "--probe", broken.URL + "/{CallId}"},
		{"explore", "--target", bad, "--budget", "3", "--seed", "1"},
		{"explore", "--target", target, "--budget", "3", "--seed", "1", "--probe", probe.URL + "/{CallId}"},
		{"explore", "--target", target, "--budget", "3", "--seed", "1", "--probe", broken.URL + "/{CallId}"},
		{"verify", "--target", bad, "--tags", "@v1.ack or @v4.ack or @must", "--all-failures"},
		{"verify", "--target", target, "--probe", probe.URL + "/{CallId}"},
		{"verify", "--target", target, "--probe", broken.URL + "/{CallId}"},
		{"verify", "--target", bad, "--verbose", "--report", "json=-"},
		{"serve", "--listen", "127.0.0.1:0", "--journal", journal},
		{"serve", "--listen", "127.0.0.1:0", "--journal", story},
		{"tui", story},
		{"tui", journal, "--script", story},
		{"simulate", "--count", "1", "--preset", story},
		{"usersig", "check", planted, "--sdkappid", "1400000001", "--key", defaultKey},
	} {
		stdout, _ := plant(t, nil, args...)
		if args[len(args)-1] == "--json" || args[len(args)-1] == "json=-" {
			for dec := json.NewDecoder(strings.NewReader(stdout)); ; {
				var v any
				if err := dec.Decode(&v); err == io.EOF {
					break
				} else if err != nil {
					t.Errorf("%q prints no JSON: %v\n%s", args, err, stdout)
					break
				}
			}
		}
	}
}
