package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
)

const manifests = "../../sim/load/k8s"

// The manifests are held against the types of Kubernetes, in a module of its own.
func TestManifests(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a module")
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "test", "./...")
	cmd.Dir, cmd.Env = manifests, append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("in %s: %v\n%s", manifests, err, out)
	}
}

// containerArgs returns the arguments of a manifest's last object.
func containerArgs(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(manifests, file))
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Split(string(data), "\n---\n")
	var job struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct{ Args []string }
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(docs[len(docs)-1]), &job); err != nil {
		t.Fatal(err)
	}
	return job.Spec.Template.Spec.Containers[0].Args
}

// The commands of the manifests, each pod's and then that which merges, make a report, at a
// smaller rate.
func TestManifestCommands(t *testing.T) {
	t.Parallel()
	server := harness.Serve(t, harness.Answer(http.StatusOK, `{"ErrorCode":0}`))
	dir := t.TempDir()
	start := time.Now().UTC().Add(5 * time.Second).Format(time.RFC3339)
	run := func(file, index string, more ...string) (int, string) {
		r := strings.NewReplacer("TARGET", server.URL, "START", start, "=20000/s", "=160/s", "=5m", "=1s", "0.0.0.0:9464", "127.0.0.1:0", "/data/", dir+"/", "$(JOB_COMPLETION_INDEX)", index)
		var args []string
		for _, arg := range append(containerArgs(t, file), more...) {
			args = append(args, r.Replace(arg))
		}
		var out bytes.Buffer
		code := Main(args, cli.Env{Stdout: &out, Stderr: &out, Lookup: func(name string) (string, bool) {
			if name == "JOB_COMPLETION_INDEX" && index != "" {
				return index, true
			}
			return patiently(name)
		}})
		return code, out.String()
	}
	var pods sync.WaitGroup
	for i := range 8 {
		pods.Go(func() {
			if code, out := run("job.yaml", fmt.Sprint(i), "--ramp=0s", "--compress=600x"); code != cli.ExitOK {
				t.Errorf("pod %d: exit code %d\n%s", i, code, out)
			}
		})
	}
	pods.Wait()
	code, out := run("merge.yaml", "", "--threshold=p99<1h")
	if code != cli.ExitOK && code != cli.ExitBroken || !strings.Contains(out, "kept     errors<1%") { // p99 is this machine's
		t.Errorf("exit code %d\n%s", code, out)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "load.html")); err != nil || len(page) == 0 {
		t.Errorf("no page: %v", err)
	}
}
