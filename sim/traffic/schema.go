package traffic

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/schema"
)

// Schema returns the JSON Schema of the files that [Parse] reads: their keys and the types
// of values. Bounds of values, and what one value asks of another, are beyond it.
func Schema() *jsonschema.Schema {
	s := schemaOf(reflect.TypeFor[Model]())
	s.Type, s.Types = "object", nil
	s.Properties["platforms"].PropertyNames = schema.Words(platforms...)
	for _, kind := range []string{"people", "centre", "team"} {
		s.OneOf = append(s.OneOf, &jsonschema.Schema{
			Required: []string{kind}, Properties: map[string]*jsonschema.Schema{kind: {Type: "object"}}, // not null
		})
	}
	return s
}

// schemaOf is the schema of what decode reads into a type. A key without a value is like
// a missing one.
func schemaOf(t reflect.Type) (s *jsonschema.Schema) {
	number := &jsonschema.Schema{Type: "number"}
	switch t {
	case distributionType:
		return &jsonschema.Schema{Types: []string{"string", "integer", "null"}, Minimum: new(0.0), Maximum: new(0.0), Pattern: mixture, Examples: []any{"LN(30s, 0.9)", "0.6 Exp(3s) + 0.4 10s"}}
	case profileType:
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Types: []string{"string", "null"}, Enum: []any{"flat", nil}}, {Type: "array", Items: number, MinItems: new(24), MaxItems: new(24)},
		}}
	case durationType:
		s = schema.Duration()
		s.Types = append(s.Types, "null")
		return s
	case timeType:
		return &jsonschema.Schema{Types: []string{"string", "null"}, Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}.*)?$`}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Struct:
		s = &jsonschema.Schema{Types: []string{"object", "null"}, AdditionalProperties: schema.None(), Properties: map[string]*jsonschema.Schema{}}
		for f := range t.Fields() {
			name := f.Tag.Get("yaml")
			s.Properties[name] = schemaOf(f.Type)
			s.Properties[name].Description = f.Tag.Get("about")
			s.PropertyOrder = append(s.PropertyOrder, name)
		}
		return s
	case reflect.Map:
		s = &jsonschema.Schema{Types: []string{"object", "null"}, AdditionalProperties: schemaOf(t.Elem())}
		if t.Key().Kind() == reflect.Int {
			s.PropertyNames = &jsonschema.Schema{Pattern: `^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`}
		}
		return s
	case reflect.Slice:
		return &jsonschema.Schema{Types: []string{"array", "null"}, Items: schemaOf(t.Elem())}
	case reflect.Bool:
		return &jsonschema.Schema{Types: []string{"boolean", "null"}}
	case reflect.Int:
		return &jsonschema.Schema{Types: []string{"integer", "null"}, Minimum: new(-1.0 * (1 << 31)), Maximum: new(1.0*(1<<31) - 1)}
	}
	return &jsonschema.Schema{Types: []string{"number", "null"}}
}

// mixture is how a [Distribution] is written; like [ParseDistribution] it forgives a
// bracket that is missing.
const mixture = `^ *` + term + `(\+` + term + `)*$`

const (
	term     = ` *(` + decimal + ` +)?(LN\( *` + duration + ` *, *` + decimal + ` *\)?|Exp\( *` + duration + ` *\)?|` + duration + `) *`
	duration = `(0|((` + decimal + `)(ns|us|µs|μs|ms|s|m|h))+)`
	decimal  = `([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?`
)
