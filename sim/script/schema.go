package script

import (
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/fault"
	"ringback/sim/schema"
	"ringback/sim/wire"
	"ringback/sim/yaml"
)

// Schema returns the JSON Schema of the files that [ReadYAML] reads: their keys, which of
// them belong to which operation, and the types of values. What operations say about each
// other, like calls that no one placed, is beyond it.
func Schema() *jsonschema.Schema {
	title := func(about string) *jsonschema.Schema {
		return &jsonschema.Schema{Types: []string{"string", "number"}, Description: about}
	}
	return &jsonschema.Schema{
		Defs: map[string]*jsonschema.Schema{
			"operations": {Type: "array", MinItems: new(1), MaxItems: new(MaxOperations), Items: &jsonschema.Schema{Ref: "#/$defs/operation"}},
			"operation":  operationSchema(),
		},
		AnyOf: []*jsonschema.Schema{
			{Ref: "#/$defs/operations"},
			{
				Type: "object", Required: []string{"script"}, AdditionalProperties: schema.None(), PropertyOrder: []string{"name", "about", "script"},
				Properties: map[string]*jsonschema.Schema{
					"name": title("name of the script"), "about": title("what it shows"), "script": {Ref: "#/$defs/operations"},
				},
			},
		},
	}
}

// operationSchema is the schema of an operation: all keys there are and, for each verb,
// those that it takes.
func operationSchema() *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Required: []string{"do"}, Properties: map[string]*jsonschema.Schema{}}
	for i := range keys {
		s.Properties[keys[i].name] = keys[i].schema()
		s.PropertyOrder = append(s.PropertyOrder, keys[i].name)
	}
	s.Properties["do"].Types = nil // one of the verbs, which are all text
	s.Properties["do"].OneOf = schema.OneOf(verbs, func(v verb) (string, string) { return v.word, v.about() }).OneOf
	for i := range verbs {
		v := &verbs[i]
		takes := &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: schema.None(), Required: v.needs}
		if v.word == "wait" {
			takes.Required = []string{"at"}
		}
		for _, name := range slices.Concat([]string{"at", "do"}, v.all()) {
			takes.Properties[name] = &jsonschema.Schema{}
			if k := findKey(name); slices.Contains(v.needs, name) && k.kind == names && !k.empty {
				takes.Properties[name].MinItems = new(1)
			}
			if slices.Contains(v.needs, name) {
				takes.Properties[name].MinLength = new(1)
			}
		}
		is := &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{"do": {Const: jsonschema.Ptr[any](v.word)}}, Required: []string{"do"}}
		s.AllOf = append(s.AllOf, &jsonschema.Schema{If: is, Then: takes})
	}
	return s
}

// about is a line about a verb.
func (v *verb) about() string {
	var all []string
	for i := range sentences {
		if s := &sentences[i]; s.verb == v.word {
			all = append(all, s.About)
		}
	}
	return strings.Join(all, "; ")
}

// schema is the schema of a key's value.
func (k *key) schema() (s *jsonschema.Schema) {
	text := &jsonschema.Schema{Types: []string{"string", "number"}} // users may be called 10001
	switch k.kind {
	case number:
		s = &jsonschema.Schema{Type: "integer"}
	case flag:
		s = &jsonschema.Schema{Type: "boolean"}
	case names:
		text.MinLength = new(1)
		s = schema.OneOrMore(text)
	case texts:
		s = schema.OneOrMore(fault.Schema())
	default:
		s = text
		if words := wordsOf(k.name); words != nil {
			s = schema.Words(words...)
		}
	}
	switch k.name {
	case "at":
		s = schema.Duration()
	case "level":
		s.Minimum, s.Maximum = jsonschema.Ptr(0.0), jsonschema.Ptr(100.0)
	case "number", "copy":
		s.Minimum = jsonschema.Ptr(0.0)
	case "callback":
		s = schema.Strings(wire.AllWords()...)
	}
	s.Description = k.about
	if n, err := yaml.Parse([]byte(k.like)); err == nil && n.Kind == yaml.Text {
		s.Examples = []any{n.Text}
	}
	return s
}
