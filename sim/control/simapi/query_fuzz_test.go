package simapi

import (
	"net/url"
	"strings"
	"testing"
)

// A query that is let through is read by net/url as it stands: each parameter is
// one of the route's, is there once, and has a value.
func FuzzQuery(f *testing.F) {
	params := []param{{name: "state", in: "query", words: "state"}, {name: "call", in: "query"}, {name: "kind", in: "query", words: "kind", list: true}, {name: "id", in: "header"}}
	for _, q := range []string{"state=acked&call=1", "st%61te=acked&&", "kind=callback,answer", "call=a%26b=c", "call=%ff", "call=1;x", "call", "id=1", "call=a+b", "%63all=%"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if checkQuery(raw, params) != nil {
			return
		}
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		for name, list := range values {
			if name != "state" && name != "call" && name != "kind" || len(list) != 1 || list[0] == "" {
				t.Errorf("%q: %s is %q", raw, name, list)
			}
		}
		for pair := range strings.SplitSeq(raw, "&") {
			name, _, _ := strings.Cut(pair, "=")
			if name, err := url.QueryUnescape(name); pair != "" && (err != nil || !values.Has(name)) {
				t.Errorf("%q: %s was dropped", raw, pair)
			}
		}
	})
}
