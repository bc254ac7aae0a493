package cli

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"ringback/sim/text"
)

// Run runs one command and returns its exit code.
func Run(args []string, w Env, newRoot func(Env) *cobra.Command) (code int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var caught atomic.Int32
	go func() {
		select {
		case s := <-w.Signals:
			code := ExitInterrupted
			switch s {
			case syscall.SIGTERM:
				code = ExitTerminated
			case syscall.SIGHUP:
				code = ExitHungUp
			}
			caught.Store(int32(code))
			cancel()
			if w.Caught != nil {
				w.Caught()
			}
		case <-ctx.Done():
		}
	}()
	w.Secrets = new(Secrets)
	w.Secrets.learnArgs(args)
	github := w.OnGitHub()
	out := &output{to: w.Stdout, name: "standard output", hide: w.Secrets.Hide, text: text.Stream{Colors: w.Colorful(), GitHub: github}}
	errs := &output{to: w.Stderr, name: "standard error", hide: w.Secrets.Hide, text: text.Stream{GitHub: github}}
	defer errs.flush()
	defer out.flush()
	w.Stdout, w.Stderr = out, errs
	defer func() {
		if cause := recover(); cause != nil {
			code = recovered(w, cause, debug.Stack())
		}
	}()
	root := newRoot(w)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return ExitCode(cmd, err, out.failed(), int(caught.Load()), w)
}

// Prepare sets up all commands: output, settings, and errors of flags.
func Prepare(root *cobra.Command, w Env) {
	root.SetOut(w.Stdout)
	root.SetErr(w.Stderr)
	root.SetVersionTemplate("ringback {{.Version}}\n")
	root.PersistentFlags().String("config", "", "read flags from this YAML `file` (default ./ringback.yaml, if it is there)")
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		warnOfNet(cmd, w)
		if err := LoadSettings(cmd, w); err != nil {
			return err
		}
		return checkForce(cmd)
	}
	decimalNumbers(root)
	oneListOfFlags(root, root.PersistentFlags().Lookup("config"))
}
