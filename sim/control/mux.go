package control

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
)

// newMux puts both APIs of all sandboxes, the metrics and the answer to health checks
// behind one handler, which asks for the token of [Config.Token].
//
// Health returns why the backend is of no use any more.
func newMux(boxes *sandboxes, health func() error) http.Handler {
	mux, first, guard := http.NewServeMux(), boxes.first, boxes.guard
	first.sim.Handle(mux, guard)
	first.rest.Handle(mux, guard)
	mux.Handle(simapi.SandboxesPath+"/{sandbox}/", guard(within(boxes, mux), simapi.RefuseForeign))
	mux.Handle("/{$}", guard(simapi.GetOnly("/", showPage), simapi.RefuseForeign))
	mux.Handle("/metrics", guard(simapi.GetOnly("/metrics", showMetrics(boxes)), simapi.RefuseForeign))
	mux.Handle("/healthz", simapi.GetOnly("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if err := health(); err != nil {
			simapi.WriteProblem(w, simapi.NewProblem(http.StatusServiceUnavailable, simapi.KindStopped, "%v", err))
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}))
	exist := append(first.sim.List(), "GET /", "GET /healthz", "GET /metrics")
	for _, path := range rest.Paths() {
		exist = append(exist, "POST /"+path)
	}
	mux.HandleFunc("/", noSuchRoute(exist))
	return plain(bearer(boxes.cfg.Token, byApp(boxes, mux)))
}

// within serves the simulation API of a sandbox: its routes as they are below /sim/v1. Those
// of the first are the mux's.
func within(boxes *sandboxes, mux http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := boxes.find(r.PathValue("sandbox"))
		if err != nil {
			simapi.WriteProblem(w, err)
			return
		}
		path := "/sim/v1" + strings.TrimPrefix(r.URL.Path, simapi.SandboxesPath+"/"+r.PathValue("sandbox"))
		if path == simapi.SandboxesPath || strings.HasPrefix(path, simapi.SandboxesPath+"/") {
			noSuchRoute(boxes.first.sim.List())(w, r)
			return
		}
		in := r.Clone(r.Context())
		in.URL.Path, in.URL.RawPath = path, ""
		if s == boxes.first {
			mux.ServeHTTP(w, in)
			return
		}
		s.routes.ServeHTTP(w, in)
	}
}

// byApp lets requests to the REST API see the sandbox of their app. The first answers
// for apps that no sandbox has.
func byApp(boxes *sandboxes, first http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := boxes.app(r.URL); s != nil {
			s.routes.ServeHTTP(w, r)
			return
		}
		first.ServeHTTP(w, r)
	})
}

// showMetrics shows those of all sandboxes.
func showMetrics(boxes *sandboxes) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := prometheus.Gatherers{boxes.first.recorder.metrics.registry}
		for _, s := range boxes.all() {
			from = append(from, s.recorder.metrics.registry)
		}
		promhttp.HandlerFor(from, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	}
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
