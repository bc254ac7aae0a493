package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"ringback/sim/text"
)

// Main runs one command and returns its exit code.
func Main(args []string, w world) (code int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var caught atomic.Int32
	go func() {
		select {
		case s := <-w.signals:
			code := exitInterrupted
			switch s {
			case syscall.SIGTERM:
				code = exitTerminated
			case syscall.SIGHUP:
				code = exitHungUp
			}
			caught.Store(int32(code))
			cancel()
			if w.caught != nil {
				w.caught()
			}
		case <-ctx.Done():
		}
	}()
	w.secrets = new(typedSecrets)
	w.secrets.learnArgs(args)
	github := w.onGitHub()
	out := &output{to: w.stdout, name: "standard output", hide: w.secrets.hide, text: text.Stream{Colors: w.colorful(), GitHub: github}}
	errs := &output{to: w.stderr, name: "standard error", hide: w.secrets.hide, text: text.Stream{GitHub: github}}
	defer errs.flush()
	defer out.flush()
	w.stdout, w.stderr = out, errs
	defer func() {
		if cause := recover(); cause != nil {
			code = recovered(w, cause, debug.Stack())
		}
	}()
	root := newRoot(w)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return exitCode(cmd, err, out.failed(), int(caught.Load()), w)
}

func newRoot(w world) *cobra.Command {
	root := &cobra.Command{
		Use:   "ringback",
		Short: "The CallKit backend, for tests: plays calls, sends their callbacks, judges the answers",
		Long: `Ringback stands in for the Tencent TRTC Call (TUICallKit) backend. It plays whole
calls, sends the callbacks that the real backend would send to your app backend,
retries as documented, and says what is wrong with the answers.

  ringback demo                                      see it work, no set-up
  ringback call --target http://127.0.0.1:3000/cb    play a call against your backend
  ringback verify --target http://127.0.0.1:3000/cb  hold it to the contract
  ringback serve                                     be the backend that yours talks to
  ringback tui                                       watch and play calls at a screen
  ringback explore --target http://127.0.0.1:3000/cb find failures that no scenario covers
  ringback load --target http://127.0.0.1:3000/cb    find out how much it takes
  ringback simulate                                  make calls as people make them
  ringback replay FILE --target URL                  send a journal's callbacks again

Each flag can also come from the environment (RINGBACK_CALL_TARGET, or
RINGBACK_TARGET for all commands) or from ringback.yaml. A flag wins over the
environment, the environment over the file.`,
		Version:           version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	root.SetVersionTemplate("ringback {{.Version}}\n")
	root.PersistentFlags().String("config", "", "read flags from this YAML `file` (default ./ringback.yaml, if it is there)")
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		warnOfNet(cmd, w)
		if err := loadSettings(cmd, w); err != nil {
			return err
		}
		return checkForce(cmd)
	}
	root.AddCommand(newDemo(w), newCall(w), newServe(w), newVerify(w), newExplore(w), newLoad(w), newTUI(w), newSimulate(w), newReplay(w), newPresets(w), newReceiver(w), newUsersig(w), newDialects(w), newFaults(w), newClauses(w), newSteps(w), newVersion(w))
	root.SetHelpCommand(newHelp(w))
	decimalNumbers(root)
	oneListOfFlags(root, root.PersistentFlags().Lookup("config"))
	return root
}

func newVersion(w world) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(w.stdout, "ringback", version)
			return err
		},
	}
}
