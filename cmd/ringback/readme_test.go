package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
)

// The script that the page of scripts shows can be played as it is.
func TestReadmeScripts(t *testing.T) {
	readme, err := os.ReadFile("help/scripts.md")
	if err != nil {
		t.Fatal(err)
	}
	s := harness.Serve(t, harness.Answer(200, `{"ErrorCode":0}`))
	blocks := regexp.MustCompile("(?s)```yaml\n(- do: .*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) == 0 {
		t.Fatal("the page shows no script")
	}
	for _, b := range blocks {
		file := filepath.Join(t.TempDir(), "story.yaml")
		if err := os.WriteFile(file, b[1], 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		code := Main([]string{"call", "--target", s.URL, "--script", file},
			cli.Env{Stdout: &out, Stderr: &errs, Lookup: patiently})
		if code != cli.ExitOK {
			t.Errorf("exit code %d: %s\n%s", code, errs.String(), b[1])
		}
	}
}
