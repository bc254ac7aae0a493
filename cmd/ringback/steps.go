package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"ringback/features"
)

func newSteps(w world) *cobra.Command {
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
				fmt.Fprintf(w.stdout, "%s\n    %s\n    e.g. %s\n", s.Form, s.About, s.Example)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func stepsJSON(w world) error {
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
	enc := json.NewEncoder(w.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}
