package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/cmd/term"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/record"
	"ringback/sim/recording"
	"ringback/sim/text"
)

type recordFlags struct {
	https    cli.HTTPS
	listen   string
	target   string
	out      string
	cacert   string
	insecure bool
	quiet    bool
}

func newRecord(w cli.Env) *cobra.Command {
	c := new(recordFlags)
	cmd := &cobra.Command{
		Use: "record", Args: cobra.NoArgs,
		Short: "Pass requests on to a receiver, unchanged, and write down what both sides say",
		Long: `A reverse proxy in front of a receiver, for recording the real service. It changes
nothing: heads, their order and case, chunks or lengths, slow and broken answers are
passed on as they come. Each request is in the file before it is passed on, and each
answer before its first byte goes back, so that kill -9 loses nothing that was answered.

Only scheme, host and port of --target are used: a request keeps its own path and query,
and its own Host. The file, mode 0600, holds everything, secrets too. An existing
recording of the same target is continued; any other file is left alone.

Ctrl-C ends it.`,
		Example: `  ringback record --target http://127.0.0.1:3000/callback --out real.ndjson
  ringback record --listen :8443 --cert cert.pem --key key.pem --target http://127.0.0.1:3000 --out real.ndjson
  ringback call --target http://127.0.0.1:9081/callback`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), w) },
	}
	f := cmd.Flags()
	f.StringVar(&c.listen, "listen", "127.0.0.1:9081", "`address` to listen on")
	f.StringVar(&c.target, "target", "", "`URL` of the receiver that gets what comes")
	f.StringVar(&c.out, "out", "", "the `file` to write, one JSON object a line")
	f.StringVar(&c.cacert, "cacert", "", "PEM `file` of the authorities to trust instead of the system's, for the target")
	f.BoolVar(&c.insecure, "insecure", false, "do not check the target's certificate")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print no line for each exchange")
	c.https.Register(cmd)
	return cmd
}

const recordHint = "ringback record --target http://127.0.0.1:3000/callback --out real.ndjson"

func (c *recordFlags) run(ctx context.Context, w cli.Env) error {
	if c.target == "" {
		return cli.Usage(errors.New("--target: is missing, want the URL of the receiver that gets what comes"), recordHint)
	}
	to, err := delivery.ParseEndpoint(c.target)
	if err != nil {
		return cli.Usage(fmt.Errorf("--target: %w", err), recordHint)
	}
	if c.out == "" {
		return cli.Usage(errors.New("--out: is missing, want a file to write"), cli.AsTyped+"--out real.ndjson")
	}
	if err := cli.OnlyFile("out", c.out, recordHint); err != nil {
		return err
	}
	trust, err := cli.TrustConfig(c.cacert, c.insecure)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return cli.Usage(fmt.Errorf("--listen: %w", err), "ringback record --listen 127.0.0.1:0")
	}
	defer l.Close()
	if to.Addr() == l.Addr().String() || to.Addr() == cli.Reachable(l.Addr()) {
		return cli.Usage(fmt.Errorf("--target: %s is where --listen is: requests would go round in circles", to.Addr()), recordHint)
	}
	secure, err := c.https.Config(cli.Hosts(l.Addr(), nil)...)
	if err != nil {
		return err
	}
	file, err := record.Open(c.out, recording.Header{Version: cli.Version, Target: c.target})
	if err != nil {
		return cli.Usage(fmt.Errorf("--out: %w", err), openHint(err))
	}
	if w.IgnorePipe != nil { // who printed into a pipe that closes goes on recording
		w.IgnorePipe()
	}
	cfg := record.Config{Address: to.Addr(), Serve: secure, File: file}
	if to.TLS {
		cfg.TLS = post.TLSConfig(trust, to.Name)
	}
	if c.insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	warn := func(err error) {
		text.Fprintf(w.Stderr, "ringback: warning: --out: %s; requests and answers are passed on, and not recorded\n", err)
	}
	file.Failing = warn
	cfg.Refused = refusals(w)
	c.greet(w, l, to, file)
	return c.record(ctx, w, cli.Patient(w, l), cfg)
}

// refusals warns of clients that do not trust the recorder's certificate, or do not speak
// TLS at all, and of requests that go round in circles: now and then, for they come again.
func refusals(w cli.Env) func(source string, err error) {
	var mu sync.Mutex
	var warned time.Time
	return func(source string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); warned.IsZero() || now.Sub(warned) >= 10*time.Second {
			warned = now
			text.Fprintf(w.Stderr, "ringback: warning: nothing is recorded of a connection from %s: %s\n", source, err)
		}
	}
}

// openHint is what to do about a file that is not to be written to.
func openHint(err error) string {
	var other *record.NotRecordingError
	if errors.As(err, &other) {
		return cli.AsTyped + "--out another.ndjson"
	}
	return ""
}

// greet says where to send what is to be recorded.
func (c *recordFlags) greet(w cli.Env, l net.Listener, to *delivery.Endpoint, file *record.File) {
	base := c.https.Scheme() + "://" + cli.Reachable(l.Addr())
	text.Fprintf(w.Stdout, "ringback record  to %s, in %s\n", to.Shown(), c.out)
	before, torn := file.Before()
	if before > 0 {
		fmt.Fprintf(w.Stdout, "continues a file that has %s\n", text.Count(before, "exchange"))
	}
	if torn > 0 {
		fmt.Fprintf(w.Stderr, "ringback: warning: --out: %d bytes of a line that was not whole were cut off\n", torn)
	}
	text.Fprintf(w.Stdout, "listening on %s\n", base)
	if path := to.Relative(); path != "/" {
		text.Fprintf(w.Stdout, "requests keep their path and query: the address for the service is %s%s\n", base, to.HideTarget(path))
	}
	fmt.Fprintln(w.Stdout)
}

// record passes on and writes down until the context ends.
func (c *recordFlags) record(ctx context.Context, w cli.Env, l net.Listener, cfg record.Config) error {
	out := term.NewAsyncWriter(w.Stdout)
	var lines io.Writer = out
	if c.quiet {
		lines = nil
	}
	seen := term.NewExchanges(lines, w.Style())
	var own error
	cfg.Seen = func(s *record.Seen) {
		if s.Answer.Outcome == recording.Failed(delivery.OwnFault) && own == nil {
			own = &delivery.OwnFaultError{Detail: s.Answer.Detail}
		}
		seen.Print(s)
	}
	go out.Run()
	err := record.New(cfg).Serve(ctx, l)
	seen.Flush()
	soon, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	out.Close(soon)
	text.Fprintf(w.Stdout, "%s\n", seen.Summary(c.out))
	n, _ := cfg.File.Failed()
	lost := cfg.File.Close()
	if lost != nil && n > 0 {
		lost = fmt.Errorf("%s could not be written: %w", text.Count(n, "line"), lost)
	}
	return cmp.Or(cli.Unwritten("--out", lost), err, own)
}
