package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
	"ringback/sim/usersig"
)

// An app backend in another language registers itself, and is judged by what
// it registered for. It has a secret in its address that nobody gets to see.
// How long its answers take depends on this machine.
func TestAwaitRegistration(t *testing.T) {
	t.Parallel()
	node := harness.Program(t, "node")
	base, end := startAwaiting(t, "--tags", "not @should and not @clause-ack-within-timeout and not ("+crowds+")")
	cmd := exec.Command(node, "../../fixtures/receiver/node/backend.js")
	cmd.Env = append(os.Environ(), "CALLKIT_URL="+base, "SDKAPPID=1400000001", "SECRET_KEY="+defaultKey, "PORT=0", "TOKEN=hush-hush-hush")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	code, printed := end()
	if code != cli.ExitOK || !strings.Contains(printed, "PASS") {
		t.Errorf("exit code %d\n%s", code, printed)
	}
	if strings.Contains(printed, "hush") {
		t.Errorf("a secret:\n%s", printed)
	}
}

// startAwaiting starts a suite that waits for a registration at base. end waits for it and
// returns its exit code and all that it printed.
func startAwaiting(t *testing.T, args ...string) (base string, end func() (code int, printed string)) {
	t.Helper()
	var out bytes.Buffer
	r, errs := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- Main(append([]string{"verify", "--await-registration", "--listen", "127.0.0.1:0", "--app", "1400000001:" + defaultKey}, args...), cli.Env{
			Stdout: &out, Stderr: errs, Lookup: patiently,
		})
		errs.Close()
	}()
	lines := bufio.NewScanner(r)
	for base == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), " at http://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			base = "http://" + host
		}
	}
	said := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(r)
		said <- string(all)
	}()
	return base, func() (int, string) {
		code := <-done
		return code, out.String() + <-said
	}
}

// A receiver that registers for more once it gets callbacks can do so, and the suite says
// that it is too late to judge it by that.
func TestRegistrationTooLate(t *testing.T) {
	t.Parallel()
	base, end := startAwaiting(t, "--tags", "@clause-v1-result-cancel-acknowledged")
	sig, err := usersig.Sign(defaultKey, usersig.Claims{SDKAppID: 1400000001, Identifier: "administrator", Time: time.Now().Unix(), Expire: 3600})
	if err != nil {
		t.Fatal(err)
	}
	register := func(address string, words ...string) error {
		body, _ := json.Marshal(map[string]any{"address": address, "actions": words})
		resp, err := http.Post(base+"/v1/callback/set?sdkappid=1400000001&identifier=administrator&usersig="+sig+"&random=1&contenttype=json", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if answer, _ := io.ReadAll(resp.Body); !strings.Contains(string(answer), `"errorCode":0`) {
			return fmt.Errorf("%v: %s", words, answer)
		}
		return nil
	}
	var late sync.Once
	var receiver *httptest.Server
	receiver = harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		late.Do(func() {
			if err := register(receiver.URL, "cancel", "caller_start_call"); err != nil {
				t.Error(err)
			}
		})
		_, _ = io.WriteString(w, `{"ErrorCode":0}`)
	}))
	if err := register(receiver.URL, "cancel"); err != nil {
		t.Fatal(err)
	}
	code, printed := end()
	if want := "ringback: warning: the receiver registered for 1 more command after the suite had begun"; code != cli.ExitOK || !strings.Contains(printed, want) {
		t.Errorf("exit code %d, want %q in:\n%s", code, want, printed)
	}
}
