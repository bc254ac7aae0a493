// Command ringback stands in for the CallKit backend: it plays whole calls,
// sends the callbacks that the real backend would send to an app backend, and
// judges the answers. See the README, or ringback --help.
package main

import (
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
