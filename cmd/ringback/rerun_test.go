package main

import (
	"bytes"
	"strings"
	"testing"

	"ringback/cmd/cli"

	"github.com/google/go-cmp/cmp"
)

// The rerun line of a command with several secrets runs: what a variable set is
// left out, since it still is, and each other one has a variable of its own that
// nobody is warned of.
func TestSpelledSecrets(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		want []string
	}{
		"typed": {
			[]string{"--target", "http://h/?token=planted", "--probe-header", "X-Token: planted1", "--probe-header", "X-Key: planted2"},
			nil,
			[]string{`--probe-header "$RINGBACK_VERIFY_PROBE_HEADER"`, `--probe-header "$RINGBACK_VERIFY_PROBE_HEADER_2"`, `--target "$RINGBACK_TARGET"`},
		},
		"variables": {
			[]string{"--seed", "7"},
			map[string]string{"RINGBACK_VERIFY_PROBE_HEADER": "X-Token: planted1\nX-Key: planted2", "RINGBACK_VERIFY_TARGET": "http://h/?token=planted"},
			[]string{"--seed 7"},
		},
	} {
		lookup := func(name string) (string, bool) { v, ok := c.env[name]; return v, ok }
		cmd, _, err := newRoot(cli.Env{Lookup: lookup}).Find([]string{"verify"})
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if err := cli.LoadSettings(cmd, cli.Env{Lookup: lookup, Secrets: new(cli.Secrets)}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, cli.Spelled(cmd.Flags(), nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for variable, warned := range map[string]bool{
		"RINGBACK_VERIFY_PROBE_HEADER_2": false, "RINGBACK_VERIFY_PROBE_HEADER_10": false, "RINGBACK_VERIFY_PROBE_HEADER_1": true, "RINGBACK_VERIFY_SEED_2": true,
	} {
		var errs bytes.Buffer
		w := cli.Env{Stderr: &errs, Lookup: noEnv, Secrets: new(cli.Secrets), Environ: func() []string { return []string{variable + "=x"} }}
		if err := cli.LoadSettings(newRoot(w), w); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(errs.String(), variable); got != warned {
			t.Errorf("%s: warned %t, want %t: %s", variable, got, warned, errs.String())
		}
	}
}
