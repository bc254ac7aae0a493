package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/secret"
	"ringback/sim/text"
	"ringback/sim/wire"
)

func (c *common) resolve() (*setup, error) {
	return c.inOrder(c.resolveTarget, c.resolveChoices, c.resolveRun, c.resolveSign, c.resolveNet, c.resolveUsers)
}

// resolveSuite is for a command that learns its target later, or needs none.
func (c *common) resolveSuite() (*setup, error) {
	return c.inOrder(c.resolveChoices, c.resolveRun, c.resolveSign, c.resolveNet, c.resolveUsers)
}

// resolveServer is for a command that aims at no receiver of its own.
func (c *common) resolveServer() (*setup, error) {
	return c.inOrder(c.resolveChoices, c.resolveRun, c.resolveSign, c.resolveNet)
}

func (c *common) inOrder(steps ...func(*setup) error) (*setup, error) {
	s := &setup{timeout: c.timeout, app: c.app, anyIDs: c.anyIDs, timings: c.timings}
	for _, step := range steps {
		if err := step(s); err != nil {
			return nil, err
		}
	}
	s.connections = post.NewConnections(&post.Options{Timeout: s.timeout, TLS: s.tls, Allow: s.allow})
	return s, nil
}

const targetHint = "ringback call --target http://127.0.0.1:3000/callback"

func (c *common) resolveTarget(s *setup) (err error) {
	if c.target == "" {
		return usage(fmt.Errorf("--target: is missing, want the URL of the receiver under test"), targetHint)
	}
	if s.endpoint, err = delivery.ParseEndpoint(c.target); err != nil {
		return usage(fmt.Errorf("--target: %w", err), targetHint)
	}
	return nil
}

func (c *common) resolveChoices(s *setup) (err error) {
	if err := s.generation.UnmarshalText([]byte(c.generation)); err != nil {
		return badWord("ringback call", "generation", c.generation, generationWords, err)
	}
	if s.pace, err = run.ParsePace(c.pace); err != nil {
		return badPart("ringback call", "pace", [3]string{1: c.pace}, []string{"real", "instant"}, err, "ringback call --pace 10x")
	}
	switch {
	case c.order == "serial" || c.order == "" && s.pace == run.Instant:
		s.order = sim.Serial
	case c.order == "none" || c.order == "":
		s.order = sim.Unordered
	default:
		return badWord("ringback call", "order", c.order, []string{"serial", "none"}, fmt.Errorf("%q: want serial or none", c.order))
	}
	if c.wait < 0 {
		return usage(fmt.Errorf("--wait: %s: want 0s or more", c.wait), "ringback call --wait 30s")
	}
	if c.timeout <= 0 {
		return usage(fmt.Errorf("--timeout: %s: want more than 0s", c.timeout), "ringback call --timeout 2s")
	}
	if s.heartbeat, err = time.ParseDuration(c.heartbeat); c.heartbeat == "platform" {
		s.heartbeat = sim.PlatformExpiry
	} else if err != nil || s.heartbeat <= 0 {
		why := fmt.Errorf("%q: want a duration like 30s, or platform", c.heartbeat)
		return badPart("ringback call", "heartbeat-expiry", [3]string{1: c.heartbeat}, []string{"platform"}, why, "ringback call --heartbeat-expiry 30s")
	}
	s.dialect = wire.Default()
	for _, d := range c.dialect {
		if err := s.dialect.Set(d); err != nil {
			return badDialect(d, err)
		}
	}
	return nil
}

func (c *common) resolveRun(s *setup) error {
	if c.seed < -1 {
		return usage(fmt.Errorf("--seed: %d: want 0 or more", c.seed), "ringback call --seed 42")
	}
	seed := uint64(c.seed)
	if c.seed < 0 {
		seed = uint64(rand.Uint32())
	}
	token := c.token
	if token == "" {
		token = newToken()
	}
	if err := checkToken(token); err != nil {
		return usage(fmt.Errorf("--run: %w", err), "ringback call --run monday-1")
	}
	epoch := call.At(time.Now().Truncate(time.Second))
	if c.epoch != "" {
		var err error
		if epoch, err = call.ParseEpoch(c.epoch); err != nil {
			return usage(fmt.Errorf("--epoch: %w", err), "ringback call --epoch 2026-01-01T00:00:00Z")
		}
	}
	flags := map[string]string{
		"pace": s.pace.String(), "order": s.order.String(), "timeout": s.timeout.String(), "heartbeat-expiry": c.heartbeat,
	}
	if s.endpoint != nil {
		flags["generation"], flags["sdkappid"], flags["target"] = s.generation.String(), fmt.Sprint(s.app), s.endpoint.Relative()
	}
	s.run = journal.Run{V: journal.Version, Version: version, Seed: seed, Epoch: epoch, Token: token, Flags: flags}
	return nil
}

// newToken makes a token that no other run has, short enough to be read out.
func newToken() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	b := make([]byte, 6)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}

func checkToken(t string) error {
	if len(t) > 32 || strings.ContainsFunc(t, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}) {
		return fmt.Errorf("%q: want up to 32 letters, digits, - and _", t)
	}
	return nil
}

// resolveSign reads the token of --sign. That requests are signed the journal's
// header says, and not with what.
func (c *common) resolveSign(s *setup) (err error) {
	if s.sign, err = signToken(c.sign); s.sign != "" {
		s.run.Flags["sign"] = "true"
	}
	return cmp.Or(err, signable(s.sign, "target", s.endpoint))
}

// signable is the error of a flag's URL that can't be signed.
func signable(token, flag string, at *delivery.Endpoint) error {
	var signed *delivery.SignedError
	if token == "" || at == nil || !errors.As(at.Signable(), &signed) {
		return nil
	}
	return usage(fmt.Errorf("--sign: the URL of --%s has a parameter %s itself", flag, signed.Key), asTyped+"--"+flag+" "+text.Shell(secret.URL(signed.Without)))
}

// signToken is the token of --sign, "" without one.
func signToken(flag string) (string, error) {
	token, err := keyText(flag, "token")
	if err != nil {
		return "", usage(fmt.Errorf("--sign: %w", err), asTyped+"--sign @token.txt")
	}
	return token, nil
}

func (c *common) resolveNet(s *setup) error {
	var err error
	if s.allow, err = post.ParseAllow(c.allowNet); err != nil {
		return usage(err, "ringback call --allow-net 10.0.0.0/8")
	}
	s.tls = &tls.Config{InsecureSkipVerify: c.insecure}
	if c.cacert == "" {
		return nil
	}
	pem, err := readText(c.cacert)
	if err != nil {
		return usage(fmt.Errorf("--cacert: %w", err), "")
	}
	s.tls.RootCAs = x509.NewCertPool()
	if !s.tls.RootCAs.AppendCertsFromPEM(pem) {
		return usage(fmt.Errorf("--cacert: %s: has no certificate in PEM form", c.cacert), "")
	}
	return nil
}

func (c *common) resolveUsers(s *setup) error {
	s.users = map[string]string{}
	for _, m := range c.userMap {
		lines := []string{m}
		if !strings.Contains(m, "=") {
			data, err := readText(m)
			if err != nil {
				return usage(fmt.Errorf("--user-map: %w", err), "ringback call --user-map alice=10001")
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
				return usage(fmt.Errorf("--user-map: %q: want name=id", l), "ringback call --user-map alice=10001")
			}
			s.users[strings.TrimSpace(name)] = strings.TrimSpace(id)
		}
	}
	return nil
}

// keepsCallIDs reports whether a form of CallIds was asked for: then all have it, even
// if the receiver takes none of them.
func (c *common) keepsCallIDs() bool {
	return slices.ContainsFunc(c.dialect, func(d string) bool { return strings.HasPrefix(d, "call_id=") })
}
