package simapi

import (
	"crypto/rand"
	"net/http"
	"reflect"

	"ringback/sim/control/jsonhttp"
)

// API is the simulation API. It is safe for concurrent use.
type API struct {
	backend *backend
	routes  []route // that it serves
	within  []route // that it serves in each sandbox, too
}

// New makes the API of a session.
func New(cfg Config) *API {
	b := &backend{Config: cfg, instance: rand.Text()}
	a := &API{backend: b, routes: b.routes()}
	a.routes = append(a.routes, route{
		method: http.MethodGet, path: "/sim/v1/openapi.json", status: http.StatusOK, summary: "This API as OpenAPI 3.1",
		out: reflect.TypeFor[map[string]any](), handle: a.document,
	})
	if b.Sandboxes != nil {
		a.within = withinSandboxes(a.routes)
		a.routes = append(a.routes, b.sandboxRoutes()...)
	}
	return a
}

// Status is the run and its totals.
func (a *API) Status() Status {
	v, _ := a.backend.status(nil) // it has no error
	return v
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
	if a.within != nil {
		list = append(list, "* "+SandboxesPath+"/{sandbox}/...")
	}
	return list
}

// document answers with the OpenAPI document.
func (a *API) document(w http.ResponseWriter, _ *http.Request) {
	doc, err := openAPI(a.backend.Version, a.backend.Guarded, append(a.routes[:len(a.routes):len(a.routes)], a.within...))
	if err != nil {
		WriteProblem(w, NewProblem(http.StatusInternalServerError, KindInternal, "%v", err))
		return
	}
	jsonhttp.Write(w, http.StatusOK, doc)
}
