package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/features"
)

func newSteps(w cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "steps", Args: cobra.NoArgs,
		Short: "List the steps that scenarios are written in, with examples",
		Long: `Lists the sentences of .feature files that ringback verify --features runs: what a
scenario starts from, what happens in calls, and what is checked of the receiver.
[...] is optional, {...} is a value. A godog suite of your own gets the same steps
from features.Register.`,
	}
	return listing(w, cmd, features.Steps, func(s features.Step) {
		fmt.Fprintf(w.Stdout, "%s\n    %s\n    e.g. %s\n", s.Form, s.About, s.Example)
	})
}
