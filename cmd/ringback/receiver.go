package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"ringback/fixtures/receiver"
)

func newReceiver(w world) *cobra.Command {
	var listen, db string
	var app uint32
	var verbose bool
	cmd := &cobra.Command{
		Use: "receiver", Args: cobra.NoArgs,
		Short: "Run the reference receiver: an app backend that does everything right",
		Long: `Runs an app backend that takes the callbacks of both generations on one address,
stores them in SQLite, and shows at GET /calls and GET /calls/{CallId} what it
stored. Its code is meant to be copied: see fixtures/receiver.`,
		Example: `  ringback receiver --listen 127.0.0.1:9080 --db calls.db
  ringback call --target http://127.0.0.1:9080/callback
  curl http://127.0.0.1:9080/calls`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := newReferenceReceiver(app, db, w, verbose)
			if err != nil {
				return usage(fmt.Errorf("--db: %w", err), "ringback receiver --db calls.db")
			}
			defer r.Close()
			return serveReceiver(cmd.Context(), w, listen, r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:9080", "`address` to listen on")
	f.StringVar(&db, "db", "", "SQLite `file` (default: in memory)")
	f.Uint32Var(&app, "sdkappid", defaultApp, "app `id` to accept")
	f.BoolVarP(&verbose, "verbose", "v", false, "say on stderr what arrives")
	return cmd
}

func newReferenceReceiver(app uint32, db string, w world, verbose bool) (*receiver.Receiver, error) {
	c := receiver.Config{SDKAppID: fmt.Sprint(app), DB: db}
	if verbose {
		c.Log = func(format string, args ...any) { fmt.Fprintf(w.stderr, format+"\n", args...) }
	}
	return receiver.New(c)
}

// serveReceiver serves until the context ends.
func serveReceiver(ctx context.Context, w world, listen string, h http.Handler) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return usage(fmt.Errorf("--listen: %w", err), "ringback receiver --listen 127.0.0.1:0")
	}
	fmt.Fprintf(w.stdout, "receiver at http://%s/callback, stored calls at http://%s/calls\n", l.Addr(), l.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() {
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(soon) // what is not answered by then is closed with the process
	})()
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}
