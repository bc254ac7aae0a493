package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/wire"
)

func newDialects(w cli.Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "dialects", Args: cobra.NoArgs,
		Short: "List where the vendor's documents disagree, and what can be chosen",
		Long: `Each key is a place where the documents contradict each other or leave something
open. The first value is the default. Choose with --dialect key=value.`,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return dialectsJSON(w)
			}
			for _, k := range wire.Keys() {
				fmt.Fprintf(w.Stdout, "%-17s %s\n", k.Name, values(k))
				fmt.Fprintf(w.Stdout, "%18s%s\n%18s%s\n", "", k.About, "", k.Source)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func values(k wire.Key) string {
	return k.Default() + " (default), " + strings.Join(k.Values[1:], ", ")
}

func dialectsJSON(w cli.Env) error {
	type row struct {
		Key     string   `json:"key"`
		Values  []string `json:"values"`
		Default string   `json:"default"`
		About   string   `json:"about"`
		Source  string   `json:"source"`
	}
	rows := []row{}
	for _, k := range wire.Keys() {
		rows = append(rows, row{k.Name, k.Values, k.Default(), k.About, k.Source})
	}
	return cli.WriteJSON(w.Stdout, rows)
}
