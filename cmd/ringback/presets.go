package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/fixtures"
	"ringback/sim/text"
)

func newPresets(w cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "presets [NAME]", Args: cobra.MaximumNArgs(1), ValidArgs: fixtures.Presets(),
		Short: "List the traffic presets, or print one as YAML to start your own from",
		Long: `A preset describes how people call: how many they are, when they call and whom, how
long phones ring, how long people talk, and who tries again. Without a name, lists the
presets; with one, prints it, each value with its source. Change what you like and
use the file as --preset ./mine.yaml. Editors complete and check it by the schema beside
it, which its first line names.`,
		Example: `  ringback presets
  ringback presets consumer > mine.yaml
  ringback schema preset > preset.schema.json`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, name := range fixtures.Presets() {
					preset, _ := fixtures.Preset(name)
					about, _, _ := strings.Cut(string(preset), "\n")
					fmt.Fprintf(w.Stdout, "%-11s %s\n", name, strings.TrimPrefix(about, "# "))
				}
				return nil
			}
			preset, ok := fixtures.Preset(args[0])
			if !ok {
				hint := "ringback presets"
				if near := text.Nearest(args[0], fixtures.Presets()); near != "" {
					hint += " " + near
				}
				return cli.Usage(fmt.Errorf("%q: want one of %s%s", args[0], strings.Join(fixtures.Presets(), ", "), cli.DidYouMean(args[0], "", fixtures.Presets())), hint)
			}
			_, err := fmt.Fprintf(w.Stdout, "# yaml-language-server: $schema=preset.schema.json\n%s", preset)
			return err
		},
	}
}
