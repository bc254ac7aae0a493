package traffic

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Parse reads a model from YAML. Every key that is there must be known, and a
// value that is missing is zero where that makes sense. Errors name the line or
// the key.
func Parse(text []byte) (*Model, error) {
	m := &Model{Partitions: 8, Retry: Retry{Most: 1}}
	if err := yaml.UnmarshalWithOptions(text, m, yaml.Strict()); err != nil {
		var bad yaml.Error
		if errors.As(err, &bad) && bad.GetToken() != nil {
			return nil, fmt.Errorf("line %d: %s", bad.GetToken().Position.Line, bad.GetMessage())
		}
		return nil, err
	}
	if len(m.Platforms) == 0 {
		m.Platforms = map[string]float64{"iOS": 1}
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}
