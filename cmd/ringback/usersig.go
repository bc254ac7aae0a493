package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/call"
	"ringback/sim/usersig"
)

func newUsersig(w cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "usersig",
		Short: "Make a UserSig, or say what is in one and what is wrong with it",
		Long: `A UserSig is the credential of CallKit's REST API and of its clients: who, for
which app and until when, signed with the app's secret key (TLSSigAPIv2), as the
vendor's libraries make it too.`,
		Example: `  ringback usersig sign --key @secret.txt
  ringback usersig check "$(ringback usersig sign --key @secret.txt)" --key @secret.txt`,
		// Without this, cobra prints the help for a mistyped subcommand, and succeeds.
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return cli.Usage(fmt.Errorf("unknown command %q for \"ringback usersig\", want sign or check%s", args[0], cli.DidYouMean(args[0], "", []string{"sign", "check"})), "ringback usersig --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newUsersigSign(w), newUsersigCheck(w))
	return cmd
}

// sigFlags are the flags that usersig sign and check share.
type sigFlags struct {
	app     uint32
	key     string
	user    string
	expire  int64
	userbuf string
	at      string
	secrets *cli.Secrets
}

func (s *sigFlags) register(cmd *cobra.Command, app, user, expire, userbuf, at string) {
	f := cmd.Flags()
	f.Uint32Var(&s.app, "sdkappid", cli.DefaultApp, app)
	f.StringVar(&s.key, "key", "", "the app's secret `key`, or @FILE with it in the first line: arguments show up in lists of processes")
	f.StringVar(&s.user, "user", "administrator", user)
	f.Int64Var(&s.expire, "expire", 604800, expire)
	f.StringVar(&s.userbuf, "userbuf", "", userbuf)
	f.StringVar(&s.at, "at", "", at)
}

func newUsersigSign(w cli.Env) *cobra.Command {
	var s sigFlags
	var anyIDs bool
	cmd := &cobra.Command{
		Use: "sign --key @FILE", Args: cobra.NoArgs,
		Short: "Make a UserSig",
		Long:  `Prints a UserSig and nothing else. The same flags and the same --at make the same.`,
		Example: `  ringback usersig sign --key @secret.txt
  ringback usersig sign --key @secret.txt --user alice --expire 86400
  ringback usersig sign --key @secret.txt --at 2020-01-01T00:00:00Z    an expired one`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.secrets = w.Secrets
			sig, err := s.sign(anyIDs, cmd.Flags().Changed("userbuf"))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cli.Plain(w.Stdout), sig)
			return err
		},
	}
	s.register(cmd, "app `id`", "`id` of the user", "`seconds` for which it is good",
		"`text` to sign with it, or @FILE with any bytes (default: none)", "`time` of issue in RFC 3339 (default: now)")
	cmd.Flags().BoolVar(&anyIDs, "any-ids", false, "allow user ids that CallKit would refuse")
	return cmd
}

// signHint returns a valid command with a flag.
func signHint(flag string) string {
	return strings.Join(strings.Fields("ringback usersig sign "+flag+" --key @secret.txt"), " ")
}

func (s *sigFlags) sign(anyIDs, withBuf bool) (string, error) {
	key, err := s.secret(signHint(""))
	if err != nil {
		return "", err
	}
	if key == "" {
		return "", cli.Usage(errors.New("--key: is missing, want the app's secret key, or @FILE with it"), signHint(""))
	}
	if err := call.CheckUserID(s.user); err != nil && !anyIDs {
		return "", cli.Usage(fmt.Errorf("--user: %w; --any-ids allows others", err), signHint("--user alice"))
	}
	if s.expire < 1 {
		return "", cli.Usage(fmt.Errorf("--expire: %d: want 1 second or more; --at in the past makes an expired one", s.expire), signHint("--at 2020-01-01T00:00:00Z"))
	}
	c := usersig.Claims{SDKAppID: s.app, Identifier: s.user, Expire: s.expire}
	if c.Time, err = s.clock(signHint("--at 2026-01-01T00:00:00Z")); err != nil {
		return "", err
	}
	if withBuf {
		if c.Userbuf, err = s.buffer(signHint("--userbuf text")); err != nil {
			return "", err
		}
	}
	sig, err := usersig.Sign(key, c)
	if err != nil {
		return "", cli.Usage(fmt.Errorf("--user and --userbuf: %w", err), signHint("--user alice"))
	}
	return sig, nil
}

// secret returns the key, "" without one. Errors do not show it.
func (s *sigFlags) secret(hint string) (string, error) {
	key, err := cli.KeyText(s.key, "app's secret key")
	if err != nil {
		return "", cli.Usage(fmt.Errorf("--key: %w", err), hint)
	}
	s.secrets.Learn("key", key)
	return key, nil
}

// buffer returns the userbuf, never nil.
func (s *sigFlags) buffer(hint string) ([]byte, error) {
	path, isFile := strings.CutPrefix(s.userbuf, "@")
	if !isFile {
		return []byte(s.userbuf), nil
	}
	data, err := cli.ReadFile(path)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--userbuf: %w", err), hint)
	}
	return data, nil
}

// clock returns the time of --at in Unix seconds.
func (s *sigFlags) clock(hint string) (int64, error) {
	if s.at == "" {
		return time.Now().Unix(), nil
	}
	t, err := time.Parse(time.RFC3339, s.at)
	if err != nil {
		return 0, cli.Usage(fmt.Errorf("--at: %q: want an RFC 3339 time, like 2026-01-01T00:00:00Z", s.at), hint)
	}
	return t.Unix(), nil
}

const checkHint = `ringback usersig check "$(ringback usersig sign --key @secret.txt)" --key @secret.txt`

func newUsersigCheck(w cli.Env) *cobra.Command {
	var s sigFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check SIG",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usage(fmt.Errorf("want one UserSig, got %d arguments; it has no spaces", len(args)), checkHint)
			}
			return nil
		},
		Short: "Say what is in a UserSig, and what is wrong with it",
		Long: `Shows what a UserSig says, and each check that a server makes of it, the failing
ones with the reason. Ends with 0 if it is good, 1 if it is not or if that cannot
be known: without --key it is unknown who signed it.`,
		Example: `  ringback usersig check "$SIG" --key @secret.txt
  ringback usersig check "$SIG" --key @secret.txt --user alice --at 2026-01-01T00:00:00Z`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s.secrets = w.Secrets
			wants, err := s.wants(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			a := usersig.NewAccount(args[0], wants)
			if asJSON {
				err = cli.WriteJSON(w.Stdout, a)
			} else {
				err = a.Write(w.Stdout, w.Style())
			}
			if err == nil && !a.Good {
				err = cli.Outcome(1)
			}
			return err
		},
	}
	s.register(cmd, "app `id` that it must be for", "`id` of the user that it must be for", "`seconds` that it must be good for (default: any)",
		"`text` that must be signed with it, or @FILE with any bytes (default: any)", "check it for this `time` in RFC 3339 (default: now)")
	cmd.Flags().Lookup("expire").DefValue = "0" // the default in the help is that of sign
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (s *sigFlags) wants(given func(flag string) bool) (*usersig.Wants, error) {
	wants := &usersig.Wants{App: s.app, User: s.user}
	var err error
	if wants.Key, err = s.secret(checkHint); err != nil {
		return nil, err
	}
	if wants.Now, err = s.clock(checkHint); err != nil {
		return nil, err
	}
	if given("expire") {
		wants.Expire = &s.expire
	}
	if given("userbuf") {
		wants.Userbuf, err = s.buffer(checkHint)
	}
	return wants, err
}
