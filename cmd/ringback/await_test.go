package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
)

// An app backend in another language registers itself, and is judged by what
// it registered for. It has a secret in its address that nobody gets to see.
// How long its answers take depends on this machine.
func TestAwaitRegistration(t *testing.T) {
	t.Parallel()
	node := harness.Program(t, "node")
	var out bytes.Buffer
	r, errs := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- Main([]string{"verify", "--await-registration", "--listen", "127.0.0.1:0", "--app", "1400000001:" + defaultKey, "--tags", "not @should and not @clause-ack-within-timeout and not (" + crowds + ")"}, cli.Env{
			Stdout: &out, Stderr: errs, Lookup: patiently,
		})
		errs.Close()
	}()
	lines := bufio.NewScanner(r)
	base := ""
	for base == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), " at http://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			base = "http://" + host
		}
	}
	said := make(chan string)
	go func() {
		all, _ := io.ReadAll(r)
		said <- string(all)
	}()
	cmd := exec.Command(node, "../../fixtures/receiver/node/backend.js")
	cmd.Env = append(os.Environ(), "CALLKIT_URL="+base, "SDKAPPID=1400000001", "SECRET_KEY="+defaultKey, "PORT=0", "TOKEN=hush-hush-hush")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	code := <-done
	printed := out.String() + <-said
	if code != cli.ExitOK || !strings.Contains(printed, "PASS") {
		t.Errorf("exit code %d\n%s", code, printed)
	}
	if strings.Contains(printed, "hush") {
		t.Errorf("a secret:\n%s", printed)
	}
}
