// Package cli is what the commands share: their environment, exit codes and hints, common
// flags and the config made from them, settings files, and output.
package cli

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strings"

	"ringback/sim/text"
)

// Env is everything outside that a command may touch, apart from files and
// the network.
type Env struct {
	Stdin          io.Reader // nil: nothing
	Stdout, Stderr io.Writer
	Lookup         func(string) (string, bool)
	Environ        func() []string // all variables, as NAME=VALUE; may be nil
	Signals        <-chan os.Signal
	Caught         func()   // called at the first signal; may be nil
	Secrets        *Secrets // set by Run
	IgnorePipe     func()   // lets writes to a closed pipe fail instead of ending the process; may be nil
}

// OnGitHub reports whether a runner of GitHub Actions reads what is printed.
func (w Env) OnGitHub() bool { return w.Getenv("GITHUB_ACTIONS") != "" }

// Colorful reports whether to print in color: on a terminal with colors, unless NO_COLOR
// is set. Whether it has colors is decided by TERM, which Windows does not set; the
// terminal is not queried.
func (w Env) Colorful() bool {
	term := w.Getenv("TERM")
	return IsTerminal(w.Stdout) && w.Getenv("NO_COLOR") == "" && term != "dumb" && (term != "" || runtime.GOOS == "windows")
}

// ASCIIOnly reports whether the terminal may have only ASCII, or may draw other
// characters two cells wide, as many in East Asia do.
func (w Env) ASCIIOnly() bool {
	if w.Getenv("TERM") == "dumb" || w.Getenv("RUNEWIDTH_EASTASIAN") == "1" {
		return true
	}
	locale := strings.ToLower(cmp.Or(w.Getenv("LC_ALL"), w.Getenv("LC_CTYPE"), w.Getenv("LANG")))
	if locale == "c" || locale == "posix" {
		return true
	}
	for _, wide := range []string{"zh", "ja", "ko"} {
		if rest, ok := strings.CutPrefix(locale, wide); ok && (rest == "" || strings.ContainsAny(rest[:1], "_.@")) {
			return true
		}
	}
	_, charset, named := strings.Cut(locale, ".")
	return named && !strings.HasPrefix(strings.ReplaceAll(charset, "-", ""), "utf8")
}

// Getenv is a variable of the environment, or "".
func (w Env) Getenv(name string) string {
	value, _ := w.Lookup(name)
	return value
}

// Style returns the style for stdout.
func (w Env) Style() text.Style {
	if !w.Colorful() {
		return text.Style{}
	}
	return text.Colored
}

// Version, Commit and Date are set by the linker for releases.
var (
	Version = "0.1.0-dev"
	Commit  string
	Date    string // of the commit, as RFC 3339 has it
)
