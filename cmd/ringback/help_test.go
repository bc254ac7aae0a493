package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What each command says of itself; a change shows in review.
func TestHelp(t *testing.T) {
	for _, name := range []string{"", "call", "demo", "receiver", "dialects", "version"} {
		args, file := []string{name, "--help"}, name
		if name == "" {
			args, file = []string{"--help"}, "ringback"
		}
		var out, errs bytes.Buffer
		code := Main(args, world{stdout: &out, stderr: &errs, lookup: func(string) (string, bool) { return "", false }})
		if code != exitOK || errs.Len() > 0 {
			t.Errorf("%v: exit code %d, stderr %s", args, code, errs.String())
		}
		golden(t, filepath.Join("testdata", "help", file+".txt"), out.String())
	}
}

// golden compares text with a file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *rewrite {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); make golden accepts it:\n%s", path, diff)
	}
}
