package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/delivery"
	"ringback/sim/secret"
	"ringback/sim/text"
)

type healthFlags struct {
	timeout  time.Duration
	cacert   string
	insecure bool
}

func newHealth(w cli.Env) *cobra.Command {
	c := new(healthFlags)
	cmd := &cobra.Command{
		Use: "health [URL]", Args: cobra.MaximumNArgs(1),
		Short: "Check the health of a running serve or load, for containers",
		Long: `Asks /healthz of a ringback serve, or of a ringback load --listen. Ends with 0 if it
is well, 1 if it says that it is not, and 3 if no one answers.

Without a URL it asks the ringback that is process 1 of the container, where that
listens; one that listens for no one, like verify, is well as long as it runs. If
process 1 is something else, it asks http://127.0.0.1:8080.`,
		Example: `  ringback health
  ringback health http://callkit:8080
  ringback health https://127.0.0.1:8443 --cacert callkit.pem`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return c.run(cmd.Context(), w, args[0])
			}
			first, _ := os.ReadFile("/proc/1/cmdline") // none on other systems
			address, own := addressOf(cmd.Root(), w, first)
			if address == "" {
				_, err := text.Fprintf(w.Stdout, "process 1 listens for no one\n")
				return err
			}
			if own && strings.HasPrefix(address, "https:") { // made for other names than this
				c.insecure = true
			}
			return c.run(cmd.Context(), w, address)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&c.timeout, "timeout", delivery.DefaultTimeout, "for the answer")
	f.StringVar(&c.cacert, "cacert", "", "PEM `file` of the authorities to trust instead of the system's")
	f.BoolVar(&c.insecure, "insecure", false, "do not check the certificate")
	return cmd
}

// addressOf is where the ringback of a command line listens that answers /healthz, with
// its flags, variables and settings; "" if that listens for no one, and the usual address
// if it is none of ringback. The command line is as Linux shows it: each argument ends
// with a NUL. The init of a container may stand before ringback.
func addressOf(root *cobra.Command, w cli.Env, commandLine []byte) (address string, own bool) {
	const usual = "http://127.0.0.1:8080"
	args := strings.Split(strings.TrimSuffix(string(commandLine), "\x00"), "\x00")
	i := slices.IndexFunc(args, func(arg string) bool { return path.Base(arg) == "ringback" })
	if i < 0 {
		return usual, false
	}
	cmd, rest, err := root.Find(args[i+1:])
	if err != nil || cmd.Name() != "serve" && cmd.Name() != "load" || cmd.ParseFlags(rest) != nil || cli.LoadSettings(cmd, w) != nil {
		return "", true
	}
	set := func(name string) bool { f := cmd.Flags().Lookup(name); return f != nil && f.Value.String() != "" }
	host, port, err := net.SplitHostPort(cmd.Flags().Lookup("listen").Value.String())
	if err != nil {
		return "", true
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() { // all there are
		host = "127.0.0.1"
	}
	scheme := "http://"
	if set("cert") || set("self-signed") {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port), true
}

func (c *healthFlags) run(ctx context.Context, w cli.Env, address string) error {
	const hint = "ringback health http://127.0.0.1:8080"
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return cli.Usage(fmt.Errorf("%q: want the URL of a running ringback", secret.URL(address)), hint)
	}
	if c.timeout <= 0 {
		return cli.Usage(fmt.Errorf("--timeout: %v: want more than 0", c.timeout), hint+" --timeout 2s")
	}
	trust, err := cli.TrustConfig(c.cacert, c.insecure)
	if err != nil {
		return err
	}
	if strings.Trim(at.Path, "/") == "" {
		at.Path = "/healthz"
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return cli.Usage(err, hint)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}} // without a proxy, as all commands
	answer, err := client.Do(r)
	if err != nil {
		if where := new(url.Error); errors.As(err, &where) {
			err = where.Err // the URL is named once
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return cli.Fail(cli.ExitUnreachable, fmt.Errorf("%s: no answer within %v", secret.URL(at.String()), c.timeout), "ringback health --timeout 10s")
		}
		return cli.Fail(cli.ExitUnreachable, fmt.Errorf("%s: %w", secret.URL(at.String()), err), "ringback serve")
	}
	defer answer.Body.Close()
	const enough = 1 << 10
	said, _ := io.ReadAll(io.LimitReader(answer.Body, enough))
	if answer.StatusCode != http.StatusOK {
		text.Fprintf(w.Stderr, "ringback: %s answered %s: %s\n", secret.URL(at.String()), answer.Status, strings.TrimSpace(string(said)))
		return cli.Outcome(cli.ExitBroken)
	}
	_, err = text.Fprintf(w.Stdout, "%s\n", strings.TrimSpace(string(said)))
	return err
}
