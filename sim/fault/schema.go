package fault

import (
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Schema returns the JSON Schema of a fault as [Parse] reads it: its name, and behind it
// anything. Amounts, shares and scopes are beyond it.
func Schema() *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	var names []string
	for _, k := range kinds {
		names = append(names, k.Name)
		s.Examples = append(s.Examples, k.Example)
	}
	s.Pattern = "^(" + strings.Join(names, "|") + ")([=:@#].*)?$"
	return s
}
