package simapi

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"ringback/sim/control/jsonhttp"
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
	streams []string     // media types: the answer is a stream of out, as one of these
	headers []param      // of the answer
	// anyQuery is for what is not of the simulation API: scrapers and health
	// checks add to a query what they like.
	anyQuery bool
	handle   http.HandlerFunc
}

// maxBody is the size of a body that the simulation API takes.
const maxBody = 1 << 20

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
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			out, err := handle(r)
			if err != nil {
				WriteProblem(w, problemOf(err))
				return
			}
			jsonhttp.Write(w, status, out)
		},
	}
}

func pathsOf(routes []route) (paths []string) {
	for _, r := range routes {
		if !slices.Contains(paths, r.path) {
			paths = append(paths, r.path)
		}
	}
	return paths
}

// GetOnly serves a path that is not of the simulation API and takes GET alone: any
// other method is refused as the API does it, and whatever the query says goes.
func GetOnly(path string, h http.HandlerFunc) http.Handler {
	return byMethod([]route{{method: http.MethodGet, path: path, anyQuery: true, handle: h}}, path)
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
		WriteProblem(w, NewProblem(http.StatusMethodNotAllowed, KindMethod, "%s takes %s, not %s", path, strings.Join(allow, ", "), r.Method))
	}
}
