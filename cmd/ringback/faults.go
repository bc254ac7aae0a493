package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/fault"
)

func newFaults(w cli.Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "faults", Args: cobra.NoArgs,
		Short: "List the ways to mistreat callbacks, and what a good receiver does",
		Long: `Each fault mistreats callbacks on purpose, the same ones again for the same seed:
--fault NAME[=AMOUNT][:SHARE%][@WORD] with an amount, for a share of the callbacks,
or for those of one word (call_end: each v1 status). Faults that are given together
work together, in the order in which they are given.`,
		Example: `  ringback call --target http://127.0.0.1:3000/callback --fault race=4@call_end
  ringback call --target http://127.0.0.1:3000/callback --fault lose_answer:30% --fault reorder`,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return faultsJSON(w)
			}
			for _, f := range fault.List() {
				name := f.Name
				if f.Usual != "" {
					name += "=" + f.Usual
				}
				fmt.Fprintf(w.Stdout, "%-27s the callback %s\n%28sgood: the receiver %s\n", name, f.About, "", f.Expect)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func faultsJSON(w cli.Env) error {
	type row struct {
		Name    string `json:"name"`
		Usual   string `json:"usual_amount"`
		About   string `json:"about"`
		Expect  string `json:"good_receiver"`
		Example string `json:"example"`
	}
	rows := []row{}
	for _, f := range fault.List() {
		rows = append(rows, row{f.Name, f.Usual, f.About, f.Expect, f.Example})
	}
	return cli.WriteJSON(w.Stdout, rows)
}
