package control_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"ringback/sim/control/simapi"
)

// The README's tables name every route.
func TestReadmeNamesAllRoutes(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	w := begin(t)
	rec := httptest.NewRecorder()
	w.backend.ServeHTTP(rec, httptest.NewRequest("GET", "/nothing", nil))
	var p simapi.Problem
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	for _, route := range p.Routes {
		name := route
		if path, ok := strings.CutPrefix(route, "POST /v"); ok { // a row names the folder once
			name = path[strings.LastIndex(path, "/")+1:]
		}
		if !strings.Contains(string(readme), name+"`") {
			t.Errorf("%s is not in the README", route)
		}
	}
}
