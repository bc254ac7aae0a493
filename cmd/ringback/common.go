package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/secret"
	"ringback/sim/session"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// common are the flags that the commands which send callbacks share.
type common struct {
	target     string
	app        uint32
	generation string
	seed       int64
	epoch      string
	token      string
	pace       string
	order      string
	timeout    time.Duration
	wait       time.Duration
	dialect    []string
	journal    string
	timings    bool
	force      bool // replace a journal that is there
	heartbeat  string
	allowNet   []string
	cacert     string
	insecure   bool
	sign       string
	userMap    []string
	anyIDs     bool
}

var commonNames = []string{
	"target", "sdkappid", "generation", "seed", "epoch", "run", "pace", "order", "timeout", "wait", "dialect", "journal", "journal-timings", "heartbeat-expiry",
	"allow-net", "cacert", "insecure", "sign", "user-map", "any-ids",
}

func isCommon(flag string) bool { return slices.Contains(commonNames, flag) }

// register adds all of them, for commands that aim at one receiver.
func (c *common) register(cmd *cobra.Command, pace string) {
	c.registerTarget(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&c.userMap, "user-map", nil, "`alice=10001`: the id to send for a name; repeatable, or a file of such lines")
	c.registerRun(cmd, pace)
	c.registerPeer(cmd)
}

// registerTarget adds the flags that say who gets which callbacks.
func (c *common) registerTarget(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.target, "target", "", "`URL` of the receiver under test")
	f.Uint32Var(&c.app, "sdkappid", defaultApp, "app `id` in the callbacks' URL")
	f.StringVar(&c.generation, "generation", "both", "callback `generation`: v1, v4 or both")
}

// registerRun adds the flags that make a simulation what it is.
func (c *common) registerRun(cmd *cobra.Command, pace string) {
	c.registerSeed(cmd)
	c.registerClock(cmd, pace)
	f := cmd.Flags()
	f.StringVar(&c.heartbeat, "heartbeat-expiry", sim.HeartbeatExpiry.String(), "`duration` after which a silent phone is offline, or platform: 60s for Web and miniProgram, 400s for others; a browser that is closed is not silent, it hangs up")
	f.BoolVar(&c.anyIDs, "any-ids", false, "allow user ids that CallKit would refuse")
	c.registerJournal(cmd)
}

// registerClock adds the flags that say how time passes.
func (c *common) registerClock(cmd *cobra.Command, pace string) {
	f := cmd.Flags()
	f.StringVar(&c.pace, "pace", pace, "how time passes: `real`, instant, or a factor like 10x")
	f.StringVar(&c.order, "order", "", "`serial`: a call's callbacks wait for each other; none: they do not (default: serial under instant)")
}

// registerJournal adds the flags that say what is written down.
func (c *common) registerJournal(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.journal, "journal", "", "write all events to this `file`, one JSON object a line")
	f.BoolVar(&c.timings, "journal-timings", false, "journal how long answers took; no two journals are equal then")
}

// registerForce adds the flag of commands whose --journal is a new one.
func (c *common) registerForce(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.force, "force", false, "with --journal: replace a file that is not empty")
}

// checkForce refuses --force typed without a journal, wherever that may come from:
// there is nothing that it could replace.
func checkForce(cmd *cobra.Command) error {
	force, journal, known := cmd.Flags().Lookup("force"), cmd.Flags().Lookup("journal"), cmd.Flags().Lookup("write-known-failures")
	if force == nil || !typed(force) || force.Value.String() != "true" || journal.Value.String() != "" || known != nil && known.Value.String() != "" {
		return nil
	}
	return usage(errors.New("--force: want --journal with it, which says what to replace"), asTyped+"--journal run.ndjson")
}

// registerSeed adds the flags that make two simulations equal.
func (c *common) registerSeed(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Int64Var(&c.seed, "seed", -1, "seed of all random choices, a `number` from 0 (default: chosen and printed)")
	f.StringVar(&c.epoch, "epoch", "", "start of the simulated time, an RFC 3339 `time` (default: now)")
	f.StringVar(&c.token, "run", "", "`token` that all call and room ids follow from (default: chosen and printed)")
	f.StringArrayVar(&c.dialect, "dialect", nil, "`key=value` where the documents disagree; repeatable, see ringback dialects")
	f.Lookup("seed").DefValue = "0" // what the help would print says nothing
}

// registerNet adds the flag about addresses that were not typed.
func (c *common) registerNet(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.allowNet, "allow-net", nil, "`network` that addresses learned over REST (serve, verify --await-registration) may be in, like 10.0.0.0/8; repeatable")
}

// warnOfNet warns whoever typed --allow-net where no address is learned.
func warnOfNet(cmd *cobra.Command, w world) {
	f := cmd.Flags().Lookup("allow-net")
	awaits, _ := cmd.Flags().GetBool("await-registration")
	if f != nil && typed(f) && cmd.Name() != "serve" && !awaits {
		fmt.Fprintln(w.stderr, "ringback: warning: --allow-net: has no effect here: it is about addresses that are learned over REST, and what was typed may be anywhere")
	}
}

// registerPeer adds those that are about a receiver whose address was typed.
func (c *common) registerPeer(cmd *cobra.Command) {
	f := cmd.Flags()
	f.DurationVar(&c.timeout, "timeout", delivery.DefaultTimeout, "for one attempt, in wall time")
	f.StringVar(&c.cacert, "cacert", "", "PEM `file` of the authorities to trust instead of the system's")
	f.BoolVar(&c.insecure, "insecure", false, "do not check the receiver's certificate")
	f.StringVar(&c.sign, "sign", "", "sign requests as Chat and Live do, with this `token` or that in @FILE; no part of the CallKit pages")
}

// setup is what the common flags come to.
type setup struct {
	run         journal.Run
	generation  wire.Generation
	endpoint    *delivery.Endpoint
	pace        run.Pace
	order       sim.Order
	dialect     *wire.Dialect
	tls         *tls.Config
	allow       []netip.Prefix
	users       map[string]string
	timeout     time.Duration
	app         uint32
	anyIDs      bool
	timings     bool
	heartbeat   time.Duration
	sign        string            // token that signs requests; empty: they are not signed
	connections *post.Connections // of all senders of the run
}

// session is a run with the receiver, of calls in which nobody is twice at once.
func (s *setup) session() session.Config {
	return session.Config{
		Engine: sim.Config{
			Run: s.run, Dialect: s.dialect, Order: s.order, Exclusive: true, HeartbeatExpiry: s.heartbeat, Timings: s.timings, Sign: s.sign,
		},
		Pace: s.pace, Timeout: s.timeout, NewSender: s.sender,
	}
}

// sender makes one of the run's senders.
func (s *setup) sender() run.Sender { return s.connections.Sender() }

// ownSender makes one that keeps a connection for itself, if the receiver serves
// many.
func (s *setup) ownSender() run.Sender { return s.connections.Unshared() }

// connecting makes one that is to see only whether a receiver takes a connection.
func (s *setup) connecting() *post.Sender {
	return post.New(&post.Options{Timeout: s.timeout, TLS: s.tls, Allow: s.allow})
}

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

const insecureWarning = "ringback: warning: --insecure: the certificates of receivers are not checked"

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
	return usage(fmt.Errorf("--sign: the URL of --%s has a parameter %s itself", flag, signed.Key), asTyped+"--"+flag+" "+quote(secret.URL(signed.Without)))
}

// signToken is the token of --sign, "" without one.
func signToken(flag string) (string, error) {
	token, err := keyText(flag, "token")
	if err != nil {
		return "", usage(fmt.Errorf("--sign: %w", err), asTyped+"--sign @token.txt")
	}
	return token, nil
}

// keyText is a key as typed, or the first line of the file whose name stands behind
// an @, which must not be empty. Errors name the key by its kind, and do not show what
// may be the key.
func keyText(key, kind string) (string, error) {
	path, isFile := strings.CutPrefix(key, "@")
	if !isFile {
		return key, nil
	}
	data, err := readText(path)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(data), "\n")
	if first = strings.TrimSpace(first); first == "" {
		return "", fmt.Errorf("the first line of %s is empty, want the %s", path, kind)
	}
	return first, nil
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

// ids makes the ids to send for names that a command thinks up, "" where the map has
// none; nil if there is no map, so that they are the names.
func (s *setup) ids() func(name string) string {
	if len(s.users) == 0 {
		return nil
	}
	return func(name string) string { return s.users[name] }
}

// strictUserMap is the help of a flag by which no one is called who is not in the map.
const strictUserMap = "`alice=10001`: the id to send for a name; repeatable, or a file of such lines. No one else calls or is called then"

// knowsFirst wants ids for those who take part in the first call.
func (s *setup) knowsFirst(command string, people ...string) error {
	if len(s.users) == 0 {
		return nil
	}
	var hint strings.Builder
	missing := ""
	for i, name := range people {
		id := s.users[name]
		if id == "" {
			missing, id = cmp.Or(missing, name), fmt.Sprint(10001+i)
		}
		hint.WriteString(" --user-map " + text.Shell(name+"="+id))
	}
	if missing == "" {
		return nil
	}
	return usage(fmt.Errorf("--user-map: has no id for %s: want those of %s at least, who are in the first call", missing, strings.Join(people, ", ")), command+hint.String())
}

// user is the id to send for a name.
func (s *setup) user(name string) string {
	if id, ok := s.users[name]; ok {
		return id
	}
	return name
}
