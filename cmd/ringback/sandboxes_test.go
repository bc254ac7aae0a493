package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ringback/fixtures/harness"
)

// sandboxExamples are test files of an app backend that use a sandbox.
var sandboxExamples = map[string]struct {
	program func(testing.TB) string // ends the test where it cannot run
	args    []string
}{
	"sandbox.test.mjs": {func(t testing.TB) string { return harness.Program(t, "node") }, []string{"--test", "sandbox.test.mjs"}},
	"test_sandbox.py":  {func(t testing.TB) string { return harness.Python(t, "pytest") }, []string{"-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sandbox.py"}},
}

// Each example is at most 30 lines, passes, beside another of it on the same server, and
// leaves no sandbox behind.
func TestSandboxExamples(t *testing.T) {
	t.Parallel()
	for name, example := range sandboxExamples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("examples", name))
			if n := strings.Count(string(text), "\n"); err != nil || n > 30 {
				t.Errorf("it has %d lines, %v", n, err)
			}
			program := example.program(t)
			s := startServing(t)
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					cmd := exec.CommandContext(t.Context(), program, example.args...)
					cmd.Dir, cmd.Env = "examples", append(os.Environ(), "RINGBACK="+s.url, "PYTHONDONTWRITEBYTECODE=1")
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%s %q: %v\n%s", program, example.args, err, out)
					}
				})
			}
			all.Wait()
			if list := s.get(t, "/sim/v1/sandboxes"); strings.Count(list, `"path":`) != 1 {
				t.Errorf("afterwards there are %s", list)
			}
		})
	}
}

func (s *serving) get(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s, %v", path, resp.Status, data, err)
	}
	return string(data)
}

// Killed in the middle of retries in four sandboxes at once, serve keeps all four, and loses
// nothing in any of them.
func TestSandboxesKilledAndRestarted(t *testing.T) {
	t.Parallel()
	f := newRefuser(t)
	path := filepath.Join(t.TempDir(), "serve.ndjson")
	args := []string{"--journal", path, "--dialect", "v4_retry=v1"}
	s := startServing(t, args...)
	var ids []int
	for i := range 4 {
		ids = append(ids, 7+i)
		s.post(t, "/sim/v1/sandboxes", fmt.Sprintf(`{"sdkappid":%d,"callback":"%s/cb","pace":"300x"}`, 7+i, f.URL))
	}
	const kills = 4
	for i := range kills {
		alarm := f.after(40)
		for _, id := range ids {
			for j := range 2 {
				s.post(t, fmt.Sprintf("/sim/v1/sandboxes/%d/calls", id), fmt.Sprintf(`{"caller":"a%d-%d","callees":["b%d-%d"],"outcome":"normal_end","ring":"1s","talk":"2s"}`, i, j, i, j))
			}
		}
		<-alarm
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
		s = startServing(t, args...)
	}
	for _, id := range ids {
		s.post(t, fmt.Sprintf("/sim/v1/sandboxes/%d/wait", id), `{"timeout":"5m"}`)
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
	for _, id := range ids {
		checkKilled(t, f, filepath.Join(path+".d", fmt.Sprintf("%d.ndjson", id)), kills*2)
	}
}
