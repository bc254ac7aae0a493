// Package schema makes JSON Schemas (draft 2020-12) of what Ringback reads and writes.
// They come from the types and tables that do the reading and writing, so that a schema
// can't say anything else.
package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// Draft names the version of JSON Schema.
const Draft = "https://json-schema.org/draft/2020-12/schema"

// Types are the schemas of types that encode themselves.
type Types map[reflect.Type]*jsonschema.Schema

// Of returns the schema of what [encoding/json] writes of a T: an object with its keys and
// no others. Lists are never null. A field's tag words:"a b" lists the words that its text
// can be. Of panics on a type that encodes itself and is not among types, unless that is
// a [time.Time].
func Of[T any](types Types) *jsonschema.Schema {
	all := Types{
		reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time"},
		// encoding/json writes numbers as keys
		reflect.TypeFor[map[int]int64](): {Type: "object", PropertyNames: &jsonschema.Schema{Pattern: "^-?[0-9]+$"}, AdditionalProperties: &jsonschema.Schema{Type: "integer"}},
	}
	for t, s := range types {
		all[t] = s
	}
	t := reflect.TypeFor[T]()
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: all})
	if err != nil {
		panic(err)
	}
	all.refine(t, s)
	return s
}

// refine corrects what the library derives from a type.
func (all Types) refine(t reflect.Type, s *jsonschema.Schema) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, own := all[t]; own {
		return
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		panic(fmt.Sprintf("schema: %s encodes itself: want its schema", t))
	}
	switch t.Kind() {
	case reflect.Slice:
		notNull(s)
		notNull(s.Items)
		all.refine(t.Elem(), s.Items)
	case reflect.Map:
		notNull(s.AdditionalProperties)
		all.refine(t.Elem(), s.AdditionalProperties)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			key := s.Properties[name]
			if key == nil {
				continue // not written, or embedded
			}
			if options != "" { // left out rather than null
				notNull(key)
			}
			if words := f.Tag.Get("words"); words != "" {
				key.Enum = Words(strings.Fields(words)...).Enum
			}
			all.refine(f.Type, key)
		}
	}
}

func notNull(s *jsonschema.Schema) {
	if len(s.Types) == 2 && s.Types[0] == "null" {
		s.Type, s.Types = s.Types[1], nil
	}
}

// Words is the schema of one of a few words.
func Words(words ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// Strings is the schema of one of a few values by their words.
func Strings[T fmt.Stringer](list ...T) *jsonschema.Schema {
	words := make([]string, len(list))
	for i, one := range list {
		words[i] = one.String()
	}
	return Words(words...)
}

// OneOf is the schema of one of a few words, each with a line about it.
func OneOf[T any](list []T, of func(T) (word, about string)) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, one := range list {
		word, about := of(one)
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Const: jsonschema.Ptr[any](word), Description: about})
	}
	return s
}

// Duration is the schema of a time like 1m30s, in YAML.
func Duration() *jsonschema.Schema {
	zero := 0.0
	return &jsonschema.Schema{
		Types: []string{"string", "integer"}, Minimum: &zero, Maximum: &zero, // without a unit only 0
		Pattern: `^[-+]?(0|((` + number + `)(ns|us|µs|μs|ms|s|m|h))+)$`,
	}
}

const number = `[0-9]+(\.[0-9]*)?|\.[0-9]+`

// OneOrMore is the schema of a value, or a list of them.
func OneOrMore(one *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, {Type: "array", Items: one.CloneSchemas()}}}
}

// None allows nothing: of a map, no other keys.
func None() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }
