package main

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strings"

	"ringback/sim/text"
)

// world is everything outside that a command may touch, apart from files and
// the network.
type world struct {
	stdin          io.Reader // nil: nothing
	stdout, stderr io.Writer
	lookup         func(string) (string, bool)
	environ        func() []string // all variables, as NAME=VALUE; may be nil
	signals        <-chan os.Signal
	caught         func()        // called at the first signal; may be nil
	secrets        *typedSecrets // set by Main
	ignorePipe     func()        // lets writes to a closed pipe fail instead of ending the process; may be nil
}

// onGitHub reports whether a runner of GitHub Actions reads what is printed.
func (w world) onGitHub() bool { return w.env("GITHUB_ACTIONS") != "" }

// colorful reports whether to print in color: on a terminal that has some,
// unless NO_COLOR has any value. That a terminal has some is what TERM says, which
// Windows does not set; no terminal is asked.
func (w world) colorful() bool {
	term := w.env("TERM")
	return isTerminal(w.stdout) && w.env("NO_COLOR") == "" && term != "dumb" && (term != "" || runtime.GOOS == "windows")
}

// asciiOnly reports whether the terminal is one that has nothing beyond ASCII, or
// that may give such signs two cells, as many in East Asia do.
func (w world) asciiOnly() bool {
	if w.env("TERM") == "dumb" || w.env("RUNEWIDTH_EASTASIAN") == "1" {
		return true
	}
	locale := strings.ToLower(cmp.Or(w.env("LC_ALL"), w.env("LC_CTYPE"), w.env("LANG")))
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

// env is a variable of the environment, or "".
func (w world) env(name string) string {
	value, _ := w.lookup(name)
	return value
}

// style is the one of stdout.
func (w world) style() text.Style {
	if !w.colorful() {
		return text.Style{}
	}
	return text.Colored
}
