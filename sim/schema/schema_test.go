package schema_test

import (
	"strings"
	"testing"

	"ringback/fixtures/schemas"
	"ringback/sim/schema"
)

// A type that encodes itself cannot be guessed.
func TestOwnEncoding(t *testing.T) {
	defer func() {
		if why, _ := recover().(string); !strings.Contains(why, "color encodes itself") {
			t.Errorf("got %q", why)
		}
	}()
	schema.Of[struct {
		List []struct {
			Light *color `json:"light"`
		} `json:"list"`
	}](nil)
}

// A list is never null, nor is what is left out if it is not there. A pointer may be.
func TestNull(t *testing.T) {
	s := schema.Of[struct {
		List  []int            `json:"list"`
		Maybe *int             `json:"maybe"`
		Left  *int             `json:"left,omitempty"`
		Sizes map[string][]int `json:"sizes"`
		Keys  map[int]int64    `json:"keys"`
	}](nil)
	for text, want := range map[string]bool{
		`{"list":[1],"maybe":null,"sizes":{"a":[]},"keys":{"-3":4}}`: true,
		`{"list":[],"maybe":1,"left":1,"sizes":{},"keys":{}}`:        true,
		`{"list":null,"maybe":1,"sizes":{},"keys":{}}`:               false,
		`{"list":[null],"maybe":1,"sizes":{},"keys":{}}`:             false,
		`{"list":[],"maybe":1,"left":null,"sizes":{},"keys":{}}`:     false,
		`{"list":[],"maybe":1,"sizes":{"a":null},"keys":{}}`:         false,
		`{"list":[],"maybe":1,"sizes":{},"keys":{"a":1}}`:            false,
		`{"list":[],"maybe":1,"sizes":{},"keys":{"1":"a"}}`:          false,
		`{"list":[],"sizes":{},"keys":{}}`:                           false,
		`{"list":[],"maybe":1,"sizes":{},"keys":{},"more":1}`:        false,
	} {
		if err := schemas.Validate(s, []byte(text)); (err == nil) != want {
			t.Errorf("%s: %v, want valid: %t", text, err, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]bool{
		"3s": true, "1m30s": true, "-5h": true, "0": true, "+0": true, `"0"`: true, "1.5h": true, ".5s": true, "10µs": true,
		"3": false, "1.5": false, "s": false, "3 s": false, "true": false, "[3s]": false, `""`: false,
	} {
		if err := schemas.Validate(schema.Duration(), []byte(text)); (err == nil) != want {
			t.Errorf("%s: %v, want valid: %t", text, err, want)
		}
	}
}
