package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/fault"
)

func newFaults(w cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "faults", Args: cobra.NoArgs,
		Short: "List the faults that callbacks can have, and what a good receiver does",
		Long: `Each fault changes, delays or loses callbacks on purpose, the same ones for the same
seed: --fault NAME[=AMOUNT][:SHARE%][@WORD] with an amount, for a share of the
callbacks, or for those of one word (call_end: each v1 status). Several faults apply
in the order in which they are given.`,
		Example: `  ringback call --target http://127.0.0.1:3000/callback --fault race=4@call_end
  ringback call --target http://127.0.0.1:3000/callback --fault lose_answer:30% --fault reorder`,
	}
	return listing(w, cmd, fault.List, func(f fault.Info) {
		name := f.Name
		if f.Usual != "" {
			name += "=" + f.Usual
		}
		fmt.Fprintf(w.Stdout, "%-27s the callback %s\n%28sgood: the receiver %s\n", name, f.About, "", f.Expect)
	})
}

// listing makes a command print a list for people or, with --json, as JSON.
func listing[T any](w cli.Env, cmd *cobra.Command, list func() []T, print func(T)) *cobra.Command {
	asJSON := cmd.Flags().Bool("json", false, "print as JSON")
	cmd.RunE = func(*cobra.Command, []string) error {
		if *asJSON {
			return cli.WriteJSON(w.Stdout, list())
		}
		for _, row := range list() {
			print(row)
		}
		return nil
	}
	return cmd
}
