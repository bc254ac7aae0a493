package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/features"
)

func newSteps(w cli.Env) *cobra.Command {
	var language string
	cmd := &cobra.Command{
		Use: "steps", Args: cobra.NoArgs,
		Short: "List the steps that scenarios are written in, with examples",
		Long: `Lists the sentences of .feature files that ringback verify --features runs: what a
scenario starts from, what happens in calls, and what is checked of the receiver.
[...] is optional, {...} is a value. A godog suite of your own gets the same steps
from features.Register.

--glue writes them as step definitions of a language instead, from which editors with
Cucumber's language server complete steps, and mark those that are undefined.`,
		Example: `  ringback steps
  ringback steps --glue js > features/ringback.steps.js`,
	}
	cmd.Flags().StringVar(&language, "glue", "", "write step definitions in a `language` instead: js, java or python")
	list := listing(w, cmd, features.Steps, func(s features.Step) {
		fmt.Fprintf(w.Stdout, "%s\n    %s\n    e.g. %s\n", s.Form, s.About, s.Example)
	}).RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if language == "" {
			return list(cmd, args)
		}
		if err := cli.CheckWord("ringback steps", "glue", language, []string{"js", "java", "python"}); err != nil {
			return err
		}
		return writeGlue(w.Stdout, language)
	}
	return cmd
}
