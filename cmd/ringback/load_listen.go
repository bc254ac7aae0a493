package main

import (
	"fmt"
	"net"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/text"
)

// listening is the address of --listen, taken before anything is sent; nil
// without that flag.
func (c *loadFlags) listening() (net.Listener, error) {
	if c.listen == "" {
		return nil, nil
	}
	at, err := net.Listen("tcp", c.listen)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--listen: %w", err), "ringback load --calls 50/s --listen 127.0.0.1:9464")
	}
	return at, nil
}

// serveMetrics answers /metrics and /healthz until the function that it
// returns is called.
func serveMetrics(w cli.Env, at net.Listener, l *load.Load) (stop func()) {
	if at == nil {
		return func() {}
	}
	text.Fprintf(w.Stderr, "metrics on http://%s/metrics\n", cli.Reachable(at.Addr()))
	s := cli.NewServer(w, l.Handler())
	ended := make(chan struct{})
	go func() {
		_ = s.Serve(at) // until it is closed
		close(ended)
	}()
	return func() {
		_ = s.Close()
		<-ended
	}
}
