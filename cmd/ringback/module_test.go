package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Another team's module uses the steps as the README tells: it requires ours,
// which is replaced by a folder.
func TestOtherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the whole module once more, without the race detector")
	}
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := strings.Replace(string(mod), "module ringback\n", `module other

require ringback v0.0.0

replace ringback => `+root+"\n", 1)
	for name, data := range map[string]string{"go.mod": text, "go.sum": string(sum), "suite_test.go": otherSuite, "features/own.feature": otherFeature} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "./...")
	cmd.Dir = dir
	// The flags of this test's own compilation, so that what it compiled is compiled once.
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod -vet=off", "GOPROXY=off", "GONOSUMDB=*", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

const otherSuite = `package other

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cucumber/godog"

	"ringback/features"
	"ringback/sim/delivery"
)

func TestReceiver(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "{\"ErrorCode\":0,\"ErrorMessage\":\"\"}")
	}))
	defer receiver.Close()
	target, err := delivery.ParseEndpoint(receiver.URL + "/callback")
	if err != nil {
		t.Fatal(err)
	}
	suite := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			features.Register(sc, &features.Options{Target: target})
		},
		Options: &godog.Options{Format: "pretty", Paths: []string{"features"}, Strict: true, TestingT: t},
	}
	if suite.Run() != 0 {
		t.Error("failed")
	}
}
`

const otherFeature = `Feature: Another team's

  Scenario: bob answers late
    Given the callbacks are v1
    When alice calls bob
    And at 20s bob answers
    And at 30s alice hangs up
    Then every callback is acknowledged
`
