package calibrate

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/schema"
	"ringback/sim/wire"
)

// Schema returns the JSON Schema of a [Report].
func Schema() *jsonschema.Schema {
	times := schema.Of[spread](nil)
	times.Required = []string{"n"} // none without any
	return schema.Of[Report](schema.Types{
		reflect.TypeFor[Spread]():          times,
		reflect.TypeFor[State]():           schema.Words(string(Shown), string(Unknown), string(Contradicted), string(Other)),
		reflect.TypeFor[wire.Generation](): schema.Strings(wire.V1, wire.V4),
	})
}
