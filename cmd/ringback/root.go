package main

import (
	"ringback/cmd/cli"

	"github.com/spf13/cobra"
)

// Main runs one command and returns its exit code.
func Main(args []string, w cli.Env) (code int) {
	return cli.Run(args, w, func(w cli.Env) *cobra.Command {
		root := newRoot(w)
		if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
			completeFlags(root)
		}
		return root
	})
}

// commandsOfReleases are those that only making a release takes, see man.go.
var commandsOfReleases []func() *cobra.Command

func newRoot(w cli.Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "ringback",
		Short: "The CallKit backend, for tests: plays calls, sends their callbacks, judges the answers",
		Long: `Ringback stands in for the Tencent TRTC Call (TUICallKit) backend. It plays whole
calls, sends the callbacks that the real backend would send to your app backend,
retries as documented, and says what is wrong with the answers.

  ringback demo                                      see it work, no set-up
  ringback call --target http://127.0.0.1:3000/cb    play a call against your backend
  ringback verify --target http://127.0.0.1:3000/cb  judge it by the contract
  ringback serve                                     run a fake CallKit backend
  ringback tui                                       watch and play calls in the terminal
  ringback explore --target http://127.0.0.1:3000/cb find failures that no scenario covers
  ringback load --target http://127.0.0.1:3000/cb    find out how much load it takes
  ringback simulate                                  generate realistic calls
  ringback replay FILE --target URL                  send a journal's callbacks again
  ringback record --target URL --out FILE            write down what the real service sends
  ringback calibrate FILE                            learn what the real service does from its callbacks

Each flag can also come from the environment (RINGBACK_CALL_TARGET, or
RINGBACK_TARGET for all commands) or from ringback.yaml. A flag wins over the
environment, the environment over the file.`,
		Version:           cli.Version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	load := newLoad(w)
	load.AddCommand(newLoadMerge(w))
	root.AddCommand(newDemo(w), newCall(w), newServe(w), newVerify(w), newExplore(w), load, newTUI(w), newSimulate(w), newReplay(w), newRecord(w), newCalibrate(w), newPresets(w), newReceiver(w), newUsersig(w), newDialects(w), newFaults(w), newClauses(w), newSteps(w), newSchema(w), newHealth(w), newVersion(w))
	for _, more := range commandsOfReleases {
		root.AddCommand(more())
	}
	root.SetHelpCommand(newHelp(w))
	cli.Prepare(root, w)
	return root
}
