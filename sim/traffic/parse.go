package traffic

import (
	"reflect"
	"strings"

	"ringback/sim/yaml"
)

// Parse reads a model from YAML. Every key that is there must be known, and a
// value that is missing is zero where that makes sense. Errors name the line
// and the key.
func Parse(text []byte) (*Model, error) {
	m := &Model{Partitions: 8, Retry: Retry{Most: 1}}
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

// lineOf is where a key is, or what it would be part of.
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
