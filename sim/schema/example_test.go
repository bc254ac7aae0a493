package schema_test

import (
	"encoding/json"
	"fmt"
	"reflect"

	"ringback/sim/schema"
)

type color uint8

func (c color) String() string               { return [...]string{"red", "green"}[c] }
func (c color) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

func Example() {
	type report struct {
		Light color    `json:"light"`
		Level string   `json:"level,omitempty" words:"must should"`
		Notes []string `json:"notes"`
	}
	s := schema.Of[report](schema.Types{reflect.TypeFor[color](): schema.Strings(color(0), color(1))})
	text, err := json.Marshal(s)
	fmt.Println(string(text), err)
	// Output:
	// {"type":"object","properties":{"light":{"type":"string","enum":["red","green"]},"level":{"type":"string","enum":["must","should"]},"notes":{"type":"array","items":{"type":"string"}}},"required":["light","notes"],"additionalProperties":false} <nil>
}
