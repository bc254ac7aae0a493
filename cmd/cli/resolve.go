package cli

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/secret"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Resolve checks and parses the flags, for a command that has one receiver.
func (c *Flags) Resolve() (*Config, error) {
	return c.inOrder(c.resolveTarget, c.resolveChoices, c.resolveRun, c.resolveSign, c.resolveNet, c.resolveUsers)
}

// ResolveSuite is Resolve for a command that learns its target later, or needs none.
func (c *Flags) ResolveSuite() (*Config, error) {
	return c.inOrder(c.resolveChoices, c.resolveRun, c.resolveSign, c.resolveNet, c.resolveUsers)
}

func (c *Flags) inOrder(steps ...func(*Config) error) (*Config, error) {
	s := &Config{Timeout: c.Timeout, App: c.App, AnyIDs: c.AnyIDs, Timings: c.Timings}
	for _, step := range steps {
		if err := step(s); err != nil {
			return nil, err
		}
	}
	return New(*s), nil
}

const targetHint = "ringback call --target http://127.0.0.1:3000/callback"

func (c *Flags) resolveTarget(s *Config) (err error) {
	if c.Target == "" {
		return Usage(fmt.Errorf("--target: is missing, want the URL of the receiver under test"), targetHint)
	}
	if s.Endpoint, err = delivery.ParseEndpoint(c.Target); err != nil {
		return Usage(fmt.Errorf("--target: %w", err), targetHint)
	}
	return nil
}

func (c *Flags) resolveChoices(s *Config) (err error) {
	if err := s.Generation.UnmarshalText([]byte(c.Generation)); err != nil {
		return BadWord("ringback call", "generation", c.Generation, GenerationWords, err)
	}
	if s.Pace, err = run.ParsePace(c.Pace); err != nil {
		return BadPart("ringback call", "pace", [3]string{1: c.Pace}, []string{"real", "instant"}, err, "ringback call --pace 10x")
	}
	switch {
	case c.Order == "serial" || c.Order == "" && s.Pace == run.Instant:
		s.Order = sim.Serial
	case c.Order == "none" || c.Order == "":
		s.Order = sim.Unordered
	default:
		return BadWord("ringback call", "order", c.Order, []string{"serial", "none"}, fmt.Errorf("%q: want serial or none", c.Order))
	}
	if c.wait < 0 {
		return Usage(fmt.Errorf("--wait: %s: want 0s or more", c.wait), "ringback call --wait 30s")
	}
	if c.Timeout <= 0 {
		return Usage(fmt.Errorf("--timeout: %s: want more than 0s", c.Timeout), "ringback call --timeout 2s")
	}
	if s.Heartbeat, err = time.ParseDuration(c.Heartbeat); c.Heartbeat == "platform" {
		s.Heartbeat = sim.PlatformExpiry
	} else if err != nil || s.Heartbeat <= 0 {
		why := fmt.Errorf("%q: want a duration like 30s, or platform", c.Heartbeat)
		return BadPart("ringback call", "heartbeat-expiry", [3]string{1: c.Heartbeat}, []string{"platform"}, why, "ringback call --heartbeat-expiry 30s")
	}
	s.Dialect = wire.Default()
	for _, d := range c.Dialect {
		if err := s.Dialect.Set(d); err != nil {
			return badDialect(d, err)
		}
	}
	return nil
}

func (c *Flags) resolveRun(s *Config) error {
	if c.Seed < -1 {
		return Usage(fmt.Errorf("--seed: %d: want 0 or more", c.Seed), "ringback call --seed 42")
	}
	s.Run = newRun()
	if c.Seed >= 0 {
		s.Run.Seed = uint64(c.Seed)
	}
	s.Run.Token = cmp.Or(c.Token, s.Run.Token)
	if err := sim.CheckToken(s.Run.Token); err != nil {
		return Usage(fmt.Errorf("--run: %w", err), "ringback call --run monday-1")
	}
	if c.Epoch != "" {
		var err error
		if s.Run.Epoch, err = call.ParseEpoch(c.Epoch); err != nil {
			return Usage(fmt.Errorf("--epoch: %w", err), "ringback call --epoch 2026-01-01T00:00:00Z")
		}
	}
	flags := map[string]string{
		"pace": s.Pace.String(), "order": s.Order.String(), "timeout": s.Timeout.String(), "heartbeat-expiry": c.Heartbeat,
	}
	if s.Endpoint != nil {
		flags["generation"], flags["sdkappid"], flags["target"] = s.Generation.String(), fmt.Sprint(s.App), s.Endpoint.Relative()
	}
	s.Run.Flags = flags
	return nil
}

// resolveSign reads the token of --sign. The journal's header says that requests are
// signed, but not the token.
func (c *Flags) resolveSign(s *Config) (err error) {
	if s.Sign, err = SignToken(c.Sign); s.Sign != "" {
		s.Run.Flags["sign"] = "true"
	}
	return cmp.Or(err, Signable(s.Sign, "target", s.Endpoint))
}

// Signable returns an error if the URL of a flag cannot be signed.
func Signable(token, flag string, at *delivery.Endpoint) error {
	var signed *delivery.SignedError
	if token == "" || at == nil || !errors.As(at.Signable(), &signed) {
		return nil
	}
	return Usage(fmt.Errorf("--sign: the URL of --%s has a parameter %s itself", flag, signed.Key), AsTyped+"--"+flag+" "+text.Shell(secret.URL(signed.Without)))
}

// SignToken is the token of --sign, "" without one.
func SignToken(flag string) (string, error) {
	token, err := KeyText(flag, "token")
	if err != nil {
		return "", Usage(fmt.Errorf("--sign: %w", err), AsTyped+"--sign @token.txt")
	}
	return token, nil
}

func (c *Flags) resolveNet(s *Config) error {
	var err error
	if s.Allow, err = post.ParseAllow(c.allowNet); err != nil {
		return Usage(err, "ringback call --allow-net 10.0.0.0/8")
	}
	s.TLS, err = c.Trust()
	return err
}

// Trust is a client's side of TLS as --cacert and --insecure say.
func (c *Flags) Trust() (*tls.Config, error) { return TrustConfig(c.cacert, c.Insecure) }

// TrustConfig is what [Flags.Trust] returns.
func TrustConfig(cacert string, insecure bool) (*tls.Config, error) {
	trust := &tls.Config{InsecureSkipVerify: insecure}
	if cacert == "" {
		return trust, nil
	}
	pem, err := ReadText(cacert)
	if err != nil {
		return nil, Usage(fmt.Errorf("--cacert: %w", err), "")
	}
	trust.RootCAs = x509.NewCertPool()
	if !trust.RootCAs.AppendCertsFromPEM(pem) {
		return nil, Usage(fmt.Errorf("--cacert: %s: has no certificate in PEM form", cacert), "")
	}
	return trust, nil
}

func (c *Flags) resolveUsers(s *Config) error {
	s.users = map[string]string{}
	for _, m := range c.userMap {
		lines := []string{m}
		if !strings.Contains(m, "=") {
			data, err := ReadText(m)
			if err != nil {
				return Usage(fmt.Errorf("--user-map: %w", err), "ringback call --user-map alice=10001")
			}
			lines = strings.Split(strings.TrimSpace(string(data)), "\n")
		}
		for _, l := range lines {
			l = strings.TrimSpace(l)
			name, id, ok := strings.Cut(l, "=")
			if l == "" || strings.HasPrefix(l, "#") {
				continue
			}
			if !ok || name == "" || id == "" {
				return Usage(fmt.Errorf("--user-map: %q: want name=id", l), "ringback call --user-map alice=10001")
			}
			s.users[strings.TrimSpace(name)] = strings.TrimSpace(id)
		}
	}
	return nil
}

// KeepsCallIDs reports whether --dialect sets the form of CallIds: then all have it, even
// if the receiver takes none of them.
func (c *Flags) KeepsCallIDs() bool {
	return slices.ContainsFunc(c.Dialect, func(d string) bool { return strings.HasPrefix(d, "call_id=") })
}
