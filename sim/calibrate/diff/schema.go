package diff

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/schema"
	"ringback/sim/wire"
)

// Schema returns the JSON Schema of a [Report].
func Schema() *jsonschema.Schema {
	return schema.Of[Report](schema.Types{reflect.TypeFor[wire.Generation](): schema.Strings(wire.V1, wire.V4)})
}
