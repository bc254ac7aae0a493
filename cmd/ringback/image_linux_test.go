package main

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ringback/fixtures/harness"
)

// imageRoot, in the environment, is the folder of a container image's root: make
// test-image sets it.
const imageRoot = "RINGBACK_IMAGE_ROOT"

// image says how a container of the image starts.
type image struct {
	User, WorkingDir     string
	Entrypoint, Cmd, Env []string
	Volumes              map[string]struct{}
	Healthcheck          struct{ Test []string }
}

// container is one process, the first of its own, in the image's root.
type container struct {
	*exec.Cmd
	said *bytes.Buffer
}

func (i *image) run(t *testing.T, args ...string) *container {
	t.Helper()
	c := &container{exec.Command(args[0], args[1:]...), new(bytes.Buffer)}
	c.Dir, c.Env = i.WorkingDir, i.Env
	c.Stdout, c.Stderr = c.said, c.said
	c.SysProcAttr = &syscall.SysProcAttr{
		Chroot: os.Getenv(imageRoot), Cloneflags: syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL,
		Credential: &syscall.Credential{Uid: 65532, Gid: 65532},
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

// service starts what the image does with a command.
func (i *image) service(t *testing.T, command ...string) *container {
	t.Helper()
	return i.run(t, append(i.Entrypoint, command...)...)
}

// ends waits for the container's end, and expects its exit code.
func (c *container) ends(t *testing.T, code int) {
	t.Helper()
	_ = c.Wait()
	if got := c.ProcessState.ExitCode(); got != code {
		t.Fatalf("%v: exit code %d, want %d:\n%s", c.Args, got, code, c.said)
	}
}

// healthy waits until the image's own health check passes.
func (i *image) healthy(t *testing.T) {
	t.Helper()
	var c *container
	if !harness.Poll(patience(t), func() bool {
		c = i.run(t, i.Healthcheck.Test[1:]...)
		_ = c.Wait()
		return c.ProcessState.ExitCode() == 0
	}) {
		t.Fatalf("not healthy: %s", c.said)
	}
}

// The services of the example for Docker Compose run from the image as they stand,
// and what was registered and placed outlives kill -9 on the same volume.
func TestImage(t *testing.T) {
	root := os.Getenv(imageRoot)
	if root == "" {
		t.Skip("needs the root of an image: make test-image")
	}
	inspected, err := os.ReadFile(root + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var is struct{ Docker struct{ Config image } }
	if err := json.Unmarshal(inspected, &is); err != nil {
		t.Fatal(err)
	}
	i := &is.Docker.Config
	if i.User != "65532:65532" {
		t.Errorf("the user is %q", i.User)
	}
	if _, ok := i.Volumes[i.WorkingDir]; !ok {
		t.Errorf("%s is no volume", i.WorkingDir)
	}
	const most = 30 << 20 // bytes: 30 MiB, as the pages say
	size := int64(0)
	err = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			info, statErr := d.Info()
			if err = statErr; err == nil {
				size += info.Size()
			}
		}
		return err
	})
	if err != nil || size >= most {
		t.Errorf("the image has %d bytes, want less than %d; %v", size, most, err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/hosts"), []byte("127.0.0.1 localhost callkit backend\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	services := composed(t)

	callkit := i.service(t, services["callkit"].Command...)
	backend := i.service(t, services["backend"].Command...)
	i.healthy(t)
	verify := i.service(t, services["verify"].Command...)
	verify.ends(t, 0)
	if !strings.Contains(verify.said.String(), "\nPASS: ") {
		t.Errorf("no verdict:\n%s", verify.said)
	}
	if report, err := os.ReadFile(filepath.Join(root, i.WorkingDir, "ringback.xml")); err != nil || !bytes.Contains(report, []byte("<testsuite")) {
		t.Errorf("no report: %v", err)
	}

	sign := i.service(t, "usersig", "sign", "--key", defaultKey)
	sign.ends(t, 0)
	query := "?sdkappid=1400000001&identifier=administrator&contenttype=json&random=1&usersig=" + strings.TrimSpace(sign.said.String())
	set := asked(t, http.MethodPost, "http://127.0.0.1:8080/v1/callback/set"+query, `{"address":"http://backend:3000/callback","actions":["normal_end"]}`)
	if !strings.Contains(set, `"errorCode":0`) {
		t.Fatalf("set: %s", set)
	}
	asked(t, http.MethodPost, "http://127.0.0.1:8080/sim/v1/calls", `{"outcome":"normal_end"}`)
	if err := callkit.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = callkit.Wait()

	callkit = i.service(t, services["callkit"].Command...)
	i.healthy(t)
	if got := asked(t, http.MethodPost, "http://127.0.0.1:8080/v1/callback/get"+query, "{}"); !strings.Contains(got, "http://backend:3000/callback") {
		t.Errorf("what was registered is gone: %s", got)
	}
	asked(t, http.MethodPost, "http://127.0.0.1:8080/sim/v1/clock", `{"pace":"instant"}`)
	asked(t, http.MethodPost, "http://127.0.0.1:8080/sim/v1/wait", `{"until":"idle"}`)
	if stored := asked(t, http.MethodGet, "http://127.0.0.1:3000/calls", ""); !strings.Contains(stored, "normal_end") {
		t.Errorf("the call that was under way did not end: %s\n%s", stored, callkit.said)
	}
	for _, c := range []*container{callkit, backend} {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		c.ends(t, 0)
	}
}

// asked is the body of the answer to a request.
func asked(t *testing.T, method, url, body string) string {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %s %v", method, url, answer.Status, said, err)
	}
	return string(said)
}
