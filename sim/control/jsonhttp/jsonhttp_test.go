package jsonhttp_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"

	"ringback/sim/control/jsonhttp"
)

// Every kind of JSON value has a name.
func TestKind(t *testing.T) {
	for value, want := range map[string]string{
		`{}`: "an object", `[]`: "a list", `""`: "a text", `null`: "null", `true`: "true", `false`: "false", `0`: "a number", `-1.5e3`: "a number",
	} {
		if got := jsonhttp.Kind(json.RawMessage(value)); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}

// An answer is JSON as people write it: addresses keep their &.
func ExampleWrite() {
	w := httptest.NewRecorder()
	jsonhttp.Write(w, 201, map[string]string{"url": "http://127.0.0.1/?a=1&b=<2>"})
	fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Body)
	// Output:
	// 201 application/json {"url":"http://127.0.0.1/?a=1&b=<2>"}
}
