package features_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The test that the README shows compiles, in the module of the example.
func TestReadmeSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a module")
	}
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "## Own steps\n")
	_, shown, _ = strings.Cut(shown, "```go\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	dir := t.TempDir()
	const header = "package readme\n\nimport (\n\"context\"\n\"fmt\"\n\"testing\"\n\n\"github.com/cucumber/godog\"\n\"ringback/features\"\n)\n\nfunc rowsOf(string) int { return 1 }\n\n"
	at, err := filepath.Abs("examples/suite/readme/readme.go")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "readme.go"), []byte(header+shown), 0o644)
	}
	overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{at: filepath.Join(dir, "readme.go")}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "./readme")
	cmd.Dir = "examples/suite"
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The example of a suite in a module of its own passes, and finds a backend that is
// broken: by its own scenarios and by Ringback's, in one JUnit file.
func TestExampleSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a module")
	}
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "suite.test")
	run := func(env []string, name string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = "examples/suite"
		// Its modules are those of this one, and there already.
		cmd.Env = append(os.Environ(), append(env, "GOPROXY=off", "GOWORK=off")...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run([]string{"TAGS=@smoke or @v1 and @clause-duplicate-stored-once"}, "go", "test", "-o", program, "."); err != nil {
		t.Fatalf("in features/examples/suite: %v\n%s", err, out)
	}
	out, err := run([]string{"TAGS=not @v4 and not @smoke and (@clause-duplicate-stored-once or @a-callback-that-comes-again-is-no-second-row)", "BROKEN=counts_duplicates", "REPORTS=" + dir}, program)
	if err == nil {
		t.Fatalf("a receiver that counts duplicates passes:\n%s", out)
	}
	var doc struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Failures int    `xml:"failures,attr"`
		} `xml:"testsuite"`
	}
	data, err := os.ReadFile(filepath.Join(dir, "ringback.xml"))
	if err == nil {
		err = xml.Unmarshal(data, &doc)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	failed := map[string]bool{}
	for _, s := range doc.Suites {
		failed[s.Name] = s.Failures > 0
	}
	if diff := cmp.Diff(map[string]bool{"My database": true, "Repetition": true}, failed); diff != "" {
		t.Errorf("which features have failures (-want +got):\n%s\n%s", diff, out)
	}
	for _, name := range []string{"ringback.html", "godog.xml", "cucumber.json", "subset.json"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
