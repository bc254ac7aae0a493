package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"ringback/fixtures/harness"
	"ringback/sim/load"
)

// locustMaster is Locust's own master, with its page.
type locustMaster struct {
	t             *testing.T
	cmd           *exec.Cmd
	address, page string
}

// locustPage is what the page shows.
type locustPage struct {
	State   string
	Users   int `json:"user_count"`
	Workers []struct{ State string }
	Stats   []struct {
		Name     string
		Requests uint64 `json:"num_requests"`
		Failures uint64 `json:"num_failures"`
	}
	Errors []struct {
		Name        string
		Error       string
		Occurrences uint64
	}
}

func (p *locustPage) total() (requests, failures uint64) {
	all := p.Stats[len(p.Stats)-1]
	return all.Requests, all.Failures
}

func startLocust(t *testing.T) *locustMaster {
	python := harness.Python(t, "locust") // Debian's python3-locust
	m := &locustMaster{t: t}
	free := harness.FreeAddresses(t, 2)
	m.address, m.page = free[0], free[1]
	_, port, _ := net.SplitHostPort(m.address)
	_, web, _ := net.SplitHostPort(m.page)
	m.cmd = exec.Command(python, "../../sim/load/locust/testdata/master.py", "-f", "../../sim/load/locust/locustfile.py", "--master",
		"--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--web-host", "127.0.0.1", "--web-port", web)
	log, err := os.Create(filepath.Join(t.TempDir(), "master.log"))
	if err != nil {
		t.Fatal(err)
	}
	m.cmd.Stdout, m.cmd.Stderr = log, log
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = m.cmd.Process.Kill()
		_ = m.cmd.Wait()
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("the master: %s", text)
		}
	})
	return m
}

// wait asks for the page until it is as wanted.
func (m *locustMaster) wait(want func(*locustPage) bool) *locustPage {
	m.t.Helper()
	var p *locustPage
	if !harness.Poll(patience(m.t), func() bool {
		p = new(locustPage)
		resp, err := http.Get("http://" + m.page + "/stats/requests")
		if err != nil {
			return false // it is not listening yet
		}
		defer resp.Body.Close()
		return json.NewDecoder(resp.Body).Decode(p) == nil && want(p)
	}) {
		m.t.Fatalf("its page has %+v", p)
	}
	return p
}

// Three workers of Locust's own master: what its page shows is what they say that they
// sent.
func TestLocust(t *testing.T) {
	if testing.Short() {
		t.Skip("four programs that measure")
	}
	t.Parallel()
	m := startLocust(t)
	var requests atomic.Uint64
	target := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1)%5 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, `{"ErrorCode":0}`)
	}))
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var workers []*exec.Cmd
	var reports []string
	for i := range 3 {
		report := filepath.Join(t.TempDir(), fmt.Sprintf("%d.json", i))
		w := exec.Command(exe, "load", "--target", target.URL+"/cb", "--locust", m.address, "--per-user", "20/s", "--compress", "600x", "--generation", "v1", "--report", "json="+report)
		w.Env, w.Stderr = append(os.Environ(), asRingback+"=1"), os.Stderr
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Process.Kill() })
		workers, reports = append(workers, w), append(reports, report)
	}
	m.wait(func(p *locustPage) bool { return len(p.Workers) == len(workers) })
	if _, err := http.PostForm("http://"+m.page+"/swarm", url.Values{"user_count": {"6"}, "spawn_rate": {"3"}}); err != nil {
		t.Fatal(err)
	}
	m.wait(func(p *locustPage) bool {
		n, failed := p.total()
		return p.Users == 6 && n > 200 && failed > 20
	})
	if _, err := http.Get("http://" + m.page + "/stop"); err != nil {
		t.Fatal(err)
	}
	page := m.wait(func(p *locustPage) bool { return p.State == "stopped" })
	if err := m.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var sent, failed, acked uint64
	reasons := map[string]uint64{}
	for i, w := range workers {
		_ = w.Wait() // callbacks that were given up are exit code 4
		data, err := os.ReadFile(reports[i])
		var r load.Report
		if err == nil {
			err = json.Unmarshal(data, &r)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Balance(); err != nil {
			t.Error(err)
		}
		sent += r.Attempts - r.AttemptsUnfinished
		failed += r.AttemptsRejected + r.AttemptsError
		acked += r.Acked
		for reason, n := range r.Reasons {
			reasons[reason] += n
		}
	}
	if n, bad := page.total(); n != sent || bad != failed || acked == 0 {
		t.Errorf("the page shows %d requests, %d failed; the workers sent %d, %d failed", n, bad, sent, failed)
	}
	for _, e := range page.Errors {
		reasons[strings.Trim(html.UnescapeString(e.Error), "'")] -= e.Occurrences
	}
	for reason, n := range reasons {
		if n != 0 {
			t.Errorf("%s: the page shows %d fewer than the workers", reason, int64(n))
		}
	}
}
