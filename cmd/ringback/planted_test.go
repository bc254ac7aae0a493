package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
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
	if slices.Contains([]string{"serve", "receiver", "record"}, args[0]) {
		signals <- os.Interrupt // else it would go on
	}
	variables := func() []string { return []string{"RINGBACK_CALL_" + planted + "=x"} }
	Main(args, cli.Env{Stdout: &out, Stderr: &errs, Signals: signals, Environ: variables, Lookup: func(name string) (string, bool) {
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
	root := newRoot(cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: noEnv})
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
			if testing.Short() {
				return
			}
			key := strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			plant(t, map[string]string{"RINGBACK_" + strings.ToUpper(path[0]) + "_" + key: planted}, base...)
			settings := filepath.Join(t.TempDir(), "settings.yaml")
			if err := os.WriteFile(settings, fmt.Appendf(nil, "%s: {%s: %s}\n", path[0], f.Name, inYAML(planted)), 0o600); err != nil {
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
	q := inYAML(planted)
	file := filepath.Join(t.TempDir(), "story\u202e\nFORGED.yaml")
	story := fmt.Sprintf(`
name: %[1]s
about: %[1]s
script:
- {do: call, who: alice, whom: [%[1]s, bob], room: %[1]s, user_data: %[1]s, chat_group: %[1]s}
- {at: 1s, do: accept, who: bob}
- {at: 2s, do: fail, who: bob, code: -1, text: %[1]s}
- {at: 3s, do: accept, who: %[1]s}
- {at: 4s, do: hang_up, who: alice}
- {at: 4s, do: hang_up, who: bob}
- {at: 5s, do: hang_up, who: %[1]s}
`, q)
	if err := os.WriteFile(file, []byte(story), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// inYAML is a text in double quotes.
func inYAML(s string) string {
	quoted, _ := json.Marshal(s)
	return strings.NewReplacer("\u009b", `\u009b`, "\u202e", `\u202e`).Replace(string(quoted))
}

func plantFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whatever an answer, a script, a journal or a probe has it in.
func TestPlantedCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("commands that other tests run, with other texts")
	}
	t.Chdir(t.TempDir())
	target, bad, dir := acknowledging(t), plantedAnswers(t), t.TempDir()
	probe := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"count": 1, "result": planted, "duration": 1, "caller": planted, "members": []string{planted}, "room": planted, "media": planted})
	}))
	broken := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "\u009b2J##[error]")
		_ = json.NewEncoder(w).Encode(map[string]any{"count": planted, "result": []string{planted}, planted: planted})
	}))
	journal := filepath.Join(dir, "planted\x1b]0;\u009b\n::error::planted\nFORGED ##[error].ndjson")
	story, features, wrong := plantedStory(t), filepath.Join(dir, "f\n::error::planted\nFORGED\x1b"), filepath.Join(dir, "w\nFORGED\x1b")
	line := strings.NewReplacer("\r", "", "\n", " ").Replace(planted)
	tag, q := strings.ReplaceAll(line, " ", ""), strings.ReplaceAll(line, `"`, "")
	plantFile(t, filepath.Join(features, "p\u202e\nFORGED.feature"), fmt.Sprintf(`
@%[1]s
Feature: %[2]s
  Scenario: %[2]s
    Given the callbacks are v1
    When alice calls bob
    And at 1s bob rejects
    Then every callback is acknowledged
    And the result stored is reject
`, tag, q))
	plantFile(t, filepath.Join(wrong, "p\u202e\nFORGED.feature"), fmt.Sprintf(`
@%[1]s
Feature: %[2]s
  %[2]s
  Scenario: %[2]s
    Given %[2]s
    When %[2]s calls %[2]s
    Then every callback is %[2]s
      | %[2]s |
`, tag, q))
	keys := filepath.Join(dir, "keys.txt")
	plantFile(t, keys, "enter\ntab\ndown\nenter\ntab\nenter\n?\n")
	texts := []string{"--caller", "alice" + planted, "--callee", planted, "--room", planted, "--any-ids", "--run", "r1"}
	for _, args := range [][]string{
		append([]string{"call", "--target", target, "--journal", journal, "--phones"}, texts...),
		append([]string{"call", "--target", bad, "--phones", "--dialect", "v4_retry=v1"}, texts...),
		append([]string{"call", "--target", bad, "--phones", "--json"}, texts...),
		{"call", "--target", target, "--script", story, "--phones", "--any-ids", "--generation", "v1"},
		{"call", "--target", bad, "--script", story, "--phones", "--any-ids", "--generation", "v1"},
		{"call", "--target", bad, "--script", story, "--phones", "--any-ids", "--generation", "v4", "--json"},
		{"call", "--target", target, "--script", story},
		{"replay", journal, "--target", target},
		{"calibrate", journal},
		{"calibrate", journal, "--json"},
		{"replay", journal, "--target", bad},
		{"replay", journal, "--target", bad, "--json"},
		{"replay", journal, "--target", bad, "--fresh"},
		{"load", "--target", bad, "--calls", "50/s", "--duration", "200ms", "--ramp", "0s", "--compress", "600x", "--drain", "200ms"},
		{"load", "--target", target, "--calls", "50/s", "--duration", "200ms", "--ramp", "0s", "--compress", "6000x", "--probe", probe.URL + "/{CallId}", "--probe-wait", "20ms"},
		{"explore", "--target", bad, "--budget", "3", "--seed", "1"},
		{"explore", "--target", target, "--budget", "1", "--seed", "1", "--probe", probe.URL + "/{CallId}", "--probe-wait", "20ms"},
		{"verify", "--target", bad, "--all-failures", "--tags", "not (" + crowds + ")"},
		{"verify", "--target", target, "--features", features, "--probe", probe.URL + "/{CallId}", "--probe-wait", "20ms"},
		{"verify", "--target", bad, "--features", features, "--verbose"},
		{"verify", "--target", bad, "--features", features, "--all-failures", "--report", "json=-"},
		{"verify", "--features", features, "--list"},
		{"verify", "--target", target, "--features", wrong},
		{"verify", "--target", target, "--features", wrong, "--list"},
		{"verify", "--target", target, "--probe", broken.URL + "/{CallId}", "--probe-wait", "20ms"},
		{"verify", "--target", bad, "--generation", "v4", "--verbose", "--report", "json=-", "--tags", "not (" + crowds + ")"},
		{"serve", "--listen", "127.0.0.1:0", "--journal", story},
		{"tui", journal, "--script", story},
		{"tui", journal, "--script", keys, "--size", "200x50"},
		{"simulate", "--count", "1", "--preset", story},
		{"usersig", "check", sign(t, planted), "--sdkappid", "1400000001", "--key", defaultKey, "--user", "u" + planted},
	} {
		stdout, stderr := plant(t, nil, args...)
		if all := stdout + stderr; args[0] != "load" && !slices.Contains(args, broken.URL+"/{CallId}") && !strings.Contains(all, "FORGED") && !strings.Contains(all, `\u202e`) {
			t.Errorf("%.200q prints nothing of what was planted, so it shows nothing:\n%s", args, all)
		}
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

// Whatever a client of the APIs sends.
func TestPlantedServe(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"--phones", "--json"} {
		var out, errs bytes.Buffer // to be read once it has ended
		signals, code := make(chan os.Signal, 1), make(chan int, 1)
		r, w := io.Pipe()
		go func() {
			code <- Main([]string{"serve", "--listen", "127.0.0.1:0", "--any-ids", "--no-rate-limit", "--pace", "instant", "--callback", plantedAnswers(t), format}, cli.Env{
				Stdout: io.MultiWriter(&out, w), Stderr: io.MultiWriter(&errs, w), Signals: signals,
				Lookup: func(name string) (string, bool) {
					if name == "GITHUB_ACTIONS" {
						return "true", true
					}
					return "", false
				},
			})
			w.Close()
		}()
		url := ""
		for lines := bufio.NewScanner(r); url == "" && lines.Scan(); {
			_, url, _ = strings.Cut(lines.Text(), "listening on ")
		}
		go func() { _, _ = io.Copy(io.Discard, r) }()
		if url == "" {
			t.Fatalf("serve ended with %d: %s", <-code, &errs)
		}
		send := func(method, path string, body any) {
			data, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequest(method, url+path, bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if answer, _ := io.ReadAll(resp.Body); bytes.ContainsFunc(answer, func(r rune) bool { return r != '\n' && r < ' ' }) {
				t.Errorf("%s %s answers %q", method, path, answer)
			}
		}
		send("POST", "/sim/v1/calls", map[string]any{
			"caller": planted, "callees": []string{planted + "1"}, "room": planted, "user_data": planted, "chat_group": planted, "outcome": "normal_end",
		})
		send("POST", "/sim/v1/calls", map[string]any{planted: planted})
		send("PUT", "/sim/v1/faults", map[string]any{"on": []string{planted}})
		send("POST", "/sim/v1/clock", map[string]string{"do": planted})
		send("GET", "/sim/v1/"+neturl.PathEscape(planted), nil)
		for _, address := range []string{"http://127.0.0.1:1/" + planted, "http://127.0.0.1:1/?x=" + planted, planted, "http://" + planted} {
			for _, path := range []string{"/v1/callback/set", "/v4/call_config/set_callback"} {
				query := "?sdkappid=1400000001&identifier=administrator&random=1&contenttype=json&usersig=" + neturl.QueryEscape(sign(t, "administrator"))
				send("POST", path+query, map[string]any{"address": address, "actions": []string{"normal_end", planted}, "Url": address, "CallbackUrl": address})
				send("POST", path+query, map[string]any{"address": address, "actions": []string{"normal_end"}, "CallbackURL": address, "CallbackCommandList": []string{planted}})
			}
		}
		send("POST", "/sim/v1/wait", map[string]any{"timeout": "20s"})
		signals <- os.Interrupt
		<-code
		actsOnNothing(t, "serve "+format, out.Bytes())
		actsOnNothing(t, "serve "+format, errs.Bytes())
		if !strings.Contains(out.String(), "FORGED") {
			t.Errorf("serve %s prints nothing of what was planted:\n%s\n%s", format, &out, &errs)
		}
	}
}

// sign makes a UserSig of the default app.
func sign(t *testing.T, user string) string {
	t.Helper()
	var out bytes.Buffer
	if code := Main([]string{"usersig", "sign", "--sdkappid", "1400000001", "--key", defaultKey, "--any-ids", "--user", user}, cli.Env{Stdout: &out, Stderr: io.Discard, Lookup: noEnv}); code != cli.ExitOK {
		t.Fatalf("usersig sign: exit code %d", code)
	}
	return strings.TrimSpace(out.String())
}
