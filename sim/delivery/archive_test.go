package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"ringback/sim/delivery"
)

// Requests in an archive return the bytes that they had, in any order, also while others
// are added, and what they returned stays.
func TestArchive(t *testing.T) {
	at, err := delivery.ParseEndpoint("http://127.0.0.1:3000/cb?token=t")
	if err != nil {
		t.Fatal(err)
	}
	var a delivery.Archive
	type kept struct {
		request           *delivery.Request
		all, target, body string
		early             []byte
	}
	var list []kept
	for i := range 700 { // some blocks
		body := fmt.Sprintf(`{"CallId":"%d","Data":"%s"}`, i, strings.Repeat("x", i*i%5000))
		r := delivery.Restore(at, fmt.Appendf(nil, "/cb?n=%d", i), []byte(body))
		k := kept{r, string(r.Bytes()), string(r.Target()), string(r.Body()), r.Body()}
		a.Put(r)
		a.Put(r) // again is nothing
		list = append(list, k)
		for _, k := range []kept{list[i/2], list[i], list[0]} {
			if string(k.request.Bytes()) != k.all || string(k.request.Target()) != k.target || string(k.request.Body()) != k.body || k.request.ContentType() != delivery.ContentType {
				t.Fatalf("after %d: got %q, want %q", i, k.request.Bytes(), k.all)
			}
		}
	}
	for _, k := range list {
		if string(k.early) != k.body {
			t.Fatalf("a slice that was returned before changed: %q, want %q", k.early, k.body)
		}
	}
}
