package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/fixtures"
	"ringback/fixtures/harness"
	schemafixtures "ringback/fixtures/schemas"
)

// printedSchema is a schema as the command prints it.
func printedSchema(name string) (*jsonschema.Schema, error) {
	var out, errs bytes.Buffer
	if code := Main([]string{"schema", name}, cli.Env{Stdout: &out, Stderr: &errs, Lookup: noEnv}); code != cli.ExitOK {
		return nil, fmt.Errorf("schema %s: exit code %d: %s", name, code, errs.String())
	}
	s := new(jsonschema.Schema)
	return s, json.Unmarshal(out.Bytes(), s)
}

// valid holds a file to a schema, if its name ends with .ndjson each line: valid NAME FILE. It then puts a key that no one knows
// into each of its maps, and a map in the place of each of its values, one at a time: the
// schema must refuse each.
func valid(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: valid NAME FILE")
	}
	s, err := printedSchema(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	if neg {
		if schemafixtures.Validate(s, []byte(text)) == nil {
			ts.Fatalf("%s is valid", args[1])
		}
		return
	}
	docs := []string{text}
	if filepath.Ext(args[1]) == ".ndjson" {
		docs = strings.Split(strings.TrimSpace(text), "\n")
	}
	for _, doc := range docs {
		ts.Check(schemafixtures.Validate(s, []byte(doc)))
		ts.Check(refusesOthers(s, []byte(doc)))
	}
}

// refusesOthers returns an error if a schema allows a text with something in it that does
// not belong there.
func refusesOthers(s *jsonschema.Schema, text []byte) error {
	doc, err := schemafixtures.Value(text)
	if err != nil {
		return err
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		return err
	}
	tried := map[string]bool{} // places, entries of a list being one
	var walk func(at string, v any, put func(any)) error
	walk = func(at string, v any, put func(any)) error {
		try := func(what string, put, back func()) error {
			if tried[at+what] {
				return nil
			}
			tried[at+what] = true
			put()
			defer back()
			if resolved.Validate(doc) == nil {
				return fmt.Errorf("with %s at %s it is valid", what, at)
			}
			return nil
		}
		switch v := v.(type) {
		case map[string]any:
			if err := try("another key", func() { v["xyzzy"] = []any{[]any{}} }, func() { delete(v, "xyzzy") }); err != nil {
				return err
			}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				if err := walk(at+"/"+k, v[k], func(to any) { v[k] = to }); err != nil {
					return err
				}
			}
		case []any:
			for i := range v {
				if err := walk(at+"/*", v[i], func(to any) { v[i] = to }); err != nil {
					return err
				}
			}
		default:
			return try("a map", func() { put(map[string]any{"xyzzy": 1}) }, func() { put(v) })
		}
		return nil
	}
	return walk("", doc, func(any) {})
}

// What pages show of settings and scripts is valid.
func TestSchemasOfPages(t *testing.T) {
	found := map[string]int{}
	for _, path := range []string{"help/config.md", "help/scripts.md", "README.md", "../../README.md"} {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
			name := "config"
			switch {
			case bytes.Contains(m[1], []byte("do: ")):
				name = "script"
			case bytes.Contains(m[1], []byte("uses: ")):
				continue // a workflow
			}
			s, err := printedSchema(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := schemafixtures.Validate(s, m[1]); err != nil {
				t.Errorf("%s: %v in\n%s", path, err, m[1])
			}
			found[name]++
		}
	}
	if found["config"] == 0 || found["script"] == 0 {
		t.Errorf("found %v", found)
	}
}

// The schema of settings allows no key and no kind of value that reading them refuses. What
// it refuses beyond that is listed here: values that are read as the text that they are.
func TestSchemaOfSettings(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs beside anything")
	}
	t.Parallel()
	s, err := printedSchema("config")
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	values := []string{"xyzzy", "7", "1.5", "true", "3s", "[7]", "[xyzzy]", "[[7]]", "{xyzzy: 7}", "~", "[]"}
	path := filepath.Join(t.TempDir(), "ringback.yaml")
	n := 0
	eachFlag(func(cmd *cobra.Command, f *pflag.Flag) {
		if f.Name == "help" || f.Name == "config" {
			return
		}
		for _, value := range values {
			text := f.Name + ": " + value
			for c := cmd; c.HasParent(); c = c.Parent() {
				text = c.Name() + ": {" + text + "}"
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			root := newRoot(cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: noEnv})
			again, _, err := root.Find(strings.Fields(cmd.CommandPath())[1:])
			if err != nil {
				t.Fatal(err)
			}
			if err := again.ParseFlags([]string{"--config", path}); err != nil {
				t.Fatal(err)
			}
			refused := cli.LoadSettings(again, cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: noEnv, Secrets: new(cli.Secrets)})
			doc, err := schemafixtures.Value([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if resolved.Validate(doc) == nil && refused != nil {
				t.Errorf("%s: the schema allows it, but %v", text, refused)
			}
			n++
		}
		// A value that a command line has is one that the file may have.
		if choices[f.Name] != nil {
			for _, c := range choices[f.Name]() {
				doc := any(map[string]any{f.Name: c.word})
				for c := cmd; c.HasParent(); c = c.Parent() {
					doc = map[string]any{c.Name(): doc}
				}
				if err := resolved.Validate(doc); err != nil {
					t.Errorf("%s %s: %s: %v", cmd.CommandPath(), f.Name, c.word, err)
				}
			}
		}
	})
	if n < 1000 {
		t.Errorf("tried %d", n)
	}
}

// Another validator, which editors use, reads the schemas and finds the same.
func TestSchemasElsewhere(t *testing.T) {
	modules := os.Getenv("NODE_PATH")
	if _, err := os.Stat(filepath.Join(modules, "ajv/dist/2020.js")); modules == "" || err != nil {
		harness.Lacks(t, "the npm package ajv in NODE_PATH")
	}
	type sample struct {
		Name    string `json:"name"`
		Schema  any    `json:"schema"`
		Valid   []any  `json:"valid"`
		Invalid []any  `json:"invalid"`
	}
	samples := map[string][2][]string{ // texts, and files before a colon
		"config":  {{"target: http://x\ndialect: [v4_retry=v1]\nwait: 30s\ncall: {outcome: reject, callee: [bob, 10001]}", "load: {report: [json=a.json], fault: drop=10%}"}, {"call: {outcome: cancl}", "dialect: attempts=8", "call: {callees: bob}", "timeout: 2", "load: {report: xml=a}"}},
		"script":  {{"- {do: call, who: alice, whom: [bob]}\n- {at: 3s, do: accept, who: bob}"}, {"- {do: call, who: alice}", "- {do: accept, who: bob, whom: [carol]}", "- {do: acept, who: bob}", "- {at: 3, do: wait}"}},
		"preset":  {{}, {"users: 3", "users: many\npeople: {}", "people: {}\ncentre: {}"}},
		"verify":  {{":../../features/report/testdata/report.json"}, {"{}"}},
		"explore": {{}, {"{}"}}, "load": {{}, {"{}"}}, "calibrate": {{}, {"{}"}}, "replay": {{}, {"{}"}},
	}
	presets := samples["preset"]
	for _, name := range fixtures.Presets() {
		text, _ := fixtures.Preset(name)
		presets[0] = append(presets[0], string(text))
	}
	samples["preset"] = presets
	values := func(texts []string) (list []any) {
		for _, text := range texts {
			if path, ok := strings.CutPrefix(text, ":"); ok {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				text = string(data)
			}
			v, err := schemafixtures.Value([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, v)
		}
		return list
	}
	var all []sample
	for _, s := range schemas {
		printed, err := printedSchema(s.name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sample{s.name, printed, values(samples[s.name][0]), values(samples[s.name][1])})
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("node", "testdata/schemas.cjs")
	c.Stdin = bytes.NewReader(data)
	if said, err := c.CombinedOutput(); err != nil || string(said) != fmt.Sprintf("%d schemas\n", len(schemas)) {
		t.Errorf("%v\n%.4000s", err, said)
	}
}
