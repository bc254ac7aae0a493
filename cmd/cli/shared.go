package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ringback/sim"
	"ringback/sim/delivery"
)

// Flags are the flags that the commands which send callbacks share.
type Flags struct {
	Target     string
	App        uint32
	Generation string
	Seed       int64
	Epoch      string
	Token      string
	Pace       string
	Order      string
	Timeout    time.Duration
	wait       time.Duration
	Dialect    []string
	Journal    string
	Timings    bool
	Force      bool // replace a journal that is there
	Heartbeat  string
	allowNet   []string
	cacert     string
	Insecure   bool
	Sign       string
	userMap    []string
	AnyIDs     bool
}

// Register adds all of them, for commands that aim at one receiver.
func (c *Flags) Register(cmd *cobra.Command, pace string) {
	c.RegisterTarget(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&c.userMap, "user-map", nil, "`alice=10001`: the id to send for a name; repeatable, or a file of such lines")
	c.RegisterRun(cmd, pace)
	c.RegisterPeer(cmd)
}

// RegisterTarget adds the flags that say who gets which callbacks.
func (c *Flags) RegisterTarget(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.Target, "target", "", "`URL` of the receiver under test")
	f.Uint32Var(&c.App, "sdkappid", DefaultApp, "app `id` in the callbacks' URL")
	f.StringVar(&c.Generation, "generation", "both", "callback `generation`: v1, v4 or both")
}

// RegisterRun adds the flags that define a simulation.
func (c *Flags) RegisterRun(cmd *cobra.Command, pace string) {
	c.RegisterSeed(cmd)
	c.RegisterClock(cmd, pace)
	f := cmd.Flags()
	f.StringVar(&c.Heartbeat, "heartbeat-expiry", sim.HeartbeatExpiry.String(), "`duration` after which a silent phone is offline, or platform: 60s for Web and miniProgram, 400s for others; a browser that is closed is not silent, it hangs up")
	f.BoolVar(&c.AnyIDs, "any-ids", false, "allow user ids that CallKit would refuse")
	c.RegisterJournal(cmd)
}

// RegisterClock adds the flags that say how time passes.
func (c *Flags) RegisterClock(cmd *cobra.Command, pace string) {
	f := cmd.Flags()
	f.StringVar(&c.Pace, "pace", pace, "how time passes: `real`, instant, or a factor like 10x")
	f.StringVar(&c.Order, "order", "", "`serial`: a call's callbacks wait for each other; none: they do not (default: serial under instant)")
}

// RegisterJournal adds the flags of the journal.
func (c *Flags) RegisterJournal(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.Journal, "journal", "", "write all events to this `file`, one JSON object a line")
	f.BoolVar(&c.Timings, "journal-timings", false, "journal how long answers took; journals of equal runs then differ")
}

// RegisterForce adds --force, for commands whose --journal must be new.
func (c *Flags) RegisterForce(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.Force, "force", false, "with --journal: replace a file that is not empty")
}

// checkForce refuses --force on the command line if no journal is set: there is nothing
// to replace.
func checkForce(cmd *cobra.Command) error {
	force, journal, known := cmd.Flags().Lookup("force"), cmd.Flags().Lookup("journal"), cmd.Flags().Lookup("write-known-failures")
	if force == nil || !Typed(force) || force.Value.String() != "true" || journal.Value.String() != "" || known != nil && known.Value.String() != "" {
		return nil
	}
	return Usage(errors.New("--force: want --journal with it, which says what to replace"), AsTyped+"--journal run.ndjson")
}

// RegisterSeed adds the flags by which a simulation can be repeated.
func (c *Flags) RegisterSeed(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Int64Var(&c.Seed, "seed", -1, "seed of all random choices, a `number` from 0 (default: chosen and printed)")
	f.StringVar(&c.Epoch, "epoch", "", "start of the simulated time, an RFC 3339 `time` (default: now)")
	f.StringVar(&c.Token, "run", "", "`token` that all call and room ids follow from (default: chosen and printed)")
	f.StringArrayVar(&c.Dialect, "dialect", nil, "`key=value` where the documents disagree; repeatable, see ringback dialects")
	f.Lookup("seed").DefValue = "0" // the help would print -1
}

// RegisterNet adds --allow-net.
func (c *Flags) RegisterNet(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.allowNet, "allow-net", nil, "`network` that addresses learned over REST (serve, verify --await-registration) may be in, like 10.0.0.0/8; repeatable")
}

// warnOfNet warns if --allow-net is typed where no address is learned.
func warnOfNet(cmd *cobra.Command, w Env) {
	f := cmd.Flags().Lookup("allow-net")
	awaits, _ := cmd.Flags().GetBool("await-registration")
	if f != nil && Typed(f) && cmd.Name() != "serve" && !awaits {
		fmt.Fprintln(w.Stderr, "ringback: warning: --allow-net: has no effect here: it is about addresses that are learned over REST, and what was typed may be anywhere")
	}
}

// RegisterPeer adds the flags about the connection to a receiver.
func (c *Flags) RegisterPeer(cmd *cobra.Command) {
	f := cmd.Flags()
	f.DurationVar(&c.Timeout, "timeout", delivery.DefaultTimeout, "for one attempt, in wall time")
	f.StringVar(&c.cacert, "cacert", "", "PEM `file` of the authorities to trust instead of the system's")
	f.BoolVar(&c.Insecure, "insecure", false, "do not check the receiver's certificate")
	f.StringVar(&c.Sign, "sign", "", "sign requests as Chat and Live do, with this `token` or that in @FILE; no part of the CallKit pages")
}

// InsecureWarning is printed under --insecure.
const InsecureWarning = "ringback: warning: --insecure: the certificates of receivers are not checked"
