// Command ringback stands in for the CallKit backend: it plays whole calls,
// sends the callbacks that the real backend would send to an app backend, and
// judges the answers. See the README, or ringback --help.
package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup wants it ignored
		signal.Notify(signals, syscall.SIGHUP)
	}
	os.Exit(Main(os.Args[1:], world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lookup: os.LookupEnv, environ: os.Environ, signals: signals,
		caught:     func() { signal.Stop(signals) }, // whoever presses Ctrl-C again means it
		ignorePipe: func() { signal.Ignore(syscall.SIGPIPE) },
	}))
}

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

// env is a variable of the environment, or "".
func (w world) env(name string) string {
	value, _ := w.lookup(name)
	return value
}
