package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"ringback/cmd/cli"

	"github.com/charmbracelet/x/ansi"
)

// Columns stand below each other, whatever people are called.
func TestColumns(t *testing.T) {
	target := acknowledging(t)
	var out bytes.Buffer
	args := []string{"call", "--target", target, "--any-ids", "--caller", "\u7528\u6237\u7532", "--callee", "bob", "--callee", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "--callee", "e\u0301ve", "--phones"}
	if code := Main(args, cli.Env{Stdout: &out, Stderr: io.Discard, Lookup: noEnv}); code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s", code, out.String())
	}
	columns := map[string]int{} // of what follows the people
	for line := range strings.Lines(out.String()) {
		for _, next := range []string{"  1/7  ", "  1/1  "} {
			before, _, ok := strings.Cut(line, next)
			if !ok {
				continue
			}
			at := ansi.StringWidth(before)
			if columns[""] == 0 {
				columns[""] = at
			}
			if at != columns[""] {
				t.Errorf("%q stands in column %d, want %d", line, at, columns[""])
			}
		}
	}
	if columns[""] == 0 {
		t.Errorf("no attempt was printed:\n%s", out.String())
	}
}
