package traffic_test

import (
	"slices"
	"strings"
	"testing"

	"ringback/fixtures"
	"ringback/fixtures/schemas"
	"ringback/sim/traffic"
)

// The schema allows the presets, and nothing that is refused for its keys or the types of
// values.
func TestSchema(t *testing.T) {
	s := traffic.Schema()
	for _, name := range fixtures.Presets() {
		if err := schemas.Validate(s, []byte(presetText(name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Bounds, sums, and what one value asks of another.
	beyond := []string{
		"share", "shares together", "no law", "weights", "week", "no day", "platforms", "redial without a law", "agents call back", "nobody calls", "no call starts",
		"sessions", "sessions without a law", "spike", "sizes", "small team", "late", "late without a law", "overrun without a law", "rejoin without a law", "half a team",
	}
	for _, c := range refused {
		if wrong := schemas.Validate(s, []byte(strings.Replace(c.text, c.from, c.to, 1))) != nil; wrong == slices.Contains(beyond, c.name) {
			t.Errorf("%s: the schema refuses it: %t (%s)", c.name, wrong, c.want)
		}
	}
}
