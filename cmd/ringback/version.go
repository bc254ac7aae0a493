package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/text"
)

func newVersion(w cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version, and the commit that it was built from", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			commit, date := cli.Commit, cli.Date
			if commit == "" {
				commit, date = builtFrom()
			}
			text.Fprintf(w.Stdout, "ringback %s\n", cli.Version)
			if commit != "" {
				text.Fprintf(w.Stdout, "commit   %s\ndate     %s\n", commit, date)
			}
			_, err := fmt.Fprintf(w.Stdout, "go       %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// builtFrom is the commit that go build found, and its date; none of a build
// without a repository.
func builtFrom() (commit, date string) {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return "", ""
	}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.time":
			date = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", and what was changed since"
		}
	}
	if commit == "" {
		return "", ""
	}
	return commit + changed, date
}
