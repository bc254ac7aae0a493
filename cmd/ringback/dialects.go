package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/wire"
)

func newDialects(w cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "dialects", Args: cobra.NoArgs,
		Short: "List where the vendor's documents disagree, and what can be chosen",
		Long: `Each key is a place where the documents contradict each other or leave something
open. The first value is the default. Choose with --dialect key=value.`,
	}
	type row struct {
		Key     string   `json:"key"`
		Values  []string `json:"values"`
		Default string   `json:"default"`
		About   string   `json:"about"`
		Source  string   `json:"source"`
	}
	list := func() (rows []row) {
		for _, k := range wire.Keys() {
			rows = append(rows, row{k.Name, k.Values, k.Default(), k.About, k.Source})
		}
		return rows
	}
	return listing(w, cmd, list, func(r row) {
		fmt.Fprintf(w.Stdout, "%-17s %s (default), %s\n", r.Key, r.Default, strings.Join(r.Values[1:], ", "))
		fmt.Fprintf(w.Stdout, "%18s%s\n%18s%s\n", "", r.About, "", r.Source)
	})
}
