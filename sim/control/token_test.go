package control_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ringback/sim/control"
	"ringback/sim/control/simapi"
)

const token = "hush-hush-0123"

// With a token, the simulation API and the metrics answer 401 and nothing else to
// those who do not have it, whether or not there is such a route; the REST API has its
// own signatures, and health checks need none.
func TestToken(t *testing.T) {
	cfg := config()
	cfg.Token, cfg.AllowHosts = token, []string{"callkit"}
	b := start(t, cfg).backend
	var all struct{ Routes []string }
	rec := httptest.NewRecorder()
	b.ServeHTTP(rec, httptest.NewRequest("POST", "/nothing", nil))
	if err := json.Unmarshal(rec.Body.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	routes := append(all.Routes, "GET /sim/v1", "GET /sim/v1/", "GET //sim/v1/calls", "GET /%73im/v1/calls", "PATCH /sim/v1/calls", "OPTIONS /sim/v1/calls", "GET /sim/v1/nothing")
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer wrong-wrong-0123", "Bearer " + token + "4", "Bearer " + token[1:], "Basic " + token, token, "Bearer " + token + " "} {
		for _, route := range routes {
			method, path, _ := strings.Cut(route, " ")
			r := httptest.NewRequest(method, path, strings.NewReader(`{"outcome":"reject"}`))
			r.Host = "elsewhere.example" // refused, but only those with the token learn that
			if header != "" {
				r.Header.Set("Authorization", header)
			}
			rec := httptest.NewRecorder()
			b.ServeHTTP(rec, r)
			open := path == "/healthz" || strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/v4/") || path == "/"
			var p simapi.Problem
			_ = json.Unmarshal(rec.Body.Bytes(), &p) // else the status says so
			switch {
			case open:
				if rec.Code == http.StatusUnauthorized {
					t.Errorf("%s: %d", route, rec.Code)
				}
			case rec.Code != http.StatusUnauthorized, p.Type != "/sim/v1/problems#unauthorized", !strings.HasPrefix(rec.Header().Get("WWW-Authenticate"), `Bearer realm="ringback"`),
				p.Routes != nil, strings.Contains(rec.Body.String(), "callkit"), strings.Contains(rec.Body.String(), token):
				t.Errorf("%s with %q: %d %v %s", route, header, rec.Code, rec.Header(), rec.Body)
			}
		}
	}
	b.Read(func(st *journalState) {
		if st.Placed > 0 {
			t.Errorf("%d calls were placed", st.Placed)
		}
	})
	for _, header := range []string{"Bearer " + token, "bearer  " + token} {
		r := httptest.NewRequest("GET", "/sim/v1/openapi.json", nil)
		r.Host = "callkit"
		r.Header.Set("Authorization", header)
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"security":[{"token":[]}]`) {
			t.Errorf("with %q: %d %s", header, rec.Code, rec.Body)
		}
	}
}

func TestCheckToken(t *testing.T) {
	for token, good := range map[string]bool{
		"": false, "short": false, "1234567": false, "12345678": true, "has a blank": false, "wörter-und-mehr": false, "line\nline-line": false,
		"abc.DEF-_~+/==": true, "ab=cdefgh": false, "========": true,
	} {
		err := control.CheckToken(token)
		if (err == nil) != good {
			t.Errorf("%q: %v", token, err)
		}
		if err != nil && token != "" && strings.Contains(err.Error(), token) {
			t.Errorf("the error shows it: %v", err)
		}
	}
}
