package delivery

import (
	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/schema"
)

// VerdictSchema returns the JSON Schema of a [Verdict].
func VerdictSchema() *jsonschema.Schema {
	s := schema.Of[verdictJSON](nil)
	s.Properties["is"].Enum = schema.Words(append(classWords[:NoAnswer:NoAnswer], failureWords[1:]...)...).Enum
	return s
}
