package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A server that has no file descriptor left for whoever connects says so on
// stderr, in words of its own, goes on, and ends as it should.
func TestServersUnderUlimit(t *testing.T) {
	t.Parallel()
	const hosts = "http://127.0.0.1:"
	for name, args := range map[string]string{
		"serve":    "serve --listen 127.0.0.1:0",
		"receiver": "receiver --listen 127.0.0.1:0",
		"verify":   "verify --await-registration --listen 127.0.0.1:0",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("sh", "-c", "ulimit -n 24; exec ringback "+args+" 2>&1")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			lines := bufio.NewScanner(out)
			until := func(pattern string) string {
				for lines.Scan() {
					said.WriteString(lines.Text() + "\n")
					if m := regexp.MustCompile(pattern).FindString(lines.Text()); m != "" {
						return m
					}
				}
				t.Errorf("it ended without %s:\n%s", pattern, said.String())
				return ""
			}
			url := until(hosts + `\d+`)
			var conns []net.Conn
			for range 40 { // the system takes them, whether they are accepted or not
				c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				conns = append(conns, c)
			}
			until(`^ringback: warning: connections are delayed: cannot accept \(127\.0\.0\.1:\d+: accept4?: too many open files; raise ulimit -n`)
			for _, c := range conns {
				c.Close()
			}
			resp, err := http.Get(url + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(out)
			if err := cmd.Wait(); err != nil && name != "verify" { // which was to do more
				t.Errorf("%v\n%s%s", err, said.String(), rest)
			}
			if text := said.String() + string(rest); strings.Contains(text, "http: ") {
				t.Errorf("it says\n%s", text)
			}
		})
	}
}
