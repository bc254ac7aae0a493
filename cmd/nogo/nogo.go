// Package nogo keeps a program from running the go command when it starts.
//
// A variable of godog's package builder, which a program with godog in it never
// uses, is initialized with what `go env GOTOOLDIR` prints. That takes longer than
// all else before main, and in the folder of a module that asks for another Go
// version it first downloads that. So until the program calls [Restore], no
// command is found. The language has it that packages are initialized in the
// order of their import paths, as far as their imports are: this one comes before
// text/template, which builder needs.
package nogo

import "os"

var path, had = hide()

func hide() (path string, had bool) {
	path, had = os.LookupEnv("PATH")
	_ = os.Setenv("PATH", "") // which fails for malformed names alone
	return path, had
}

// Restore sets PATH to what it was when the program started.
func Restore() {
	if had {
		_ = os.Setenv("PATH", path)
	} else {
		_ = os.Unsetenv("PATH")
	}
}
