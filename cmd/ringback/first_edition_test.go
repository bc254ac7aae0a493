package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/golden"
	"ringback/fixtures/harness"
)

// firstEdition are journals that the first edition wrote: the same story as it came,
// and cut down on the way. They are never made anew.
var firstEdition = []string{"first_serve", "first_compacted"}

// journalFor is such a journal in a file of its own, with its registrations at a
// receiver, or as they were.
func journalFor(t *testing.T, name, url string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "sim", "store", "testdata", name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if url != "" {
		data = bytes.ReplaceAll(data, []byte(registeredAt), []byte(url))
	}
	path := filepath.Join(t.TempDir(), name+".ndjson")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const registeredAt = "http://127.0.0.1:18931"

// keeper acknowledges, and keeps what it was sent.
type keeper struct {
	mu  sync.Mutex
	got []string
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	k.mu.Lock()
	k.got = append(k.got, r.RequestURI+" "+string(body)+"\n")
	k.mu.Unlock()
	fmt.Fprint(w, `{"ErrorCode":0,"ErrorMessage":"","ActionStatus":"OK","ErrorInfo":""}`)
}

// sorted is what it got, in the order of the texts: connections go side by side.
func (k *keeper) sorted() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(slices.Sorted(slices.Values(k.got)), "")
}

// A journal of the first edition is shown as the first edition showed it.
func TestFirstEditionShown(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{
		"calls": "g\n", "group": "/\ntype dave\nenter\n2\n", "robot": "/\ntype robot\nenter\n2\n", "pending": "/\ntype lou\nenter\n3\n",
	}
	keys := filepath.Join(t.TempDir(), "keys.txt")
	for _, name := range firstEdition {
		path := journalFor(t, name, "")
		for screen, script := range scripts {
			if err := os.WriteFile(keys, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			text, code := trial{args: []string{"tui", path, "--script", keys, "--size", "160x50"}}.ended()
			if code != cli.ExitOK {
				t.Fatalf("exit code %d: %s", code, text)
			}
			golden.Compare(t, "first/"+name+"."+screen+".txt", text)
		}
	}
}

// It is sent again in the same bytes, and the answers that differ are the same.
func TestFirstEditionReplayed(t *testing.T) {
	for _, name := range firstEdition {
		k := new(keeper)
		s := httptest.NewServer(k)
		var stdout bytes.Buffer
		text, code := trial{args: []string{"replay", journalFor(t, name, ""), "--target", s.URL + "/replayed?token=t", "--json"}, stdout: &stdout}.ended()
		s.Close()
		if code != cli.ExitOK {
			t.Fatalf("exit code %d: %s", code, text)
		}
		golden.Compare(t, "first/"+name+".replay.json", stdout.String())
		golden.Compare(t, "first/"+name+".replayed.txt", k.sorted())
	}
}

// Made fresh, its calls are other ones by id and by numeric room; the ids keep their
// form unless a choice makes another. Rooms that people named stay.
func TestFirstEditionFresh(t *testing.T) {
	for form, pattern := range map[string]string{"": `rb-now-\d{4}`, "uuid": `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`} {
		for _, name := range firstEdition {
			k := new(keeper)
			s := httptest.NewServer(k)
			args := []string{"replay", journalFor(t, name, ""), "--target", s.URL, "--fresh", "--run", "now", "--epoch", "2027-01-01T00:00:00Z"}
			if form != "" {
				args = append(args, "--dialect", "call_id="+form)
			}
			text, code := trial{args: args}.ended()
			s.Close()
			if code != cli.ExitOK {
				t.Fatalf("exit code %d: %s", code, text)
			}
			got := k.sorted()
			all := regexp.MustCompile(`"CallId":"`).FindAllString(got, -1)
			if own := regexp.MustCompile(`"CallId":"`+pattern+`"`).FindAllString(got, -1); len(all) != 35 || len(own) != len(all) {
				t.Errorf("%s: %d CallIds, %d of the form %s:\n%s", name, len(all), len(own), pattern, got)
			}
			if strings.Contains(got, "rb-old-") || strings.Contains(got, "33766000") || !strings.Contains(got, `"roomid-old"`) || !strings.Contains(got, `"lounge ☕"`) {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

// serve goes on with it: registrations, calls, what phones still do, retries, and a
// new call, whose id has the form that the journal's have.
func TestFirstEditionRestarted(t *testing.T) {
	const key1 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const key2 = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	for _, name := range firstEdition {
		k := new(keeper)
		s := harness.Serve(t, k)
		signals := make(chan os.Signal, 1)
		stdout, code := start(t, signals, "serve", "--listen", "127.0.0.1:0", "--app", "1400000001:"+key1, "--app", "1400000002:"+key2, "--journal", journalFor(t, name, s.URL))
		base := ""
		for base == "" {
			line, err := stdout.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if _, at, ok := strings.Cut(line, "listening on "); ok {
				base = strings.TrimSpace(at)
			}
		}
		go func() { _, _ = io.Copy(io.Discard, stdout) }()
		var b strings.Builder
		show := func() {
			for _, path := range []string{"status", "registrations", "calls", "deliveries?limit=100"} {
				resp := answered(t, "GET", base+"/sim/v1/"+path, "")
				text, err := io.ReadAll(resp.Body)
				if resp.Body.Close(); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "== GET /sim/v1/%s\n%s\n", path, text)
			}
		}
		do := func(path, body string) {
			if text := answerOf(t, "POST", base+"/sim/v1/"+path, body); !strings.HasPrefix(text, "20") {
				t.Errorf("%s: POST %s %s: %s", name, path, body, text)
			}
		}
		act := func(call, body string) { do("calls/"+call+"/actions", body) }
		show()
		do("clock", `{"advance":"40s"}`)
		act("rb-old-0010", `{"do":"hang_up","who":"sam"}`)
		act("rb-old-0006", `{"do":"hang_up","who":"noah"}`)
		act("4", `{"do":"quality","who":"dave","quality":"Down"}`)
		act("4", `{"do":"end_by_server"}`)
		act("5", `{"do":"reject","who":"judy"}`)
		do("calls", `{"caller":"tom","callees":["uma"],"outcome":"reject"}`)
		do("clock", `{"advance":"10m"}`)
		do("wait", `{}`)
		show()
		signals <- syscall.SIGTERM
		if got := <-code; got != cli.ExitOK {
			t.Errorf("exit code %d", got)
		}
		said := strings.NewReplacer(s.URL, registeredAt, `"version":"`+cli.Version+`"`, `"version":"VERSION"`).Replace(b.String())
		said = regexp.MustCompile(`\{"id":("rb|\d)`).ReplaceAllString(said, "\n$0") // a line each
		said = regexp.MustCompile(`"seq":\d+`).ReplaceAllString(said, `"seq":N`)    // answers come in any order
		golden.Compare(t, "first/"+name+".served.txt", said)
		golden.Compare(t, "first/"+name+".sent.txt", k.sorted())
	}
}
