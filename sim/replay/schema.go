package replay

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/schema"
	"ringback/sim/wire"
)

// Schema returns the JSON Schema of each line that a [Printer] prints for programs.
func Schema() *jsonschema.Schema {
	types := schema.Types{
		reflect.TypeFor[End]():              schema.Words(endWords[:]...),
		reflect.TypeFor[Change]():           schema.Words(changeWords[:]...),
		reflect.TypeFor[wire.Generation]():  schema.Strings(wire.V1, wire.V4),
		reflect.TypeFor[wire.Word]():        schema.Strings(wire.AllWords()...),
		reflect.TypeFor[call.Span]():        schema.Duration(),
		reflect.TypeFor[delivery.Verdict](): delivery.VerdictSchema(),
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{schema.Of[differenceLine](types), schema.Of[summaryLine](types)}}
}
