package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ringback/fixtures/harness"
)

// recipe runs a recipe's shell in a folder of its own, against a backend that breaks
// the contract, with programs that stand for those that the recipe calls.
type recipe struct {
	dir, bin, target string
	env              []string
}

func newRecipe(t *testing.T) *recipe {
	t.Helper()
	s := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet { // a probe
			fmt.Fprint(w, `{"count":1}`)
			return
		}
		fmt.Fprint(w, `{"ErrorCode":1}`)
	}))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &recipe{dir: t.TempDir(), bin: t.TempDir(), target: s.URL + "/callback"}
	r.env = append(os.Environ(), asRingback+"=1", "RINGBACK_VERIFY_TAGS=@clause-v1-result-cancel-acknowledged", "PATH="+r.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	r.program(t, "ringback", `exec "`+self+`" "$@"`)
	return r
}

func (r *recipe) program(t *testing.T, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.bin, name), []byte("#!/bin/bash\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// fails runs a script that must end as verify does for a broken contract.
func (r *recipe) fails(t *testing.T, script string, env ...string) {
	t.Helper()
	c := exec.Command("bash", "-eo", "pipefail", "-c", script)
	c.Dir, c.Env = r.dir, slices.Concat(r.env, env)
	said, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(said), "\nFAIL: ") {
		t.Fatalf("%v, want exit code 1:\n%s", err, said)
	}
}

// holds checks that a file is there, and has the words in it.
func (r *recipe) holds(t *testing.T, file, words string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, file))
	if err != nil || !strings.Contains(string(data), words) {
		t.Errorf("%s has no %q, %v:\n%.1000s", file, words, err, data)
	}
}

// blocks are those of a language on the page of the suite.
func blocks(t *testing.T, language string) (list []string) {
	t.Helper()
	page, err := os.ReadFile("../../features/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(page, -1) {
		list = append(list, string(m[1]))
	}
	return list
}

// actionScript is the shell of the action.
func actionScript(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../.github/actions/verify/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct{ Run string }
		}
	}
	if err := yaml.Unmarshal(data, &action); err != nil {
		t.Fatal(err)
	}
	return action.Runs.Steps[0].Run
}

// The action runs the program, or an image, and leaves reports and a summary.
func TestAction(t *testing.T) {
	needsBash(t)
	script := actionScript(t)
	for _, image := range []string{"", "example/ringback:1"} {
		r := newRecipe(t)
		// What stands for docker runs the program with what follows the image.
		r.program(t, "docker", `echo "$@" >docker; while [ "$1" != example/ringback:1 ]; do shift; done; shift; exec ringback "$@"`)
		r.fails(t, script, "TARGET="+r.target, "PROBE=", "ARGS=--level should --timeout '1s'", "BINARY=ringback", "IMAGE="+image,
			"RUNNER_TEMP="+r.dir, "GITHUB_OUTPUT="+filepath.Join(r.dir, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "summary"))
		r.holds(t, "output", "exit-code=1\n")
		r.holds(t, "summary", "## ❌ ringback verify: FAIL")
		for file, words := range map[string]string{"ringback.xml": "<testsuites", "ringback.html": "<html", "ringback.json": `"verdict": "fail"`, "ctrf.json": `"CTRF"`} {
			r.holds(t, "ringback/"+file, words)
		}
		if image != "" {
			r.holds(t, "docker", "run --rm --network host")
		}
	}
}

// The action says where it looked for a program that is not there, and runs one that a copy
// made a plain file.
func TestActionFindsBinary(t *testing.T) {
	needsBash(t)
	script := actionScript(t)
	r := newRecipe(t)
	env := slices.Concat(r.env, []string{"TARGET=" + r.target, "PROBE=", "ARGS=", "BINARY=./tools/ringback", "IMAGE=", "RUNNER_TEMP=" + r.dir, "GITHUB_OUTPUT=" + filepath.Join(r.dir, "output")})
	c := exec.Command("bash", "-eo", "pipefail", "-c", script)
	c.Dir, c.Env = r.dir, env
	said, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(said), "::error title=ringback verify::binary: ./tools/ringback is neither a file in ") {
		t.Errorf("%v\n%s", err, said)
	}
	r.holds(t, "output", "exit-code=2\n")

	if err := os.Mkdir(filepath.Join(r.dir, "tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "tools/ringback"), []byte("#!/bin/bash\nexec ringback \"$@\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.fails(t, script, env...)
	if err := os.Rename(filepath.Join(r.dir, "tools/ringback"), filepath.Join(r.dir, "verifier")); err != nil {
		t.Fatal(err)
	}
	r.fails(t, script, slices.Concat(env, []string{"BINARY=verifier"})...)
}

// The jobs that the page shows run as they stand, but for the addresses.
func TestRecipes(t *testing.T) {
	needsBash(t)
	gitlab := ""
	for _, block := range blocks(t, "yaml") {
		if strings.HasPrefix(block, "contract:") {
			gitlab = block
		}
	}
	var job struct {
		Contract struct {
			Script    []string
			Artifacts struct {
				Paths   []string
				Reports map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(gitlab), &job); err != nil || len(job.Contract.Script) == 0 {
		t.Fatal(err, gitlab)
	}
	r := newRecipe(t)
	r.fails(t, strings.NewReplacer("./tools/ringback", "ringback", "http://backend:3000", strings.TrimSuffix(r.target, "/callback")).Replace(strings.Join(job.Contract.Script, "\n")))
	r.holds(t, job.Contract.Artifacts.Reports["junit"], "<testsuites")
	r.holds(t, job.Contract.Artifacts.Paths[0], "<html")

	jenkins := strings.Join(blocks(t, "groovy"), "")
	r = newRecipe(t)
	named := func(what string) string {
		m := regexp.MustCompile(what + ` (?:'''((?s).*?)'''|'([^']*)')`).FindStringSubmatch(jenkins)
		if m == nil {
			t.Fatalf("no %s in %s", what, jenkins)
		}
		return strings.ReplaceAll(m[1]+m[2], `\\`, `\`) // as Groovy reads it
	}
	r.fails(t, strings.ReplaceAll(named("sh"), "http://127.0.0.1:3000", strings.TrimSuffix(r.target, "/callback")))
	r.holds(t, named("junit"), "<testsuites")
	r.holds(t, named("archiveArtifacts"), "<html")
}

// The workflow that the page shows has no fault that actionlint knows, and gives the
// action no input that it lacks.
func TestWorkflow(t *testing.T) {
	lint := harness.Program(t, "actionlint")
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, ".github/actions"), os.DirFS("../../.github/actions")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{".git", ".github/workflows"} {
		if err := os.MkdirAll(filepath.Join(dir, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	for _, block := range blocks(t, "yaml") {
		if !strings.HasPrefix(block, "on:") {
			continue
		}
		found++
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf(".github/workflows/%d.yml", found)), []byte(block), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Fatal("the page shows no workflow")
	}
	c := exec.Command(lint)
	c.Dir = dir
	if said, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

func needsBash(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("needs bash")
	}
}
