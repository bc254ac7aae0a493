//go:build unix

package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/fixtures/harness"
	"ringback/sim/post"
	"ringback/sim/probe"
)

// hooked writes, and tells what it wrote.
type hooked func(text string)

func (h hooked) Write(b []byte) (int, error) {
	h(string(b))
	return len(b), nil
}

// restarting is a suite whose receiver is to be restarted by a command, and what the
// command waits for: it is over once release is called.
func restarting(t *testing.T, url, probeURL string, stderr io.Writer) (restart func() error, release func()) {
	t.Helper()
	fifo := filepath.Join(t.TempDir(), "restarted")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	target := harness.Endpoint(t, url+"/cb")
	suite := &features.Suite{Options: features.Options{Target: target}}
	if probeURL != "" {
		var err error
		if suite.Probe, err = probe.New(probe.Options{URL: probeURL + "/calls/{CallId}"}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(suite.Probe.Close)
	}
	s := &cli.Config{Timeout: time.Minute, Connections: post.NewConnections(&post.Options{Timeout: time.Minute})}
	c := &verifyFlags{restart: "read line < " + fifo}
	run := c.restarter(cli.Env{Stderr: stderr}, s, suite)
	var group sync.WaitGroup
	t.Cleanup(group.Wait)
	return func() error { return run(t.Context()) }, func() {
		group.Go(func() {
			if err := os.WriteFile(fifo, []byte("go on\n"), 0o600); err != nil {
				t.Error(err)
			}
		})
	}
}

// A receiver whose connections live on was not restarted, as far as anyone can see; nor is
// it believed of one that ends connections by itself.
func TestNotRestarted(t *testing.T) {
	still := harness.Serve(t, http.NotFoundHandler())
	ends, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ends.Close()
	go func() {
		for {
			c, err := ends.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	for url, why := range map[string]string{
		still.URL:                        "and one to " + still.URL + "/cb from before is still open, unless it is a proxy that keeps it",
		"http://" + ends.Addr().String(): "ends those that are idle as soon as the one from before had ended",
	} {
		var said strings.Builder
		restart, release := restarting(t, url, still.URL, &said)
		for range 2 {
			release()
			if err := restart(); !errors.Is(err, features.ErrNotRestarted) || !strings.HasSuffix(err.Error(), why) {
				t.Errorf("got %v, want %s", err, why)
			}
		}
		if want := "ringback: warning: nothing shows that the receiver was restarted by --restart-cmd: "; strings.Count(said.String(), want) != 1 {
			t.Errorf("said %q, want once %q", said.String(), want)
		}
	}
}

// A process that ends takes its connections with it.
func TestRestarted(t *testing.T) {
	var held atomic.Pointer[net.Conn]
	released := make(chan func(), 1)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew && held.CompareAndSwap(nil, &c) {
			c.Close()
			(<-released)()
		}
	}
	server.Start()
	defer server.Close()
	restart, release := restarting(t, server.URL, "", io.Discard)
	released <- release
	if err := restart(); err != nil {
		t.Error(err)
	}
}

// A proxy keeps its clients' connections while what is behind it restarts, and says that no
// one is there.
func TestRestartedBehindProxy(t *testing.T) {
	released := make(chan func(), 1)
	var once sync.Once
	proxy := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		once.Do(func() { (<-released)() })
	}))
	restart, release := restarting(t, proxy.URL, proxy.URL, io.Discard)
	released <- release
	if err := restart(); err != nil {
		t.Error(err)
	}
}

// One that takes no connection meanwhile was restarted, whatever becomes of the one from
// before.
func TestRestartedAfterRefusal(t *testing.T) {
	at := harness.FreeAddresses(t, 1)[0]
	first, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	released := make(chan func(), 1)
	go func() {
		if c, err := first.Accept(); err == nil {
			t.Cleanup(func() { c.Close() })
			first.Close()
			(<-released)()
		}
	}()
	var again net.Listener
	defer func() {
		if again != nil {
			again.Close()
		}
	}()
	restart, release := restarting(t, "http://"+at, "", hooked(func(text string) {
		if strings.HasPrefix(text, "waiting for ") && again == nil {
			if again, err = net.Listen("tcp", at); err != nil {
				t.Error(err)
			}
		}
	}))
	released <- release
	if err := restart(); err != nil {
		t.Error(err)
	}
}
