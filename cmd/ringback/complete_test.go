package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
)

// completed is what a shell is told of a command line that is being typed.
func completed(t *testing.T, args ...string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Main(append([]string{cobra.ShellCompRequestCmd}, args...), cli.Env{Stdout: &out, Stderr: &errs, Lookup: noEnv}); code != cli.ExitOK {
		t.Fatalf("%q: exit code %d: %s", args, code, errs.String())
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

func TestCompletion(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "run.ndjson")
	if code := Main([]string{"simulate", "--count", "3", "--seed", "1"}, cli.Env{Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer), Lookup: noEnv}); code != cli.ExitOK {
		t.Fatal(code)
	}
	if code := Main([]string{"call", "--target", acknowledging(t), "--dialect", "call_id=readable", "--run", "monday", "--journal", journal, "--generation", "v1"},
		cli.Env{Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer), Lookup: noEnv}); code != cli.ExitOK {
		t.Fatal(code)
	}
	for _, c := range []struct{ typed, want, not string }{
		{"call --outcome ", "call_busy", "busy"},
		{"call --fault ", "lose_answer\tthe callback ", ""},
		{"call --dialect ", "attempts=\t", "attempts=7"},
		{"call --dialect attempts=", "attempts=6", "case=lower"},
		{"call --subscribe normal_end,can", "normal_end,cancel", "cancel"},
		{"receiver --break counts", "counts_duplicates\t", ""},
		{"simulate --preset ", "consumer", ""},
		{"verify --report ", "junit=", "junit"},
		{"load --report ", "html=", "junit="},
		{"serve --pace ", "instant", ""},
		{"replay " + journal + " --call ", "rb-monday-0001\t#1", ""},
		{"replay nowhere.ndjson --call ", ":4", ""},
		{"help ex", "exit-codes", ""},
		{"schema ", "preset", ""},
	} {
		got := completed(t, strings.Split(c.typed, " ")...)
		if !slices.ContainsFunc(got, func(line string) bool {
			return line == c.want || strings.HasSuffix(c.want, "\t") && strings.HasPrefix(line, c.want) || strings.HasSuffix(c.want, " ") && strings.HasPrefix(line, c.want)
		}) {
			t.Errorf("ringback %s: no %q in %q", c.typed, c.want, got)
		}
		if c.not != "" && slices.Contains(got, c.not) {
			t.Errorf("ringback %s: offers %q", c.typed, c.not)
		}
	}
}

// A flag whose help names words to choose from completes them.
func TestWordsAreCompleted(t *testing.T) {
	choice := regexp.MustCompile("`(?:\\w+`: )?(\\w+)`?(?:, \\w+)*,? or (\\w+)")
	found := 0
	eachFlag(func(cmd *cobra.Command, f *pflag.Flag) {
		m := choice.FindStringSubmatch(f.Usage)
		if m == nil || m[2] == "that" || m[2] == "of" || m[2] == "a" || isFile(f) || f.Value.Type() == "bool" {
			return
		}
		found++
		typed := append(strings.Fields(cmd.CommandPath())[1:], "--"+f.Name, "")
		if got := completed(t, typed...); !slices.Contains(got, m[2]) && !slices.Contains(got, m[1]) {
			t.Errorf("%s --%s: %q is in its help, and is not completed: %q", cmd.CommandPath(), f.Name, m[1], got)
		}
	})
	if found < 10 {
		t.Errorf("found %d flags", found)
	}
}
