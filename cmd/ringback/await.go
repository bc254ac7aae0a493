package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/sim/control"
	"ringback/sim/journal"
	"ringback/sim/text"
)

// awaitRegistration hosts the REST API until the receiver has registered, and
// aims the suite at what it registered.
func (c *verifyFlags) awaitRegistration(ctx context.Context, w cli.Env, s *cli.Config, suite *features.Suite) error {
	cfg, err := backend(s, c.apps, c.allowHosts)
	if err != nil {
		return err
	}
	w.Secrets.LearnApps(cfg.Apps)
	b, err := control.New(cfg)
	if err != nil {
		return err
	}
	defer b.Close(ctx)
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return cli.Usage(fmt.Errorf("--listen: %w", err), "ringback verify --await-registration --listen 127.0.0.1:8080")
	}
	server := cli.NewServer(w, b)
	if server.TLSConfig, err = c.https.Config(cli.Hosts(l.Addr(), c.allowHosts)...); err != nil {
		return cmp.Or(l.Close(), err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	app := cfg.Apps[0].ID
	text.Fprintf(w.Stderr, "ringback: waiting for the registration of app %d at %s://%s/v1/callback/set or /v4/call_config/set_callback\n", app, c.https.Scheme(), cli.Reachable(l.Addr()))
	if err := settled(ctx, b); err != nil {
		return err
	}
	suite.App, suite.Select, suite.Generation, suite.Words = app, suite.Generation, 0, 0
	b.Read(func(st *journal.State) {
		for _, t := range st.Targets {
			if t.App != app {
				continue
			}
			w.Secrets.Learn("callback", t.Endpoint.URL)
			suite.Targets = append(suite.Targets, features.Target{Generation: t.Generation, Endpoint: t.Endpoint, Words: t.Words})
			suite.Words |= t.Words
			for _, w := range t.Words.List() { // v1/callback/set takes the commands of v4, too
				suite.Generation |= w.Generation()
			}
		}
	})
	return nil
}

// settled waits until something is registered and then nothing more for a moment: a
// receiver may register at both APIs.
func settled(ctx context.Context, b *control.Backend) error {
	const moment = 500 * time.Millisecond
	for {
		seen := uint64(0)
		if err := b.Await(ctx, func(st *journal.State) bool { seen = st.Seq; return len(st.Targets) > 0 }); err != nil {
			return err
		}
		quiet, cancel := context.WithTimeout(ctx, moment)
		err := b.Await(quiet, func(st *journal.State) bool { return st.Seq > seen })
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
	}
}
