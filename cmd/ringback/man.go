//go:build man

package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"ringback/cmd/cli"
)

func init() { commandsOfReleases = append(commandsOfReleases, newMan) }

// newMan writes what a package of the system installs as manual pages; make dist calls it.
// A program for users has not got it: it would be 250 KB larger.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Args: cobra.ExactArgs(1), Hidden: true,
		Short: "Write the manual pages to a folder",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return cli.Usage(fmt.Errorf("man: %w", err), "ringback man man1")
			}
			date, err := time.Parse(time.RFC3339, cli.Date)
			if err != nil { // of no release
				date = time.Now()
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "ringback " + cli.Version, Manual: "Ringback", Date: &date}, args[0])
		},
	}
}
