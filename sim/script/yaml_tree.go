package script

import (
	"errors"

	"ringback/sim/yaml"
)

// parseYAML parses a file; an empty one is an error.
func parseYAML(data []byte) (*yaml.Node, error) {
	if err := checkSize(data); err != nil {
		return nil, err
	}
	root, err := yaml.Parse(data)
	var bad *yaml.Error
	switch {
	case errors.As(err, &bad):
		return nil, Errors{{Line: bad.Line, Why: bad.Why}}
	case err != nil:
		return nil, Errors{{Why: err.Error()}}
	case root == nil || root.Kind == yaml.Null:
		return nil, Errors{{Why: "the script has no operations", Hint: listHint}}
	}
	return root, nil
}
