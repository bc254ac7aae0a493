package control

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
)

// handler puts everything together.
func (b *Backend) handler() http.Handler {
	mux := http.NewServeMux()
	b.sim.Handle(mux, b.guard)
	b.rest.Handle(mux, b.guard)
	metrics := promhttp.HandlerFor(b.metrics.registry, promhttp.HandlerOpts{})
	mux.Handle("/metrics", b.guard(simapi.GetOnly("/metrics", metrics.ServeHTTP), simapi.RefuseForeign))
	mux.Handle("/healthz", simapi.GetOnly("/healthz", b.health))
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

// notFound lists what there is instead.
func (b *Backend) notFound(w http.ResponseWriter, r *http.Request) {
	p := simapi.NewProblem(http.StatusNotFound, simapi.KindNotFound, "%s %s: no such route", r.Method, r.URL.Path)
	p.Routes = b.routeList()
	simapi.WriteProblem(w, p)
}

func (b *Backend) routeList() (list []string) {
	list = append(b.sim.List(), "GET /healthz", "GET /metrics")
	for _, path := range rest.Paths() {
		list = append(list, "POST /"+path)
	}
	return list
}

func (b *Backend) health(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-b.Done():
		simapi.WriteProblem(w, simapi.NewProblem(http.StatusServiceUnavailable, simapi.KindStopped, "%v", errors.Join(b.Err(), errors.New("the run is over"))))
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}
}
