// Command ringback stands in for the CallKit backend: it plays whole calls,
// sends the callbacks that the real backend would send to an app backend, and
// judges the answers. See the README, or ringback --help.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"ringback/cmd/cli"
	"ringback/cmd/nogo"
)

func init() { nogo.Restore() }

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signal.Notify(signals, syscall.SIGHUP)
	}
	os.Exit(Main(os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Lookup: os.LookupEnv, Environ: os.Environ, Signals: signals,
		Caught:     func() { signal.Stop(signals) }, // a second Ctrl-C ends the process
		IgnorePipe: func() { signal.Ignore(syscall.SIGPIPE) },
	}))
}
