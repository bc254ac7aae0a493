package script_test

import (
	"os"
	"slices"
	"testing"

	"ringback/fixtures/schemas"
	"ringback/sim/script"
)

// The schema allows what is read, and nothing that is refused for its keys or values.
func TestSchema(t *testing.T) {
	s := script.Schema()
	every, err := os.ReadFile("testdata/every.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := schemas.Validate(s, every); err != nil {
		t.Errorf("every.yaml: %v", err)
	}
	for name, c := range readable {
		if err := schemas.Validate(s, []byte(c.text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What operations say about each other, and times that no script has.
	beyond := []string{
		"no call named", "two calls, a name", "no call", "calls himself", "two calls, no name", "busy and silent", "back in time", "unknown call", "busy stranger",
		"before the start", "too fine", "too late",
	}
	for name, c := range refused {
		if wrong := schemas.Validate(s, []byte(c.text)) != nil; wrong == slices.Contains(beyond, name) {
			t.Errorf("%s: the schema refuses it: %t (%s)", name, wrong, c.want)
		}
	}
}
