package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A settings file gets choices for its dialect, and is otherwise as it was.
func TestSetDialect(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"no file":              {"", "dialect:\n  - attempts=6\n  - ts=known\n"},
		"a comment":            {"# ours\n", "# ours\ndialect:\n  - attempts=6\n  - ts=known\n"},
		"no dialect":           {"target: http://127.0.0.1:3000/x # ours\n\ncall:\n  ring: 3s", "target: http://127.0.0.1:3000/x # ours\n\ncall:\n  ring: 3s\ndialect:\n  - attempts=6\n  - ts=known\n"},
		"the document's end":   {"---\nseed: 7\n...\n# bye\n", "---\nseed: 7\ndialect:\n  - attempts=6\n  - ts=known\n...\n# bye\n"},
		"a list":               {"dialect:\n  # of March\n  - attempts=7 # as documented\n  - v4_ack=strict\nseed: 7\n", "dialect:\n  # of March\n  - attempts=6 # as documented\n  - v4_ack=strict\n  - ts=known\nseed: 7\n"},
		"a list at the margin": {"dialect:\n- v4_ack=strict", "dialect:\n- v4_ack=strict\n- attempts=6\n- ts=known\n"},
		"as it is to be":       {"dialect: [ts=known, 'attempts=6'] # yes\n", "dialect: [ts=known, 'attempts=6'] # yes\n"},
		"in brackets":          {"dialect: [ \"attempts=7\" , ts=always ] # yes\nseed: 7\n", "dialect: [ \"attempts=6\" , ts=known ] # yes\nseed: 7\n"},
		"more in brackets":     {"seed: 7\ndialect: [v4_ack=strict] # yes\n", "seed: 7\ndialect: [v4_ack=strict,\n  attempts=6,\n  ts=known] # yes\n"},
		"brackets over lines":  {"dialect: [\n  v4_ack=strict,\n  \"ts=always\"\n]\n", "dialect: [\n  v4_ack=strict,\n  \"ts=known\",\n  attempts=6\n]\n"},
		"empty brackets":       {"dialect: [] # none\n", "dialect: [attempts=6,\n  ts=known] # none\n"},
		"one":                  {"dialect: attempts=7 # yes\nseed: 7\n", "dialect: # yes\n  - attempts=6\n  - ts=known\nseed: 7\n"},
		"one in quotes":        {"dialect: 'v4_ack=strict'", "dialect:\n  - 'v4_ack=strict'\n  - attempts=6\n  - ts=known\n"},
		"none":                 {"dialect: # later\nseed: 7\n", "dialect: # later\n  - attempts=6\n  - ts=known\nseed: 7\n"},
		"twice":                {"dialect: [ts=always, ts=documented]\n", "dialect: [ts=known, ts=known,\n  attempts=6]\n"},
		"lines of Windows":     {"seed: 7\r\ndialect:\r\n  - ts=always # x\r\n", "seed: 7\r\ndialect:\r\n  - ts=known # x\r\n  - attempts=6\r\n"},
		"a default":            {"dialect: [case=title]\n", "dialect: [case=lower,\n  attempts=6,\n  ts=known]\n"},
		"JSON":                 {"{\"dialect\": [\"ts=always\", \"attempts=7\"]}", "{\"dialect\": [\"ts=known\", \"attempts=6\"]}"},
		"a command's":          {"call:\n  dialect: [ts=always]\n", "call:\n  dialect: [ts=always]\ndialect:\n  - attempts=6\n  - ts=known\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := SetDialect([]byte(c.file), []string{"attempts=6", "ts=known"}, []string{"case=lower"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What can't be changed by its lines alone is left alone.
func TestSetDialectRefused(t *testing.T) {
	for file, want := range map[string]string{
		"- seed":                 "line 1: want a map of flags, got a list",
		"a: [":                   "line 1: is not YAML: did not find expected node content",
		"dialect: {ts: known}\n": "line 1: dialect: want entries like attempts=7, got a map",
		"dialect:\n  - 7\n":      "line 2: dialect: want entries like attempts=7, got a scalar",
		"seed: 7\n{}":            "",
		"{\"seed\": 7}":          "line 1: dialect: want a list of its own here, an entry a line, to change nothing else",
		"call:\n  dialect: &d [ts=always]\ndialect: *d\n": "line 3: dialect: want a list of its own here, an entry a line, to change nothing else",
		"dialect:\n  ts=always\n":                         "line 1: dialect: want a list of its own here, an entry a line, to change nothing else",
		"dialect: null\n":                                 "line 1: dialect: want a list of its own here, an entry a line, to change nothing else",
	} {
		got, err := SetDialect([]byte(file), []string{"attempts=6", "ts=known"}, []string{"case=lower"})
		if err == nil {
			t.Errorf("%q: got %q", file, got)
		} else if want != "" && err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", file, err, want)
		}
	}
}
