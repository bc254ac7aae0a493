package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/features/report"
	"ringback/sim/calibrate"
	"ringback/sim/calibrate/diff"
	"ringback/sim/explore"
	"ringback/sim/fault"
	"ringback/sim/load"
	"ringback/sim/replay"
	"ringback/sim/schema"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// schemas are the JSON Schemas by their names; root has all commands.
var schemas = []struct {
	name, about string
	make        func(root *cobra.Command) *jsonschema.Schema
}{
	{"config", "ringback.yaml, the settings file", func(root *cobra.Command) *jsonschema.Schema { return cli.SettingsSchema(root, valueSchema) }},
	{"script", "a file of call --script", func(*cobra.Command) *jsonschema.Schema { return script.Schema() }},
	{"preset", "a file of --preset and --traffic, as ringback presets NAME prints it", func(*cobra.Command) *jsonschema.Schema { return traffic.Schema() }},
	{"verify", "the report of verify --report json=FILE", func(*cobra.Command) *jsonschema.Schema { return report.Schema() }},
	{"load", "the report of load --report json=FILE and load --json, with --find-limit, too", func(*cobra.Command) *jsonschema.Schema {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{schema.Of[load.Report](nil), schema.Of[load.Limit](nil)}}
	}},
	{"explore", "the report of explore --json", func(*cobra.Command) *jsonschema.Schema { return explore.Schema() }},
	{"calibrate", "the report of calibrate --json", func(*cobra.Command) *jsonschema.Schema {
		s := calibrate.Schema()
		s.Properties["diff"] = diff.Schema()
		return s
	}},
	{"replay", "each line of replay --json", func(*cobra.Command) *jsonschema.Schema { return replay.Schema() }},
}

func newSchema(w cli.Env) *cobra.Command {
	var names []string
	for _, s := range schemas {
		names = append(names, s.name)
	}
	return &cobra.Command{
		Use: "schema [NAME]", Args: cobra.MaximumNArgs(1), ValidArgs: names,
		Short: "Print the JSON Schema of a file or a report, for editors and programs",
		Long: `Without a name, lists what there is a JSON Schema (2020-12) of; with one, prints it.
An editor with a YAML language server completes and checks a file whose first line
names its schema:

  # yaml-language-server: $schema=script.schema.json

The schema is that of this version of ringback: keys that it does not know are errors.`,
		Example: `  ringback schema
  ringback schema script > script.schema.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, s := range schemas {
					fmt.Fprintf(w.Stdout, "%-10s %s\n", s.name, s.about)
				}
				return nil
			}
			i := slices.Index(names, args[0])
			if i < 0 {
				hint := "ringback schema"
				if near := text.Nearest(args[0], names); near != "" {
					hint += " " + near
				}
				return cli.Usage(fmt.Errorf("%q: want one of %s%s", args[0], strings.Join(names, ", "), cli.DidYouMean(args[0], "", names)), hint)
			}
			s := schemas[i].make(cmd.Root())
			s.Schema, s.Title, s.Description = schema.Draft, "ringback "+schemas[i].name, schemas[i].about
			return cli.WriteJSON(w.Stdout, s)
		},
	}
}

// valueSchema is the schema of what a flag takes, if that is known, or nil.
func valueSchema(cmd *cobra.Command, f *pflag.Flag) *jsonschema.Schema {
	if choice := choices[f.Name]; choice != nil {
		return schema.OneOf(choice(), func(c choiceWord) (string, string) { return c.word, c.about })
	}
	switch f.Name {
	case "dialect":
		s := &jsonschema.Schema{Type: "string"}
		for _, k := range wire.Keys() {
			for _, value := range k.Values {
				s.OneOf = append(s.OneOf, &jsonschema.Schema{Const: jsonschema.Ptr[any](k.Name + "=" + value), Description: k.About})
			}
		}
		return s
	case "fault":
		return fault.Schema()
	case "subscribe":
		var words []string
		for _, w := range wire.AllWords() {
			words = append(words, w.String())
		}
		one := "(" + strings.Join(words, "|") + ")"
		return &jsonschema.Schema{Type: "string", Pattern: "^ *" + one + " *(, *" + one + " *)*$"}
	case "report":
		kinds := []string{"html", "json"}
		if cmd.Name() == "verify" {
			kinds = slices.Sorted(maps.Keys(report.Writers))
		}
		return &jsonschema.Schema{Type: "string", Pattern: "^(" + strings.Join(kinds, "|") + ")=.+$"}
	}
	return nil
}
