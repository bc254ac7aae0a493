package cli

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/schema"
)

// SettingsSchema returns the JSON Schema of settings files: their keys are the flags of all
// commands. A flag that takes some values only has the schema that valueOf returns; of
// the others, for which it returns nil, the types are known.
func SettingsSchema(root *cobra.Command, valueOf func(*cobra.Command, *pflag.Flag) *jsonschema.Schema) *jsonschema.Schema {
	s := section(root, valueOf)
	s.Type, s.Types = "object", nil
	s.Defs = map[string]*jsonschema.Schema{}
	for _, name := range commonNames {
		for _, cmd := range root.Commands() {
			if f := cmd.Flags().Lookup(name); f != nil && fromCommon(f) {
				s.Defs[name] = flagSchema(f, valueOf(cmd, f))
				s.Properties[name] = &jsonschema.Schema{Ref: "#/$defs/" + name}
				break
			}
		}
	}
	shareCommon(s.Defs, s)
	s.PropertyOrder = append(append([]string{}, commonNames...), s.PropertyOrder...)
	return s
}

// shareCommon lets a section refer to the shared flags that mean the same in it.
func shareCommon(common map[string]*jsonschema.Schema, s *jsonschema.Schema) {
	for name, p := range s.Properties {
		is, err := json.Marshal(p)
		shared, sharedErr := json.Marshal(common[name])
		if err == nil && sharedErr == nil && string(is) == string(shared) {
			s.Properties[name] = &jsonschema.Schema{Ref: "#/$defs/" + name}
		} else if p.Ref == "" {
			shareCommon(common, p)
		}
	}
}

// section is the schema of the map of a command, with the maps in it of the commands that
// belong to it.
func section(cmd *cobra.Command, valueOf func(*cobra.Command, *pflag.Flag) *jsonschema.Schema) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Types: []string{"object", "null"}, Description: cmd.Short, AdditionalProperties: schema.None(), Properties: map[string]*jsonschema.Schema{},
	}
	add := func(name string, p *jsonschema.Schema) {
		if s.Properties[name] == nil {
			s.PropertyOrder = append(s.PropertyOrder, name)
		}
		s.Properties[name] = p
	}
	var flags func(c *cobra.Command)
	flags = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "config" { // a file can't set these
				add(f.Name, flagSchema(f, valueOf(c, f)))
			}
		})
		for _, sub := range c.Commands() {
			flags(sub)
		}
	}
	if cmd.HasParent() {
		flags(cmd)
	}
	for _, sub := range cmd.Commands() {
		if p := section(sub, valueOf); len(p.Properties) > 0 {
			add(sub.Name(), p)
		}
	}
	return s
}

// flagSchema is the schema of a flag's key. A key without a value is like a missing one.
func flagSchema(f *pflag.Flag, value *jsonschema.Schema) *jsonschema.Schema {
	t := f.Value.Type()
	_, list := f.Value.(pflag.SliceValue)
	if value == nil {
		switch {
		case t == "bool":
			value = &jsonschema.Schema{Type: "boolean"}
		case t == "duration":
			value = schema.Duration()
		case strings.HasPrefix(t, "int"), strings.HasPrefix(t, "uint"):
			value = &jsonschema.Schema{Type: "integer"}
		case strings.HasPrefix(t, "float"):
			value = &jsonschema.Schema{Type: "number"}
		default: // a user or a run may well be called 10001
			value = &jsonschema.Schema{Types: []string{"string", "number"}}
		}
	}
	s := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{value, {Type: "null"}}}
	if list {
		s.AnyOf = []*jsonschema.Schema{value, {Type: "array", Items: value.CloneSchemas()}, {Type: "null"}}
	}
	_, s.Description = pflag.UnquoteUsage(f)
	if !list && f.DefValue != "" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "false" {
		s.Default = json.RawMessage(strconv.Quote(f.DefValue))
		if json.Valid([]byte(f.DefValue)) {
			s.Default = json.RawMessage(f.DefValue)
		}
	}
	return s
}
