package main

import (
	"bytes"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/golden"
)

// What each command says of itself; a change shows in review.
func TestHelp(t *testing.T) {
	for _, name := range []string{
		"", "call", "demo", "serve", "verify", "explore", "load", "load merge", "tui", "simulate", "replay", "record", "calibrate", "presets", "receiver", "usersig", "usersig sign", "usersig check", "dialects", "faults", "clauses", "steps", "version",
	} {
		args, file := append(strings.Fields(name), "--help"), strings.ReplaceAll(name, " ", "_")
		if name == "" {
			file = "ringback"
		}
		var out, errs bytes.Buffer
		code := Main(args, cli.Env{Stdout: &out, Stderr: &errs, Lookup: func(string) (string, bool) { return "", false }})
		if code != cli.ExitOK || errs.Len() > 0 {
			t.Errorf("%v: exit code %d, stderr %s", args, code, errs.String())
		}
		golden.Compare(t, "help/"+file+".txt", out.String())
	}
}
