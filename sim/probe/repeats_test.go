package probe

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLastOfEqual(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                  `{}`,
		`{"a":1}`:             `{"a":1}`,
		`{"a":1,"a":2}`:       `{"a":2}`,
		`{"a":1,"b":2,"a":3}`: `{"b":2,"a":3}`,
		` { "a" : 1 , "b":2,` + "\n" + ` "a" : 3 } `:      ` { "b":2,` + "\n" + ` "a" : 3 } `,
		`{"a":{"x":1,"x":2},"b":[{"x":1,"x":2},"x","x"]}`: `{"a":{"x":2},"b":[{"x":2},"x","x"]}`,
		`{"a":{"x":1,"x":2},"a":{"y":1}}`:                 `{"a":{"y":1}}`,
		`{"a":1,"\u0061":2}`:                              `{"\u0061":2}`,
		`{"a":"a","b":"a","a":["a"]}`:                     `{"b":"a","a":["a"]}`,
		`{"a":1e999,"a":1e999}`:                           `{"a":1e999}`,
		`{"a,\"":"}\",","a,\"":1}`:                        `{"a,\"":1}`,
		`[1,[2,{"a":1,"a":1}]]`:                           `[1,[2,{"a":1}]]`,
		`"a"`:                                             `"a"`,
	} {
		if got := string(lastOfEqual([]byte(text))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// encoding/json takes the last, too: for it nothing changes, and nothing is left
// to choose from.
func FuzzLastOfEqual(f *testing.F) {
	f.Add([]byte(`{"a":{"x":1,"x":2},"a":{"y":1},"b":[{},{"":0,"":1}]}`))
	f.Add([]byte(` {"a":1 ,"a" : "\",\"a\":" ,"\u0061":null} `))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			t.Skip()
		}
		got := lastOfEqual(text)
		var want, have any
		errWant, errHave := json.Unmarshal(text, &want), json.Unmarshal(got, &have)
		if (errWant == nil) != (errHave == nil) || errWant == nil && !cmp.Equal(want, have) {
			t.Errorf("%q became %q: %v, %v", text, got, errWant, errHave)
		}
		if again := repeatedMembers(got); len(again) > 0 {
			t.Errorf("%q still has %v", got, again)
		}
	})
}
