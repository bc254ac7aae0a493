package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/text"
)

func newReceiver(w cli.Env) *cobra.Command {
	var listen, db, breakage, sign string
	var app uint32
	var verbose, list bool
	cmd := &cobra.Command{
		Use: "receiver", Args: cobra.NoArgs,
		Short: "Run the reference receiver: an app backend that does everything right",
		Long: `Runs an app backend that takes the callbacks of both generations at one address,
stores them in SQLite, and shows at GET /calls and GET /calls/{CallId} what it
stored. Its code is meant to be copied: see fixtures/receiver.

With --break it does one thing wrong, as real backends do, so that you can see
whether your tests find it.`,
		Example: `  ringback receiver --listen 127.0.0.1:9080 --db calls.db
  ringback call --target http://127.0.0.1:9080/callback
  curl http://127.0.0.1:9080/calls
  ringback receiver --break counts_duplicates`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if list {
				listBreaks(w)
				return nil
			}
			if err := cli.OnlyFile("db", db, "ringback receiver --db calls.db"); err != nil {
				return err
			}
			cfg := receiverConfig(app, db, w, verbose)
			var err error
			if cfg.Token, err = cli.SignToken(sign); err != nil {
				return err
			}
			h, closer, err := chooseReceiver(breakage, cfg)
			if err != nil {
				return err
			}
			defer closer.Close()
			return serveReceiver(cmd.Context(), w, listen, h)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:9080", "`address` to listen on")
	f.StringVar(&db, "db", "", "SQLite `file` (default: in memory)")
	f.Uint32Var(&app, "sdkappid", cli.DefaultApp, "app `id` to accept")
	f.StringVar(&sign, "sign", "", "refuse requests that are not signed with this `token` or that in @FILE: see ringback verify --sign")
	f.StringVar(&breakage, "break", "", "do one thing wrong: the `name` of a broken variant")
	f.BoolVar(&list, "list-breaks", false, "list the broken variants and end")
	f.BoolVarP(&verbose, "verbose", "v", false, "print what arrives to stderr")
	return cmd
}

// newReferenceReceiver makes a receiver that prints nothing. With a token it takes only
// signed requests.
func newReferenceReceiver(app uint32, db, token string, w cli.Env) (*receiver.Receiver, error) {
	cfg := receiverConfig(app, db, w, false)
	cfg.Token = token
	return receiver.New(cfg)
}

func receiverConfig(app uint32, db string, w cli.Env, verbose bool) receiver.Config {
	c := receiver.Config{SDKAppID: fmt.Sprint(app), DB: db}
	if verbose {
		c.Log = func(format string, args ...any) { text.Fprintf(w.Stderr, format+"\n", args...) }
	}
	return c
}

// chooseReceiver starts the reference receiver, or a broken variant.
func chooseReceiver(breakage string, c receiver.Config) (http.Handler, io.Closer, error) {
	start := func() (http.Handler, io.Closer, error) {
		r, err := receiver.New(c)
		return r, r, err
	}
	if breakage != "" {
		v, ok := broken.Find(breakage)
		if !ok {
			return nil, nil, badBreak(breakage)
		}
		start = func() (http.Handler, io.Closer, error) { return v.New(c) }
	}
	h, closer, err := start()
	if err != nil {
		return nil, nil, cli.Usage(fmt.Errorf("--db: %w", err), "ringback receiver --db calls.db")
	}
	return h, closer, nil
}

func listBreaks(w cli.Env) {
	for _, v := range broken.List() {
		text.Fprintf(w.Stdout, "%-27s %-9s  %s\n", v.Name, v.Kind, v.About)
		text.Fprintf(w.Stdout, "%-37s  breaks %s\n", "", strings.Join(v.Breaks, ", "))
	}
}

// serveReceiver serves until the context ends.
func serveReceiver(ctx context.Context, w cli.Env, listen string, h http.Handler) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return cli.Usage(fmt.Errorf("--listen: %w", err), "ringback receiver --listen 127.0.0.1:0")
	}
	text.Fprintf(w.Stdout, "receiver at http://%s/callback, stored calls at http://%s/calls\n", l.Addr(), l.Addr())
	server := cli.NewServer(w, h)
	defer context.AfterFunc(ctx, func() {
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(soon) // the process ends anyway
	})()
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// badBreak says that there is no such variant of the reference receiver.
func badBreak(name string) error {
	var names []string
	for _, v := range broken.List() {
		names = append(names, v.Name)
	}
	return cli.BadPart("ringback receiver", "break", [3]string{1: name}, names, fmt.Errorf("%q: no such variant", name), "ringback receiver --list-breaks")
}
