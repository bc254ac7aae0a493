package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"ringback/cmd/cli"

	"github.com/google/go-cmp/cmp"
)

// What a command says itself is the same with and without a target whose query has
// words of it, be they hidden in the target.
func TestQueryOfOwnWords(t *testing.T) {
	t.Chdir(t.TempDir())
	const query = "?hook=caller&mode=audio&env=local&service=calls&t=12345&who=alice&callee=bob&kind=attempt&generation=v1&v=1&ok=true&word=caller_start_call&to=host&room=Monday"
	run := func(env map[string]string, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		w := cli.Env{Stdout: &out, Stderr: &errs, Lookup: func(name string) (string, bool) {
			if v, ok := env[name]; ok {
				return v, true
			}
			return patiently(name)
		}}
		if code := Main(args, w); code != cli.ExitOK {
			t.Fatalf("%q: exit code %d: %s%s", args, code, out.String(), errs.String())
		}
		return out.String()
	}
	target := acknowledging(t) + "/localhost"
	seeded := []string{"--seed", "12345", "--epoch", "2026-01-01T00:00:00Z", "--run", "test"}
	call := func(more ...string) []string {
		return append(append([]string{"call", "--pace", "instant", "--room", "Standup: Monday"}, seeded...), more...)
	}
	masked := regexp.MustCompile(`\?([a-z]+=…&?)+`)
	took := regexp.MustCompile(` +[0-9.]+ms`)
	for _, flags := range [][]string{{"--json"}, nil} {
		want := run(nil, call(append(flags, "--target", target)...)...)
		got := run(nil, call(append(flags, "--target", target+query)...)...)
		if !masked.MatchString(got) {
			t.Errorf("the query is not masked: %s", got)
		}
		plain := func(s string) string {
			s = strings.NewReplacer("?CallbackCommand", "CallbackCommand", "?sdkappid", "sdkappid", "?SdkAppid", "SdkAppid").Replace(s)
			return took.ReplaceAllString(s, "")
		}
		if diff := cmp.Diff(plain(want), plain(masked.ReplaceAllString(got, ""))); diff != "" {
			t.Errorf("call %q (-without +with):\n%s", flags, diff)
		}
	}
	// Those that make their own data have no target.
	for _, args := range [][]string{
		append([]string{"simulate", "--count", "3", "--emit", "callbacks"}, seeded...),
		append([]string{"simulate", "--count", "3"}, seeded...),
		{"steps"},
		{"faults"},
		{"dialects"},
		{"clauses"},
	} {
		want := run(nil, args...)
		if err := os.WriteFile("ringback.yaml", []byte("target: "+target+query+"&a=gives&b=normal&c=people&d=steps\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := run(map[string]string{"RINGBACK_TARGET": target + query}, args...)
		if err := os.Remove("ringback.yaml"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-without +with):\n%s", args, diff)
		}
	}
}
