package control

import (
	"fmt"
	"net/http"
	"strings"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
)

// newMux puts both APIs of all sandboxes, the metrics and the answer to health checks
// behind one handler, which asks for the token of [Config.Token].
func newMux(b *Backend) http.Handler {
	mux, guard := http.NewServeMux(), b.guard
	b.first.sim.Handle(mux, guard)
	b.first.rest.Handle(mux, guard)
	mux.Handle(simapi.SandboxesPath+"/{sandbox}/", guard(http.HandlerFunc(b.within), simapi.RefuseForeign))
	mux.Handle("/metrics", guard(simapi.GetOnly("/metrics", b.metrics()), simapi.RefuseForeign))
	mux.Handle("/healthz", simapi.GetOnly("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if err := b.health(); err != nil {
			simapi.WriteProblem(w, simapi.NewProblem(http.StatusServiceUnavailable, simapi.KindStopped, "%v", err))
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}))
	exist := append(b.first.sim.List(), "GET /healthz", "GET /metrics")
	for _, path := range rest.Paths() {
		exist = append(exist, "POST /"+path)
	}
	mux.HandleFunc("/", noSuchRoute(exist))
	return plain(bearer(b.cfg.Token, b.byApp(mux)))
}

// newSandboxMux puts both APIs of a sandbox behind one handler. Who may ask the simulation
// API was looked at before.
func newSandboxMux(s *sandbox, guard jsonhttp.Guard) http.Handler {
	mux := http.NewServeMux()
	open := func(next http.Handler, _ func(http.ResponseWriter, *http.Request, string)) http.Handler { return next }
	s.sim.Handle(mux, open)
	s.rest.Handle(mux, guard)
	mux.HandleFunc("/", noSuchRoute(s.sim.List()))
	return mux
}

func noSuchRoute(exist []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := simapi.NewProblem(http.StatusNotFound, simapi.KindNotFound, "%s %s: no such route", r.Method, r.URL.Path)
		p.Routes = exist
		simapi.WriteProblem(w, p)
	}
}

// within serves the simulation API of a sandbox: its routes as they are below /sim/v1.
func (b *Backend) within(w http.ResponseWriter, r *http.Request) {
	s, err := b.made.find(r.PathValue("sandbox"))
	if err != nil {
		simapi.WriteProblem(w, err)
		return
	}
	path := "/sim/v1" + strings.TrimPrefix(r.URL.Path, simapi.SandboxesPath+"/"+r.PathValue("sandbox"))
	if path == simapi.SandboxesPath || strings.HasPrefix(path, simapi.SandboxesPath+"/") {
		noSuchRoute(b.first.sim.List())(w, r)
		return
	}
	in := r.Clone(r.Context())
	in.URL.Path, in.URL.RawPath = path, ""
	if s == b.first {
		b.routes.ServeHTTP(w, in)
		return
	}
	s.routes.ServeHTTP(w, in)
}

// byApp lets requests to the REST API see the sandbox of their app. The first answers
// for apps that no sandbox has.
func (b *Backend) byApp(first http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := b.made.app(r.URL); s != nil {
			s.routes.ServeHTTP(w, r)
			return
		}
		first.ServeHTTP(w, r)
	})
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
