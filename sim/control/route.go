package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

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
	handle  http.HandlerFunc
}

// param is a parameter in a query or header.
type param struct{ name, in, about string }

// mostBody is the size of a body that the simulation API takes.
const mostBody = 1 << 20

// bodyTime is how long a body may take to come.
const bodyTime = 10 * time.Second

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
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // a recorder in a test has none
			r.Body = http.MaxBytesReader(w, r.Body, mostBody)
			out, err := handle(r)
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
			if err != nil {
				writeProblem(w, problemOf(err))
				return
			}
			writeJSON(w, status, out)
		},
	}
}

// readBody reads a JSON object. No body is an empty object.
func readBody(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return explainBody(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return problem(http.StatusBadRequest, kindBadRequest, "body: something follows the JSON object")
	}
	return nil
}

// explainBody says in the words of the API what is wrong with a body.
func explainBody(err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem(http.StatusRequestTimeout, kindSlow, "body: want it within %s", bodyTime)
	case errors.As(err, &typ) && typ.Field != "":
		return wrong(typ.Field, "", "want %s, got %s", jsonType(typ.Type), typ.Value)
	case errors.As(err, &typ):
		return problem(http.StatusBadRequest, kindBadRequest, "body: want a JSON object, got %s", typ.Value)
	case errors.As(err, &syntax):
		return problem(http.StatusBadRequest, kindBadRequest, "body: is not JSON: %v at byte %d", err, syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem(http.StatusBadRequest, kindBadRequest, "body: ends within the JSON")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return wrong(name, "/sim/v1/openapi.json lists the fields", "no such field")
	}
	return problem(http.StatusBadRequest, kindBadRequest, "body: %v", strings.TrimPrefix(err.Error(), "json: "))
}

func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}

// handler puts everything together.
func (b *Backend) handler() http.Handler {
	mux := http.NewServeMux()
	routes := b.simRoutes()
	foreign := http.NewCrossOriginProtection() // a web page that a developer has open must not place calls
	for _, path := range pathsOf(routes) {
		mux.Handle(path, foreign.Handler(byMethod(routes, path)))
	}
	mux.HandleFunc("GET /healthz", b.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.metrics.registry, promhttp.HandlerOpts{}))
	b.restRoutes(mux)
	mux.HandleFunc("/", b.notFound)
	return mux
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
			handlers[r.method] = r.handle
			allow = append(allow, r.method)
		}
	}
	if h, ok := handlers[http.MethodGet]; ok {
		handlers[http.MethodHead] = h
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if h, ok := handlers[r.Method]; ok {
			h(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		writeProblem(w, problem(http.StatusMethodNotAllowed, kindMethod, "%s takes %s, not %s", path, strings.Join(allow, " and "), r.Method))
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
	for _, path := range restPaths() {
		list = append(list, "POST /"+strings.TrimPrefix(path, "/"))
	}
	return list
}

func (b *Backend) health(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-b.done:
		writeProblem(w, problem(http.StatusServiceUnavailable, kindStopped, "%v", errors.Join(b.err, errors.New("the run is over"))))
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}
}
