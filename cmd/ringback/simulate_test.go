package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/cmd/cli"
	"ringback/fixtures/golden"
	"ringback/fixtures/harness"
)

// The picture in the README is what the command beneath it draws, and the line
// that it shows is a line of the same week.
func TestReadmeWeek(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../sim/traffic/README.md")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`(?m)^ringback (simulate .*) \| (awk -f fixtures/week.awk) > (fixtures/week.svg)$`).FindSubmatch(readme)
	if command == nil {
		t.Fatal("the README does not say how the picture is drawn")
	}
	var week, errs bytes.Buffer
	w := cli.Env{Stdout: &week, Stderr: &errs, Lookup: func(string) (string, bool) { return "", false }}
	if code := Main(strings.Fields(string(command[1])), w); code != cli.ExitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if line := regexp.MustCompile(`(?m)^\{"call_id":".*\n`).Find(readme); !bytes.Contains(week.Bytes(), line) || line == nil {
		first, _, _ := bytes.Cut(week.Bytes(), []byte("\n"))
		t.Errorf("the README shows\n%s\nbut the week begins with\n%s", line, first)
	}
	draw := exec.Command(harness.Program(t, "awk"), "-f", "../../fixtures/week.awk")
	draw.Stdin = &week
	got, err := draw.Output()
	if err != nil {
		t.Fatal(err)
	}
	picture := "../../" + string(command[3])
	if golden.Rewriting() {
		if err := os.WriteFile(picture, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got); make golden accepts it:\n%s", picture, diff)
	}
}
