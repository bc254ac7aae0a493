package control

import (
	"net/http"
	"reflect"

	"ringback/sim/control/jsonhttp"
)

// simAPI is the simulation API. It is safe for concurrent use.
type simAPI struct {
	version string
	routes  []route
}

// newSim makes the API of a session.
func newSim(cfg simConfig) *simAPI {
	b := &simBackend{cfg}
	a := &simAPI{version: cfg.Version, routes: b.routes()}
	a.routes = append(a.routes, route{
		method: http.MethodGet, path: "/sim/v1/openapi.json", status: http.StatusOK, summary: "This API as OpenAPI 3.1",
		out: reflect.TypeFor[map[string]any](), handle: a.document,
	})
	return a
}

// Handle registers the API's routes, below /sim/v1.
func (a *simAPI) Handle(mux *http.ServeMux, guard jsonhttp.Guard) {
	for _, path := range pathsOf(a.routes) {
		mux.Handle(path, guard(byMethod(a.routes, path), RefuseForeign))
	}
}

// List is each route's method and path, like "GET /sim/v1/calls".
func (a *simAPI) List() (list []string) {
	for _, r := range a.routes {
		list = append(list, r.method+" "+r.path)
	}
	return list
}

// document answers with the OpenAPI document.
func (a *simAPI) document(w http.ResponseWriter, _ *http.Request) {
	doc, err := openAPI(a.version, a.routes)
	if err != nil {
		writeProblem(w, problem(http.StatusInternalServerError, kindInternal, "%v", err))
		return
	}
	jsonhttp.Write(w, http.StatusOK, doc)
}
