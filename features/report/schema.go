package report

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/schema"
)

// Schema returns the JSON Schema of what [Report.WriteJSON] writes.
func Schema() *jsonschema.Schema {
	return schema.Of[jsonReport](schema.Types{
		reflect.TypeFor[Status](): schema.Words(string(Passed), string(Failed), string(Warned), string(Skipped), string(Errored)),
	})
}
