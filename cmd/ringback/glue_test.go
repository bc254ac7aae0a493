package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/fixtures/harness"
)

// Cucumber's language service finds each step in the definitions, completes it, and
// takes nothing else for one.
func TestGlue(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("NODE_PATH")
	if _, err := os.Stat(filepath.Join(modules, "@cucumber/language-service")); modules == "" || err != nil {
		harness.Lacks(t, "the npm package @cucumber/language-service in NODE_PATH")
	}
	dir := t.TempDir()
	write := func(name string, args ...string) string {
		path := filepath.Join(dir, name)
		var out, errs bytes.Buffer
		if code := Main(append([]string{"steps"}, args...), cli.Env{Stdout: &out, Stderr: &errs, Lookup: noEnv}); code != cli.ExitOK {
			t.Fatalf("steps %q: exit code %d: %s", args, code, errs.String())
		}
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	steps := write("steps.json", "--json")
	want := fmt.Sprintf("found %[1]d of %[1]d\n", len(features.Steps()))
	for language := range glues {
		said, err := exec.Command("node", "testdata/glue.mjs", language, write("glue", "--glue", language), steps).CombinedOutput()
		if err != nil || string(said) != want {
			t.Errorf("%s: %v\n%s", language, err, said)
		}
	}
}
