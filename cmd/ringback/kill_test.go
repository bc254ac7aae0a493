package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/store"
)

// asRingback, in the environment, makes the test binary the program itself.
const asRingback = "RINGBACK_TEST_AS_RINGBACK"

func init() {
	if os.Getenv(asRingback) != "" {
		main()
	}
}

// refuser is a receiver that refuses each callback a few times, and that tells
// when it has got so many requests.
type refuser struct {
	*httptest.Server
	mu    sync.Mutex
	got   map[string]int // requests by target and body
	left  int            // until alarm
	alarm chan struct{}
}

func newRefuser(t *testing.T) *refuser {
	f := &refuser{got: map[string]int{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		id := r.URL.RequestURI() + "\n" + string(body)
		f.got[id]++
		refusals := int(sha256.Sum256([]byte(id))[0]) % 9 // 7 and 8: it is abandoned
		if f.left--; f.left == 0 {
			close(f.alarm)
		}
		if f.got[id] <= refusals {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"ErrorCode":0,"ErrorMessage":"Success"}`)
	}))
	t.Cleanup(f.Close)
	return f
}

// after tells when n more requests have come.
func (f *refuser) after(n int) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.alarm = n, make(chan struct{})
	return f.alarm
}

// serving is a ringback serve, or another server, in a process of its own.
type serving struct {
	cmd *exec.Cmd
	url string
}

func startServing(t *testing.T, args ...string) *serving {
	t.Helper()
	return startProcess(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--quiet"}, args...)...)
}

// startProcess starts a command that says where it listens.
func startProcess(t *testing.T, args ...string) *serving {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{cmd: exec.Command(exe, args...)}
	s.cmd.Env = append(os.Environ(), asRingback+"=1")
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			s.url = url
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s
		}
	}
	t.Fatalf("%v printed no address", args)
	return nil
}

func (s *serving) post(t *testing.T, path, body string) {
	t.Helper()
	resp, err := http.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, _ := io.ReadAll(resp.Body); resp.StatusCode > 299 {
		t.Fatalf("%s %s: %s: %s", path, body, resp.Status, data)
	}
}

// Killed again and again in the middle of retries, serve loses nothing: every
// callback in the journal is acknowledged or abandoned on schedule, and none is sent
// again after its acknowledgement was journalled.
func TestKilledAndRestarted(t *testing.T) {
	t.Parallel()
	f := newRefuser(t)
	path := filepath.Join(t.TempDir(), "serve.ndjson")
	args := []string{"--journal", path, "--callback", f.URL + "/cb?token=x", "--pace", "300x", "--dialect", "v4_retry=v1", "--run", "killed"}
	kills := 10
	switch {
	case testing.Short():
		kills = 4
	case os.Getenv("RINGBACK_SOAK") != "":
		kills = 200
	}
	for i := range kills {
		s := startServing(t, args...)
		alarm := f.after(1 + rand.IntN(60))
		for j := range 3 {
			s.post(t, "/sim/v1/calls", fmt.Sprintf(`{"caller":"a%d-%d","callees":["b%d-%d"],"outcome":"normal_end","ring":"1s","talk":"2s"}`, i, j, i, j))
		}
		<-alarm
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
	}
	s := startServing(t, args...)
	s.post(t, "/sim/v1/wait", `{"until":"idle","timeout":"2m"}`)
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
	checkKilled(t, f, path, kills*3)
}

// checkKilled holds the journal against the rules, and against what the
// receiver got.
func checkKilled(t *testing.T, f *refuser, path string, calls int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	st := journal.NewState(1 << 40)
	begun := map[uint64]int{}
	due := map[uint64]*journal.Answer{}
	ids := map[uint64]string{}
	_, err = store.Read(file, func(e *journal.Event) error {
		switch d := e.Data.(type) {
		case *journal.Callback:
			ids[d.Delivery] = string(d.URL) + "\n" + string(d.Body)
		case *journal.Attempt:
			begun[d.Delivery]++
			if a := due[d.Delivery]; a != nil && (a.Then != delivery.ThenRetry || e.At < a.Due) {
				t.Errorf("delivery %d: attempt %d at %s after %s, due %s", d.Delivery, d.Attempt, e.At, a.Then, a.Due)
			}
		case *journal.Answer:
			due[d.Delivery] = d
		}
		return st.Apply(e)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(st.CallsAfter(0)); n != calls {
		t.Errorf("%d calls of %d are there", n, calls)
	}
	for id, d := range st.Deliveries {
		switch {
		case d.State != delivery.Acked && d.State != delivery.Abandoned:
			t.Errorf("delivery %d (%s) is %s", id, d.Word, d.State)
		case d.Attempts > 7:
			t.Errorf("delivery %d has %d attempts", id, d.Attempts)
		case f.got[ids[id]] > begun[id]:
			t.Errorf("delivery %d was sent %d times, journalled %d times", id, f.got[ids[id]], begun[id])
		}
	}
	again := 0
	for id, n := range begun {
		if n > st.Deliveries[id].Attempts {
			again++
		}
	}
	summary, _ := json.Marshal(st.Totals)
	t.Logf("%d deliveries, %d of them with an attempt cut off by a kill; %s", len(st.Deliveries), again, summary)
}
