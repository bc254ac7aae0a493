package main

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
)

// eachFlag calls do with each flag of each command.
func eachFlag(do func(cmd *cobra.Command, f *pflag.Flag)) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.InheritedFlags()                                                    // so that Flags has those, too
		if cmd.HasParent() && (!cmd.HasSubCommands() || cmd.Name() == "load") { // the others with commands of their own print them
			cmd.Flags().VisitAll(func(f *pflag.Flag) { do(cmd, f) })
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(newRoot(cli.Env{Lookup: noEnv}))
}

// needed are what a command needs besides the flag in question, so that it gets
// as far as reading it.
var needed = map[string][]string{
	"call":          {"--target", "http://127.0.0.1:1/cb"},
	"verify":        {"--target", "http://127.0.0.1:1/cb", "--probe", "http://127.0.0.1:1/{CallId}", "--await-registration=false"},
	"explore":       {"--target", "http://127.0.0.1:1/cb", "--probe", "http://127.0.0.1:1/{CallId}"},
	"load":          {"--target", "http://127.0.0.1:1/cb", "--calls", "1/s", "--probe", "http://127.0.0.1:1/{CallId}"},
	"load merge":    {"none.json"},
	"replay":        {"monday.ndjson", "--target", "http://127.0.0.1:1/cb"},
	"calibrate":     {"monday.ndjson"},
	"serve":         {"--listen", "127.0.0.1:0"},
	"receiver":      {"--listen", "127.0.0.1:0"},
	"record":        {"--target", "http://127.0.0.1:1/cb", "--out", "nowhere.ndjson", "--listen", "127.0.0.1:0"},
	"tui":           {"--script", "keys.txt"},
	"usersig sign":  {"--key", "k", "--user", "alice"},
	"usersig check": {"x"},
}

// anyText are flags whose value may be any text, and why.
var anyText = map[string]string{
	"room": "a room's name", "userbuf": "what a UserSig carries", "key": "an app's key", "sign": "a token", "admin": "any user id that an app has",
	"restart-cmd":     "a command of the shell",
	"calibrate write": "the name of a file that is written if there is something to keep",
	"out":             "the name of a folder that is made", "usersig check user": "compared with a UserSig's",
	"verify journal": "the name of a folder that is made", "explore journal": "the name of a folder that is made",
}

// onlyTyped are flags that are refused without another one if they are typed; a
// file may hold them for the runs that have it.
var onlyTyped = map[string]bool{"verify allow-host": true, "verify app": true, "verify listen": true, "verify cert": true, "verify key": true, "verify self-signed": true}

// Nonsense for a flag is refused: with the flag's name, what is wanted, a hint
// to paste, and none of the words in which Go's packages say it. The same value
// from a variable or a file is blamed on that.
func TestNonsense(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("keys.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := Main([]string{"call", "--target", acknowledging(t), "--journal", "monday.ndjson"}, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: patiently}); code != cli.ExitOK {
		t.Fatalf("call: exit code %d", code)
	}
	const nonsense = "\u00a7nonsense/nowhere"
	internal := regexp.MustCompile(`strconv|parsing "|invalid argument|invalid syntax|time: |netip|unmarshal|%!|\(0x|runtime error`)
	eachFlag(func(cmd *cobra.Command, f *pflag.Flag) {
		path := strings.TrimPrefix(cmd.CommandPath(), "ringback ")
		if f.Name == "help" || anyText[f.Name] != "" || anyText[path+" "+f.Name] != "" {
			return
		}
		args := append(strings.Fields(path), needed[path]...)
		if path == "tui" && strings.HasPrefix(f.Name, "probe-") { // others do not all go with it
			args = append(args, "--probe", "http://127.0.0.1:1/{CallId}")
		}
		name := cli.EnvNames(cmd, f)[0]
		for _, way := range []struct {
			blamed string
			args   []string
			lookup func(string) (string, bool)
		}{
			{"--" + f.Name, append(args, "--"+f.Name+"="+nonsense), noEnv},
			{name, args, func(v string) (string, bool) {
				if v == name {
					return nonsense, true
				}
				return "", false
			}},
		} {
			if way.blamed == name && (f.Name == "config" || given(args, f.Name) || onlyTyped[path+" "+f.Name]) {
				continue
			}
			var errs bytes.Buffer
			code := Main(way.args, cli.Env{Stdout: io.Discard, Stderr: &errs, Lookup: way.lookup})
			text := errs.String()
			switch {
			case code != cli.ExitUsage:
				t.Errorf("%s: exit code %d, want 2\n%s", strings.Join(way.args, " "), code, text)
			case internal.MatchString(text):
				t.Errorf("%s: says it in Go's words\n%s", strings.Join(way.args, " "), text)
			case !strings.Contains(text, "ringback: "+way.blamed+": "):
				t.Errorf("%s: does not name %s\n%s", strings.Join(way.args, " "), way.blamed, text)
			case !strings.Contains(text, "\nhint: "):
				t.Errorf("%s: has no hint\n%s", strings.Join(way.args, " "), text)
			}
		}
	})
}

// wholeValues are the lists whose values may hold a comma, and what holds it.
var wholeValues = map[string]string{
	"app": "the name of a file", "probe-field": "a path", "probe-header": "a value", "probe-result": "several results", "report": "the name of a file",
	"keys": "the key ,", "theme": "read as keys are",
}

// Of the lists, those whose values can hold no comma are split at commas in a
// variable, the others at the ends of lines alone; in the file neither is split.
func TestLists(t *testing.T) {
	t.Chdir(t.TempDir())
	read := func(cmd *cobra.Command, f *pflag.Flag, lookup func(string) (string, bool)) string {
		if err := cli.LoadSettings(cmd, cli.Env{Lookup: lookup, Secrets: new(cli.Secrets)}); err != nil {
			t.Fatal(err)
		}
		list := f.Value.(pflag.SliceValue)
		got := strings.Join(list.GetSlice(), "|")
		if err := list.Replace(nil); err != nil {
			t.Fatal(err)
		}
		f.Changed = false
		return got
	}
	eachFlag(func(cmd *cobra.Command, f *pflag.Flag) {
		if _, is := f.Value.(pflag.SliceValue); !is {
			return
		}
		want := "a|b|c"
		if wholeValues[f.Name] != "" {
			want = "a, b|c"
		}
		variable := cli.EnvNames(cmd, f)[0]
		if got := read(cmd, f, func(name string) (string, bool) {
			if name == variable {
				return "a, b\r\nc\n", true
			}
			return "", false
		}); got != want {
			t.Errorf("%s --%s from a variable: got %s, want %s", cmd.CommandPath(), f.Name, got, want)
		}
		for text, want := range map[string]string{"'a, b'": "a, b", "[a, 007]": "a|007", "[]": ""} {
			settings := ""
			for i, name := range append(strings.Fields(cmd.CommandPath())[1:], f.Name) {
				settings += "\n" + strings.Repeat("  ", i) + name + ":"
			}
			if err := os.WriteFile("ringback.yaml", []byte(settings+" "+text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := read(cmd, f, noEnv); got != want {
				t.Errorf("%s --%s: %s: got %s, want %s", cmd.CommandPath(), f.Name, text, got, want)
			}
		}
		if err := os.Remove("ringback.yaml"); err != nil {
			t.Fatal(err)
		}
	})
}

// A command's flags stand in one order everywhere, by name: in its help, in what
// shells complete, and in the tables of pages.
func TestOrderOfFlags(t *testing.T) {
	inOrder := func(what string, names []string) {
		t.Helper()
		if len(names) == 0 || !slices.IsSorted(names) {
			t.Errorf("%s lists %v", what, names)
		}
	}
	names := func(form, text string) (list []string) {
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		return list
	}
	paths := map[string]bool{}
	eachFlag(func(cmd *cobra.Command, _ *pflag.Flag) {
		paths[strings.TrimPrefix(cmd.CommandPath(), "ringback ")] = true
	})
	for path := range paths {
		var help, completed bytes.Buffer
		Main(append(strings.Fields(path), "--help"), cli.Env{Stdout: &help, Stderr: io.Discard, Lookup: noEnv})
		Main(append(append([]string{"__completeNoDesc"}, strings.Fields(path)...), "--"), cli.Env{Stdout: &completed, Stderr: io.Discard, Lookup: noEnv})
		listed := names(`(?m)^ +(?:-., )?--([a-z-]+)`, help.String())
		inOrder("ringback "+path+" --help", listed)
		offered := names(`(?m)^--([a-z-]+)=?$`, completed.String())
		slices.Sort(offered) // as shells do
		if diff := cmp.Diff(listed, slices.Compact(offered)); diff != "" {
			t.Errorf("ringback %s: --help and completion (-want +got):\n%s", path, diff)
		}
		if strings.Contains(help.String(), "Global Flags") {
			t.Errorf("ringback %s --help has two lists", path)
		}
	}
	for name, page := range markdown(t) {
		for _, table := range regexp.MustCompile(`(?m)(^\| flag \|.*\n)(^\|.*\n)+`).FindAllString(page, -1) {
			inOrder(name, names("(?m)^\\| `--([a-z-]+)", table))
		}
	}
}

// given reports whether arguments set a flag.
func given(args []string, name string) bool {
	for _, a := range args {
		if n, _, _ := strings.Cut(a, "="); n == "--"+name {
			return true
		}
	}
	return false
}
