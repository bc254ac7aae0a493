package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// failingListener is a listener on a machine that lacks something for a while.
type failingListener struct {
	err   error
	until time.Time
	conns chan net.Conn
}

func (p *failingListener) Accept() (net.Conn, error) {
	if time.Now().Before(p.until) {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: p.Addr(), Err: os.NewSyscallError("accept4", p.err)}
	}
	if c, ok := <-p.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (p *failingListener) Close() error { close(p.conns); return nil }
func (p *failingListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
}

// What this machine lacks ends no server: it waits, says so every 10 s, and
// answers who had to wait.
func TestServersOutlastWhatTheyLack(t *testing.T) {
	for err, help := range map[error]string{
		syscall.EMFILE: "too many open files; raise ulimit -n", syscall.ENFILE: "raise ulimit -n",
		syscall.ENOBUFS: "no memory left", syscall.ENOMEM: "no memory left",
	} {
		synctest.Test(t, func(t *testing.T) {
			var stderr strings.Builder
			server := NewServer(Env{Stderr: &stderr}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
			l := &failingListener{err: err, until: time.Now().Add(25 * time.Second), conns: make(chan net.Conn)}
			ended := make(chan error)
			go func() { ended <- server.Serve(l) }()
			client, conn := net.Pipe()
			l.conns <- conn
			fmt.Fprint(client, "GET / HTTP/1.0\r\n\r\n")
			if answer, err := io.ReadAll(client); err != nil || !strings.HasSuffix(string(answer), "\r\nok") {
				t.Errorf("answer %q, %v", answer, err)
			}
			server.Close()
			if err := <-ended; err != http.ErrServerClosed {
				t.Errorf("the server ended with %v", err)
			}
			lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
			for _, line := range lines {
				if !strings.HasPrefix(line, "ringback: warning: connections are delayed: ") || !strings.Contains(line, help) {
					t.Errorf("it says %s", line)
				}
			}
			if len(lines) != 3 {
				t.Errorf("%d lines in 25 s, want one in 10", len(lines))
			}
		})
	}
}

// One that waits ends at once when it is closed; another error is none of this
// machine's.
func TestServersEndWhileTheyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := NewServer(Env{Stderr: io.Discard}, http.NotFoundHandler())
		ended, began := make(chan error), time.Now()
		l := &failingListener{err: syscall.EMFILE, until: began.Add(time.Hour), conns: make(chan net.Conn)}
		go func() { ended <- server.Serve(l) }()
		time.Sleep(time.Minute + time.Millisecond)
		synctest.Wait()
		server.Close()
		if err := <-ended; err != http.ErrServerClosed || time.Since(began) > 61*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
	l := &failingListener{err: syscall.EBADF, until: time.Now().Add(time.Hour), conns: make(chan net.Conn)}
	if err := NewServer(Env{Stderr: io.Discard}, http.NotFoundHandler()).Serve(l); !errors.Is(err, syscall.EBADF) {
		t.Errorf("%v", err)
	}
}

// No command serves but by NewServer.
func TestAllServersArePatient(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") && (strings.Contains(string(text), "http.Server") || strings.Contains(string(text), "http.Serve(")) {
			found = append(found, f)
		}
	}
	if diff := cmp.Diff([]string{"../cli/server.go"}, found); diff != "" {
		t.Errorf("files that serve HTTP (-want +got):\n%s", diff)
	}
}
