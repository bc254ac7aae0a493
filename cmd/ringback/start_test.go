package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A command runs no other program when it starts: godog would run go env, which
// takes its time and may download another Go version first. It finds programs again
// when it wants to.
func TestStartRunsNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs scripts of the shell")
	}
	dir := t.TempDir()
	ran := filepath.Join(dir, "ran")
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\necho go \"$@\" >>"+ran+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("ringback")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "version")
	cmd.Env = append(os.Environ(), "PATH="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if said, err := os.ReadFile(ran); !os.IsNotExist(err) {
		t.Errorf("it ran %s%v", said, err)
	}
	if _, err := exec.LookPath("ringback"); err != nil {
		t.Errorf("PATH is not what it was: %v", err)
	}
}
