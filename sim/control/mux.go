package control

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringback/sim/control/rest"
)

// handler puts everything together.
func (b *Backend) handler() http.Handler {
	mux := http.NewServeMux()
	b.sim.Handle(mux, b.guard)
	b.rest.Handle(mux, b.guard)
	metrics := promhttp.HandlerFor(b.metrics.registry, promhttp.HandlerOpts{})
	mux.Handle("/metrics", b.guard(GetOnly("/metrics", metrics.ServeHTTP), RefuseForeign))
	mux.Handle("/healthz", GetOnly("/healthz", b.health))
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
	p := problem(http.StatusNotFound, kindNotFound, "%s %s: no such route", r.Method, r.URL.Path)
	p.Routes = b.routeList()
	writeProblem(w, p)
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
		writeProblem(w, problem(http.StatusServiceUnavailable, kindStopped, "%v", errors.Join(b.Err(), errors.New("the run is over"))))
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	}
}
