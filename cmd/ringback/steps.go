package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/features"
)

func newSteps(w cli.Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "steps", Args: cobra.NoArgs,
		Short: "List the steps that scenarios are written in, with examples",
		Long: `The sentences of .feature files that ringback verify --features runs: what happens
in calls, what a scenario starts from, and what is asked of the receiver. [...] may
be left out, {...} is a value. The same are there for godog suites of your own:
features.Register.`,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return stepsJSON(w)
			}
			for _, s := range features.Steps() {
				fmt.Fprintf(w.Stdout, "%s\n    %s\n    e.g. %s\n", s.Form, s.About, s.Example)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func stepsJSON(w cli.Env) error {
	type row struct {
		Form    string `json:"form"`
		Pattern string `json:"pattern"`
		About   string `json:"about"`
		Example string `json:"example"`
	}
	rows := []row{}
	for _, s := range features.Steps() {
		rows = append(rows, row{s.Form, s.Pattern, s.About, s.Example})
	}
	return cli.WriteJSON(w.Stdout, rows)
}
