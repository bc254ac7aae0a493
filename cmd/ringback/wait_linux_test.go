package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/receiver"
)

// A receiver that starts while a command waits for it is found.
func TestWait(t *testing.T) {
	t.Parallel()
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// The port is taken from the beginning, but nobody listens on it.
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	socket := os.NewFile(uintptr(fd), "socket")
	defer socket.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	target := fmt.Sprintf("http://127.0.0.1:%d/cb", name.(*syscall.SockaddrInet4).Port)

	var stdout bytes.Buffer
	said, stderr := io.Pipe()
	ended := make(chan int)
	go func() {
		code := Main([]string{"call", "--target", target, "--wait", "10m"}, cli.Env{
			Stdout: &stdout, Stderr: stderr, Lookup: patiently,
		})
		stderr.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(said)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "waiting for "+target+", at most 10m0s: ") {
		t.Errorf("it says %q", lines.Text())
	}
	if err := syscall.Listen(fd, 16); err != nil {
		t.Fatal(err)
	}
	l, err := net.FileListener(socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: r}
	defer server.Close()
	go server.Serve(l)
	for lines.Scan() {
		t.Errorf("it says %q", lines.Text())
	}
	if code := <-ended; code != cli.ExitOK {
		t.Errorf("exit code %d:\n%s", code, stdout.String())
	}
}
