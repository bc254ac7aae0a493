package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/cmd/term"
	"ringback/sim"
	"ringback/sim/control"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/sim/traffic"
	"ringback/sim/usersig"
	"ringback/sim/wire"
)

type serveFlags struct {
	cli.Flags
	https       cli.HTTPS
	token       cli.APIToken
	listen      string
	apps        []string
	admins      []string
	allowHosts  []string
	callback    string
	noRateLimit bool
	sandboxes   int
	traffic     string
	phones      bool
	quiet       bool
	json        bool
	paced       bool   // --pace was given; else a continued journal decides
	again       string // the command line that continues with the journal
}

func newServe(w cli.Env) *cobra.Command {
	c := new(serveFlags)
	cmd := &cobra.Command{
		Use: "serve", Args: cobra.NoArgs,
		Short: "Run a fake CallKit backend: its REST API, its callbacks, and an API to place calls",
		Long: `Stands in for the CallKit backend until it is stopped. Point your staging app
backend at it instead of at Tencent: it registers its callback address through
the documented REST API (v1/callback/set, v4/call_config/set_callback), and gets
the callbacks of the calls that you place through the simulation API under
/sim/v1. Prints each attempt and, at the start, all that is needed to try it. A
browser shows what happens at the address that it listens on.

With --journal a restart continues with its registrations, open calls and retries.

Suites that run side by side each make a sandbox, a simulator of its own with an app
of its own, by POST /sim/v1/sandboxes, and end it by DELETE. All apps of --app share
the first sandbox, which is what the paths under /sim/v1 mean.`,
		Example: `  ringback serve
  ringback serve --callback http://127.0.0.1:3000/callback
  ringback serve --app 1400000001:@secret.txt --journal staging.ndjson
  ringback serve --self-signed callkit.pem
  ringback serve --listen 0.0.0.0:8080 --token @token.txt
  ringback serve --callback http://127.0.0.1:3000/callback --traffic consumer --pace 60x
  curl -d '{"outcome":"normal_end"}' http://127.0.0.1:8080/sim/v1/calls`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.paced, c.again = cmd.Flags().Changed("pace"), cli.Retyped(cmd, "", nil, "")
			return c.run(cmd.Context(), w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	f.StringArrayVar(&c.apps, "app", nil, "an app as `SDKAPPID:KEY[:nopackage]` or SDKAPPID:@FILE, repeatable (default: one whose key is printed)")
	f.StringArrayVar(&c.admins, "admin", defaultAdmins, "`user` who may call the REST API; repeatable")
	f.StringArrayVar(&c.allowHosts, "allow-host", nil, allowHostHelp)
	f.StringVar(&c.callback, "callback", "", "`URL` to register for the first app, without the REST API")
	f.StringVar(&c.Generation, "generation", "both", "which callbacks --callback gets: `v1`, v4 or both")
	f.BoolVar(&c.noRateLimit, "no-rate-limit", false, "do not limit the rate of REST API requests")
	f.IntVar(&c.sandboxes, "max-sandboxes", control.DefaultSandboxes, "`N` sandboxes at most beside the first: simulators of their own, for suites side by side")
	f.StringVar(&c.traffic, "traffic", "", "play background calls of a `preset`, or of a file like those that ringback presets prints")
	f.BoolVar(&c.phones, "phones", false, "also print what each phone sees: its TUICallEvents")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "do not print what happens")
	f.BoolVar(&c.json, "json", false, "print the journal's events instead of the timeline")
	c.https.Register(cmd)
	c.token.Register(cmd, "ask requests to /sim/v1 and /metrics for this `token` or that in @FILE, as Authorization: Bearer TOKEN")
	c.RegisterRun(cmd, "real")
	c.RegisterNet(cmd)
	c.RegisterPeer(cmd)
	f.Lookup("journal").Usage = "go on from this `file`, if it is there, and write all events to it, one JSON object a line"
	return cmd
}

// maxSandboxes is how many sandboxes a server can be asked for.
const maxSandboxes = 1000

func (c *serveFlags) run(ctx context.Context, w cli.Env) error {
	if err := cli.OnlyFile("journal", c.Journal, "ringback serve --journal staging.ndjson"); err != nil {
		return err
	}
	s, err := c.ResolveSuite()
	if err != nil {
		return err
	}
	cfg, err := c.config(s)
	if err != nil {
		return err
	}
	if len(c.apps) > 0 { // the default key is not secret
		w.Secrets.LearnApps(cfg.Apps)
	}
	callback, err := c.callbackURL()
	if err = cmp.Or(err, cli.Signable(s.Sign, "callback", callback)); err != nil {
		return err
	}
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	if c.sandboxes < 1 || c.sandboxes > maxSandboxes {
		return cli.Usage(fmt.Errorf("--max-sandboxes: %d: want 1 to %d", c.sandboxes, maxSandboxes), "ringback serve --max-sandboxes 16")
	}
	if len(c.admins) == 0 {
		return cli.Usage(errors.New("--admin: want at least one"), "ringback serve --admin administrator")
	}
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return cli.Usage(fmt.Errorf("--listen: %w", err), "ringback serve --listen 127.0.0.1:0")
	}
	secure, err := c.https.Config(cli.Hosts(l.Addr(), c.allowHosts)...)
	if err != nil {
		return cmp.Or(l.Close(), err)
	}
	if w.IgnorePipe != nil { // keep serving when the reader of stdout is gone
		w.IgnorePipe()
	}
	defer l.Close()
	style := w.Style()
	out := term.NewAsyncWriter(w.Stdout)
	cfg.Watch = c.watcher(out, style, s)
	cfg.Warn = func(format string, args ...any) { text.Fprintf(w.Stderr, "ringback: warning: "+format+"\n", args...) }
	b, err := control.New(cfg)
	if err != nil {
		hint := ""
		if errors.Is(err, control.ErrEndless) {
			hint = cli.AsTyped + "--pace real"
		}
		if strings.HasPrefix(err.Error(), "journal ") {
			err = fmt.Errorf("--journal: %w", err)
		}
		return cli.Usage(err, hint)
	}
	c.warnOfOwn(w, s, b)
	s.Run, s.Dialect = b.Run(), b.Dialect()
	if err := c.register(w, b, callback, cfg.Apps[0].ID, s.Generation); err != nil {
		return cmp.Or(b.Close(ctx), err) // the run has the reason
	}
	c.greet(w, s, b, cfg.Apps, l.Addr())
	go out.Run()
	err = c.serve(ctx, w, b, l, secure, s)
	soon, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	out.Close(soon)
	return err
}

// warnOfOwn warns of flags that a continued journal overrides.
func (c *serveFlags) warnOfOwn(w cli.Env, s *cli.Config, b *control.Backend) {
	own := func(what, flag string) {
		text.Fprintf(w.Stderr, "ringback: warning: the journal goes on with its own %s, not %s\n", what, flag)
	}
	r := b.Run()
	if c.Token != "" && r.Token != c.Token {
		own("run", "--run "+c.Token)
	}
	if r.Seed != s.Run.Seed && c.Seed >= 0 {
		own("seed", fmt.Sprintf("--seed %d", c.Seed))
	}
	if r.Epoch != s.Run.Epoch && c.Epoch != "" {
		own("epoch", "--epoch "+c.Epoch)
	}
	chosen := *b.Dialect()
	for _, choice := range c.Dialect {
		_ = chosen.Set(choice) // it was checked already
	}
	if chosen != *b.Dialect() {
		own("dialect", "--dialect "+strings.Join(c.Dialect, " --dialect "))
	}
}

// config is the backend that the flags describe.
func (c *serveFlags) config(s *cli.Config) (cfg control.Config, err error) {
	if cfg, err = backend(s, c.apps, c.allowHosts); err != nil {
		return cfg, err
	}
	cfg.Admins, cfg.NoRateLimit, cfg.Journal, cfg.MaxSandboxes = c.admins, c.noRateLimit, c.Journal, c.sandboxes
	if cfg.Token, err = c.token.Value(); err != nil {
		return cfg, err
	}
	if c.paced {
		cfg.Pace = s.Pace
	}
	cfg.TrafficOn = c.traffic != ""
	cfg.Traffic, err = cli.Background("traffic", cmp.Or(c.traffic, "consumer"), traffic.Feed{Generation: wire.Both}, s.Heartbeat)
	return cfg, err
}

func (c *serveFlags) callbackURL() (*delivery.Endpoint, error) {
	if c.callback == "" {
		return nil, nil
	}
	e, err := delivery.ParseEndpoint(c.callback)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--callback: %w", err), "ringback serve --callback http://127.0.0.1:3000/callback")
	}
	return e, nil
}

// register handles --callback: one registration of each kind, which the REST API can
// change. Registrations made over REST before a restart are kept.
func (c *serveFlags) register(w cli.Env, b *control.Backend, at *delivery.Endpoint, app uint32, g wire.Generation) error {
	if at == nil {
		return nil
	}
	for _, g := range generations(g) {
		kept := false
		b.Read(func(st *journal.State) {
			t := st.Target(app, g)
			kept = t != nil && !t.Typed
		})
		if kept {
			text.Fprintf(w.Stderr, "ringback: warning: --callback: app %d registered its own address for %s, and that stays\n", app, g)
			continue
		}
		if err := b.Do(sim.Register{App: app, Generation: g, Endpoint: at, Typed: true, Words: g.Words()}, nil); err != nil {
			return err
		}
	}
	return nil
}

// watcher prints what happens.
func (c *serveFlags) watcher(out io.Writer, style text.Style, s *cli.Config) func(*journal.State, *journal.Event) {
	switch {
	case c.quiet:
		return nil
	case c.json:
		watch := term.JSONLines(out, c.phones)
		return func(st *journal.State, e *journal.Event) { _ = watch(st, e) } // the writer keeps the error
	}
	t := term.NewTimeline(out, style, s)
	t.Phones, t.Tags = c.phones, true
	return func(st *journal.State, e *journal.Event) { _ = t.Watch(st, e) }
}

// greet prints all that is needed to try it.
func (c *serveFlags) greet(w cli.Env, s *cli.Config, b *control.Backend, apps []control.App, at net.Addr) {
	out := w.Stdout
	if c.json { // stdout is data
		out = w.Stderr
	}
	base, curl, app := c.https.Scheme()+"://"+cli.Reachable(at), "curl", apps[0]
	now, pace, _ := b.Time()
	text.Fprintf(out, "ringback serve  seed %d  epoch %s  run %s  pace %s\n", s.Run.Seed, s.Run.Epoch.Time().Format(time.RFC3339), s.Run.Token, pace)
	if t := b.Tail(); t.Cut > 0 {
		fmt.Fprintf(w.Stderr, "ringback: warning: --journal: %d bytes of a step that was not whole were cut off\n", t.Cut)
	}
	if b.Resumed() { // also at its first millisecond
		b.Read(func(st *journal.State) {
			text.Fprintf(out, "goes on at %s with %s, %s under way, %s to deliver\n", now.Time().Format(time.RFC3339),
				text.Count(len(st.Targets), "registration"), text.Count(st.Live, "call"), text.Count(st.Totals.Open(), "callback"))
		})
	}
	if ids := b.Sandboxes(); ids != nil {
		text.Fprintf(out, "sandboxes that go on: %s\n", strings.Trim(fmt.Sprint(ids), "[]"))
	}
	for _, a := range apps {
		note := "its key as given"
		if len(c.apps) == 0 {
			note = "key " + a.Key
		}
		if a.NoPackage {
			note += ", without a package"
		}
		text.Fprintf(out, "app %d, %s\n", a.ID, note)
	}
	text.Fprintf(out, "listening on %s\n", base)
	if cert := c.https.SelfSigned; cert != "" {
		curl += " --cacert " + text.Shell(cert)
		pem, _ := os.ReadFile(cert) // it was read a moment ago
		fmt.Fprintf(out, "with the certificate in %s (its key: %s), which clients must trust:\n%s", cert, cli.KeyFile(cert), pem)
	}
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && c.token.Header() == "" {
		fmt.Fprintln(w.Stderr, "ringback: warning: --listen: others can reach this; the simulation API does not ask who they are, unless --token @FILE says what they must know")
		if len(c.allowHosts) == 0 {
			fmt.Fprintln(w.Stderr, "ringback: warning: --listen: without --allow-host, a web page can reach this API by DNS rebinding; --allow-host NAME accepts only that host name and IP addresses")
		}
	}
	if sig, err := c.exampleSig(app); err == nil {
		query := fmt.Sprintf("sdkappid=%d&identifier=%s&usersig=%s&random=%d&contenttype=json", app.ID, url.QueryEscape(c.admins[0]), sig, 1)
		note := ""
		if strings.Contains(sig, `"$KEY"`) {
			note = fmt.Sprintf(" (KEY is the key of app %d)", app.ID)
		}
		show := out
		if w.Secrets.Hide(c.admins[0]) == c.admins[0] { // else it is in the UserSig, too
			show = cli.Plain(out)
		}
		fmt.Fprintf(show, `
register your callback address, as your app backend does%s:
  %s -d '{"address":"http://127.0.0.1:3000/callback","actions":["caller_start_call","callee_accept_call","normal_end"]}' \
    "%s/v1/callback/set?%s"
`, note, curl, base, query)
	}
	fmt.Fprintf(out, `place a call, and watch all that happens:
  %[2]s -d '{"caller":"alice","callees":["bob"],"outcome":"normal_end"}' %[1]s/sim/v1/calls
  %[2]s -N %[1]s/sim/v1/events
`, base, curl+c.token.Header())
	fmt.Fprintln(out)
}

// exampleSig returns a UserSig of an app for a command line in double quotes. For the
// default key, which is not secret, it is the UserSig itself; otherwise a command that
// makes one, with the key from the file of --app or from $KEY.
func (c *serveFlags) exampleSig(app control.App) (string, error) {
	if len(c.apps) == 0 {
		return usersig.Sign(app.Key, usersig.Claims{SDKAppID: app.ID, Identifier: c.admins[0], Time: time.Now().Unix(), Expire: 604800})
	}
	from := `"$KEY"`
	if _, key, _ := strings.Cut(c.apps[0], ":"); strings.HasPrefix(key, "@") {
		from = text.Shell(strings.TrimSuffix(key, ":nopackage"))
	}
	sign := []string{"ringback usersig sign --sdkappid", fmt.Sprint(app.ID), "--user", text.Shell(c.admins[0]), "--key", from}
	return "$(" + strings.Join(sign, " ") + ")", nil
}

// serve serves until the context ends or the journal cannot be written.
func (c *serveFlags) serve(ctx context.Context, w cli.Env, b *control.Backend, l net.Listener, secure *tls.Config, s *cli.Config) error {
	server := cli.NewServer(w, b)
	server.TLSConfig = secure
	server.IdleTimeout, server.MaxHeaderBytes = 2*time.Minute, 64<<10
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	var err error
	select {
	case <-ctx.Done():
	case <-b.Done():
	case err = <-failed:
	}
	soon, cancel := context.WithTimeout(context.Background(), s.Timeout+time.Second)
	defer cancel()
	lost := b.Close(soon)
	_ = server.Shutdown(soon) // the process ends anyway
	if lost == nil {
		c.farewell(w, b)
	}
	return errors.Join(err, lost)
}

// farewell prints what is unfinished.
func (c *serveFlags) farewell(w cli.Env, b *control.Backend) {
	live, open := b.Unfinished()
	switch {
	case open == 0 && live == 0:
	case c.Journal != "":
		text.Fprintf(w.Stderr, "ringback: %s and %s go on with: %s\n", text.Count(live, "call"), text.Count(open, "callback"), c.again)
	default:
		text.Fprintf(w.Stderr, "ringback: %s and %s are lost; --journal FILE keeps them\n", text.Count(live, "call"), text.Count(open, "callback"))
	}
}
