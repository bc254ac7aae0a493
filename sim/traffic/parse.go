package traffic

import (
	"reflect"
	"strings"

	"ringback/sim/yaml"
)

// Parse parses a model from YAML. An unknown key is an error, and so is a missing
// one unless 0 is a sensible value. Errors name the line and the key.
func Parse(text []byte) (*Model, error) {
	m := &Model{Partitions: 64, Retry: Retry{Max: 1}}
	root, err := yaml.Parse(text)
	if err != nil {
		return nil, err
	}
	d := &decoder{lines: map[string]int{}}
	d.decode(root, "", reflect.ValueOf(m).Elem())
	if d.err != nil {
		return nil, d.err
	}
	if len(m.Platforms) == 0 {
		m.Platforms = map[string]float64{"iOS": 1}
	}
	if err := m.check(); err != nil {
		err.line = d.lineOf(err.key)
		return nil, err
	}
	return m, nil
}

// lineOf returns the line of a key or, if the key is missing, that of its parent.
func (d *decoder) lineOf(key string) int {
	key, _, _ = strings.Cut(key, " ") // of several keys the first
	for key != "" {
		if line := d.lines[key]; line > 0 {
			return line
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return 0
}
