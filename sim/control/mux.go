package control

import (
	"fmt"
	"net/http"
	"strings"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
)

// newMux puts both APIs, the metrics and the answer to health checks behind one
// handler. Health returns why the backend is of no use any more. The token is that of
// [Config.Token].
func newMux(sim *simapi.API, api *rest.API, metrics http.HandlerFunc, health func() error, guard jsonhttp.Guard, token string) http.Handler {
	mux := http.NewServeMux()
	sim.Handle(mux, guard)
	api.Handle(mux, guard)
	mux.Handle("/metrics", guard(simapi.GetOnly("/metrics", metrics), simapi.RefuseForeign))
	mux.Handle("/healthz", simapi.GetOnly("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if err := health(); err != nil {
			simapi.WriteProblem(w, simapi.NewProblem(http.StatusServiceUnavailable, simapi.KindStopped, "%v", err))
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}))
	exist := append(sim.List(), "GET /healthz", "GET /metrics")
	for _, path := range rest.Paths() {
		exist = append(exist, "POST /"+path)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p := simapi.NewProblem(http.StatusNotFound, simapi.KindNotFound, "%s %s: no such route", r.Method, r.URL.Path)
		p.Routes = exist
		simapi.WriteProblem(w, p)
	})
	return plain(bearer(token, mux))
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
