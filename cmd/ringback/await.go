package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/sim/control"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// registry is the REST API at which a receiver registers itself. It is served while the
// suite is played, too: what the receiver still asks is no error then.
type registry struct {
	env    cli.Env
	app    uint32
	b      *control.Backend
	server interface{ Close() error }
	asked  chan struct{} // has one if something was asked since it was read
}

// openRegistry hosts the REST API.
func (c *verifyFlags) openRegistry(ctx context.Context, w cli.Env, s *cli.Config) (r *registry, err error) {
	cfg, err := backend(s, c.apps, c.allowHosts)
	if err != nil {
		return nil, err
	}
	w.Secrets.LearnApps(cfg.Apps)
	b, err := control.New(cfg)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = b.Close(ctx)
		}
	}()
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--listen: %w", err), "ringback verify --await-registration --listen 127.0.0.1:8080")
	}
	r = &registry{env: w, app: cfg.Apps[0].ID, b: b, asked: make(chan struct{}, 1)}
	server := cli.NewServer(w, http.HandlerFunc(r.serve))
	if server.TLSConfig, err = c.https.Config(cli.Hosts(l.Addr(), c.allowHosts)...); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	r.server = server
	go func() { _ = server.Serve(l) }()
	text.Fprintf(w.Stderr, "ringback: waiting for the registration of app %d at %s://%s/v1/callback/set or /v4/call_config/set_callback\n", r.app, c.https.Scheme(), cli.Reachable(l.Addr()))
	return r, nil
}

func (r *registry) serve(w http.ResponseWriter, req *http.Request) {
	r.b.ServeHTTP(w, req)
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

// close ends the API, and warns if something was registered too late.
func (r *registry) close(ctx context.Context, suite *features.Suite) {
	if late := r.words() &^ suite.Words; late != 0 {
		text.Fprintf(r.env.Stderr, "ringback: warning: the receiver registered for %s after the suite had begun, too late to be judged\n", text.Count(len(late.List()), "more command"))
	}
	_ = r.server.Close()
	_ = r.b.Close(ctx)
}

// words are the commands for which something is registered.
func (r *registry) words() (words wire.Words) {
	r.b.Read(func(st *journal.State) {
		for _, t := range st.Targets {
			if t.App == r.app {
				words |= t.Words
			}
		}
	})
	return words
}

// await waits until something is registered and then nothing more is asked for a moment,
// since a receiver may register at both APIs.
func (r *registry) await(ctx context.Context) error {
	const moment = time.Second
	if err := r.b.Await(ctx, func(st *journal.State) bool { return len(st.Targets) > 0 }); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.asked:
		case <-time.After(moment):
			return nil
		}
	}
}

// aim aims a suite at what is registered.
func (r *registry) aim(suite *features.Suite) {
	suite.App, suite.Select, suite.Generation, suite.Words = r.app, suite.Generation, 0, r.words()
	for _, w := range suite.Words.List() { // v1/callback/set takes the commands of v4, too
		suite.Generation |= w.Generation()
	}
	r.b.Read(func(st *journal.State) {
		for _, t := range st.Targets {
			if t.App == r.app {
				r.env.Secrets.Learn("callback", t.Endpoint.URL)
				suite.Targets = append(suite.Targets, features.Target{Generation: t.Generation, Endpoint: t.Endpoint, Words: t.Words})
			}
		}
	})
}
