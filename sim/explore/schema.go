package explore

import (
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/call"
	"ringback/sim/schema"
)

func kinds() (words []string) {
	for k := range titles {
		words = append(words, string(k))
	}
	slices.Sort(words)
	return words
}

// Schema returns the JSON Schema of a [Report].
func Schema() *jsonschema.Schema {
	types := schema.Types{
		reflect.TypeFor[call.Span](): schema.Duration(),
		reflect.TypeFor[Kind]():      schema.Words(kinds()...),
	}
	types[reflect.TypeFor[Finding]()] = schema.Of[finding](types)
	return schema.Of[Report](types)
}
