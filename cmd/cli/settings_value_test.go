package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A settings file gets the value of a flag, and is otherwise as it was.
func TestSetValue(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"no file":          {"", "generation: v4\n"},
		"a comment":        {"# ours\n", "# ours\ngeneration: v4\n"},
		"no such key":      {"target: http://127.0.0.1:3000/x # ours\n\ntui:\n  # mine\n  keys:\n    retry: f5", "target: http://127.0.0.1:3000/x # ours\n\ntui:\n  # mine\n  keys:\n    retry: f5\ngeneration: v4\n"},
		"another value":    {"# a\nseed: 7\ngeneration:  v1   # of March\n# b\ntimeout: 5s\n", "# a\nseed: 7\ngeneration: v4   # of March\n# b\ntimeout: 5s\n"},
		"no value":         {"generation: # later\nseed: 7\n", "generation: v4 # later\nseed: 7\n"},
		"in quotes":        {"\"generation\": 'v1'\r\nseed: 7\r\n", "\"generation\": v4\r\nseed: 7\r\n"},
		"as it is":         {"generation: v4\n", "generation: v4\n"},
		"the document end": {"---\nseed: 7\n...\n# bye\n", "---\nseed: 7\ngeneration: v4\n...\n# bye\n"},
		"of the command":   {"generation: both\ntui:\n  generation: v1 # here\n", "generation: both\ntui:\n  generation: v4 # here\n"},
		"of another":       {"verify:\n  generation: v1\n", "verify:\n  generation: v1\ngeneration: v4\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := SetValue([]byte(c.file), "tui", "generation", "v4")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, file := range []string{"{seed: 7}", "- seed", "generation: &g v1\nname: *g\n", "generation:\n  v1\n", "a: ["} {
		if got, err := SetValue([]byte(file), "tui", "generation", "v4"); err == nil {
			t.Errorf("%q: got %q", file, got)
		}
	}
}
