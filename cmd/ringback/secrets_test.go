package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// crop is the secrets that a test has planted. Each has a core of letters and
// digits that is found in it however the rest is escaped.
type crop struct {
	values []string
}

const seedling = "pl4nt"

// odd is what each secret has behind its core: what URLs, JSON, HTML and shells
// write in ways of their own.
const odd = `/"<&+%`

// plant is a new secret.
func (c *crop) plant() string {
	v := fmt.Sprintf("%s%03dx%s", seedling, len(c.values), odd)
	c.values = append(c.values, v)
	return v
}

// url is an address with secrets in its user info, behind a key and bare.
func (c *crop) url(host string) string {
	return "http://" + url.UserPassword(c.plant(), c.plant()).String() + "@" + host + "/cb?token=" + url.QueryEscape(c.plant()) + "&" + url.QueryEscape(c.plant())
}

// target is one for callbacks, which has no user info.
func (c *crop) target(base string) string {
	return base + "/cb?token=" + url.QueryEscape(c.plant()) + "&" + url.QueryEscape(c.plant())
}

var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{8,}`)

// shown are the places where a text shows a planted secret, whatever its
// spelling.
func shown(text string) (places []string) {
	find := func(in, where string) {
		for from := 0; ; {
			i := strings.Index(in[from:], seedling)
			if i < 0 {
				return
			}
			i, from = from+i, from+i+1
			places = append(places, where+strconv.Quote(in[max(0, i-60):min(len(in), i+40)]))
		}
	}
	find(text, "")
	if plain := percent.ReplaceAllStringFunc(text, func(s string) string {
		v, _ := strconv.ParseUint(s[1:], 16, 8)
		return string([]byte{byte(v)})
	}); strings.Count(plain, seedling) > strings.Count(text, seedling) {
		find(plain, "percent-encoded: ")
	}
	for _, run := range base64Run.FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for from := range 4 {
			part := run[from:]
			if plain, err := base64.RawStdEncoding.DecodeString(part[:len(part)/4*4]); err == nil {
				find(string(plain), "base64: ")
			}
		}
	}
	return places
}

var percent = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// trial is one run of a command with secrets in it.
type trial struct {
	args   []string
	env    map[string]string
	until  string    // what it prints when a signal ends it; "": none does
	stdout io.Writer // nil: only what is looked at
}

// begun is what commands print that go on until someone ends them: where they listen.
const begun = " http://127.0.0.1:"

// run runs the command in the current folder and returns all that it printed.
func (r trial) run() string {
	text, _ := r.ended()
	return text
}

// ended is run, and with which exit code the command ends.
func (r trial) ended() (text string, code int) {
	signals := make(chan os.Signal, 1)
	out := buffer{until: r.until, found: func() { signals <- syscall.SIGTERM }}
	errs := buffer{until: r.until, found: out.found}
	w := cli.Env{Stdout: &out, Stderr: &errs, Signals: signals, Lookup: func(name string) (string, bool) {
		if v, ok := r.env[name]; ok {
			return v, ok
		}
		return patiently(name)
	}}
	if r.stdout != nil {
		w.Stdout = io.MultiWriter(&out, r.stdout)
	}
	code = Main(r.args, w)
	return out.String() + errs.String(), code
}

// buffer is for goroutines that print while others do.
type buffer struct {
	until string // once it has this, found is called
	found func()
	once  sync.Once

	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Write(p)
	if b.until != "" && bytes.Contains(b.b.Bytes(), []byte(b.until)) {
		b.once.Do(b.found)
	}
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// noneIn fails for each secret in a text, and for others that a test knows.
func noneIn(t *testing.T, what, text string, others ...string) {
	t.Helper()
	places := shown(text)
	for _, o := range others {
		if i := strings.Index(text, o); i >= 0 {
			places = append(places, strconv.Quote(text[max(0, i-60):i+len(o)]))
		}
	}
	for i, place := range places {
		if i == 5 {
			t.Errorf("%s: and %d more", what, len(places)-i)
			break
		}
		t.Errorf("%s: %s", what, place)
	}
}

// noneWritten fails for each secret in the files of a folder but for journals and
// those that a test wrote itself.
func noneWritten(t *testing.T, what, dir string, but ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".ndjson") || slices.Contains(but, d.Name()) {
			return err
		}
		data, err := os.ReadFile(path)
		noneIn(t, what+": "+d.Name(), string(data))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// valued are the flags of a command that take a value.
func valued(cmd *cobra.Command) (list []*pflag.Flag) {
	all := func(f *pflag.Flag) {
		if f.Value.Type() != "bool" && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	cmd.LocalFlags().VisitAll(all)
	cmd.InheritedFlags().VisitAll(all)
	return list
}

// runnable are all commands that do something with flags.
func runnable(cmd *cobra.Command) (list []*cobra.Command) {
	if cmd.Runnable() && cmd.Name() != "demo" && cmd.Name() != "help" { // which have no values
		list = append(list, cmd)
	}
	for _, c := range cmd.Commands() {
		list = append(list, runnable(c)...)
	}
	return list
}

// A secret in a wrong place is not shown, nor one in a value that is malformed: in
// each flag of each command, in the environment, in settings, and where no flag is.
func TestSecretsInEachFlag(t *testing.T) {
	t.Chdir(t.TempDir())
	settings := "settings.yaml"
	if err := os.WriteFile("keys.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	forms := map[string]func(c *crop) string{
		"URL": func(c *crop) string { return c.url("127.0.0.1:1") },
		"bad port": func(c *crop) string {
			return "http://" + seedling + "user:" + c.plant() + "@127.0.0.1:port/{CallId}?" + c.plant()
		},
		"bad scheme":    func(c *crop) string { return "htp:/" + c.plant() + ":" + c.plant() + "@127.0.0.1/?a=" + c.plant() },
		"bad password":  func(c *crop) string { return "http://u:" + seedling + "1/x?y#z" + c.plant() + "@127.0.0.1:1/cb" },
		"control":       func(c *crop) string { return "http://127.0.0.1:1/\x01?a=" + c.plant() },
		"app":           func(c *crop) string { return "1400000001:" + seedling + "0:1" },
		"header":        func(c *crop) string { return "Authorization: Bearer " + c.plant() },
		"name=URL":      func(c *crop) string { return "alice=" + c.url("127.0.0.1:1") },
		"only a secret": func(c *crop) string { return c.plant() },
	}
	// What has no form of its own is a secret only where one is wanted.
	wanted := map[string][]string{
		"only a secret": {"app", "key", "token", "probe-header"},
		"bad scheme":    {"target", "probe", "callback"},
	}
	soak := os.Getenv("RINGBACK_SOAK") != ""
	root := newRoot(cli.Env{Lookup: patiently})
	for _, cmd := range runnable(root) {
		path := strings.Fields(cmd.CommandPath())[1:]
		var base []string
		if cmd.Flags().Lookup("listen") != nil {
			base = []string{"--listen", "127.0.0.1:0"}
		}
		if cmd.Name() == "load" { // which comes to its end soon
			base = append(base, "--duration", "50ms", "--ramp", "0s", "--drain", "50ms", "--calls", "20/s")
		}
		for turn, form := range slices.Sorted(maps.Keys(forms)) {
			make := forms[form]
			if testing.Short() && form != "URL" {
				continue
			}
			asked, shows := 0, 0 // runs, and those in which something was said of what was planted
			check := func(how string, r trial) {
				t.Helper()
				if endless[cmd.CommandPath()] {
					r.until = begun
				}
				text := r.run()
				noneIn(t, fmt.Sprintf("%s, %s, %s", cmd.CommandPath(), how, form), text)
				asked++
				if name, _, _ := strings.Cut(strings.TrimPrefix(how, "--"), "="); strings.Contains(text, "…") || strings.Contains(text, "--"+name+": ") || name == "key" { // a key may be any text
					shows++
				}
			}
			if wanted[form] == nil {
				check("argument", trial{args: append(path[:len(path):len(path)], append(base, make(new(crop)))...)})
			}
			for _, f := range valued(cmd) {
				if only := wanted[form]; only != nil && !slices.Contains(only, f.Name) {
					continue
				}
				v := make(new(crop))
				args := append(path[:len(path):len(path)], base...)
				if wanted[form] != nil {
					args = append(path[:len(path):len(path)], without("--"+f.Name, needed[strings.Join(path, " ")])...)
				}
				// What wants a secret, and an address anywhere, is given in each way, the rest in one at a time
				// but under make soak.
				every := soak || form == "URL" || slices.Contains(slices.Concat(slices.Collect(maps.Values(wanted))...), f.Name)
				turn++
				if every || turn%3 == 0 {
					check("--"+f.Name, trial{args: append(args, "--"+f.Name, v)})
				}
				if form == "URL" { // which is learned from another place of the line, whatever it is
					check("--"+f.Name+"=", trial{args: append(args, "--"+f.Name+"="+v)})
				}
				if f.Name == "config" || slices.Contains(args, "--"+f.Name) {
					continue
				}
				if names := cli.EnvNames(cmd, f); every || turn%3 == 1 {
					check(names[0], trial{args: args, env: map[string]string{names[0]: v}})
				}
				if every || turn%3 == 2 {
					text := ""
					for i, name := range append(path, f.Name) {
						text += strings.Repeat("  ", i) + name + ":\n"
					}
					if err := os.WriteFile(settings, []byte(strings.TrimSuffix(text, "\n")+" "+yamlText(v)+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
					check(f.Name+" in settings", trial{args: append(args, "--config", settings)})
				}
			}
			if asked > 0 && shows == 0 {
				t.Errorf("%s, %s: nothing was said of what was planted", cmd.CommandPath(), form)
			}
		}
	}
	noneWritten(t, "all commands", ".", settings)
}

// without is a command line without one of its flags.
func without(flag string, args []string) []string {
	if i := slices.Index(args, flag); i >= 0 {
		return slices.Concat(args[:i], args[i+2:])
	}
	return args
}

func yamlText(v string) string {
	return "'" + strings.NewReplacer("'", "''", "\x01", "").Replace(v) + "'"
}

// A settings file that is wrong in any way is told with nothing of what it holds.
func TestSecretsInMalformedSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	const file = "ringback.yaml"
	for name, text := range map[string]string{
		"key unclosed":       "serve:\n  app: \"1400000001:@S@\n",
		"after a quote":      "serve:\n  app: '1400000001:@S@' @S@\n",
		"tab":                "serve:\n\tapp: 1400000001:@S@\n",
		"indent":             "serve:\n  app: 1400000001:@S@\n   journal: x\n",
		"list unclosed":      "serve:\n  app: [1400000001:@S@, 1400000002:@S@\n",
		"map unclosed":       "serve: {app: 1400000001:@S@, callback: http://u:@S@@127.0.0.1/?@S@\n",
		"list in a list":     "serve:\n  app:\n    - - 1400000001:@S@\n",
		"map for a value":    "serve:\n  app:\n    1400000001: @S@\n",
		"map for an app":     "serve:\n  app:\n    '1400000001:@S@': x\n",
		"unknown key":        "'http://u:@S@@127.0.0.1/?@S@': x\n",
		"app for a key":      "'1400000001:@S@': x\n",
		"app in the section": "serve:\n  '1400000001:@S@': x\n",
		"twice":              "target: http://127.0.0.1:1/?a=@S@\ntarget: http://127.0.0.1:1/?a=@S@\n",
		"list for one":       "target: [http://127.0.0.1:1/?a=@S@, http://127.0.0.1:1/?a=@S@]\n",
		"header":             "verify:\n  probe: http://127.0.0.1:1/{CallId}\n  probe-header: @S@\n",
		"header in a list":   "verify:\n  probe: http://127.0.0.1:1/{CallId}\n  probe-header:\n  - @S@\n  - 'X: @S@\n",
		"block":              "verify:\n  probe-header: |\n    @S@\n  tags: [\n",
		"anchor":             "target: &a http://127.0.0.1:1/?a=@S@\nserve: *b\n",
		"tag":                "target: !!int http://127.0.0.1:1/?a=@S@\nx: [\n",
		"no map":             "http://u:@S@@127.0.0.1:1/?a=@S@\n",
		"document":           "target: http://127.0.0.1:1/?a=@S@\n---\nserve: {app: 1400000001:@S@}\n... x\n",
		"directive":          "%YAML 9 http://127.0.0.1:1/?a=@S@\n---\ntarget: x\n",
		"bytes":              "target: http://127.0.0.1:1/?a=@S@\xff\x00\nserve: {\n",
		"colon in a value":   "target: http://127.0.0.1:1/?a=@S@: x\n",
		"misspelt key":       "serve:\n  apps: 1400000001:@S@\n",
		"misspelt header":    "verify:\n  probe-headers: 'Authorization: Bearer @S@'\n",
		"no space":           "serve:\n  app:1400000001:@S@\n",
		"comment":            "# app: 1400000001:@S@\nserve: {\n",
	} {
		var c crop
		for strings.Contains(text, "@S@") {
			text = strings.Replace(text, "@S@", strings.TrimSuffix(c.plant(), odd), 1)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"verify", "--level", "should"}, {"call"}, {"tui"}} {
			noneIn(t, name+": "+args[0], trial{args: args, until: "listening on "}.run())
		}
	}
}

// parrot is a receiver that says all that it knows, in each way there is.
type parrot struct {
	knows  atomic.Pointer[[]string]
	n      atomic.Int64
	good   bool                                                      // its callbacks are acknowledged
	stored func(w http.ResponseWriter, r *http.Request, said string) // answers the probe
}

// says is all that the parrot knows and has just heard.
func (p *parrot) says(r *http.Request) string {
	heard := append([]string{r.RequestURI}, *p.knows.Load()...)
	for name, values := range r.Header {
		if name != "Authorization" && !strings.Contains(strings.Join(values, ","), seedling) {
			continue // which no one would find again
		}
		heard = append(heard, name+": "+strings.Join(values, ","))
		heard = append(heard, values...)
	}
	var all []string
	for _, s := range heard {
		plain, err := url.QueryUnescape(s)
		if err != nil {
			plain = s
		}
		j, _ := json.Marshal(plain)
		all = append(
			all, s, plain, url.QueryEscape(plain), url.PathEscape(plain), html.EscapeString(plain), string(j), strings.ReplaceAll(string(j), "/", `\/`),
			base64.StdEncoding.EncodeToString([]byte(plain)), base64.URLEncoding.EncodeToString([]byte("user:"+plain)), strconv.Quote(string(j)),
		)
	}
	return strings.Join(all, " ")
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	said := p.says(r)
	if r.Method == http.MethodGet {
		p.stored(w, r, said)
		return
	}
	quoted, _ := json.Marshal(said)
	good := fmt.Sprintf(`{"ErrorCode":0,"ErrorMessage":%s,"ActionStatus":"OK","ErrorInfo":%[1]s}`, quoted)
	if p.good {
		fmt.Fprint(w, good)
		return
	}
	knows := *p.knows.Load()
	one := knows[int(p.n.Load())%len(knows)]
	short, _ := json.Marshal(one)
	switch p.n.Add(1) % 12 {
	case 0:
		fmt.Fprintf(w, `{"ErrorCode":1,"ErrorMessage":%s,"ActionStatus":"FAIL","ErrorInfo":%[1]s}`, quoted)
	case 1:
		fmt.Fprint(w, one+" "+said)
	case 2:
		http.Error(w, "<h1>"+one+"</h1>"+html.EscapeString(said), http.StatusInternalServerError)
	case 3:
		w.Header().Set("Location", "/login?back="+url.QueryEscape(one))
		w.WriteHeader(http.StatusFound)
	case 4:
		fmt.Fprintf(w, `{"ErrorCode":%s,"ActionStatus":%[1]s}`, short)
	case 5:
		fmt.Fprintf(w, `{%s:0,"errorcode":%[1]s,"ActionStatus":"OK","ErrorCode":%[1]s}`, short)
	case 6:
		fmt.Fprintf(w, `{"ErrorCode":3,"ErrorMessage":%s,"ActionStatus":%[1]s,"ErrorInfo":%[1]s}`, short)
	case 7:
		fmt.Fprintf(w, `%s %s`, good, said)
	case 8:
		fmt.Fprint(w, strings.Repeat("x", 4<<10-9)+one) // what is kept of an answer ends in it
	case 9:
		fmt.Fprint(w, strings.Repeat("x", 50)+one+said) // and here what a reason shows
	case 10:
		w.Header().Set("Content-Encoding", one)
		fmt.Fprint(w, good)
	default:
		fmt.Fprint(w, good)
	}
}

// probes are ways to answer a probe with secrets.
var probes = map[string]func(w http.ResponseWriter, r *http.Request, said string){
	"result": func(w http.ResponseWriter, _ *http.Request, said string) {
		s, _ := json.Marshal(said)
		fmt.Fprintf(w, `{"count":1,"result":%s,"duration":77,"caller":%[1]s,"members":[%[1]s]}`, s)
	},
	"count": func(w http.ResponseWriter, _ *http.Request, said string) {
		s, _ := json.Marshal(said)
		fmt.Fprintf(w, `{"count":%s}`, s)
	},
	"not JSON": func(w http.ResponseWriter, _ *http.Request, said string) { fmt.Fprint(w, said) },
	"status": func(w http.ResponseWriter, _ *http.Request, said string) {
		http.Error(w, said, http.StatusUnauthorized)
	},
	"redirect": func(w http.ResponseWriter, r *http.Request, said string) {
		http.Redirect(w, r, "/?"+url.QueryEscape(said), http.StatusFound)
	},
	"hang up": func(w http.ResponseWriter, _ *http.Request, _ string) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	},
}

// What a receiver is told as a secret and says again is shown by no command, in
// no report, and neither is what its address and the probe's hold.
func TestSecretsThatComeBack(t *testing.T) {
	t.Chdir(t.TempDir())
	var group sync.WaitGroup
	turns := make(chan struct{}, 8) // a load needs its share of this machine
	for name, stored := range probes {
		for _, good := range []bool{true, false} {
			if name != "result" && (good && name != "count" || testing.Short()) {
				continue
			}
			group.Go(func() { comeBack(t, fmt.Sprintf("%s-%t", name, good), &parrot{good: good, stored: stored}, turns) })
		}
	}
	group.Wait()
	noneWritten(t, "files", ".")
}

func comeBack(t *testing.T, name string, p *parrot, turns chan struct{}) {
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Error(err)
		return
	}
	in := func(file string) string { return filepath.Join(name, file) }
	var c crop
	s := harness.Serve(t, p)
	target := c.target(s.URL)
	ofTarget := slices.Clone(c.values)
	p.knows.Store(&ofTarget)
	// Of a command with a probe the receiver knows what only the probe is told, too.
	asked := &parrot{good: p.good, stored: p.stored}
	a := harness.Serve(t, asked)
	host, header := strings.TrimPrefix(a.URL, "http://"), c.plant()
	probe := []string{
		"--probe", "http://" + url.UserPassword(c.plant(), c.plant()).String() + "@" + host + "/calls/{CallId}?k=" + url.QueryEscape(c.plant()) + "&" + url.QueryEscape(c.plant()),
		"--probe-header", "X-Token: " + header, "--probe-header", "Cookie: session=" + strings.TrimSuffix(c.plant(), odd), "--probe-wait", "20ms",
	}
	asked.knows.Store(&c.values)
	run := []string{"--seed", "7", "--epoch", "2026-01-01T00:00:00Z", "--run", "test"}
	common := append([]string{"--target", target}, run...)
	withProbe := append(append([]string{"--target", strings.Replace(target, s.URL, a.URL, 1)}, run...), probe...)
	env := map[string]string{"GITHUB_ACTIONS": "true"}
	for file, keys := range map[string]string{"play.txt": "n\nenter\nwait idle\n", "look.txt": ""} {
		if err := os.WriteFile(in(file), []byte(keys+"3\ndump\ndown\ndown\nenter\ndump\n=\ndump\nS\ndump\n"), 0o600); err != nil {
			t.Error(err)
			return
		}
	}
	blind := !strings.HasPrefix(name, "result-") // what the probe answers can't be read
	wants := func(what string) []int {
		switch {
		case strings.HasPrefix(what, "tui"), p.good && (strings.HasPrefix(what, "call") || strings.HasPrefix(what, "replay")):
			return []int{cli.ExitOK}
		case what == "load": // p99<1us
			return []int{cli.ExitBroken}
		case blind && p.good && what == "verify":
			return []int{cli.ExitUsage}
		case blind && p.good && strings.HasPrefix(what, "explore"): // what it is told may be found wrong first
			return []int{cli.ExitUsage, cli.ExitBroken}
		case blind && (what == "verify" || strings.HasPrefix(what, "explore")): // or the probe is not asked
			return []int{cli.ExitUsage, cli.ExitBroken, cli.ExitOK}
		}
		return []int{cli.ExitOK, cli.ExitBroken, cli.ExitAbandoned} // which answer comes when differs
	}
	all := func(commands map[string][]string) {
		var group sync.WaitGroup
		for what, args := range commands {
			group.Go(func() {
				turns <- struct{}{}
				text, code := trial{args: args, env: env}.ended()
				<-turns
				noneIn(t, name+": "+what, text)
				if want := wants(what); !slices.Contains(want, code) {
					t.Errorf("%s: %s: exit code %d, want one of %d:\n%.2000s", name, what, code, want, text)
				}
				if what != "tui" && what != "verify" && !strings.Contains(text, "…") { // which write into files
					t.Errorf("%s: %s: nothing was hidden:\n%.2000s", name, what, text)
				}
				if found, _ := filepath.Glob(in("found/*.feature")); what == "explore" && code == cli.ExitBroken && len(found) == 0 {
					t.Errorf("%s: no finding was written", name)
				}
			})
		}
		group.Wait()
	}
	written := func(files ...string) {
		for _, file := range files {
			if data, err := os.ReadFile(in(file)); err != nil || len(data) == 0 {
				t.Errorf("%s: %s has %d bytes: %v", name, file, len(data), err)
			}
		}
	}
	const tags = "@clause-v1-result-cancel-acknowledged or @clause-v1-result-cancel-stored or @clause-v4-members-stored"
	commands := map[string][]string{
		"verify":       append([]string{"verify", "--verbose", "--all-failures", "--tags", tags, "--report", "json=" + in("v.json"), "--report", "html=" + in("v.html"), "--report", "junit=" + in("v.xml")}, withProbe...),
		"load":         append([]string{"load", "--calls", "20/s", "--duration", "500ms", "--ramp", "0s", "--drain", "300ms", "--threshold", "p99<1us", "--report", "json=" + in("l.json"), "--report", "html=" + in("l.html")}, withProbe...),
		"load --json":  append([]string{"load", "--calls", "20/s", "--duration", "500ms", "--ramp", "0s", "--drain", "300ms", "--json"}, withProbe...),
		"explore":      append([]string{"explore", "--budget", "4", "--shrink", "5", "--findings", "1", "--out", in("found")}, withProbe...),
		"explore json": append([]string{"explore", "--budget", "3", "--shrink", "2", "--findings", "1", "--json"}, withProbe...),
	}
	if blind && !strings.HasPrefix(name, "count-") { // what of a probe goes into JSON is the same words
		delete(commands, "load --json")
		delete(commands, "explore json")
	}
	all(commands)
	written("v.json", "v.html", "v.xml", "l.json", "l.html")
	if blind { // what asks no probe is the same
		return
	}
	generation := map[bool]string{true: "both", false: "v1"}[p.good]
	all(map[string][]string{
		"call":        append([]string{"call", "--journal", in("call.ndjson"), "--phones"}, common...),
		"call --json": append([]string{"call", "--json"}, common...),
		"verify -":    append([]string{"verify", "--tags", tags, "--report", "junit=-"}, common...),
		"tui":         append([]string{"tui", "--script", in("play.txt"), "--size", "200x60", "--dump", in("screen.txt"), "--pace", "instant", "--generation", generation}, common...),
	})
	written("screen.txt")
	// A journal is the one place where they stand, and nothing read from it shows them.
	recorded, err := os.ReadFile(in("call.ndjson"))
	if err != nil || len(shown(string(recorded))) == 0 {
		t.Errorf("the journal has no secrets, so that nothing was tested: %v", err)
	}
	all(map[string][]string{
		"calibrate":     {"calibrate", in("call.ndjson"), "--json"},
		"replay":        {"replay", in("call.ndjson"), "--target", target, "--fresh"},
		"replay --json": {"replay", in("call.ndjson"), "--target", target, "--json"},
		"tui FILE":      {"tui", in("call.ndjson"), "--script", in("look.txt"), "--size", "200x60"},
	})
}

// What a receiver says again that stands in the settings is hidden at the screen
// before lines are wrapped, in its dump, and in the scenarios that it saves.
func TestSecretsAtScreen(t *testing.T) {
	t.Chdir(t.TempDir())
	key := strings.Repeat(seedling, 14) // some of it is in each part of it
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "bad key %s", key) }))
	const look = "3\ndump\nenter\ndump\n4\ndump\nenter\ndump\n=\ndump\nS\ndump\n"
	for file, text := range map[string]string{"ringback.yaml": "serve:\n  app: 1400000001:" + key + "\n", "play.txt": "n\nenter\nwait idle\n" + look, "look.txt": look} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []string{"200x60", "90x30", "60x20"} {
		journal := size + ".ndjson"
		for _, args := range [][]string{
			{"--dump", "live " + size, "--script", "play.txt", "--target", s.URL, "--pace", "instant", "--journal", journal},
			{"--dump", "recorded " + size, "--script", "look.txt", journal},
		} {
			if printed := (trial{args: append([]string{"tui", "--size", size}, args...)}).run(); printed != "" {
				t.Errorf("%s: %s", args[1], printed)
			}
			if text, err := os.ReadFile(args[1]); err != nil || !strings.Contains(string(text), "bad key …") {
				t.Errorf("%s does not show the answer: %v\n%s", args[1], err, text)
			}
		}
	}
	saved, err := filepath.Glob("*.feature")
	if err != nil || len(saved) != 6 {
		t.Errorf("saved scenarios: %q, want 6: %v", saved, err)
	}
	for _, file := range saved {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "bad key …") {
			t.Errorf("%s does not say what was answered: %v\n%s", file, err, text)
		}
	}
	noneWritten(t, "files", ".", "ringback.yaml")
}

// What the simulation API, its streams and metrics answer has no secret, neither
// those of addresses that were typed nor of those that were registered.
func TestSecretsOfServe(t *testing.T) {
	t.Chdir(t.TempDir())
	var c crop
	key := strings.TrimSuffix(c.plant(), odd)
	p := &parrot{stored: probes["result"]}
	s := harness.Serve(t, p)
	callback, registered := c.target(s.URL), c.target(s.URL)
	if err := os.WriteFile("key.txt", []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sig := strings.TrimSpace(trial{args: []string{"usersig", "sign", "--key", "@key.txt"}}.run())
	knows := append(slices.Clone(c.values), sig)
	p.knows.Store(&knows)
	for _, app := range []string{"1400000001:" + key, "1400000001:@key.txt"} {
		for _, flags := range [][]string{nil, {"--json"}} {
			var printed buffer
			signals := make(chan os.Signal, 1)
			r, w := io.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				args := append([]string{"serve", "--app", app, "--listen", "127.0.0.1:0", "--callback", callback, "--pace", "instant", "--no-rate-limit", "--phones"}, flags...)
				Main(args, cli.Env{Stdout: io.MultiWriter(&printed, w), Stderr: io.MultiWriter(&printed, w), Signals: signals, Lookup: patiently})
				w.Close()
			}()
			base := ""
			buf := make([]byte, 64<<10)
			for text := ""; base == ""; {
				n, err := r.Read(buf)
				if err != nil {
					t.Fatal(err, text)
				}
				text += string(buf[:n])
				if _, rest, ok := strings.Cut(text, "listening on "); ok && strings.Contains(rest, "\n") {
					base, _, _ = strings.Cut(rest, "\n")
				}
			}
			go func() { _, _ = io.Copy(io.Discard, r) }()
			rest := func(path, address string) string {
				return answerOf(t, http.MethodPost, base+"/"+path+"?sdkappid=1400000001&identifier=administrator&random=1&contenttype=json&usersig="+sig,
					fmt.Sprintf(`{"address":%q,"actions":["caller_start_call"]}`, address))
			}
			if text := rest("v1/callback/set", registered); len(shown(text)) == 0 { // as the vendor answers, to who knows the key
				t.Errorf("not registered: %s", text)
			}
			for _, path := range []string{"v1/callback/set", "v1/callback/unknown", "v2"} {
				noneIn(t, path, rest(path, "http://"+c.plant()+"@h:port/?a="+url.QueryEscape(c.plant())), sig)
			}
			answerOf(t, http.MethodPost, base+"/sim/v1/calls", `{"caller":"alice","callees":["bob"],"outcome":"normal_end"}`)
			answerOf(t, http.MethodPost, base+"/sim/v1/wait", `{"until":"idle"}`)
			for _, path := range []string{"registrations", "calls", "deliveries", "status", "faults", "errors", "openapi.json"} {
				noneIn(t, path, answerOf(t, http.MethodGet, base+"/sim/v1/"+path, ""), sig)
			}
			for id := 1; id < 12; id++ {
				noneIn(t, "a delivery", answerOf(t, http.MethodGet, fmt.Sprintf("%s/sim/v1/deliveries/%d", base, id), ""), sig)
			}
			noneIn(t, "metrics", answerOf(t, http.MethodGet, base+"/metrics", ""), sig)
			noneIn(t, "the page", answerOf(t, http.MethodGet, base+"/", ""), sig)
			noneIn(t, "events", streamed(t, base+"/sim/v1/events?after=0"), sig)
			signals <- os.Interrupt
			<-done
			noneIn(t, "serve "+strings.Join(flags, " "), printed.String(), sig)
		}
	}
}

// answered is an answer, to be closed by the caller.
func answered(t *testing.T, method, at, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// answerOf is head and body of an answer.
func answerOf(t *testing.T, method, at, body string) string {
	t.Helper()
	resp := answered(t, method, at, body)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(resp.Status, resp.Header, string(data))
}

// streamed is what a stream sends until it has sent a whole call's end.
func streamed(t *testing.T, at string) string {
	t.Helper()
	resp := answered(t, http.MethodGet, at, "")
	defer resp.Body.Close()
	text, buf := "", make([]byte, 64<<10)
	for !strings.Contains(text, `"abandoned"`) && !strings.Contains(text, `"ended"`) {
		n, err := resp.Body.Read(buf)
		text += string(buf[:n])
		if err != nil {
			t.Fatal(err, text)
		}
	}
	return text
}

// Neither a key nor a UserSig is in what is said of them; only sign prints one.
func TestSecretsOfUserSigs(t *testing.T) {
	t.Chdir(t.TempDir())
	var c crop
	key, other := c.plant(), c.plant()
	if err := os.WriteFile("key.txt", []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	sig := strings.TrimSpace(trial{args: []string{"usersig", "sign", "--key", "@key.txt"}}.run())
	if len(sig) < 80 || len(shown(sig)) > 0 {
		t.Fatalf("no UserSig: %s", sig)
	}
	for _, args := range [][]string{
		{"sign", "--key", key, "--user", strings.Repeat("u", 40)},
		{"sign", "--key", key, "--at", "then"},
		{"sign", "--key", key, key},
		{"sign", key},
		{"check", sig, "--key", key},
		{"check", sig, "--key", other},
		{"check", sig, "--key", "@key.txt", "--json"},
		{"check", sig, sig},
		{"check"},
		{"check", sig[:len(sig)-20], "--key", key},
		{"check", sig + "*", "--key", key},
		{"check", "--key", key, "--sig", sig},
		{sig},
		{"check", "--" + sig},
	} {
		text := trial{args: append([]string{"usersig"}, args...)}.run()
		if args[0] == "sign" && len(args) == 2 {
			continue // a bare word that nothing says is a key
		}
		noneIn(t, strings.Join(args[:1], " "), text)
		if strings.Contains(text, sig[:20]) {
			t.Errorf("usersig %q shows the UserSig: %s", args[0], text)
		}
	}
}

// A command that breaks says so without secrets, also in a goroutine of a run.
func TestSecretsOfPanic(t *testing.T) {
	t.Chdir(t.TempDir())
	for prints, base := range map[string]string{"": "http://127.0.0.1:1", "caller_start_call": acknowledging(t)} {
		target := new(crop).target(base)
		text := trial{args: []string{"call", "--target", target}, stdout: breaking{prints, errors.New("broken by " + target)}}.run()
		noneIn(t, "panic", text)
		if !strings.Contains(text, "ringback: broken: broken by "+base) || !strings.Contains(text, "/cb?token=") || !strings.Contains(text, "secrets_test.go") {
			t.Errorf("the command did not break when it printed %q, or does not say where: %s", prints, text)
		}
	}
}

// breaking panics when a text is printed.
type breaking struct {
	text string
	error
}

func (b breaking) Write(p []byte) (int, error) {
	if strings.Contains(string(p), b.text) {
		panic(b.error)
	}
	return len(p), nil
}
