package control

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// hosts are the names of [Config.AllowHosts], as they are compared.
type hosts []string

// guard refuses requests of web pages of other origins: the simulation API asks
// for no credentials, and the key of the default app is public. Browsers name the
// origin of a page. To them, a page whose own name resolves to this server (DNS
// rebinding) is of its origin, so the Host of each request is checked, too.
//
// On loopback: Host must be localhost, a loopback address or a name of
// [Config.AllowHosts]. Elsewhere: any Host if no names are allowed, or else any
// address, localhost, or one of the names.
func (h hosts) guard(next http.Handler, refuse func(w http.ResponseWriter, r *http.Request, why string)) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, "a page of another origin may not do this")
	}))
	next = foreign.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := h.wrong(r); why != "" {
			refuse(w, r, why)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// wrong says why a request's Host is refused, or nothing.
func (h hosts) wrong(r *http.Request) string {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	loopback := local != nil && local.IP.IsLoopback()
	host := hostName(r.Host)
	ip := net.ParseIP(host)
	switch {
	case !loopback && len(h) == 0, isLocal(host), slices.Contains(h, host), ip != nil && !loopback:
		return ""
	case CheckHost(host) != nil:
		return fmt.Sprintf("Host: %q is not a name", r.Host)
	case len(h) > 0:
		return fmt.Sprintf("Host: %q is not among the names that are allowed: %s; ringback serve --allow-host %s allows it, too",
			r.Host, strings.Join(h, ", "), host)
	}
	return fmt.Sprintf("Host: %q is not this machine; ask for localhost or 127.0.0.1, or let ringback serve --allow-host %s allow it", r.Host, host)
}

// hostName is the name or the address in a Host header, as names are compared:
// without port and letter case, and without the dot behind a name that is whole.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if in, ok := strings.CutPrefix(host, "["); ok {
		return strings.TrimSuffix(in, "]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isLocal reports whether a name is one of this machine's that no one else can
// have.
func isLocal(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback()
}

// allowHosts reads names by which the backend may be called.
func allowHosts(names []string) (list hosts, err error) {
	for _, n := range names {
		if err := CheckHost(n); err != nil {
			return nil, err
		}
		list = append(list, strings.ToLower(strings.TrimSuffix(n, ".")))
	}
	return list, nil
}

// CheckHost refuses what [Config.AllowHosts] can't hold: anything but the name of
// a host or an address, without a port.
func CheckHost(name string) error {
	host := strings.TrimSuffix(name, ".")
	if net.ParseIP(host) == nil && (host == "" || strings.ContainsAny(host, " \t\r\n/:*?#@[]\\,'\"")) {
		return fmt.Errorf("%q: want the name of a host, without a port, like callkit or callkit.example", name)
	}
	return nil
}
