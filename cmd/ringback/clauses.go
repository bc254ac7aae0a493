package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/fixtures"
)

func newClauses(w cli.Env) *cobra.Command {
	var asJSON bool
	var level, generation string
	cmd := &cobra.Command{
		Use: "clauses", Args: cobra.NoArgs,
		Short: "List what the documents ask of a receiver",
		Long: `Each clause is a requirement of the vendor's documents on a receiver. It is must if a
page states it, or if the retries that a page states make it certain to happen: v1
has retries, v4 has none unless --dialect v4_retry=v1. It is should if it follows from
how senders and networks behave beyond that, or if it is a form that a page shows and
its own rule does not need. The number is that of the page: 60130 is
https://trtc.io/document/60130. A clause marked probe is judged by what the receiver
stored. One marked only with --sign is not part of the CallKit pages.`,
		Example: `  ringback clauses --level must --generation v1
  ringback clauses --json`,
		RunE: func(*cobra.Command, []string) error {
			list, err := chooseClauses(level, generation)
			if err != nil {
				return err
			}
			if asJSON {
				return cli.WriteJSON(w.Stdout, list)
			}
			for _, c := range list {
				printClause(w, c, generation)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&level, "level", "", "list one `level`: must or should (default: both)")
	f.StringVar(&generation, "generation", "both", "list what binds receivers of a `generation`: v1, v4 or both")
	f.BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func chooseClauses(level, generation string) ([]fixtures.Clause, error) {
	if level != "" {
		if err := cli.CheckWord("ringback clauses", "level", level, cli.Levels); err != nil {
			return nil, err
		}
	}
	if err := cli.CheckWord("ringback clauses", "generation", generation, cli.GenerationWords); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(fixtures.Clauses(), func(c fixtures.Clause) bool {
		return !c.Binds(generation) || level != "" && !ofLevel(c, level, generation)
	}), nil
}

// ofLevel reports whether a clause has a level for receivers of a generation, or for
// some of both.
func ofLevel(c fixtures.Clause, level, generation string) bool {
	return slices.ContainsFunc([]string{"v1", "v4"}, func(g string) bool {
		return (generation == g || generation == "both") && c.Levels.In(g, false) == level
	})
}

func printClause(w cli.Env, c fixtures.Clause, generation string) {
	probe := ""
	if c.Probe {
		probe = "probe"
	}
	if c.Extension != "" {
		probe = "only with --" + c.Extension
	}
	fmt.Fprintf(w.Stdout, "%-40s %-18s  %-4s  %s  %s\n", c.ID, c.Levels.Words(generation, false), c.Generation, c.Document, probe)
	fmt.Fprintf(w.Stdout, "    %s\n", c.Words)
}
