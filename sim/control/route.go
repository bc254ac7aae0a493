package control

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/control/rest"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// route is one thing that the simulation API can do. Its table makes the
// handlers, the OpenAPI document and the list in a 404.
type route struct {
	method  string
	path    string // with {id} for a part that varies
	summary string
	query   []param
	in, out reflect.Type // nil: no body
	status  int          // when all is well
	stream  bool         // the answer is a stream of out
	// anyQuery is for what is not of the simulation API: scrapers and health
	// checks add to a query what they like.
	anyQuery bool
	handle   http.HandlerFunc
}

// mostBody is the size of a body that the simulation API takes.
const mostBody = 1 << 20

// get makes a route without a body.
func get[Out any](path, summary string, handle func(*http.Request) (Out, error), query ...param) route {
	return serve(http.MethodGet, path, summary, http.StatusOK, nil, func(r *http.Request) (Out, error) { return handle(r) }, query...)
}

// put makes a route whose body is read into In.
func put[In, Out any](method, path, summary string, status int, handle func(*http.Request, In) (Out, error)) route {
	return serve(method, path, summary, status, reflect.TypeFor[In](), func(r *http.Request) (out Out, err error) {
		var in In
		if err := readBody(r, &in); err != nil {
			return out, err
		}
		return handle(r, in)
	})
}

func serve[Out any](method, path, summary string, status int, in reflect.Type, handle func(*http.Request) (Out, error), query ...param) route {
	return route{
		method: method, path: path, summary: summary, query: query, in: in, out: reflect.TypeFor[Out](), status: status,
		handle: func(w http.ResponseWriter, r *http.Request) {
			jsonhttp.Hurry(w)
			r.Body = http.MaxBytesReader(w, r.Body, mostBody)
			out, err := handle(r)
			if err != nil {
				writeProblem(w, problemOf(err))
				return
			}
			jsonhttp.Write(w, status, out)
		},
	}
}

// handler puts everything together.
func (b *Backend) handler() http.Handler {
	mux := http.NewServeMux()
	routes := b.simRoutes()
	for _, path := range pathsOf(routes) {
		mux.Handle(path, b.guard(byMethod(routes, path), refuseProblem))
	}
	metrics := promhttp.HandlerFor(b.metrics.registry, promhttp.HandlerOpts{})
	alone := func(path string, h http.HandlerFunc) http.Handler {
		return byMethod([]route{{method: http.MethodGet, path: path, anyQuery: true, handle: h}}, path)
	}
	mux.Handle("/metrics", b.guard(alone("/metrics", metrics.ServeHTTP), refuseProblem))
	mux.Handle("/healthz", alone("/healthz", b.health))
	b.rest.Handle(mux, b.guard)
	mux.HandleFunc("/", b.notFound)
	return plain(mux)
}

// plain takes doubled slashes out of paths, which a base URL that ends in one
// makes: the mux would redirect, and clients do not repeat a POST for that.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "//") {
			r = r.Clone(r.Context())
			for strings.Contains(r.URL.Path, "//") {
				r.URL.Path = strings.ReplaceAll(r.URL.Path, "//", "/")
			}
			r.URL.RawPath = ""
		}
		next.ServeHTTP(w, r)
	})
}

func pathsOf(routes []route) (paths []string) {
	for _, r := range routes {
		if !slices.Contains(paths, r.path) {
			paths = append(paths, r.path)
		}
	}
	return paths
}

// byMethod serves a path with the route of each method.
func byMethod(routes []route, path string) http.HandlerFunc {
	handlers, allow := map[string]http.HandlerFunc{}, []string{}
	for _, r := range routes {
		if r.path == path {
			handlers[r.method] = withQuery(r.query, r.handle)
			if r.anyQuery {
				handlers[r.method] = r.handle
			}
			allow = append(allow, r.method)
		}
	}
	if h, ok := handlers[http.MethodGet]; ok {
		handlers[http.MethodHead] = h
		allow = append(allow, http.MethodHead)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if h, ok := handlers[r.Method]; ok {
			h(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		writeProblem(w, problem(http.StatusMethodNotAllowed, kindMethod, "%s takes %s, not %s", path, strings.Join(allow, ", "), r.Method))
	}
}

// notFound lists what there is instead.
func (b *Backend) notFound(w http.ResponseWriter, r *http.Request) {
	p := problem(http.StatusNotFound, kindNotFound, "%s %s: no such route", r.Method, r.URL.Path)
	p.Routes = b.routeList()
	writeProblem(w, p)
}

func (b *Backend) routeList() (list []string) {
	for _, r := range b.simRoutes() {
		list = append(list, r.method+" "+r.path)
	}
	list = append(list, "GET /healthz", "GET /metrics")
	for _, path := range rest.Paths() {
		list = append(list, "POST /"+strings.TrimPrefix(path, "/"))
	}
	return list
}

func (b *Backend) health(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-b.Done():
		writeProblem(w, problem(http.StatusServiceUnavailable, kindStopped, "%v", errors.Join(b.Err(), errors.New("the run is over"))))
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}
}
