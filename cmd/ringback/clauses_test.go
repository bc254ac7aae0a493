package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures"
)

func runClauses(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newClauses(cli.Env{Stdout: &out})
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.Execute()
	return out.String(), err
}

func TestClausesAsJSON(t *testing.T) {
	for _, args := range []string{"", "--level must", "--level should --generation v1", "--generation v4"} {
		out, err := runClauses(t, append(strings.Fields(args), "--json")...)
		if err != nil {
			t.Fatal(err)
		}
		var got []fixtures.Clause
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, c := range fixtures.Clauses() {
			for g, level := range map[string]string{"v1": c.Levels.V1, "v4": c.Levels.V4} {
				asked := !strings.Contains(args, "--generation") || strings.Contains(args, "--generation "+g)
				if asked && level != "" && (!strings.Contains(args, "--level") || strings.Contains(args, "--level "+level)) {
					want++
					break
				}
			}
		}
		if len(got) != want || want == 0 {
			t.Errorf("clauses %s: %d, want %d", args, len(got), want)
		}
	}
}
