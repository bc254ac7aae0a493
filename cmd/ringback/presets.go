package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ringback/fixtures"
)

func newPresets(w world) *cobra.Command {
	return &cobra.Command{
		Use: "presets [NAME]", Args: cobra.MaximumNArgs(1), ValidArgs: fixtures.Presets(),
		Short: "List the traffic presets, or print one as YAML to make your own of",
		Long: `A preset says how people call: how many they are, when they call and whom, how
long a phone rings, how long they talk, who tries again. Without a name, lists the
presets; with one, prints it, each value with its source. Change what you like and
use the file as --preset ./mine.yaml.`,
		Example: `  ringback presets
  ringback presets consumer > mine.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, name := range fixtures.Presets() {
					text, _ := fixtures.Preset(name)
					about, _, _ := strings.Cut(string(text), "\n")
					fmt.Fprintf(w.stdout, "%-11s %s\n", name, strings.TrimPrefix(about, "# "))
				}
				return nil
			}
			text, ok := fixtures.Preset(args[0])
			if !ok {
				return usage(fmt.Errorf("%q: want one of %s", args[0], strings.Join(fixtures.Presets(), ", ")), "ringback presets consumer")
			}
			_, err := w.stdout.Write(text)
			return err
		},
	}
}
