package simapi

import (
	"crypto/rand"
	"net/http"
	"reflect"

	"ringback/sim/control/jsonhttp"
)

// API is the simulation API. It is safe for concurrent use.
type API struct {
	cfg    Config
	routes []route
}

// New makes the API of a session.
func New(cfg Config) *API {
	b := &backend{Config: cfg, instance: rand.Text()}
	a := &API{cfg: cfg, routes: b.routes()}
	a.routes = append(a.routes, route{
		method: http.MethodGet, path: "/sim/v1/openapi.json", status: http.StatusOK, summary: "This API as OpenAPI 3.1",
		out: reflect.TypeFor[map[string]any](), handle: a.document,
	})
	return a
}

// Handle registers the API's routes, below /sim/v1.
func (a *API) Handle(mux *http.ServeMux, guard jsonhttp.Guard) {
	for _, path := range pathsOf(a.routes) {
		mux.Handle(path, guard(byMethod(a.routes, path), RefuseForeign))
	}
}

// List is each route's method and path, like "GET /sim/v1/calls".
func (a *API) List() (list []string) {
	for _, r := range a.routes {
		list = append(list, r.method+" "+r.path)
	}
	return list
}

// document answers with the OpenAPI document.
func (a *API) document(w http.ResponseWriter, _ *http.Request) {
	doc, err := openAPI(a.cfg.Version, a.cfg.Guarded, a.routes)
	if err != nil {
		WriteProblem(w, NewProblem(http.StatusInternalServerError, KindInternal, "%v", err))
		return
	}
	jsonhttp.Write(w, http.StatusOK, doc)
}
